// Public pages, which need no script: closes an open filter, and shares a job where the browser can.

/** A filter's <details> stays open: close it on a click elsewhere and on Escape, which gives the focus back. */
const open = () => document.querySelector(".seek details[open]");
document.addEventListener("click", ({ target }) => {
  const filter = open();
  if (filter && !filter.contains(target)) filter.open = false;
});
document.addEventListener("keydown", ({ key }) => {
  const filter = key === "Escape" && open();
  if (!filter) return;
  filter.open = false;
  filter.querySelector("summary").focus();
});

/** Share by the system's own dialog where there is one, or copy the link. */
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-share]");
  if (!button) return;
  const { share: url, title } = button.dataset;
  if ("native" in button.dataset && navigator.share) {
    await navigator.share({ url, title }).catch(() => {}); // closed without sharing
    return;
  }
  const label = button.querySelector("span");
  const copied = await Promise.resolve(navigator.clipboard?.writeText(url).then(() => true)).catch(() => false); // none without TLS
  const said = copied ? "Copied" : "Copy the address bar";
  document.getElementById("announcements").textContent = said;
  if (label) label.textContent = said;
});

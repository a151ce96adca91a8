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
  const text = copied || title ? null : button.parentElement.querySelector("input, code");
  if (text?.matches("input")) text.select();
  else if (text) getSelection().selectAllChildren(text);
  const said = copied ? "Copied" : text ? "Selected: copy it" : "Copy the address bar";
  document.getElementById("announcements").textContent = said;
  if (label) label.textContent = said;
});

/**
 * Count a view once the page is seen, and the first click on Apply, by where the visitor comes from: no cookie, nothing of the visitor.
 * A script says so, since most views are answered by caches; a page that is only prefetched or prerendered says nothing.
 */
const counted = document.querySelector("meta[name=counted]")?.content;
const said = new Set();
function count(what) {
  if (!counted || said.has(what)) return;
  said.add(what);
  const asked = new URLSearchParams(location.search);
  const source = asked.get("gh_src") || asked.get("utm_source") || asked.get("ref") || "";
  const from = document.referrer && new URL(document.referrer).host;
  navigator.sendBeacon(counted, new URLSearchParams({ what, source: source.slice(0, 200), from }));
}
const look = () => document.visibilityState === "visible" && count("view");
document.addEventListener("visibilitychange", look);
look();
for (const kind of ["click", "auxclick"]) {
  document.addEventListener(kind, ({ target, button }) => button < 2 && target.closest(".dock .btn-main") && count("click"));
}

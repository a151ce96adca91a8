// A choice that a button or a key makes is kept in the account, without a form.

/** Keep a choice; who is signed out keeps it in the browser alone. */
export function keep(address, fields) {
  const given = document.body.getAttribute("hx-headers");
  if (!given) return;
  const headers = { "X-CSRFToken": JSON.parse(given)["X-CSRFToken"] };
  fetch(address, { method: "POST", headers, body: new URLSearchParams(fields), keepalive: true, redirect: "manual" }).catch(() => {});
}

/** theme.js has changed it by now. */
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-theme-toggle]")) keep("/account/theme", { theme: document.documentElement.dataset.theme });
});

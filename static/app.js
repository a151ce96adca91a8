// What htmx and Bootstrap's style sheet do not do.

/** Bootstrap's own scripts are not loaded: change between light and dark, and remember it. */
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-toggle]")) return;
  const theme = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
  document.documentElement.dataset.bsTheme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // storage is blocked: the choice lasts for this page
  }
});

/** A <details> menu stays open: close it on a click elsewhere. */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.drop[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

/** ... and on Escape, giving the focus back to what opened it. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.drop[open]") ?? document.querySelector("details.drop[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);
const parse = (html) => new DOMParser().parseFromString(html, "text/html");

/** HTML has no relative times: tell them, with the exact local one on hover. */
const steps = [["day", 86400], ["hour", 3600], ["minute", 60]];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
/* By hand, since "en-GB" would turn the server's "28 Sep" into "28 Sept". */
const month = new Intl.DateTimeFormat("en-US", { month: "short" });
const onDay = (day) => `${day.getDate()} ${month.format(day)} ${day.getFullYear()}`;
function tellTimes(root = document) {
  for (const time of all("time[data-relative]", root)) {
    const moment = new Date(time.dateTime);
    const seconds = (moment - Date.now()) / 1000;
    const [unit, size] = steps.find((step) => Math.abs(seconds) >= step[1]) ?? ["now", 1];
    time.title = exact.format(moment);
    if ("next" in time.dataset && seconds < 60) time.textContent = "in a moment";
    else if (unit === "now") time.textContent = seconds > 5 ? "in a moment" : "just now";
    else if (unit === "day" && seconds < -7 * size) time.textContent = onDay(moment);
    else time.textContent = relative.format(Math.trunc(seconds / size), unit);
  }
}

/** What came without htmx wants the same care as what it swapped in. */
function settle(root) {
  htmx.process(root);
  tellTimes(root);
}

/** htmx takes every click on its links: one that asks for a new tab or window is the browser's. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[hx-get]");
  if (link && (event.ctrlKey || event.metaKey || event.shiftKey)) event.stopImmediatePropagation();
}, true);

/** What a page asks for by itself prolongs no sign-in. */
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (["hx:poll:trigger", "refresh"].includes(detail.triggeringEvent?.type)) detail.headers["X-Background"] = "true";
});

/** A live region speaks only when its text changes. */
function announce(text) {
  const region = one("#announcements");
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 50);
}

/** Bootstrap's toasts need its scripts: a note that goes by itself. */
function toast(text, isBad = false) {
  const note = Object.assign(document.createElement("p"), { className: isBad ? "toast-note bad" : "toast-note", textContent: text });
  note.setAttribute("role", "status");
  one("#toasts").append(note);
}
document.addEventListener("portal:announce", (event) => announce(event.detail.value));
document.addEventListener("portal:toast", (event) => toast(event.detail.value));

/** htmx tells nobody that a request went nowhere. An editor says so itself; the choices of a filter come again. */
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => {
    if (!detail.requestConfig.elt.matches("form.editor-form, select.pick")) toast("The portal cannot be reached. Try again in a moment.", true);
  });
}

/** A half-typed date reads as none: ask for the rest of it before it is sent. */
document.addEventListener("submit", (event) => {
  const half = [...event.target.elements].find((field) => field.validity?.badInput);
  if (!half) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  half.reportValidity();
}, true);

/** htmx fills a <dialog> but does not open it; closing gives the focus back. */
document.addEventListener("htmx:afterSwap", ({ target }) => {
  settle(target); // htmx itself binds what it swapped in only 20 ms later: a quick Enter would leave the page
  if (target.id === "dialog" && !target.open) target.showModal();
});
document.addEventListener("click", (event) => {
  const dialog = event.target.closest("dialog[open]");
  if (!dialog || (event.target !== dialog && !event.target.closest("[data-close]"))) return;
  event.preventDefault();
  dialog.close();
});
document.addEventListener("close", (event) => {
  if (event.target.id !== "dialog") return;
  event.target.replaceChildren();
  if (document.activeElement === document.body) one("#more-actions")?.focus();
}, true);

/** A toast goes by itself, later where it says what went wrong or can be taken back, and not under the hand. */
new MutationObserver((changes) => {
  for (const note of changes.flatMap((change) => [...change.addedNodes]).filter((node) => node.matches?.(".toast-note"))) {
    settle(note); // a quick Ctrl+Z would leave the page, as above
    care(note);
  }
}).observe(one("#toasts"), { childList: true });
function fade(note) {
  const isHeld = () => note.matches(":hover, :focus-within") || one(".htmx-request", note);
  setTimeout(() => (isHeld() ? fade(note) : note.remove()), one("form", note) ? 20000 : note.matches(".bad") ? 16000 : 8000);
}

function care(note) {
  const close = Object.assign(document.createElement("button"), { type: "button", className: "close", textContent: "×", title: "Close" });
  close.setAttribute("aria-label", "Close this message");
  note.append(close);
  fade(note);
}
all("#toasts > *").forEach(care);
/** Closing a toast leaves the focus, and what is being typed, where it was. */
let beforeToasts = null;
one("#toasts").addEventListener("focusin", ({ relatedTarget, currentTarget }) => {
  if (!currentTarget.contains(relatedTarget)) beforeToasts = relatedTarget;
});
one("#toasts").addEventListener("mousedown", (event) => event.target.closest(".close") && event.preventDefault());
one("#toasts").addEventListener("click", (event) => {
  const note = event.target.closest(".close")?.parentElement;
  if (!note) return;
  const isFocused = note.contains(document.activeElement);
  note.remove();
  if (isFocused) (beforeToasts?.isConnected ? beforeToasts : one("#content")).focus({ preventScroll: true });
});
tellTimes();
setInterval(tellTimes, 30000);

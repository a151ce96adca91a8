// Bootstrap's toasts need its scripts, and htmx has no live region: what a page says, aloud and in notes that go by themselves.

import { all, one, settle } from "./dom.js";

/** A live region speaks only when its text changes. */
export function announce(text) {
  const region = one("#announcements");
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 50);
}

/** Bootstrap's toasts need its scripts: a note that goes by itself. */
export function toast(text, isBad = false) {
  const note = Object.assign(document.createElement("p"), { className: isBad ? "toast-note bad" : "toast-note", textContent: text });
  note.setAttribute("role", "status");
  one("#toasts").append(note);
}
document.addEventListener("portal:announce", (event) => announce(event.detail.value));
document.addEventListener("portal:toast", (event) => toast(event.detail.value));

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
  if (!note || one(".htmx-request", note)) return; // its Undo is on its way, and the answer comes around it
  const isFocused = note.contains(document.activeElement);
  note.remove();
  if (isFocused) (beforeToasts?.isConnected ? beforeToasts : one("#content")).focus({ preventScroll: true });
});

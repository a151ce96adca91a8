// Every page: menus, themes and dialogs, for which Bootstrap would need its scripts, and what htmx leaves out of a request.

import "./account.js";
import "./menus.js";
import "./signed_out.js";
import { all, htmx, isComposing, one, settle, showTimes } from "./dom.js";
import { toast } from "./messages.js";

/** htmx begins once the document is parsed, and so after this. Answers that refuse something say why: they are swapped in. */
Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  scrollIntoViewOnBoost: false,
  historyCacheSize: 0,
  timeout: 60000,
  refreshOnHistoryMiss: true,
  attributesToSettle: ["class", "width", "height"],
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "(400|403|404|409|410|413|422|429|500|503)", swap: true, error: true },
    { code: "[45]..", swap: false, error: true },
  ],
});

/** Safari gives no button, link or box that is clicked the focus, but to what is around it: what goes on from a click begins at it. */
document.addEventListener("click", ({ isTrusted, target }) => {
  const control = isTrusted && target.closest?.("a[href], button, input");
  const focused = document.activeElement;
  if (control && focused !== control && focused.contains(control)) control.focus({ preventScroll: true });
}, true);

/** A <details> menu stays open: close it on a click elsewhere. */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.drop[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

/** ... and on Escape, giving the focus back to what opened it. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || isComposing(event)) return;
  const menu = event.target.closest?.("details.drop[open]") ?? document.querySelector("details.drop[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

/** htmx takes every click on its links: one that asks for a new tab or window is the browser's. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[hx-get], [hx-boost=true] a");
  if (link && (event.ctrlKey || event.metaKey || event.shiftKey)) event.stopImmediatePropagation();
}, true);

/** What a page asks for by itself prolongs no sign-in. */
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (["hx:poll:trigger", "refresh"].includes(detail.triggeringEvent?.type)) detail.headers["X-Background"] = "true";
});

/** htmx tells nobody that a request went nowhere. An editor says so itself; the choices of a filter come again. */
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => {
    if (!detail.requestConfig.elt.matches("form.editor-form, .facet-values, #command-q")) toast("The portal cannot be reached. Try again in a moment.", true);
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
  if (target.id === "dialog" && !target.open) {
    for (const other of all("#keys[open], #command[open]")) other.close(); // opened while this one was on its way
    target.showModal();
  }
  const first = one("[autofocus]", target); // htmx would focus it later, too, and take the focus from who has moved on
  first?.focus();
  first?.removeAttribute("autofocus");
});
/** Beside it means pressed there: a selection of text that ends there is no click. */
let pressedOn = null;
document.addEventListener("pointerdown", ({ target }) => (pressedOn = target));
document.addEventListener("click", (event) => {
  const dialog = event.target.closest("dialog[open]");
  const isBeside = event.target === dialog && pressedOn === dialog;
  if (!dialog || !(isBeside || event.target.closest("[data-close]"))) return;
  event.preventDefault();
  dialog.close();
});
document.addEventListener("close", (event) => {
  if (event.target.id !== "dialog") return;
  event.target.replaceChildren();
  if (document.activeElement === document.body) one("#more-actions")?.focus();
}, true);

showTimes();
setInterval(showTimes, 30000);

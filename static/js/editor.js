// htmx opens an editor only once the server has answered, and drops what is typed when an answer fails: editors in cells and the panel.

import { cellOf, EDITOR, isBusy, jobOf, shown, VALUE } from "./cells.js";
import { all, htmx, one, parse, settle } from "./dom.js";
import { toast } from "./messages.js";

export const closed = new WeakSet(); // editors that are going: their blur means nothing
export const left = new WeakSet(); // editors saved by leaving them: the focus is elsewhere already
let pressed = null; // the editor that the pointer is pressed on: Safari's buttons take no focus
export const keysWaiting = []; // keys pressed before their editor was there
export const inputOf = (form) => form.elements.namedItem("value");
export const isDecided = (form) => !form.matches("[data-asks]") && (!form.matches("[data-refused]") || isChanged(form));
export const isUnsaved = (form) => !closed.has(form) && (isBusy(form) || isChanged(form) || !isDecided(form));

export function isChanged(form) {
  const input = inputOf(form);
  return input.validity.badInput || input.value !== (input.tagName === "SELECT" ? input.dataset.first : input.defaultValue);
}
export function closeEditor(form, focus) {
  const cell = cellOf(form);
  closed.add(form);
  cell.innerHTML = shown.get(cell);
  settle(cell);
  if (focus) one(VALUE, cell)?.focus({ preventScroll: true });
}
/** A long text is not dropped by one key, and what was sent not at all: its answer says that it is saved, and offers Undo. */
export function dropEditor(form) {
  if (isBusy(form)) return;
  if (form.closest(".tall") && isChanged(form) && !("warned" in form.dataset)) {
    form.dataset.warned = "";
    complain(form, "Press Esc again to drop what you typed.");
  } else closeEditor(form, true);
}
export function saveEditor(form) {
  if (isBusy(form) || closed.has(form)) return;
  if (inputOf(form).validity.badInput) complain(form, "Type the whole date, or empty it.");
  else if (isChanged(form) || form.matches("[data-asks], [data-refused]")) sendEditor(form);
  else closeEditor(form, !left.has(form));
}
/** Send what is typed, once the version that it replaces is known. */
async function sendEditor(form) {
  if (!form.elements.version.value) {
    form.classList.add("htmx-request"); // as busy as while htmx sends it
    const fault = await backEditor(form);
    form.classList.remove("htmx-request");
    if (closed.has(form)) return;
    if (fault) {
      complain(form, fault.saved);
      return document.dispatchEvent(new Event("portal:unsent"));
    }
    if (!isChanged(form)) {
      closeEditor(form, !left.has(form));
      return document.dispatchEvent(new Event("portal:unsent"));
    }
  }
  form.requestSubmit();
}

/** An editor opens at once, filled with what its cell shows. The server's own editor follows, and backs it: its
 * version, its suggestions, and the stored text where nothing has been typed yet. */
const blank = one("#blank-editor"); // admins alone have one
const KINDS = blank ? JSON.parse(blank.dataset.kinds) : {};
const opened = new WeakMap(); // form: what its cell showed then
const backing = new WeakMap(); // form: the request for the server's editor
const ANOTHER_VERSION = "2147483647"; // the server answers it with both values
export const kindOf = (button) => KINDS[cellOf(button).dataset.field];
/** A list has hundreds of buttons, so htmx knows none of them: where the editor of a button's field and job is. */
export function addressOf(button, then = "") {
  const place = button.closest("#panel") ? "?in=panel" : button.matches(".pencil") ? "?in=row" : "";
  return new URL(`${button.value}/fields/${button.name}${then}${place}`, location.href).href.slice(location.origin.length);
}
const labelOf = (cell) => (cell.matches("tr > *") ? cell.closest("table").tHead.rows[0].cells[cell.cellIndex] : one("dt", cell.parentElement))?.textContent.trim() ?? "Title";
const textIn = (button) => (button.matches(".pencil") ? one("a.title", cellOf(button)) : button).textContent;

/** Whether the page knows enough: the stored form of a salary is another than the one shown. */
export function opensAtOnce(button, isReplaced) {
  const kind = kindOf(button);
  return ["text", "list", "tags", "date"].includes(kind) || (kind === "salary" && (isReplaced || button.matches(".none")));
}
/** A date is shown as "9 Sep 2026"; what cannot be read stays empty until the server says it. */
function dateIn(text) {
  const day = new Date(`${text} UTC`);
  return Number.isNaN(day.getTime()) ? "" : day.toISOString().slice(0, 10);
}
/** Put an editor in the cell of a button and return its input; `isReplaced` leaves out the value that it replaces. */
export function openAtOnce(button, isReplaced = false) {
  const cell = cellOf(button);
  const [label, text] = [labelOf(cell), textIn(button)];
  const isNone = button.matches(".none");
  const editing = blank.content.firstElementChild.cloneNode(true);
  const form = one("form", editing);
  const [input, error] = [inputOf(form), one(".error", form)];
  for (const name of ["action", "hx-post"]) form.setAttribute(name, addressOf(button));
  form.setAttribute("aria-label", label);
  form.elements.version.value = "";
  one(".ghost .value", editing).textContent = text;
  input.id = `edit-${jobOf(cell)}-${cell.dataset.field}`;
  error.id = `${input.id}-error`;
  input.setAttribute("aria-describedby", error.id);
  input.setAttribute("aria-label", label);
  if (kindOf(button) === "date") input.type = "date";
  input.defaultValue = isNone ? "" : input.type === "date" ? dateIn(text) : text;
  if (["list", "tags"].includes(kindOf(button))) offer(form, input);
  if (isReplaced) input.value = "";
  shown.set(cell, cell.innerHTML);
  opened.set(form, text);
  cell.replaceChildren(editing);
  htmx.process(form);
  input.focus({ preventScroll: true });
  input.select();
  backEditor(form).then((fault) => fault && !isBusy(form) && !closed.has(form) && toast(fault.asked, true));
  return input;
}
/** Let an input offer something before the server's suggestions are there: Chromium builds it anew once there is
 * anything to offer, and Ctrl+Z takes back nothing more that was typed before. */
function offer(form, input) {
  const list = document.createElement("datalist");
  list.id = `${input.id}-options`;
  list.append(new Option("", input.defaultValue || " "));
  form.append(list);
  input.setAttribute("list", list.id);
}
/** Ask for the server's editor; what went wrong, in a sentence for who asked and one for who saved, or nothing. */
function backEditor(form) {
  if (!backing.has(form)) backing.set(form, askForEditor(form).finally(() => backing.delete(form)));
  return backing.get(form);
}
async function askForEditor(form) {
  const answer = await fetch(form.action, { headers: { "HX-Request": "true" } }).catch(() => null);
  const text = await answer?.text().catch(() => null);
  if (!answer || text === null) return UNREACHED;
  if (answer.headers.get("HX-Redirect")) return SIGNED_OUT;
  const page = parse(text);
  const theirs = one(EDITOR, page);
  if (!theirs) {
    const sentence = page.body.textContent.trim().slice(0, 200);
    return { asked: sentence, saved: `Not saved. ${sentence}` };
  }
  if (!closed.has(form)) backWith(form, theirs, one(".ghost", page));
}
function backWith(form, theirs, ghost) {
  const [input, fresh] = [inputOf(form), inputOf(theirs)];
  const isTyped = isChanged(form);
  const isSame = one(".value", ghost).textContent === opened.get(form);
  form.setAttribute("aria-label", theirs.getAttribute("aria-label"));
  const [offered, choices] = [one("datalist", form), one("datalist", theirs)];
  if (choices) offered?.replaceChildren(...choices.children);
  else if (offered && !isTyped) {
    offered.remove();
    input.removeAttribute("list");
  }
  for (const { name, value } of fresh.attributes) if (name !== "value") input.setAttribute(name, value);
  // Typed over what somebody else has changed since it was shown: that is no decision against theirs.
  form.elements.version.value = isSame || !isTyped ? theirs.elements.version.value : ANOTHER_VERSION;
  if (theirs.elements.seen) form.prepend(theirs.elements.seen); // a sync may change the value, and no version
  if (!isSame) one(".ghost", form.parentElement).replaceWith(ghost);
  if (input.defaultValue === fresh.defaultValue) return;
  input.defaultValue = fresh.defaultValue;
  if (isTyped) return;
  input.value = fresh.defaultValue;
  input.select();
}
document.addEventListener("click", (event) => {
  const button = event.target.closest(VALUE);
  if (!button || event.defaultPrevented) return;
  event.preventDefault();
  if (opensAtOnce(button)) openAtOnce(button);
  else if (!isBusy(button)) htmx.ajax("GET", addressOf(button), { source: button, target: cellOf(button), swap: "innerHTML" });
});

function complain(form, sentence) {
  const error = one(".error", form);
  left.delete(form);
  keysWaiting.length = 0;
  error.textContent = sentence;
  error.hidden = false;
  inputOf(form).setAttribute("aria-invalid", "true");
}
document.addEventListener("pointerdown", (event) => {
  pressed = event.target.closest?.(EDITOR);
  keysWaiting.length = 0;
});
document.addEventListener("click", (event) => {
  const button = event.target.closest(`${EDITOR} [data-cancel]`);
  if (button && !isBusy(button.form)) closeEditor(button.form, true);
});
document.addEventListener("focusout", (event) => {
  const form = event.target.closest?.(EDITOR);
  if (!form || closed.has(form) || isBusy(form) || form === pressed || form.contains(event.relatedTarget)) return;
  if (document.activeElement === event.target) return; // the window lost the focus, not the field
  if (!isDecided(form)) return;
  left.add(form);
  saveEditor(form);
});

/** A value chosen by hand is saved at once. Keys change a closed select at each press: there Enter or leaving saves. */
let chosenByHand = null; // the select whose list the pointer opened, until a key is pressed
document.addEventListener("pointerdown", ({ target }) => (chosenByHand = target.closest?.("select.editor")), true);
document.addEventListener("keydown", () => (chosenByHand = pressed = null), true);
document.addEventListener("change", ({ target }) => {
  if (target === chosenByHand && target.form?.matches(EDITOR) && isDecided(target.form)) saveEditor(target.form);
});

/** Nothing typed goes with a list or a panel: what is being saved is awaited, what is not saved asks for a decision. */
export function leaving(region, go) {
  const unsaved = all(EDITOR, region).filter(isUnsaved);
  if (unsaved.some(isBusy)) return whenSaved(() => leaving(region, go));
  if (!unsaved.length) return go();
  inputOf(unsaved[0]).focus();
  toast("This is not saved yet. Save it, or press Esc, and then go on.", true);
}
function whenSaved(then) {
  const answered = new AbortController();
  for (const name of ["htmx:afterRequest", "portal:unsent"]) {
    document.addEventListener(name, () => {
      answered.abort();
      if (one(`${EDITOR}.htmx-request`)) whenSaved(then);
      else then();
    }, { signal: answered.signal });
  }
}
const REGIONS = ["list", "panel"];
document.addEventListener("htmx:confirm", (event) => {
  const { target, issueRequest } = event.detail;
  if (!REGIONS.includes(target.id) || !one(EDITOR, target)) return;
  event.preventDefault();
  leaving(target, () => issueRequest(true));
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { elt } = detail.requestConfig;
  if (!REGIONS.includes(detail.target.id) || !all(EDITOR, detail.target).some(isUnsaved)) return;
  detail.shouldSwap = false; // it was opened while the answer was on its way
  leaving(detail.target, () => (elt.id === "panel" ? htmx.trigger(elt, "portal:again") : elt.matches("form") ? htmx.trigger(elt, "submit") : elt.click()));
});
addEventListener("beforeunload", (event) => {
  if (all(`.tall ${EDITOR}`).some(isUnsaved)) event.preventDefault();
});

/** A list of values offers whole ones only: behind each comma it offers the tags anew. */
document.addEventListener("input", ({ target }) => {
  if (!target.matches?.("input[data-several][list]")) return;
  const before = target.value.slice(0, target.value.lastIndexOf(",") + 1);
  for (const option of target.list.options) {
    option.dataset.tag ??= option.value;
    option.value = before ? `${before} ${option.dataset.tag}` : option.dataset.tag;
  }
});

/** A save that failed must lose nothing: the editor stays, and says so. */
const UNREACHED = { asked: "The portal cannot be reached. Try again in a moment.", saved: "Not saved: the portal cannot be reached. Your text is still here; press Enter to try again." };
const SIGNED_OUT = { asked: "You are signed out. Reload the page and sign in again.", saved: "Not saved: you are signed out. Sign in again, then save once more." };
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => {
    if (detail.requestConfig.elt.matches(EDITOR)) complain(detail.requestConfig.elt, UNREACHED.saved);
  });
}
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { elt } = event.detail.requestConfig;
  if (!elt.matches(`${EDITOR}, .facet-values`) || !event.detail.xhr.getResponseHeader("HX-Redirect")) return;
  event.preventDefault(); // the login page would take the place of what was typed, or of what is read
  if (elt.matches(".facet-values")) return;
  complain(elt, SIGNED_OUT.saved);
});
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.matches(VALUE) && detail.target.matches("[data-field]")) shown.set(detail.target, detail.target.innerHTML);
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const asker = detail.requestConfig.elt;
  if (!asker.matches(EDITOR) || [200, 409, 422].includes(detail.xhr.status)) return;
  detail.shouldSwap = false;
  complain(asker, `Not saved. ${parse(detail.xhr.responseText).body.textContent.trim().slice(0, 200)}`);
});

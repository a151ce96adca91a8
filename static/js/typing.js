// htmx loses what is typed before its answer is there, and a button takes no typing: keys in cells and editors, none lost on the way.

import { CELL, cellOf, EDITOR, isBusy, isCovered, isPlain, jobOf, moveFrom, MOVES, patchCell, shown, VALUE } from "./cells.js";
import { all, isComposing, one } from "./dom.js";
import {
  closeEditor, dropEditor, inputOf, isDecided, keysWaiting, kindOf, left, openAtOnce, opensAtOnce, saveEditor,
} from "./editor.js";
import { write } from "./markdown.js";

function startEditor(form) {
  const input = inputOf(form);
  if (input.tagName === "SELECT") input.dataset.first = input.value;
  const isNews = form.matches("[data-refused], [data-asks]");
  if (document.activeElement !== document.body && !cellOf(form).contains(document.activeElement)) {
    if (!isNews) closeEditor(form, false); // whoever opened it has gone on meanwhile: no blur would ever close it
    return;
  }
  input.focus({ preventScroll: true });
  if (isNews) keysWaiting.length = 0; // an answer asks for a decision first
  else input.select?.();
  replayKeys();
}

/** What is typed while an editor is on its way, or is being saved, waits for what comes: it is meant for no shortcut. */
const calledOff = new WeakSet(); // openers whose editor nobody wants any more
const isOnItsWay = (node) => !!node.matches?.(`${VALUE}.htmx-request`) && !calledOff.has(node);
const isSaving = (node) => !!node.closest?.(EDITOR)?.matches(".htmx-request");
document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (!(isOnItsWay(target) || isSaving(target)) || !isPlain(event)) return;
  if (key.length > 1 && ![...MOVES, "Backspace", "Delete", "Enter", "Escape", "F2", "Tab"].includes(key)) return;
  const form = target.closest(EDITOR);
  if (key === "Escape") {
    keysWaiting.length = 0;
    if (!form) calledOff.add(target); // what is being saved was sent
  } else if (keysWaiting.length || key.length === 1 || !(key === "Tab" || key === "Enter" || (form && MOVES.includes(key)))) {
    keysWaiting.push(event);
  } else if (key === "Tab" && !form) openNext(cellOf(target), event.shiftKey ? -1 : 1);
  else if (key !== "Enter") {
    left.add(form); // it is saved, and the focus goes on
    if (!moveFrom(cellOf(form), key === "Tab" ? (event.shiftKey ? "ArrowLeft" : "ArrowRight") : key)) left.delete(form);
  }
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
function replayKeys() {
  let typed = ""; // what picks a choice, letter by letter
  while (keysWaiting.length) {
    const focused = document.activeElement;
    if (isOnItsWay(focused) || isSaving(focused)) return; // what follows is meant for what comes next
    const event = keysWaiting.shift();
    const form = focused.closest(EDITOR);
    if (!form) {
      if (!pressInCell(focused, event)) keysWaiting.length = 0;
    } else if (inputOf(form).tagName === "SELECT" && (event.key.length === 1 || event.key === "Backspace")) {
      typed = event.key === "Backspace" ? typed.slice(0, -1) : typed + event.key;
      pickByText(inputOf(form), typed);
    } else pressInEditor(form, event);
  }
}
/** Do what a key does in an editor that had not come yet when it was pressed. */
function pressInEditor(form, { key, shiftKey }) {
  const input = inputOf(form);
  if (key === "Escape") dropEditor(form);
  else if (key === "Tab") moveOn(form, shiftKey ? -1 : 1) || (keysWaiting.length = 0);
  else if (key === "Enter" && input.tagName !== "TEXTAREA") saveEditor(form);
  else if (input.tagName === "SELECT") moveChoice(input, key);
  else if (input.type === "date") return; // a date's parts take no script
  else if (key === "Backspace" && input.selectionStart === input.selectionEnd) input.setSelectionRange(Math.max(0, input.selectionStart - 1), input.selectionEnd), write(input, "");
  else if (key.length === 1 || key in SCRIPTED) write(input, SCRIPTED[key] ?? key);
}
const SCRIPTED = { Backspace: "", Delete: "", Enter: "\n" };
function moveChoice(select, key) {
  const place = select.selectedIndex + ({ ArrowDown: 1, ArrowUp: -1 }[key] ?? 0);
  select.selectedIndex = Math.min(Math.max(place, 0), select.options.length - 1);
}

/** Tab saves and opens the next cell of the row, or of the panel; false where there is none. */
function openNext(cell, step) {
  const cells = all("[data-field]", cell.closest("tr, .job-facts") ?? cell);
  const here = cells.indexOf(cell);
  const ahead = step > 0 ? cells.slice(here + 1) : cells.slice(0, Math.max(here, 0)).reverse();
  const button = ahead.map((other) => one(`${VALUE}:enabled`, other)).find(Boolean);
  button?.focus(); // leaving saves
  button?.click();
  return !!button;
}
const moveOn = (form, step) => !isBusy(form) && isDecided(form) && openNext(cellOf(form), step);
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.(EDITOR);
  if (!form || isComposing(event) || event.target.tagName === "BUTTON" && event.key !== "Escape") return;
  if (event.key === "Escape") dropEditor(form);
  else if (event.key === "Tab") {
    if (inputOf(form).validity.badInput) return; // to the next part of a date: Safari goes on by no other key
    if (!moveOn(form, event.shiftKey ? -1 : 1)) return;
  } else if (event.key !== "Enter" || (event.target.tagName === "TEXTAREA" && !event.ctrlKey && !event.metaKey)) return;
  else saveEditor(form);
  event.preventDefault();
  event.stopPropagation();
}, true);

function pickByText(select, typed) {
  const found = [...select.options].find((option) => (typed ? option.text.toLowerCase().startsWith(typed.toLowerCase()) : !option.value));
  if (found) select.value = found.value;
}

/** Type in a cell: a letter takes the place of what stands there, F2 and Enter edit it. False where it is no use. */
function pressInCell(button, event) {
  const { key } = event;
  const cell = button.closest(CELL);
  if (cell && MOVES.includes(key)) return moveFrom(cell, key) || true;
  if (cell && key === "F2" && button.matches("a.title")) button = one("button.pencil:enabled", cell);
  if (!cell || !button?.matches(VALUE)) return false;
  const isTyping = (key.length === 1 && key !== " ") || key === "Backspace" || key === "Delete";
  if (!isTyping) {
    if (!["F2", "Enter", " "].includes(key)) return false;
    button.click();
  } else if (opensAtOnce(button, true)) {
    const isDate = kindOf(button) === "date";
    const input = openAtOnce(button, !isDate || key.length > 1);
    if (isDate && key.length === 1) return "natively"; // its parts take no script
    if (key.length === 1) write(input, key);
  } else {
    keysWaiting.push(event);
    button.click();
    if (!isOnItsWay(button)) keysWaiting.length = 0;
  }
  return true;
}
document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (event.defaultPrevented || !isPlain(event) || !target.closest(CELL) || target.closest("form.editor-form") || isCovered()) return;
  if (key === "Enter" || key === " " || (event.shiftKey && key.length > 1)) return; // a button, a link and a box know these
  if (pressInCell(target, event) === true) event.preventDefault();
});

/** A save that turns out to change nothing is over as well. */
document.addEventListener("portal:unsent", replayKeys);

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful && detail.requestConfig.elt.matches(VALUE)) keysWaiting.length = 0;
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const asker = detail.requestConfig.elt;
  if (!asker.matches(VALUE)) return;
  asker.classList.remove("htmx-request");
  if (calledOff.delete(asker)) detail.shouldSwap = false;
});

document.addEventListener("htmx:afterSwap", ({ detail, target }) => {
  if (!target.matches("[data-field]")) return;
  const form = one(EDITOR, target);
  const truth = one("template[data-cell]", target);
  if (truth) shown.set(target, truth.innerHTML);
  if (form) return startEditor(form);
  if (!left.has(detail.requestConfig.elt)) one(VALUE, target)?.focus({ preventScroll: true });
  replayKeys();
  for (const twin of all(`[data-field="${target.dataset.field}"]`)) {
    if (twin !== target && jobOf(twin) === jobOf(target) && twin.dataset.field !== "title") patchCell(twin, target.cloneNode(true));
  }
});

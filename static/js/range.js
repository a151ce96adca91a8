// A browser selects text and no cells: a range of cells in the table of Manage jobs, chosen by keys or clicks, and copied as text.

import { boxes, CELL, EDITOR, isCovered, isSeen, jobOf, MOVES, rows, VALUE } from "./cells.js";
import { all, one } from "./dom.js";
import { closeEditor, isChanged } from "./editor.js";
import { announce } from "./messages.js";

const GRID = "table.jobs tbody tr[data-job-id] > [data-field]";
const told = one("#range");
let range = null; // where it begins, and the cell that it reaches to, each by its job and its field
let pressed = null; // the cell that the pointer was on last: those of members take no focus

const placeOf = (cell) => ({ job: jobOf(cell), field: cell.dataset.field });
const cellAt = ({ job, field }) => one(`table.jobs tr[data-job-id="${job}"] > [data-field="${field}"]`);
export const jobsListed = () => rows().map((row) => row.dataset.jobId);
export const columnsShown = () => (rows()[0] ? all("[data-field]", rows()[0]).filter(isSeen).map((cell) => cell.dataset.field) : []);
export const jobsTicked = () => boxes().filter((box) => box.checked).map((box) => box.value);

/** The cell that has the focus, of the table or the panel, while nobody types in it. */
export function cellFocused() {
  const focused = document.activeElement;
  const cell = focused.closest(CELL);
  return cell?.dataset.field && !focused.closest(EDITOR) ? cell : null;
}
/** Text fields copy and paste by themselves. */
export const isTyping = () => document.activeElement.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");

/** The jobs and fields of the range, in the order of the list; nothing where a part of it has gone. */
export function area() {
  if (!range) return null;
  const [jobs, fields] = [between(jobsListed(), "job"), between(columnsShown(), "field")];
  return jobs.length && fields.length ? { jobs, fields } : null;
}
function between(list, name) {
  const [from, to] = [list.indexOf(range.start[name]), list.indexOf(range.end[name])].sort((a, b) => a - b);
  return from < 0 ? [] : list.slice(from, to + 1);
}

function choose(start, end) {
  range = start.job === end.job && start.field === end.field ? null : { start, end };
  const words = showRange();
  announce(words ? `${words} chosen` : "");
  cellAt(end)?.scrollIntoView({ block: "nearest", inline: "nearest" });
}
export function clearRange() {
  range = null;
  showRange();
}
function showRange() {
  const chosen = area();
  const cells = new Set(chosen?.jobs.flatMap((job) => chosen.fields.map((field) => cellAt({ job, field }))));
  for (const cell of all(".jobs .chosen")) if (!cells.has(cell)) cell.classList.remove("chosen");
  for (const cell of cells) cell?.classList.add("chosen");
  const words = chosen && `${chosen.jobs.length} × ${chosen.fields.length} cells`;
  told.hidden = !chosen;
  const shown = chosen ? `${words} chosen` : "";
  if (told.textContent !== shown) told.textContent = shown; // the observer below sees it
  if (!chosen) range = null;
  return words;
}

/** Shift with an arrow, Home or End moves the end of the range. */
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };
function extend(key, start) {
  const end = { ...(range?.end ?? start) };
  const name = key === "ArrowUp" || key === "ArrowDown" ? "job" : "field";
  const list = name === "job" ? jobsListed() : columnsShown();
  end[name] = list[Math.min(Math.max(list.indexOf(end[name]) + STEPS[key], 0), list.length - 1)];
  choose(range?.start ?? start, end);
}
document.addEventListener("keydown", (event) => {
  const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
  if (event.defaultPrevented || isCovered() || isTyping() || one("#fill:not([hidden])")) return;
  if (key === "Escape" && range) clearRange();
  else {
    const cell = cellFocused();
    if (!shiftKey || ctrlKey || metaKey || altKey || !MOVES.includes(key) || !cell?.matches(GRID)) return;
    extend(key, placeOf(cell));
  }
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

/** Shift+click reaches from the cell that has the focus to the one clicked; an editor in which nothing was typed is left. */
function startOfClick() {
  const form = document.activeElement.closest(EDITOR);
  if (form && !isChanged(form)) closeEditor(form, true);
  const cell = cellFocused() ?? (pressed?.isConnected ? pressed : null);
  return cell?.matches(GRID) && !isTyping() ? cell : null;
}
document.addEventListener("mousedown", (event) => {
  const cell = event.button === 0 && event.target.closest(GRID);
  if (!cell || event.target.closest(EDITOR)) return;
  const start = event.shiftKey ? startOfClick() : null;
  if (!start) pressed = cell;
  if (start && start !== cell) {
    event.preventDefault(); // no text is selected, and the focus stays
    choose(range?.start ?? placeOf(start), placeOf(cell));
  } else if (range) clearRange();
}, true);
document.addEventListener("click", (event) => {
  if (!event.shiftKey || !range || !event.target.closest(GRID)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
document.addEventListener("focusin", ({ target }) => {
  if (!range || target.closest("#fill")) return;
  const cell = target.closest(GRID);
  if (!cell || target.closest(EDITOR) || cell !== cellAt(range.start)) clearRange();
});
new MutationObserver(() => range && showRange()).observe(one("#manage"), { childList: true, subtree: true });

/** What a cell shows while nobody edits it. */
function textOf(cell) {
  const value = one("a.title", cell) ?? one(VALUE, cell);
  return value ? (value.matches(".none") ? "" : value.textContent.trim()) : (cell?.innerText.trim().replace(/\s+/g, " ") ?? "");
}
/** As spreadsheets write it: in quotes where it would end the cell; and what they would calculate is made a text. */
const FORMULA = /^'*\s*[=+\-@\t\r\n＝＋－＠]/;
const NUMBER = /^[+-]?[0-9]+([.,][0-9]+)*%?$/;
function asCell(text) {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /^"|[\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
/** The range; or the column of the ticked jobs, or all of them; or the one cell. */
function copied() {
  const [chosen, cell, ticked] = [area(), cellFocused(), jobsTicked()];
  if (chosen) return chosen.jobs.map((job) => chosen.fields.map((field) => cellAt({ job, field })));
  const isBox = document.activeElement.matches(".c-select input");
  if (ticked.length && (isBox || cell?.matches(GRID))) {
    return ticked.map((job) => (isBox ? columnsShown() : [cell.dataset.field]).map((field) => cellAt({ job, field })));
  }
  return cell ? [[cell]] : [];
}
document.addEventListener("copy", (event) => {
  if (isCovered() || isTyping() || !getSelection().isCollapsed) return;
  const cells = copied();
  if (!cells.length) return;
  event.preventDefault();
  event.clipboardData.setData("text/plain", cells.map((line) => line.map((cell) => asCell(textOf(cell))).join("\t")).join("\n"));
  const words = cells.flat().length === 1 ? "1 cell copied" : `${cells.length} × ${cells[0].length} cells copied`;
  announce(words);
});

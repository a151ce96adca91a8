// HTML's checkboxes know no ranges and no "all of them": selecting rows, and taking back what was just done.

import { boxes, isCovered } from "./cells.js";
import { all, one } from "./dom.js";
import { rowsOf } from "./groups.js";
import { patchPanel, refreshSoon } from "./live.js";
import { announce } from "./messages.js";

/** The selection outlives paging, sorting and a reload: by organisation, for as long as the list is filtered alike. */
const KEY = `selection ${location.pathname}`;
const NOT_FILTERS = ["sort", "group", "view", "page", "per_page", "job", "choices"];
let selection = stored();
let latest = null; // the box ticked last: a range begins there
const every = () => one("#bulk input[name=all]");
function filterNow() {
  const said = new URLSearchParams(location.search);
  for (const name of NOT_FILTERS) said.delete(name);
  said.sort();
  return said.toString();
}
function stored() {
  try {
    const { filter, ids, isAll } = JSON.parse(sessionStorage.getItem(KEY));
    return { filter, ids: new Set(ids), isAll };
  } catch {
    return { filter: "", ids: new Set(), isAll: false }; // nothing is stored, or storage is blocked
  }
}
function store() {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ ...selection, ids: [...selection.ids] }));
  } catch {
    // storage is blocked or full: the selection lasts for this page
  }
}

/** The boxes of the page, as they were ticked, are the selection's word on these jobs. */
function readBoxes() {
  selection.filter = filterNow();
  selection.isAll = !!every()?.checked;
  for (const box of boxes()) selection.ids[box.checked ? "add" : "delete"](box.value);
  showSelection();
}
/** Tick what is selected among the rows that are there now; what left the list is selected no more. */
function fillBoxes() {
  if (selection.filter !== filterNow()) selection = { filter: filterNow(), ids: new Set(), isAll: false };
  for (const row of all("#list tr.left")) selection.ids.delete(row.dataset.jobId);
  for (const box of boxes()) box.checked = selection.isAll || selection.ids.has(box.value);
  if (every()) every().checked = selection.isAll;
  showSelection();
}
function showSelection() {
  store();
  const list = boxes();
  const here = list.filter((box) => box.checked).length;
  const [page, told] = [one("[data-select-page]"), one("[data-selected]")];
  if (!page || !told) return;
  const shown = new Set(list.map((box) => box.value));
  const elsewhere = selection.isAll ? [] : [...selection.ids].filter((id) => !shown.has(id));
  sendAlong(elsewhere);
  page.checked = list.length > 0 && here === list.length;
  page.indeterminate = here > 0 && here < list.length;
  for (const heading of all("#list tr.group")) showGroup(heading);
  if (every()) every().parentElement.hidden = here < list.length;
  const number = here + elsewhere.length;
  const words = selection.isAll ? "All selected" : `${number} selected${elsewhere.length ? `, ${elsewhere.length} on other pages` : ""}`;
  if (number && told.textContent !== words) told.textContent = words;
}
/** The form sends the ticked boxes itself; of other pages' jobs the server drops those that the list no longer holds. */
function sendAlong(ids) {
  const inputs = all("#bulk [data-elsewhere]");
  if (inputs.map((input) => input.value).join() === ids.join()) return;
  for (const input of inputs) input.remove();
  const made = ids.map((value) => Object.assign(document.createElement("input"), { type: "hidden", name: "elsewhere_id", value }));
  for (const input of made) input.dataset.elsewhere = "";
  one("#bulk").append(...made);
}

/** The box of a group's heading ticks the group's rows on this page, and says whether they are. */
const boxesOf = (heading) => rowsOf(heading).map((row) => one("input[name=job_id]", row)).filter(Boolean);
function showGroup(heading) {
  const [box, list] = [one("input", heading), boxesOf(heading)];
  const number = list.filter((each) => each.checked).length;
  box.checked = number > 0 && number === list.length;
  box.indeterminate = number > 0 && number < list.length;
}
function selectGroup(heading, checked) {
  for (const box of boxesOf(heading)) box.checked = checked;
  if (!checked && every()) every().checked = false;
  latest = null;
  readBoxes();
}

function select(box, until) {
  const list = boxes();
  const [from, to] = [list.indexOf(box), list.indexOf(until)].sort((a, b) => a - b);
  for (const other of list.slice(from, to + 1)) other.checked = box.checked;
}
function selectPage(checked) {
  for (const box of boxes()) box.checked = checked;
  if (!checked && every()) every().checked = false;
  latest = null;
  readBoxes();
}
function selectNone() {
  selection.ids.clear();
  selectPage(false);
}
function tick(box, asRange) {
  if (asRange && latest?.isConnected) select(box, latest);
  if (!box.checked && every()) every().checked = false; // "all" are no longer meant
  latest = box;
  readBoxes();
}
document.addEventListener("click", (event) => {
  const box = event.target.closest("#list tbody input[name=job_id]");
  const heading = event.target.closest("#list tr.group .c-select")?.parentElement;
  if (box) tick(box, event.shiftKey);
  else if (heading) selectGroup(heading, event.target.matches("input") ? event.target.checked : !one("input", heading).checked);
  else if (event.target.matches("td.c-select")) {
    const inside = one("input", event.target); // the box is small, its cell is not
    inside.checked = !inside.checked;
    tick(inside, event.shiftKey);
  } else if (event.target.closest("[data-select-page]")) selectPage(event.target.checked);
  else if (event.target.closest("[data-select-none]")) selectNone();
});
document.addEventListener("change", (event) => {
  if (event.target === every()) readBoxes();
});
/** Rows come and go: with another page, another order, and live. While all are meant, one that comes in is among them. */
new MutationObserver(fillBoxes).observe(one("#manage"), { childList: true, subtree: true });
document.addEventListener("portal:gone", ({ detail }) => {
  if (selection.ids.delete(detail)) showSelection();
});

/** Ctrl+A takes the whole list, and Escape nothing, where neither means anything else. */
const isTyping = (target) => target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (event.defaultPrevented || event.shiftKey || event.altKey || isTyping(target) || isCovered() || !one("#bulk")) return;
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && key.toLowerCase() === "a" && target.matches("body, #content, #list *")) {
    event.preventDefault();
    if (every()) every().checked = true;
    selectPage(true);
    announce(`${one("#list").dataset.found} selected`);
  } else if (key === "Escape" && !isCommand && !one("#panel .panel") && isAnySelected()) {
    selectNone();
    announce("None selected");
  }
}, true);
const isAnySelected = () => selection.isAll || selection.ids.size > 0;

/** A menu stays open over the dialog that it led to; closed at once, it would take from the form which button was pressed. */
document.addEventListener("submit", (event) => {
  const menu = event.submitter?.closest(".bulk-menu");
  if (menu) setTimeout(() => menu.hidePopover());
});

/** What was done may concern every row: read the list again, and leave the dialog that it was done in. */
document.addEventListener("portal:done", (event) => {
  const inBulk = !!one("#dialog .bulk-sheet");
  if (one("#dialog > :is(.bulk-sheet, .history)")) one("#dialog").close();
  if (inBulk) boxes().find((box) => box.checked)?.focus({ preventScroll: true }); // the menu that led there is gone
  const done = event.target.closest?.(".toast-note");
  if (done?.contains(document.activeElement)) (all("#toasts form button").at(-1) ?? one("#content")).focus();
  done?.remove();
  if (document.activeElement === document.body) all("#toasts form[data-undo] button").at(-1)?.focus(); // a deleted job took its panel along
  if (inBulk) selectNone();
  refreshSoon(true, inBulk || event.target.id === "review");
  const panel = one("#panel .panel");
  if (panel) patchPanel({ dataset: { jobId: panel.dataset.job, revision: Infinity } });
});

/** The next step takes the focus at once: htmx would do so a moment later. */
document.addEventListener("htmx:afterSwap", () => {
  const step = one("#dialog[open] .bulk-sheet [autofocus]");
  if (step && !one("#dialog :focus")) step.focus();
});

/** A change that is under way is not left by Escape, nor by a click beside it. */
const isUnderWay = () => !!one("#dialog .bulk-sheet .htmx-request");
document.addEventListener("cancel", (event) => isUnderWay() && event.preventDefault(), true);
document.addEventListener("click", (event) => event.target.id === "dialog" && isUnderWay() && event.stopImmediatePropagation(), true);

/** Ctrl+Z takes back what the latest toast tells of, unless there is typing to take back. Pressed again meanwhile, it waits its turn. */
let undosWaiting = 0;
function takeBack() {
  const form = all("#toasts form[data-undo]").at(-1);
  if (one("#toasts form.htmx-request")) undosWaiting += 1;
  else form?.requestSubmit();
  return !!form;
}
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "z") return;
  if (one("dialog[open]") || event.target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  if (takeBack()) event.preventDefault();
});
document.addEventListener("portal:done", () => {
  if (!undosWaiting) return;
  undosWaiting -= 1;
  takeBack();
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.failed && detail.requestConfig?.elt.matches("#toasts form")) undosWaiting = 0;
});

fillBoxes();

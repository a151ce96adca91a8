// HTML's checkboxes know no ranges and no "all of them": selecting rows, and taking back what was just done.

import { boxes } from "./cells.js";
import { all, one } from "./dom.js";
import { patchPanel, refreshSoon } from "./live.js";

/** What is selected stands in the rows' own checkboxes. */
const every = () => one("#bulk input[name=all]");
let latest = null; // the box ticked last: a range begins there
function select(box, until) {
  const list = boxes();
  const [from, to] = [list.indexOf(box), list.indexOf(until)].sort((a, b) => a - b);
  for (const other of list.slice(from, to + 1)) other.checked = box.checked;
}
function selectAll(checked) {
  for (const box of boxes()) box.checked = checked;
  if (!checked && every()) every().checked = false;
  latest = null;
}
function showSelection() {
  const list = boxes();
  const number = list.filter((box) => box.checked).length;
  const page = one("[data-select-page]");
  const told = one("[data-selected]");
  if (!page || !told) return;
  page.checked = list.length > 0 && number === list.length;
  page.indeterminate = number > 0 && number < list.length;
  if (every()) every().parentElement.hidden = number < list.length;
  const words = every()?.checked ? "All selected" : `${number} selected`;
  if (number && told.textContent !== words) told.textContent = words;
}
function tick(box, asRange) {
  if (asRange && latest?.isConnected) select(box, latest);
  if (!box.checked && every()) every().checked = false; // "all" are no longer meant
  latest = box;
}
document.addEventListener("click", (event) => {
  const box = event.target.closest("#list tbody input[name=job_id]");
  if (box) tick(box, event.shiftKey);
  else if (event.target.matches("td.c-select")) {
    const inside = one("input", event.target); // the box is small, its cell is not
    inside.checked = !inside.checked;
    tick(inside, event.shiftKey);
  } else if (event.target.closest("[data-select-page]")) selectAll(event.target.checked);
  else if (event.target.closest("[data-select-none]")) selectAll(false);
  else return;
  showSelection();
});
document.addEventListener("change", (event) => {
  if (event.target === every()) showSelection();
});
/** While all are meant, a row that comes in is among them. */
new MutationObserver(() => {
  if (every()?.checked) for (const box of boxes()) box.checked = true;
  showSelection();
}).observe(one("#manage"), { childList: true, subtree: true });

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
  if (inBulk) selectAll(false);
  showSelection();
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

showSelection();

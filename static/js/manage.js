// htmx scrolls to nothing that it swaps into a cell: the modules of Manage jobs, and what matters now brought into view.

import "./editor.js";
import "./typing.js";
import "./panel.js";
import "./finder.js";
import "./filters.js";
import "./groups.js";
import "./offer.js";
import "./live.js";
import "./keys.js";
import "./bulk.js";
import "./range.js";
import "./fill.js";
import "./columns.js";
import { all, one } from "./dom.js";

/** An answer may stand below the window's foot, or beyond the edge of a table that scrolls sideways: bring it into view. */
new MutationObserver((changes) => {
  const nodes = changes.flatMap((change) => (change.type === "attributes" ? [change.target] : [...change.addedNodes]));
  const forms = nodes.map((node) => node.closest?.("form.editor-form") ?? node.querySelector?.("form.editor-form"));
  forms.find((form) => form && one(".error:not([hidden])", form))?.scrollIntoView({ block: "nearest", inline: "nearest" });
}).observe(one("#content"), { childList: true, subtree: true, attributeFilter: ["hidden"] });

/** The second click of a double click may meet a job that took the place of what the first one met, an editor, a dialog,
 * a menu or another job: there it opens nothing, decides nothing and takes no focus. */
let last = { timeStamp: -Infinity };
function isEcho({ detail, timeStamp, clientX, clientY, target }) {
  if (!detail || timeStamp - last.timeStamp > 600) return false; // by a key, or another click
  if (Math.hypot(clientX - last.clientX, clientY - last.clientY) > 10) return false;
  const isGone = last.target.closest(".decide") || !last.target.checkVisibility({ visibilityProperty: true });
  return isGone && target.closest("table.jobs tbody, #panel [data-field]") && !target.closest("form.editor-form");
}
document.addEventListener("keydown", () => (last = { timeStamp: -Infinity }), true);
document.addEventListener("mousedown", (event) => isEcho(event) && event.preventDefault(), true);
document.addEventListener(
  "click",
  (event) => {
    if (!isEcho(event)) return event.detail && (last = event);
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

/** A browser is content with half a cell at the edge of a table that scrolls sideways. */
document.addEventListener("focusin", ({ target }) => {
  if (target.closest(".broad table")) target.scrollIntoView({ block: "nearest", inline: "nearest" });
});

/** What a list of hundreds of cells leaves to the page: what has no room is read in a title, which also says whose value
 * it is; and a button bears the names of its field and its job. */
function titleOf(cell) {
  if (cell.dataset.says) return cell.dataset.says; // of a preview
  const shown = all(".title, button, .gap, i", cell).find((each) => each.clientWidth) ?? cell;
  const isCut = shown.scrollWidth > shown.clientWidth || shown.scrollHeight > shown.clientHeight + 2;
  return [isCut && shown.textContent.trim(), shown.matches(".own") && "Yours: no sync changes it"].filter(Boolean).join("\n");
}
function nameOf(control, heading, job) {
  const text = control.textContent;
  if (control.type === "checkbox") return `Select ${job}`;
  if (control.matches(".pencil")) return `Edit title: ${job}`;
  if (control.matches(".gap")) return `${text}: ${job}`;
  return `${heading} of ${job}: ${control.matches(".none") ? text.charAt(0).toLowerCase() + text.slice(1) : text}`;
}
function nameRow(row, headings) {
  const job = one(".title", row)?.textContent; // not while it is edited
  for (const control of job ? all("input[name=job_id], button[name]:not(.differs, [form=review])", row) : []) {
    const name = nameOf(control, headings[control.closest("td, th").cellIndex], job);
    if (control.ariaLabel !== name) control.ariaLabel = name;
  }
}
let isNaming = false;
function nameAll() {
  if (isNaming) return;
  isNaming = true;
  requestAnimationFrame(() => {
    isNaming = false;
    const headings = all("#list thead th").map((heading) => heading.textContent.trim());
    const cells = all("#list tbody :is(th, td):not(.c-select)");
    const titles = cells.map(titleOf); // all are measured before any is written
    cells.forEach((cell, place) => cell.title !== titles[place] && (cell.title = titles[place]));
    for (const row of all("#list tbody tr")) nameRow(row, headings);
  });
}
new MutationObserver(nameAll).observe(one("#manage"), { childList: true, subtree: true });
addEventListener("resize", nameAll);
nameAll();

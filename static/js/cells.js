// HTML's tables know no arrows, and htmx swaps whole rows: the cells of Manage jobs, patched one by one and moved through by keys.

import { all, isComposing, isMac, one, settle } from "./dom.js";

export const EDITOR = "form.editor-form";
export const VALUE = "[data-field] > button[name]:not(.differs, .gap)"; // what shows a value, and opens its editor
export const shown = new WeakMap(); // cell: what stands there once nobody edits it
export const cellOf = (node) => node.closest("[data-field]");
export const jobOf = (node) => node.closest("[data-job-id]")?.dataset.jobId ?? node.closest("[data-job]")?.dataset.job;
export const cards = matchMedia("(max-width: 46rem)"); // where the table's rows are shown as cards
export const isBusy = (node) => node.matches(".htmx-request") || !!one(".htmx-request", node);
export const isEdited = (node) => !!one(EDITOR, node) || isBusy(node);

/** A page has hundreds of cells, so the server leaves out what follows from what stands in them. */
export function nameCells(root) {
  for (const cell of all("tr[data-job-id] > :not([data-field], .c-select)", root)) {
    if (one("input[name=job_id]", cell)) cell.className = "c-select";
    else cell.dataset.field = cell.matches("th") ? "title" : one("button", cell)?.name ?? "";
  }
}
nameCells(document);
document.addEventListener("htmx:afterSwap", ({ target }) => nameCells(target));

/** A cell's HTML without what this page's own scripts made of it. */
export const bare = (cell) =>
  cell.innerHTML.replace(/<ins>[^<]*<\/ins>| aria-(label|expanded)="[^"]*"/g, "").replace(/<time [^>]*datetime="([^"]*)"[^>]*>[^<]*<\/time>/g, "$1").replace(/ ?htmx-\w+|\s+/g, " ");

/** Bring a cell up to date unless somebody edits it; true when something that people read has changed. */
export function patchCell(cell, fresh) {
  if (isEdited(cell)) {
    shown.set(cell, fresh.innerHTML);
    return false;
  }
  if (bare(cell) === bare(fresh)) return false;
  const place = all("a, button", cell).indexOf(document.activeElement);
  cell.replaceChildren(...fresh.childNodes);
  settle(cell);
  if (place >= 0) (all("a, button", cell)[place] ?? one("a, button", cell))?.focus({ preventScroll: true });
  return cell.dataset.field !== "changed_at";
}

/** What is typed, and no combination: AltGr makes letters, and Option does. */
export const isPlain = (event) =>
  !isComposing(event) && ((!event.ctrlKey && !event.metaKey && (!event.altKey || isTyped(event))) || event.getModifierState("AltGraph"));
const isTyped = ({ key }) => isMac && key.length === 1;
export const isCovered = () => !!one("dialog[open], :popover-open, details.drop[open]");

/** Arrows, Home and End go from cell to cell: within the row, and in the same column of the rows around it. */
export const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];
export const CELL = "table.jobs tr[data-job-id] > *, #panel .job-facts [data-field]";
const STOPS = "input[name=job_id], a.title, button[name]:enabled:not(.differs)";
export const isSeen = (node) => node.checkVisibility({ visibilityProperty: true }); // a narrow page lays the job over the list
export const rows = () => all("table.jobs tbody tr[data-job-id]").filter(isSeen);
export function moveFrom(cell, key) {
  const isUpright = key === "ArrowUp" || key === "ArrowDown";
  let line = [...cell.parentElement.children];
  if (!cell.matches("tr > *")) line = isUpright || key === "Home" || key === "End" ? all("[data-field]", cell.closest(".job-facts")) : [cell];
  else if (isUpright) line = rows().map((row) => row.cells[cell.cellIndex]);
  const place = line.indexOf(cell);
  const ahead = { ArrowLeft: line.slice(0, place).reverse(), ArrowRight: line.slice(place + 1), Home: line, End: line.toReversed() };
  const cells = ahead[{ ArrowUp: "ArrowLeft", ArrowDown: "ArrowRight" }[key] ?? key];
  const stop = cells.map((each) => all(STOPS, each).find(isSeen)).find(Boolean);
  stop?.focus({ preventScroll: true });
  (stop?.closest("tr") ?? stop)?.scrollIntoView({ block: "nearest" });
  return !!stop;
}

/** The boxes by which rows are selected. */
export const boxes = () => all("#list tbody input[name=job_id]");

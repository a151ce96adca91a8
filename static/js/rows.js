// htmx would swap whole rows, with what is typed in them: the table of Manage jobs patched row by row and cell by cell.

import { cards, isEdited, patchCell } from "./cells.js";
import { one, settle } from "./dom.js";

/** Where a job stands and what it lacks, as its row says it; a page may show no such column. */
export const stateIn = (row) => one("[data-field=state]", row)?.textContent;

/** Bring a row up to date cell by cell, since a swap of the whole row would lose what is being typed; true if it shows. */
export function patchRow(row, fresh) {
  if (Number(fresh.dataset.revision) < Number(row.dataset.revision)) return false;
  row.dataset.revision = fresh.dataset.revision;
  row.dataset.state = stateIn(fresh);
  const cells = new Map([...fresh.cells].map((cell) => [cell.dataset.field, cell])); // every column, of which this page may show some
  const lines = cards.matches && one("a.title", row)?.offsetHeight; // elsewhere a title has one: measuring would lay out the page
  const patched = [...row.cells].map((cell) => {
    const newer = cell.dataset.field && cells.get(cell.dataset.field);
    return newer && patchCell(cell, newer);
  });
  holdLines(one("a.title", row), lines);
  if (patched.includes(true)) glow(row);
  return patched.includes(true);
}

/** On a card a title may have two lines: one that was seen keeps as many as it had, until the list is asked for anew. */
function holdLines(title, before) {
  if (!before || !title || title.offsetHeight === before) return;
  if (title.offsetHeight > before) title.style.webkitLineClamp = "1";
  else title.style.minHeight = `${before}px`;
}

/** A row that has left the list stays until the next one is asked for: what is being read must not jump. */
function mark(row, left) {
  row.classList.toggle("left", left);
  if (left) row.setAttribute("aria-description", "No longer in this list");
  else row.removeAttribute("aria-description");
}

/** Mark a row as just changed, for four seconds. */
function glow(row) {
  if (row.classList.contains("fresh")) for (const fading of row.getAnimations()) fading.currentTime = 0;
  row.classList.add("fresh");
  clearTimeout(row.fading);
  row.fading = setTimeout(() => row.classList.remove("fresh"), 4000);
}

/** Let rows come and go without moving what is looked at: Safari never holds the scroll by itself, and Chromium not always. */
export function heldInPlace(change) {
  const scroller = one("#list.broad") ?? document.scrollingElement;
  const seen = [...(one("table.jobs tbody")?.rows ?? [])].filter((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return bottom > 200 && top < innerHeight; // below the headings
  });
  const hold = seen.find((row) => row.contains(document.activeElement)) ?? seen[0];
  const top = hold?.getBoundingClientRect().top;
  change();
  if (hold?.isConnected && scroller.scrollTop > 0) scroller.scrollTop += hold.getBoundingClientRect().top - top;
}

/**
 * Give the table the rows of a newer one. Rows keep their places, unless all is shown anew in its order; those of
 * ``changed`` jobs stay though they left. Returns how many jobs came in.
 */
export function patchTable(body, next, changed, anew) {
  const ids = new Set([...next.rows].map(keyOf));
  const box = anew ? one("input[name=job_id]:focus", body) : null; // that alone does not hold a row
  const line = [...body.rows].filter((row) => !isHeading(row)).indexOf(box?.closest("tr"));
  const isHeld = (row) => isEdited(row) || (!box && row.contains(document.activeElement));
  for (const row of [...body.rows].filter((row) => row.dataset.jobId && !ids.has(keyOf(row)))) {
    if (!isHeld(row) && (anew || !changed.has(row.dataset.jobId))) row.remove();
    else mark(row, true);
  }
  let [before, added] = [null, 0];
  for (const fresh of [...next.rows]) {
    const known = [...body.rows].find((each) => keyOf(each) === keyOf(fresh));
    const row = known ?? fresh;
    const place = before ? before.nextElementSibling : body.rows[0] ?? null;
    if (known && isHeading(known)) patchHeading(known, fresh);
    else if (known) {
      patchRow(known, fresh);
      mark(known, false);
    }
    if (!known || (anew && row !== place && !isHeld(row))) body.insertBefore(row, place);
    if (!known && !isHeading(row)) {
      settle(row);
      glow(row);
      added += 1;
    }
    if (anew || !changed.has(row.dataset.jobId)) before = row; // a changed one may stand elsewhere now
  }
  for (const heading of [...body.rows].filter((row) => isHeading(row) && !ids.has(keyOf(row)))) {
    if (!heading.nextElementSibling || isHeading(heading.nextElementSibling)) heading.remove(); // the last of its jobs have gone
  }
  const left = [...body.rows].filter((row) => !isHeading(row));
  if (box) focusNear(box, left[line] ?? left.at(-1));
  return added;
}
/** Groups have headings among the rows. A job that changed its group stays where it is until the list is asked for anew. */
const isHeading = (row) => row.matches(".group");
const keyOf = (row) => row.dataset.jobId ?? `group ${row.dataset.group}`;
function patchHeading(heading, fresh) {
  const [told, newer] = [one("b", heading), one("b", fresh)];
  if (told.textContent !== newer.textContent) told.replaceWith(newer);
}
/** A box that went with its row leaves the focus to the row that took its place. */
export function focusNear(box, row) {
  const next = box.isConnected ? box : row && one("input[name=job_id]", row);
  (next ?? one("#views [aria-current=page]"))?.focus({ preventScroll: true });
}

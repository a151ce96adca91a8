// htmx swaps a panel but neither closes it nor keeps its place: one job beside the list of Manage jobs.

import { cellOf, jobOf, VALUE } from "./cells.js";
import { all, htmx, one } from "./dom.js";
import { leaving } from "./editor.js";

/** The panel's address is this list's own with a job in it, which a row shared by everybody cannot know. */
export function here(job) {
  const address = new URL(location.href);
  address.searchParams.delete("job");
  if (job) address.searchParams.set("job", job);
  return address.pathname + address.search;
}
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const open = one("#panel .panel");
  if (detail.target?.id === "list" && open) detail.parameters.job = open.dataset.job;
  if (detail.elt.id === "finder") for (const [name, value] of [...detail.formData]) if (!value) detail.formData.delete(name);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.title");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  htmx.ajax("GET", here(jobOf(link)), { source: link, target: "#panel", swap: "innerHTML" });
});
export function closePanel() {
  const panel = one("#panel .panel");
  leaving(panel, () => {
    history.replaceState({ htmx: true }, "");
    history.pushState({ htmx: true }, "", here());
    panel.remove();
    one(`tr[data-job-id="${panel.dataset.job}"] .title`)?.focus({ preventScroll: true });
  });
}
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-close-panel]")) return;
  event.preventDefault();
  closePanel();
});
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches?.("input, textarea, select"); // Esc empties a search box
  if (event.key !== "Escape" || isTyping || one("dialog[open], :popover-open, details.drop[open]")) return;
  if (one("#panel .panel")) closePanel();
});

/** A panel that comes takes the focus; one that answers a button of its own stays where it was. */
let kept = null;
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const pressed = detail.requestConfig.elt.closest?.("#panel .panel-end");
  const panel = pressed && one("#panel .panel");
  kept = panel && { job: panel.dataset.job, top: panel.scrollTop, place: all("button", pressed).indexOf(document.activeElement) };
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
  const panel = target.id === "panel" && one(".panel", target);
  if (!panel) return;
  if (kept?.job !== panel.dataset.job) return panel.focus({ preventScroll: true });
  panel.scrollTop = kept.top;
  all(".panel-end[data-part=end] button", panel)[kept.place]?.focus({ preventScroll: true });
});

/** What a job lacks leads to the cell that mends it; one that this row does not show is opened in the panel. */
let mending = null;
function mend(root, field) {
  const button = one(`[data-field="${field}"] > button[name]:not(.differs)`, root);
  button?.focus(); // the editor takes the focus from the cell it stands in
  button?.click();
  return !!button;
}
document.addEventListener("click", (event) => {
  const gap = event.target.closest("button.gap, button[data-mend]");
  if (!gap) return;
  event.preventDefault();
  const field = gap.name;
  if (mend(gap.closest("tr, .panel"), field)) return;
  mending = field;
  one("a.title", gap.closest("tr"))?.click();
});
/** A card has no room for an editor: its job opens, at that field. */
const cards = matchMedia("(max-width: 46rem)");
document.addEventListener("click", (event) => {
  const button = cards.matches && event.target.closest(`tr ${VALUE}`);
  if (!button) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  mending = cellOf(button).dataset.field;
  one("a.title", button.closest("tr")).click();
}, true);
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id !== "panel" || !mending) return;
  mend(target, mending);
  mending = null;
});

/** A panel that lies over the list leaves there only the columns that it does not cover: the others take no focus. */
function showUncovered() {
  const [table, panel] = [one("table.jobs"), one("#panel .panel")];
  if (!table) return;
  const edge = panel ? panel.getBoundingClientRect().left : 0; // all of a narrow page
  if (!edge) return delete table.dataset.shown;
  const columns = [...table.tHead.rows[0].cells].filter((cell) => cell.getBoundingClientRect().right <= edge);
  table.dataset.shown = Math.max(columns.length, 1);
}
new MutationObserver(showUncovered).observe(one("#content"), { childList: true, subtree: true });
addEventListener("resize", showUncovered);
document.addEventListener("scroll", (event) => event.target.id === "list" && showUncovered(), true);
showUncovered();

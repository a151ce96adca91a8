// htmx swaps a panel but neither closes it nor keeps its place: one job beside the list of Manage jobs.

import { jobOf } from "./cells.js";
import { all, one } from "./dom.js";
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
  if (detail.elt.matches("a.title")) detail.path = here(jobOf(detail.elt));
  else if (detail.target?.id === "list" && open) detail.parameters.job = open.dataset.job;
  if (detail.elt.id === "finder") for (const [name, value] of [...detail.formData]) if (!value) detail.formData.delete(name);
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
  const button = one(`[data-field="${field}"] button.value`, root);
  button?.focus(); // the editor takes the focus from the cell it stands in
  button?.click();
  return !!button;
}
document.addEventListener("click", (event) => {
  const gap = event.target.closest("button[data-mend]");
  if (!gap) return;
  event.preventDefault();
  if (mend(gap.closest("tr, .panel"), gap.dataset.mend)) return;
  mending = gap.dataset.mend;
  one("a.title", gap.closest("tr"))?.click();
});
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id !== "panel" || !mending) return;
  mend(target, mending);
  mending = null;
});

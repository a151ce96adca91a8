// htmx swaps a panel but neither closes it nor keeps its place: one job beside the list of Manage jobs.

import { cards, cellOf, EDITOR, isCovered, isPlain, jobOf, VALUE } from "./cells.js";
import { all, htmx, one } from "./dom.js";
import { isUnsaved, leaving } from "./editor.js";
import { announce, toast } from "./messages.js";

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
const panelOf = () => one("#panel .panel");
const listed = () => all("#list tbody tr[data-job-id]");
const rowOf = (job) => one(`#list tr[data-job-id="${job}"]`);

/** One panel at a time: what is asked for last wins, and what stands there stays until that has come. */
let wanted = null; // the job whose panel is on its way
let askedLast = null;
function openPanel(job) {
  const go = () => {
    wanted = askedLast = job;
    showOpen();
    rowOf(job)?.scrollIntoView({ block: "nearest" });
    const done = () => {
      if (wanted !== job) return;
      wanted = null;
      showOpen();
    };
    htmx.ajax("GET", here(job), { source: one("#panel"), target: "#panel", swap: "innerHTML" }).then(done, done);
  };
  if (panelOf()) leaving(panelOf(), go);
  else go();
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.title");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  openPanel(jobOf(link));
});
one("#panel").addEventListener("portal:again", () => openPanel(askedLast));

/** Opening is one step of the history, going from job to job none. */
let shownList = here();
let isReturning = false; // to a step of the history: it is there already
const noteList = () => (shownList = here());
for (const name of ["htmx:pushedIntoHistory", "htmx:replacedInHistory"]) document.addEventListener(name, noteList);
document.addEventListener("htmx:beforeHistoryUpdate", ({ detail }) => {
  if (owed.way || (detail.requestConfig.elt.id === "panel" && (isReturning || panelOf()))) detail.history.type = "replace";
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig.elt.id === "panel") isReturning = false;
});
function removePanel() {
  const job = panelOf().dataset.job;
  panelOf().remove();
  (one("a.title", rowOf(job) ?? document.createElement("tr")) ?? one("#content")).focus({ preventScroll: true });
}
export function closePanel() {
  const { job } = panelOf().dataset;
  leaving(panelOf(), () => {
    if (panelOf()?.dataset.job !== job) return; // asked for twice while something was being saved
    history.replaceState({ htmx: true }, "");
    history.pushState({ htmx: true }, "", here());
    removePanel();
  });
}
/** htmx would load the whole page anew, also where only the panel comes or goes. */
addEventListener("popstate", (event) => {
  const job = new URL(location.href).searchParams.get("job");
  if (here() !== shownList) return event.state?.htmx || location.reload(); // another list
  event.stopImmediatePropagation();
  const panel = panelOf();
  if (job === (panel?.dataset.job ?? null)) return;
  if (panel && all(EDITOR, panel).some(isUnsaved)) history.pushState({ htmx: true }, "", here(panel.dataset.job));
  if (panel && !job) return leaving(panel, removePanel);
  isReturning = true;
  openPanel(job);
}, true);

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-close-panel]")) return;
  event.preventDefault();
  closePanel();
});
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches?.("input, textarea, select"); // Esc empties a search box
  if (event.key !== "Escape" || isTyping || one("dialog[open], :popover-open, details.drop[open]")) return;
  if (panelOf()) closePanel();
});
document.addEventListener("click", async (event) => {
  if (!event.target.closest("[data-copy-link]")) return;
  const address = location.origin + here(panelOf().dataset.job);
  try {
    await navigator.clipboard.writeText(address);
    toast("Link copied.");
  } catch {
    prompt("Copy this link:", address); // without TLS a page may not write to the clipboard
  }
});

/** Through the list as it stands; at the end of a page, through the next one. */
const WAYS = { prev: -1, next: 1 };
const owed = { way: 0, steps: 0 }; // to be gone once the next page of the list has come
const place = () => listed().findIndex((row) => row.dataset.jobId === (wanted ?? panelOf()?.dataset.job));
const pageAt = (step) => (place() < 0 ? null : one(step < 0 ? "#page-prev" : "#page-next"));
export function walk(step) {
  if (owed.way) return (owed.steps += step);
  const row = listed()[place() + step];
  if (row) return openPanel(row.dataset.jobId);
  const page = pageAt(step);
  if (!page) return announce(one(`.walk [rel=${step < 0 ? "prev" : "next"}]`, panelOf()).title);
  leaving(panelOf(), () => {
    Object.assign(owed, { way: step, steps: 0 });
    page.click();
  });
}
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (owed.way && detail.target?.id === "list" && !detail.successful) owed.way = 0;
});
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id !== "list" || !owed.way) return;
  const rows = listed();
  const first = owed.way > 0 ? 0 : rows.length - 1;
  const row = rows[Math.min(Math.max(first + owed.steps, 0), rows.length - 1)];
  owed.way = 0;
  if (row && panelOf()) openPanel(row.dataset.jobId);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest(".walk a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  walk(WAYS[link.rel]);
});
document.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || event.shiftKey || !isPlain(event) || isCovered() || !event.target.matches?.("#panel .panel, .panel > header *")) return;
  event.preventDefault();
  walk(step);
});

/** The list marks the open job, the panel says where in the list that is, and the tab bears its title. */
const own = panelOf()?.ariaLabel;
const listTitle = own && panelOf().dataset.job ? document.title.slice(own.trim().length + 3) : document.title;
function showOpen() {
  const panel = panelOf();
  const job = wanted ?? panel?.dataset.job;
  for (const row of all("#list tr[aria-current]")) if (row.dataset.jobId !== job) row.removeAttribute("aria-current");
  if (job) rowOf(job)?.setAttribute("aria-current", "true");
  const title = panel ? `${panel.ariaLabel} · ${listTitle}` : listTitle;
  if (document.title !== title) document.title = title;
  if (panel) showPlace(panel);
}
const count = new Intl.NumberFormat("en");
function showPlace(panel) {
  const [at, { offset, of } = {}] = [place(), one("#list .pages")?.dataset];
  const words = at < 0 || offset === undefined ? "" : `${count.format(Number(offset) + at + 1)} of ${of}`;
  if (one("[data-place]", panel).textContent !== words) one("[data-place]", panel).textContent = words;
  for (const link of all(".walk a", panel)) {
    const step = WAYS[link.rel];
    const row = listed()[at + step];
    const address = row ? here(row.dataset.jobId) : pageAt(step)?.href;
    const { key, end } = link.dataset;
    const reason = at < 0 ? "This page of the list does not have this job." : end;
    link.title = address ? `${link.ariaLabel} (${key})` : reason;
    if (address) link.href = address;
    else link.removeAttribute("href");
    for (const [name, value] of [["role", "link"], ["aria-disabled", "true"], ["tabindex", "0"]]) {
      if (address) link.removeAttribute(name);
      else link.setAttribute(name, value);
    }
  }
}

/** A panel that comes takes the focus; one that answers a button of its own stays where it was. */
let kept = null;
let turned = null; // the way that the focus is on
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id === "panel") turned = document.activeElement.closest("#panel .walk a")?.rel;
  const pressed = detail.requestConfig.elt.closest?.("#panel .panel-end");
  const panel = pressed && panelOf();
  kept = panel && { job: panel.dataset.job, top: panel.scrollTop, place: all("button", pressed).indexOf(document.activeElement) };
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
  const panel = target.id === "panel" && one(".panel", target);
  if (!panel) return;
  showOpen();
  if (kept?.job !== panel.dataset.job) return (one(`.walk [rel=${turned}]`, panel) ?? panel).focus({ preventScroll: true });
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
new MutationObserver(() => {
  showUncovered();
  showOpen();
}).observe(one("#content"), { childList: true, subtree: true });
addEventListener("resize", showUncovered);
document.addEventListener("scroll", (event) => event.target.id === "list" && showUncovered(), true);
showUncovered();
showOpen();
if (panelOf()?.dataset.job) history.replaceState(history.state, "", here(panelOf().dataset.job)); // a link may name a job that became part of another
rowOf(panelOf()?.dataset.job)?.scrollIntoView({ block: "nearest" });

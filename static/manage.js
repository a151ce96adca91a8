// Manage jobs: its cells kept up to date, the panel beside the list, and the finder above it.

/** A cell's HTML without what this page's own scripts made of it. */
const bare = (cell) =>
  cell.innerHTML.replace(/<time [^>]*datetime="([^"]*)"[^>]*>[^<]*<\/time>/g, "$1").replace(/ ?htmx-\w+|\s+/g, " ");

/** Bring a cell up to date unless somebody edits it; true when something that people read has changed. */
function patchCell(cell, fresh) {
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

/** The panel's address is this list's own with a job in it, which a row shared by everybody cannot know. */
const jobOf = (node) => node.closest("[data-job-id]")?.dataset.jobId ?? node.closest("[data-job]")?.dataset.job;
function here(job) {
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
function closePanel() {
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

/** A link of the list keeps what stands in the search box, and a search on its way the view that a link chose. */
const LINKS = "#views a, #list thead a, #list .pages a";
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!detail.elt.matches(LINKS)) return;
  const address = new URL(detail.path, location.href);
  const typed = one("#finder [name=q]").value.trim();
  if (typed) address.searchParams.set("q", typed);
  else address.searchParams.delete("q");
  detail.path = address.pathname + address.search;
  for (const input of all("input[type=hidden][form=finder]")) input.value = address.searchParams.get(input.name) ?? "";
});

/** One list at a time, and in the order asked for: what is asked meanwhile is asked again when that has come. */
const ASKERS = `#finder, ${LINKS}`;
let isAsking = false;
let askedMeanwhile = null; // by its id, since what was clicked is swapped as well
document.addEventListener("htmx:confirm", (event) => {
  if (!isAsking || !event.detail.elt.matches(ASKERS)) return;
  event.preventDefault();
  askedMeanwhile = event.detail.elt.id;
});
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.matches(ASKERS)) isAsking = true;
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.requestConfig.elt.matches(ASKERS)) return;
  const again = document.getElementById(askedMeanwhile);
  [isAsking, askedMeanwhile] = [false, null];
  if (again) again.matches("form") ? htmx.trigger(again, "submit") : again.click();
});

/** Each letter of a search is no step to go back by: the first makes one, the others stand in its place. */
let isTypedAddress = false;
addEventListener("popstate", () => (isTypedAddress = false));
document.addEventListener("htmx:beforeHistoryUpdate", ({ detail }) => {
  const isTyped = detail.requestConfig.elt.id === "finder" && document.activeElement?.matches("#finder [name=q]");
  if (isTyped && isTypedAddress) detail.history.type = "replace";
  isTypedAddress = !!isTyped;
});
document.addEventListener("focusout", ({ target }) => {
  if (target.matches?.("#finder [name=q]")) isTypedAddress = false;
});

/** The list that came is told, and the focus is not lost with the link that led to it. */
document.addEventListener("htmx:afterSettle", ({ detail, target }) => {
  if (target.id !== "list") return;
  one("#jobs-count").textContent = target.dataset.total;
  const empty = one(".empty h2", target)?.textContent;
  const number = `${target.dataset.found} ${target.dataset.found === "1" ? "job" : "jobs"}`;
  announce(empty ?? [number, one(".turn .num", target)?.textContent].filter(Boolean).join(", "));
  if (document.activeElement === document.body && detail.requestConfig?.elt.closest?.(".pages, thead")) one(".pages a", target)?.focus();
});

/** The choices of a filter come while it may be open already: it keeps what is chosen, and what is the same stays. */
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const pick = detail.target;
  if (!pick.matches("select.pick")) return;
  detail.shouldSwap = false;
  const fresh = [...parse(`<select>${detail.serverResponse}</select>`).querySelectorAll("option")];
  const said = (options) => options.map((option) => `${option.value} ${option.text}`).join("\n");
  if (detail.xhr.status !== 200 || said(fresh) === said([...pick.options])) return;
  const chosen = pick.value;
  if (chosen && !fresh.some((option) => option.value === chosen)) fresh.push(pick.selectedOptions[0]);
  pick.replaceChildren(...fresh);
  pick.value = chosen;
});

/** The list was swapped since these forms were painted: they mean the one that is there now. */
document.addEventListener("submit", ({ target }) => {
  for (const input of all("[data-this-list]", target)) input.value = location.search;
  for (const input of all("[data-this-address]", target)) input.value = location.pathname + location.search;
}, true);

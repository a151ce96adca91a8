// htmx knows no stream: Manage jobs brought up to date by what the stream tells, and by newer lists.

import { bare, isBusy, isEdited, nameCells, patchCell } from "./cells.js";
import { all, htmx, one, parse, settle } from "./dom.js";
import { countAgain } from "./filters.js";
import { isListAskedFor, showCounts } from "./finder.js";
import { announce } from "./messages.js";
import { closePanel, here } from "./panel.js";
import { presence } from "./presence.js";
import { focusNear, heldInPlace, patchRow, patchTable, stateIn } from "./rows.js";
import { follow, manage, stream } from "./stream.js";

const NARROWING = ["q", "status", "department", "location", "workplace_type", "employment_type", "source", "without", "group"];
const live = { own: 0, changed: new Set(), announced: new Set() };
const wanted = { rows: false, anew: false, timer: null, asking: false }; // what is to be read again
const news = { updated: 0, added: 0, timer: null, silentUntil: 0 }; // what is to be said aloud
const count = new Intl.NumberFormat("en");
const isNarrow = () => NARROWING.some((name) => new URLSearchParams(location.search).get(name));
const rowOf = (id) => one(`table.jobs tr[data-job-id="${id}"]`);

/** Put an element of a newer answer in the place of the one here, if it says anything else. */
function replace(element, fresh) {
  if (!element || !fresh || bare(element) === bare(fresh)) return;
  const focused = element.contains(document.activeElement) && document.activeElement.id;
  for (const menu of all("details[open]", element)) one(`#${menu.id}`, fresh)?.setAttribute("open", "");
  element.replaceWith(fresh);
  settle(fresh);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

/** Ask for this very list again and bring it up to date: one request at a time, whatever the reasons. */
export function refreshSoon(rows, anew = false, delay = 250) {
  wanted.rows ||= rows;
  wanted.anew ||= anew;
  wanted.timer ??= setTimeout(refresh, delay);
}
/** What everybody hears at once is not asked about by everybody at once. */
const apart = () => 250 + Math.random() * 750;
async function refresh() {
  if (wanted.asking || isListAskedFor()) return (wanted.timer = setTimeout(refresh, 100)); // answers that overtake each other would lie
  const { rows, anew } = wanted;
  const [address, before] = [here(), one("#list")];
  Object.assign(wanted, { rows: false, anew: false, timer: null, asking: true });
  const answer = await ask(address, "jobs");
  wanted.asking = false;
  if (answer === undefined) return refreshSoon(rows, anew, 5000);
  const list = answer && one("#list", answer);
  if (!list || !manage()) return;
  if (address !== here() || before !== one("#list") || isListAskedFor()) return refreshSoon(rows, anew); // another list is shown or on its way
  replace(one("#views"), one("#views", answer));
  showCounts(list);
  if (rows) showRows(list, anew);
  if (isBehind(list)) refreshSoon(rows, anew);
}
function showRows(list, anew) {
  countAgain();
  const [body, next] = [one("#list table.jobs tbody"), one("table.jobs tbody", list)];
  if (anew) one("#list-changed").hidden = true;
  if (body && (next || !anew)) {
    heldInPlace(() => {
      const added = patchTable(body, next ?? document.createElement("tbody"), live.changed, anew);
      if (!anew) countNews("added", added);
    });
  }
  if (!next && !anew && body?.rows.length || isEdited(one("#list"))) return; // the last rows to leave fade where they are
  live.changed.clear();
  if (!body || !next) {
    const box = one("#list input[name=job_id]:focus");
    replace(one("#list"), list);
    if (box) focusNear(box);
    return;
  }
  const words = one("[data-every]", list);
  if (words && one("[data-every]")) one("[data-every]").textContent = words.textContent;
  replace(one("#list > .pages"), one(".pages", list));
}

/** Whether a list was read before a change that this page has heard of already. */
const isBehind = (list) => Number(list.dataset.revision) < stream.cursor;

async function ask(address, target) {
  const headers = { "HX-Request": "true", "HX-Target": target, "X-Background": "true" }; // it prolongs no sign-in
  const answer = await fetch(address, { headers, signal: AbortSignal.timeout(30000) }).catch(() => null);
  if (!answer) return undefined; // the line is dead or slow
  if (!answer.ok || answer.status !== 200) return null;
  const page = parse(await answer.text());
  nameCells(page);
  return page;
}

/** The open panel follows its job as the row does. */
export async function patchPanel(row) {
  const panel = one("#panel .panel");
  if (panel?.dataset.job !== row.dataset.jobId || Number(panel.dataset.revision) >= Number(row.dataset.revision)) return;
  const fresh = one(".panel", (await ask(here(panel.dataset.job), "panel")) ?? document.createElement("div"));
  if (!fresh || !panel.isConnected || Number(fresh.dataset.revision) < Number(panel.dataset.revision)) return;
  const parts = (root) => all("[data-field], [data-part]", root);
  const key = (part) => part.dataset.field ?? part.dataset.part;
  if (parts(panel).map(key).join() !== parts(fresh).map(key).join()) return isEdited(panel) || replace(panel, fresh);
  panel.dataset.revision = fresh.dataset.revision;
  panel.ariaLabel = fresh.ariaLabel;
  parts(panel).forEach((part, place) => patchCell(part, parts(fresh)[place]));
}

const handlers = {
  presence,
  rows(page) {
    nameCells(page);
    for (const fresh of all("tr[data-job-id]", page)) {
      const row = rowOf(fresh.dataset.jobId);
      if ("gone" in fresh.dataset) {
        document.dispatchEvent(new CustomEvent("portal:gone", { detail: fresh.dataset.jobId }));
        const panel = one(`#panel .panel[data-job="${fresh.dataset.jobId}"]`);
        if (row && !isEdited(row)) heldInPlace(() => row.remove()); // it was deleted, or paired into another job
        if (panel && !isEdited(panel)) closePanel();
        refreshSoon(isNarrow());
        continue;
      }
      const [state, isOld] = [row && (row.dataset.state ?? stateIn(row)), row && Number(fresh.dataset.revision) <= Number(row.dataset.revision)];
      patchPanel(fresh);
      if (row && patchRow(row, fresh) && !isOld) countNews("updated");
      if (row && isBusy(row)) whenAnswered(() => refreshSoon(true)); // what answers it may have been read before
      if (isOld) continue;
      if (row) live.changed.add(row.dataset.jobId);
      if (!row || isNarrow() || state !== row.dataset.state) refreshSoon(!row || isNarrow(), false, apart());
    }
  },
  list(_page, revision) {
    if (!one("table.jobs")) return refreshSoon(true);
    if (revision <= live.own) return refreshSoon(true, true);
    one("#list-changed").hidden = false;
    one("#list-changed").dataset.revision = revision;
  },
  /** A large change tells how far it is, to this page alone, and its undo on its button; until it does, the bar only says that something is done. */
  bulk(page) {
    const [token, done, total] = page.body.textContent.trim().split(" ");
    const words = `${count.format(done)} of ${count.format(total)}`; // an undo counts values: of one job there may be several
    for (const told of all(`form.htmx-request[action$="/edits/${token}/undo"] .asking`)) told.textContent = words;
    const asked = one("#dialog .bulk-sheet form.htmx-request");
    if (asked?.elements.namedItem("progress")?.value !== token) return;
    Object.assign(one("progress", asked), { max: Number(total), value: Number(done) });
    one(".working-told", asked).textContent = `${words} jobs`;
  },
  /** The database was restored: what this page shows may never have been, and revisions begin again at an older one. */
  restored() {
    for (const each of all("#list tr[data-revision], #panel [data-revision]")) each.dataset.revision = -1;
    live.own = 0;
    refreshSoon(true, true);
    const panel = one("#panel .panel");
    if (panel) patchPanel({ dataset: { jobId: panel.dataset.job, revision: Infinity } });
  },
  status(page) {
    const { state, firstImport } = one("#sync-status").dataset;
    const noticed = one("#sync-notices summary")?.textContent.trim();
    for (const fresh of all("#sync-status, #sync-notices", page)) replace(document.getElementById(fresh.id), fresh);
    if (one("#sync-status").dataset.state !== state && !one("table.jobs")) refreshSoon(true); // why there are no jobs
    if (firstImport !== undefined && !("firstImport" in one("#sync-status").dataset)) refreshSoon(true, true); // the page promised them
    for (const run of all("#sync-status [data-announce]")) announceOutcome(run);
    const notice = one("#sync-notices summary")?.textContent.trim();
    if (notice && notice !== noticed) announce(notice);
  },
};

function whenAnswered(then) {
  document.addEventListener("htmx:afterRequest", () => then(), { once: true });
}

/** What others and a sync changed is said once for all of it, and not what this page said itself a moment ago. */
function countNews(kind, number = 1) {
  if (!number) return;
  news[kind] += number;
  clearTimeout(news.timer);
  news.timer = setTimeout(() => {
    const { updated, added } = news;
    Object.assign(news, { updated: 0, added: 0 });
    const words = [updated && `${updated} ${updated === 1 ? "job" : "jobs"} updated`, added && `${added} new`].filter(Boolean);
    if (Date.now() > news.silentUntil) announce(words.join(", "));
  }, 800);
}
const silenceNews = () => (news.silentUntil = Date.now() + 3000);
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig.verb === "post") silenceNews();
});

/** What was done here itself is no news: the list is shown as it is now. */
document.addEventListener("portal:done", ({ detail }) => {
  const bar = one("#list-changed");
  live.own = Math.max(live.own, detail.revision ?? 0);
  if (!bar.hidden && Number(bar.dataset.revision) <= live.own) refreshSoon(true, true);
});

/** A run's outcome is announced once, however often its status is sent. */
function announceOutcome(run, silently) {
  if (!live.announced.has(run.dataset.run) && !silently) {
    announce(run.dataset.announce);
    const status = one("#sync-status");
    status.classList.add("just-run");
    setTimeout(() => status.classList.remove("just-run"), 8000);
    silenceNews();
    refreshSoon(false); // what it holds back counts, and changes no row
  }
  live.announced.add(run.dataset.run);
}

/** A search that could not be asked is asked once the portal is heard of again: a network that is back may not reach it yet. */
document.addEventListener("portal:live", () => {
  const asked = new URLSearchParams(location.search).get("q") ?? "";
  const typed = one("#finder [name=q]")?.value.trim() ?? asked;
  if (typed !== asked) htmx.trigger("#finder", "submit");
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-show-changes]")) refreshSoon(true, true);
});
/** What comes may have been read before a change that the stream told of meanwhile. */
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id === "list" && isBehind(target)) refreshSoon(true);
  const panel = target.id === "panel" && one(".panel", target);
  const row = panel && rowOf(panel.dataset.job);
  if (row) patchPanel(row);
});

all("#sync-status [data-announce]").forEach((run) => announceOutcome(run, true));
follow(handlers);

// A browser pastes into one field: a block pasted into the cells of Manage jobs, or one cell filled into many, shown before it is applied.

import { EDITOR, isBusy, isCovered, isPlain } from "./cells.js";
import { all, one, parse } from "./dom.js";
import { refreshSoon } from "./live.js";
import { announce, toast } from "./messages.js";
import { area, cellFocused, clearRange, columnsShown, isTyping, jobsListed, jobsTicked } from "./range.js";

/** Only this script shows the bar, so no page has to bring it. */
const BAR = `<div class="fill-bar" id="fill" role="group" aria-label="Paste and fill" hidden>
  <strong data-told></strong>
  <button class="btn-soft refused" type="button" data-next title="Go to the next refused cell" hidden></button>
  <span class="why" id="fill-why" data-why></span>
  <span class="rest" data-rest></span>
  <span class="doing">
    <button class="btn-main" type="button" data-good></button>
    <button class="btn-soft" type="button" data-all aria-disabled="true" aria-describedby="fill-why" title="Some cells are refused" hidden>Apply all</button>
    <button class="btn-soft" type="button" data-cancel>Cancel</button>
  </span>
</div>`;
if (one("#blank-editor")) one(".asking-line").insertAdjacentHTML("beforebegin", BAR);
const bar = one("#fill"); // admins alone have one
let preview = null; // what was asked, what the server said of it, and the cell that it began in
let isAsking = false;
let isApplying = false;

const number = new Intl.NumberFormat("en");
const counted = (count, word) => `${number.format(count)} ${word}${count === 1 ? "" : "s"}`;
const part = (name) => one(`[data-${name}]`, bar);

/** The rows and columns of a block, split as the server splits it: a cell in quotes may hold tabs and lines. */
function sizeOf(block) {
  const rows = [[]];
  for (const [, quoted, plain, end] of block.matchAll(/(?:"((?:[^"]|"")*)"(?=\t|\r|\n|$)|([^\r\n\t]*))(\t|\r\n|\r|\n|$)/g)) {
    rows.at(-1).push(quoted || plain);
    if (end !== "\t") rows.push([]);
  }
  rows.pop();
  if (rows.length > 1 && rows.at(-1).length === 1 && !rows.at(-1)[0]) rows.pop(); // what follows the end of the last row
  return [rows.length, Math.max(...rows.map((row) => row.length))];
}

/** Ask what would become of the cells, and show it; one cell alone is changed at once. */
function fill(at, entries, jobs, fields, lost = "") {
  const cells = [...jobs.map((job) => ["job_id", job]), ...fields.map((field) => ["field", field])];
  ask({ at, entries: [...entries, ...cells], lost }, jobs.length * fields.length === 1 && !lost ? "all" : "");
}
async function ask(wanted, apply, seen) {
  if (isAsking) return;
  isAsking = true;
  isApplying = !!apply;
  bar.ariaBusy = "true";
  const body = new URLSearchParams(wanted.entries);
  if (apply) body.set("apply", apply);
  if (seen) body.set("seen", seen);
  const headers = { ...JSON.parse(document.body.getAttribute("hx-headers") ?? "{}"), "HX-Request": "true" };
  const list = one("#list");
  const answer = await fetch("paste", { method: "POST", headers, body }).catch(() => null);
  const text = await answer?.text().catch(() => null);
  isAsking = isApplying = false;
  bar.ariaBusy = null;
  if (!answer || text === null || text === undefined) return toast("The portal cannot be reached. Try again in a moment.", true);
  if (answer.headers.get("HX-Redirect")) return toast("You are signed out. Reload the page and sign in again.", true);
  if (!answer.headers.get("Content-Type")?.startsWith("application/json")) return toast(parse(text).body.textContent.trim().slice(0, 300), true);
  const said = JSON.parse(text);
  if (said.applied && said.changes) finish(said);
  else if (list !== one("#list")) toast("Another list was opened meanwhile: nothing was changed.", true);
  else if (said.changes || said.refused) show({ ...wanted, said });
  else {
    close();
    toast(["Nothing would change: the cells hold this already.", wanted.lost].filter(Boolean).join(" "));
  }
}
/** Leaving would cut off a large block on its way, of which nothing is changed then, or the word of what was. */
addEventListener("beforeunload", (event) => isApplying && event.preventDefault());
/** The rows follow as after any change that was made here. */
function finish({ toast: note, said, revision }) {
  close();
  clearRange();
  one("#toasts").insertAdjacentHTML("beforeend", note);
  announce(said);
  refreshSoon(true, false, 0);
  document.body.dispatchEvent(new CustomEvent("portal:done", { detail: { revision }, bubbles: true }));
}

function show(next) {
  preview = next;
  const { changes, refused, skipped, said } = next.said;
  const words = changes ? `${counted(changes, "value")} would change` : "Nothing would change";
  const rest = [skipped && `${counted(skipped, "cell")} of columns that are not edited here`, next.lost].filter(Boolean);
  part("told").textContent = words;
  part("next").textContent = `${number.format(refused)} refused`;
  part("next").hidden = !refused;
  part("rest").textContent = rest.join(" · ");
  part("good").hidden = !changes;
  part("good").textContent = refused ? `Apply the ${number.format(changes)} good ${changes === 1 ? "one" : "ones"}` : `Apply ${changes === 1 ? "it" : `all ${number.format(changes)}`}`;
  part("all").hidden = !(refused && changes);
  bar.hidden = false;
  paint();
  const first = next.said.cells.find((cell) => cell.state === "refused");
  explain(said || (first ? `${first.text}: ${first.reason}` : ""));
  announce([said, words, refused && `${refused} refused`, ...rest, "Enter applies, Escape cancels"].filter(Boolean).join(", "));
}
function explain(words) {
  part("why").textContent = part("why").title = words;
}
function close() {
  const isHere = bar.contains(document.activeElement);
  const at = preview?.at;
  preview = null;
  bar.hidden = true;
  paint();
  if (isHere && at?.isConnected) one("a.title, button[name]:enabled:not(.differs)", at)?.focus({ preventScroll: true });
}

/** Write into each cell what would stand there; rows that are patched meanwhile are marked again. */
const MARKED = "[data-field]:is(.fill-good, .fill-bad)";
const key = (job, field) => `tr[data-job-id="${job}"] > [data-field="${field}"], #panel [data-job="${job}"] [data-field="${field}"]`;
function paint() {
  const marked = new Set();
  for (const each of preview?.said.cells ?? []) {
    for (const cell of all(key(each.job_id, each.field))) {
      if (one(EDITOR, cell)) continue;
      mark(cell, each);
      marked.add(cell);
    }
  }
  for (const cell of all(MARKED)) {
    if (marked.has(cell)) continue;
    cell.classList.remove("fill-good", "fill-bad");
    delete cell.dataset.says;
    one("ins", cell)?.remove();
  }
}
function mark(cell, { state, text, before, after, reason }) {
  const isGood = state === "change";
  const words = (isGood ? after : text) || "Empty";
  cell.classList.toggle("fill-good", isGood);
  cell.classList.toggle("fill-bad", !isGood);
  cell.dataset.says = isGood ? `${before || "Empty"} → ${words}` : `${words} is refused: ${reason}`;
  const shown = one("ins", cell) ?? cell.appendChild(document.createElement("ins"));
  if (shown.textContent !== words) shown.textContent = words;
}
if (bar) new MutationObserver(() => preview && paint()).observe(one("#manage"), { childList: true, subtree: true });
document.addEventListener("htmx:afterSwap", ({ target }) => preview && target.id === "list" && close());
document.addEventListener("focusin", ({ target }) => {
  const cell = preview && target.closest(MARKED);
  if (!cell) return;
  explain(cell.dataset.says);
  announce(cell.dataset.says);
});
/** Go to the next refused cell, behind the one where the focus was. */
let refusedLast = null;
function goToRefused() {
  const cells = all("[data-field].fill-bad");
  refusedLast = cells[(cells.indexOf(refusedLast) + 1) % cells.length];
  refusedLast?.scrollIntoView({ block: "center", inline: "nearest" });
  one("a.title, button[name]:enabled:not(.differs)", refusedLast)?.focus({ preventScroll: true });
}

function apply(isAll = false) {
  if (!preview.said.changes || (isAll && preview.said.refused)) return;
  ask(preview, preview.said.refused ? "good" : "all", preview.said.seen);
}
bar?.addEventListener("click", ({ target }) => {
  if (!preview || isAsking) return;
  if (target.closest("[data-good]")) apply();
  else if (target.closest("[data-next]")) goToRefused();
  else if (target.closest("[data-cancel]")) close();
});
/** While a preview stands, its cells are looked at: no click and no letter opens an editor under it. */
document.addEventListener("click", (event) => {
  const cell = preview && event.target.closest("#list tbody [data-field]");
  if (!cell) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (cell.dataset.says) explain(cell.dataset.says);
}, true);
document.addEventListener("keydown", (event) => {
  const { key: name, target } = event;
  if (!preview || event.defaultPrevented || isCovered() || isTyping()) return;
  if (name === "Escape") close();
  else if (bar.contains(target) || !isPlain(event)) return;
  else if (name === "Enter") apply();
  else if (!target.closest("#list, #panel") || (name.length > 1 && !["F2", "Delete", "Backspace"].includes(name))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

/** Lay a block from a cell on; over a range that it fits into some times, as often. */
function paste(block) {
  const chosen = area();
  const cell = cellFocused();
  const [height, width] = sizeOf(block);
  if (chosen && chosen.jobs.length % height === 0 && chosen.fields.length % width === 0) {
    return fill(cell, [["block", block], ["fill", "1"]], chosen.jobs, chosen.fields);
  }
  let [jobs, fields] = [[cell?.closest("[data-job]")?.dataset.job], [cell?.dataset.field]];
  if (chosen || cell.matches("tr > *")) {
    [jobs, fields] = [jobsListed(), columnsShown()];
    jobs = jobs.slice(jobs.indexOf(chosen?.jobs[0] ?? cell.parentElement.dataset.jobId));
    fields = fields.slice(fields.indexOf(chosen?.fields[0] ?? cell.dataset.field));
  }
  const [down, across] = [Math.max(0, height - jobs.length), Math.max(0, width - fields.length)];
  const lost = [down && counted(down, "row"), across && counted(across, "column")].filter(Boolean).join(" and ");
  const instead = down && one("#page-next") ? " on this page: list more jobs a page, or import a CSV file" : "";
  fill(cell, [["block", block]], jobs.slice(0, height), fields.slice(0, width), lost && `${lost} did not fit${instead}`);
}
document.addEventListener("paste", (event) => {
  const cell = cellFocused();
  if (!bar || isCovered() || isTyping() || !(cell || area()) || (cell && isBusy(cell))) return;
  event.preventDefault();
  const block = event.clipboardData?.getData("text/plain") ?? "";
  if (block) paste(block);
  else toast("There is no text to paste.", true);
});

/** Ctrl+D fills the first row of the range down, or the cell above into this one; or the cell into all ticked jobs. */
function fillDown(cell) {
  const chosen = area();
  const ticked = [...jobsTicked(), ...all("#bulk [data-elsewhere]").map(({ value }) => value)];
  const field = cell?.dataset.field;
  if (chosen?.jobs.length > 1) return fill(cell, [["source", chosen.jobs[0]]], chosen.jobs.slice(1), chosen.fields);
  const job = chosen?.jobs[0] ?? cell.parentElement.dataset.jobId;
  if (ticked.length && !chosen) {
    if (one("#bulk input[name=all]")?.checked) return toast("Ctrl+D fills the jobs that are selected one by one. Choose Set… to change all of them.", true);
    const others = ticked.filter((each) => each !== job);
    return others.length ? fill(cell, [["source", job]], others, [field]) : undefined;
  }
  const above = jobsListed()[jobsListed().indexOf(job) - 1];
  if (above) fill(cell, [["source", above]], [job], chosen?.fields ?? [field]);
  else announce("There is no row above to fill from.");
}
document.addEventListener("keydown", (event) => {
  const { key: name, ctrlKey, metaKey, shiftKey, altKey } = event;
  const cell = cellFocused();
  if (!bar || preview || isCovered() || isTyping() || shiftKey || altKey || (!cell?.matches("tr > *") && !area())) return;
  if ((ctrlKey || metaKey) && name.toLowerCase() === "d") fillDown(cell);
  else if ((name === "Delete" || name === "Backspace") && isPlain(event) && area()) {
    fill(cell, [["block", "\n"], ["fill", "1"]], area().jobs, area().fields);
  } else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

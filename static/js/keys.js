// HTML's access keys need a modifier: single letters that work on the rows of Manage jobs. None does anything in a field or a menu.

import { keep } from "./account.js";
import { boxes, isCovered, isPlain, rows, VALUE } from "./cells.js";
import { all, one } from "./dom.js";
import { announce, toast } from "./messages.js";
import { walk } from "./panel.js";
import { OFFLINE } from "./stream.js";

let last = null; // the row that was gone to last, while the focus is elsewhere

let isOff = "noKeys" in document.documentElement.dataset; // chosen in the account

/** A letter is for who is at a row, or nowhere: in a cell it is typed. */
const PLACES = "body, #content, #panel .panel, .panel > header *, table.jobs a.title, table.jobs :is(input[type=checkbox], .group-name)";
const isMeant = (event) => !event.defaultPrevented && isPlain(event) && event.target.matches(PLACES) && !isCovered();

/** The row that the focus is in, or was in when keys last led to one. */
function current() {
  const job = one("#panel .panel")?.dataset.job ?? last;
  return document.activeElement.closest?.("table.jobs tr[data-job-id]") ?? rows().find((row) => row.dataset.jobId === job);
}

/** Go some rows down, or to the first or last of them; an open panel goes from job to job. */
function step(by) {
  if (one("#panel .panel")) return walk(by);
  const list = rows();
  const place = list.indexOf(current());
  const heading = document.activeElement.closest("tr.group");
  const next = heading ? besides(heading, list, by) : place < 0 ? 0 : place + by;
  const row = list[Math.min(Math.max(next, 0), list.length - 1)];
  if (!row) return;
  last = row.dataset.jobId;
  const title = one("a.title", row);
  title.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

/** The place of the first row below the heading of a group, or of the last one above it. */
function besides(heading, list, by) {
  const above = list.filter((row) => heading.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_PRECEDING).length;
  return by > 0 ? above : above - 1;
}

/** Edit the first cell of the row that can be: an editor takes the focus only from its own cell. */
function editFirst() {
  const place = one("#panel .panel") ?? current();
  const button = place && one(`${VALUE}:enabled`, place);
  button?.focus({ preventScroll: true });
  button?.click();
}

/** Select the row, or all from the one selected last to it. */
function selectRow(asRange) {
  const row = document.activeElement.closest("tr.group") ?? current();
  const box = row && one(".c-select input", row);
  box?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: asRange }));
}

/** Decide who sees a new job; its row may leave the list, so the focus goes on to the next one. */
const decide = (visibility) => current() && one(`.decide [name=${visibility}]:enabled`, current())?.click();
function goOnFrom(row) {
  const list = rows();
  const next = list[list.indexOf(row) + 1] ?? list[list.indexOf(row) - 1];
  (next ? one("a.title", next) : one("#views [aria-current=page]"))?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}
document.addEventListener("submit", ({ target, submitter }) => target.id === "review" && goOnFrom(submitter.closest("tr")));

/** Go to what can be done with the selected rows. */
function goToBar() {
  const button = all("#bulk .doing button").find((each) => each.checkVisibility());
  if (button && boxes().some((box) => box.checked)) button.focus();
  else announce("Select a job first, with x.");
}

/** Show the sheet of all keys, which is asked for once; who has pressed something else meanwhile has gone on. */
const sheet = one("#keys");
let pressed = 0;
for (const name of ["keydown", "pointerdown"]) addEventListener(name, () => pressed++, true);
async function showSheet() {
  const before = pressed;
  if (!sheet.firstElementChild) {
    const headers = { "HX-Request": "true", "HX-Target": sheet.id };
    const answer = await fetch(location.pathname, { headers }).catch(() => null);
    if (!answer?.ok || answer.headers.get("HX-Redirect")) return toast(answer ? "Reload the page to see its keys." : OFFLINE, true);
    sheet.innerHTML = await answer.text();
  }
  one("input", sheet).checked = !isOff;
  if (pressed === before && !sheet.open) sheet.showModal();
}

const keys = {
  "/": () => one("#finder [name=q]")?.select(),
  j: () => step(1),
  k: () => step(-1),
  e: editFirst,
  x: () => selectRow(false),
  X: () => selectRow(true),
  b: goToBar,
  s: () => decide("shown"),
  m: () => decide("members"),
  h: () => decide("hidden"),
  Enter: () => current() && one("a.title", current()).click(),
  r: () => one(".sync-arrow button")?.checkVisibility() && one(".sync-arrow button").click(),
  n: () => one("#more-menu a[href$='/jobs/new'], .acts a[href$='/jobs/new']")?.click(),
  "?": showSheet,
};

document.addEventListener("keydown", (event) => {
  if (isOff || !Object.hasOwn(keys, event.key) || !isMeant(event)) return;
  if (event.key === "Enter" && event.target !== document.body) return; // what has the focus does what it does
  if (event.repeat && "smh".includes(event.key)) return; // a key held down must not decide about one job after the other
  event.preventDefault();
  keys[event.key]();
});
document.addEventListener("focusin", ({ target }) => (last = target.closest("table.jobs tr[data-job-id]")?.dataset.jobId ?? last));
/** The sheet gives the focus back to where it was: not to the entry of a menu that has closed. */
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-keys]")) return;
  one("#more-menu").hidePopover();
  one("#more-actions").focus();
  showSheet();
});
sheet.addEventListener("change", ({ target }) => {
  isOff = !target.checked;
  document.documentElement.toggleAttribute("data-no-keys", isOff);
  keep("/account/keys", { keys: isOff ? "off" : "on" });
});

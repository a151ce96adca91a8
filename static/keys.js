// The keys of Manage jobs: HTML's tables know no arrows, and a button no typing. None does anything in a field or a menu.

/** What is typed, and no combination: AltGr makes letters. */
const isPlain = (event) =>
  !event.isComposing && event.keyCode !== 229 && ((!event.ctrlKey && !event.metaKey && !event.altKey) || event.getModifierState("AltGraph"));
const isCovered = () => !!one("dialog[open], :popover-open, details.drop[open]");

/** Arrows, Home and End go from cell to cell: within the row, and in the same column of the rows around it. */
const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];
const CELL = "table.jobs tr[data-job-id] > *, #panel .job-facts [data-field]";
const STOPS = "input[name=job_id], a.title, button.value:enabled, button.gap:enabled";
const isSeen = (node) => node.checkVisibility({ visibilityProperty: true }); // a narrow page lays the job over the list
const rows = () => all("table.jobs tbody tr[data-job-id]").filter(isSeen);
function moveFrom(cell, key) {
  const isUpright = key === "ArrowUp" || key === "ArrowDown";
  let line = [...cell.parentElement.children];
  if (!cell.matches("tr > *")) line = isUpright || key === "Home" || key === "End" ? all("[data-field]", cell.closest("dl")) : [cell];
  else if (isUpright) line = rows().map((row) => row.cells[cell.cellIndex]);
  const place = line.indexOf(cell);
  const ahead = { ArrowLeft: line.slice(0, place).reverse(), ArrowRight: line.slice(place + 1), Home: line, End: line.toReversed() };
  const cells = ahead[{ ArrowUp: "ArrowLeft", ArrowDown: "ArrowRight" }[key] ?? key];
  const stop = cells.map((each) => all(STOPS, each).find(isSeen)).find(Boolean);
  stop?.focus({ preventScroll: true });
  (stop?.closest("tr") ?? stop)?.scrollIntoView({ block: "nearest" });
  return !!stop;
}

/** Type in a cell: a letter takes the place of what stands there, F2 and Enter edit it. False where it is no use. */
function pressInCell(button, event) {
  const { key } = event;
  const cell = button.closest(CELL);
  if (cell && MOVES.includes(key)) return moveFrom(cell, key) || true;
  if (cell && key === "F2" && button.matches("a.title")) button = one("button.pencil:enabled", cell);
  if (!cell || !button?.matches("button.value")) return false;
  const isTyping = (key.length === 1 && key !== " ") || key === "Backspace" || key === "Delete";
  if (!isTyping) {
    if (!["F2", "Enter", " "].includes(key)) return false;
    button.click();
  } else if (opensAtOnce(button, true)) {
    const isDate = kindOf(button) === "date";
    const input = openAtOnce(button, !isDate || key.length > 1);
    if (isDate && key.length === 1) return "natively"; // its parts take no script
    if (key.length === 1) write(input, key);
  } else {
    keysWaiting.push(event);
    button.click();
    if (!isOnItsWay(button)) keysWaiting.length = 0;
  }
  return true;
}
document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (event.defaultPrevented || !isPlain(event) || !target.closest(CELL) || target.closest("form.editor-form") || isCovered()) return;
  if (key === "Enter" || key === " " || (event.shiftKey && key.length > 1)) return; // a button, a link and a box know these
  if (pressInCell(target, event) === true) event.preventDefault();
});

{
  let last = null; // the row that was gone to last, while the focus is elsewhere

  /** Storage may be blocked: then the choice lasts for this page. */
  const stored = () => {
    try {
      return localStorage.getItem("keys");
    } catch {
      return null;
    }
  };
  let isOff = stored() === "off";

  /** A letter is for who is at a row, or nowhere: in a cell it is typed. */
  const PLACES = "body, #content, #panel .panel, table.jobs a.title, table.jobs input[type=checkbox]";
  const isMeant = (event) => !event.defaultPrevented && isPlain(event) && event.target.matches(PLACES) && !isCovered();

  /** The row that the focus is in, or was in when keys last led to one. */
  const current = () => document.activeElement.closest?.("table.jobs tr[data-job-id]") ?? rows().find((row) => row.dataset.jobId === last);

  /** Go some rows down, or to the first or last of them. */
  function step(by) {
    const list = rows();
    const place = list.indexOf(current());
    const row = list[place < 0 ? 0 : Math.min(Math.max(place + by, 0), list.length - 1)];
    if (!row) return;
    last = row.dataset.jobId;
    const title = one("a.title", row);
    title.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  /** Edit the first cell of the row that can be: an editor takes the focus only from its own cell. */
  function editFirst() {
    const button = current() && one("button.value:enabled", current());
    button?.focus({ preventScroll: true });
    button?.click();
  }

  /** Select the row, or all from the one selected last to it. */
  function selectRow(asRange) {
    const box = current() && one("input[name=job_id]", current());
    box?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: asRange }));
  }

  /** Go to what can be done with the selected rows. */
  function goToBar() {
    const button = all("#bulk .doing button").find((each) => each.checkVisibility());
    if (button && boxes().some((box) => box.checked)) button.focus();
    else announce("Select a job first, with x.");
  }

  /** Show the sheet of all keys. */
  const sheet = one("#keys");
  function showSheet() {
    one("input", sheet).checked = !isOff;
    sheet.showModal();
  }

  const keys = {
    "/": () => one("#finder [name=q]")?.select(),
    j: () => step(1),
    k: () => step(-1),
    e: editFirst,
    x: () => selectRow(false),
    X: () => selectRow(true),
    b: goToBar,
    Enter: () => current() && one("a.title", current()).click(),
    r: () => one(".sync-arrow button")?.checkVisibility() && one(".sync-arrow button").click(),
    "?": showSheet,
  };

  document.addEventListener("keydown", (event) => {
    if (isOff || !Object.hasOwn(keys, event.key) || !isMeant(event)) return;
    if (event.key === "Enter" && event.target !== document.body) return; // what has the focus does what it does
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
    try {
      localStorage.setItem("keys", isOff ? "off" : "on");
    } catch {
      // storage is blocked
    }
  });
}

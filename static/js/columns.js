// HTML's columns cannot be dragged wider, nor its lists put in order: the columns of Manage jobs, as wide and in the order that one likes.

import { cards } from "./cells.js";
import { all, one } from "./dom.js";
import { refreshSoon } from "./live.js";
import { announce, toast } from "./messages.js";

const [NARROWEST, WIDEST, STEP, STRIDE] = [64, 640, 8, 40];
const LEAST_TITLE = 240;
const HEADINGS = "#list thead th:not(.c-select, .c-title, .undecided .c-state)"; // among new jobs the state has a width of its own
const GRIP = "[role=separator]";
const form = one("#columns");
const list = one("ol", form);
const nameOf = (heading) => heading.classList[0].slice(2); // c-salary
const columnOf = (grip) => one(`#list col.c-${nameOf(grip.parentElement)}`);

/** Each heading but the title's, which takes what is left, ends in a grip; it says how wide the column is. */
function showGrips() {
  const headings = cards.matches ? [] : all(HEADINGS);
  for (const heading of headings.filter((each) => !one(GRIP, each))) {
    const grip = heading.appendChild(document.createElement("span"));
    heading.ariaLabel = heading.textContent; // not the grip's as well
    Object.assign(grip, { role: "separator", tabIndex: 0, title: "Drag to resize, double click for the usual width" });
    Object.assign(grip, { ariaOrientation: "vertical", ariaLabel: `Width of ${heading.textContent}`, ariaValueMin: NARROWEST, ariaValueMax: WIDEST });
  }
  keepTitle();
  const widths = headings.map((heading) => Math.round(heading.offsetWidth)); // all are measured before any is written
  headings.forEach((heading, place) => {
    const grip = one(GRIP, heading);
    if (grip.ariaValueNow !== `${widths[place]}`) Object.assign(grip, { ariaValueNow: widths[place], ariaValueText: `${widths[place]} pixels` });
  });
}
/** Chromium keeps the least width of a column in a table of fixed layout by itself. */
function keepTitle() {
  const [title, table] = [one("#list thead .c-title"), one("table.jobs")];
  if (!title || cards.matches) return;
  const missing = LEAST_TITLE - title.offsetWidth;
  if (missing > 0) table.style.minWidth = `${table.offsetWidth + missing}px`;
}
let isShowing = false;
function showSoon() {
  if (isShowing) return;
  isShowing = true;
  requestAnimationFrame(() => {
    isShowing = false;
    showGrips();
  });
}
new MutationObserver(showSoon).observe(one("#manage"), { childList: true, subtree: true });
addEventListener("resize", showSoon);
showGrips();

/** What has been resized is sent a moment later, as one; also by a page that is being left. */
const unsent = new Map();
let view = null; // in which it was: another one may be open by then
let timer = null;
const openView = () => new URLSearchParams(location.search).get("view");
function send() {
  clearTimeout(timer);
  if (!unsent.size) return;
  const body = new URLSearchParams([...unsent].map(([name, width]) => ["width", `${name}:${width}`]));
  unsent.clear();
  const within = view;
  if (within) body.set("view", within);
  const headers = { ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true" };
  fetch(form.dataset.widths, { method: "POST", headers, body, keepalive: true }).then(
    ({ status }) => {
      if (status !== 204) toast("The width was not saved. Reload the page and try again.", true);
      else if (within && within === openView()) refreshSoon(false, false, 0); // which offers to save it to the view
    },
    () => toast("The width was not saved: the portal cannot be reached.", true),
  );
}
addEventListener("pagehide", send);

/** Make a column as wide as it may be; no width is the usual one. What is saved alike is shown alike: the list scrolls by itself. */
function resize(grip, wanted) {
  const width = wanted === null ? "" : Math.round(Math.min(Math.max(wanted, NARROWEST), WIDEST));
  const [column, area, top] = [columnOf(grip), one("#list"), scrollY];
  if (width) column.setAttribute("width", width);
  else column.removeAttribute("width");
  if (!area.matches(".broad")) {
    area.classList.add("broad");
    area.scrollTop = top;
  }
  const table = one("table.jobs");
  table.style.minWidth = "";
  if (drag && width) table.style.width = `${drag.table + width - drag.width}px`;
  showGrips();
  if (view !== openView()) send();
  view = openView();
  unsent.set(nameOf(grip.parentElement), width);
  clearTimeout(timer);
  timer = setTimeout(send, 600);
}
/** Titles say what is cut, and a panel which columns it covers. */
const resized = () => dispatchEvent(new Event("resize"));

/** The grip that is dragged, how wide its column and the table were, and where the pointer was and is. Until it is let go the
 * title keeps its width, so that the edge stays under the pointer: then the title yields, or takes the room. */
let drag = null;
function letGo() {
  drag = null;
  one("table.jobs").style.width = "";
  showGrips();
}
function follow() {
  if (!drag) return;
  const wanted = () => drag.width + drag.now - drag.from;
  if (drag.now >= innerWidth - 2 && wanted() < WIDEST) drag.from -= 4; // beyond the window's edge there is nowhere to drag to
  resize(drag.grip, wanted());
  if (drag.now >= innerWidth - 2) requestAnimationFrame(follow);
}
document.addEventListener("pointerdown", (event) => {
  const grip = event.button === 0 && event.target.closest(`#list ${GRIP}`);
  if (!grip) return;
  event.preventDefault(); // no text is selected
  grip.focus({ preventScroll: true });
  grip.setPointerCapture(event.pointerId);
  const before = columnOf(grip).getAttribute("width");
  const [width, table] = [grip.parentElement.offsetWidth, one("table.jobs").offsetWidth];
  drag = { grip, before, width, table, from: event.clientX, now: event.clientX };
});
document.addEventListener("pointermove", (event) => {
  if (!drag || event.clientX === drag.now) return;
  const isBeyond = drag.now >= innerWidth - 2;
  drag.now = event.clientX;
  if (!isBeyond) follow();
});
document.addEventListener("lostpointercapture", () => {
  if (!drag) return;
  letGo();
  send();
  resized();
});
document.addEventListener("dblclick", ({ target }) => {
  const grip = target.closest(`#list ${GRIP}`);
  if (!grip) return;
  resize(grip, null);
  resized();
});
document.addEventListener("keydown", (event) => {
  const { key, target, shiftKey } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || !target.matches(`#list ${GRIP}`)) return;
  const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (by) resize(target, target.parentElement.offsetWidth + by * (shiftKey ? STRIDE : STEP));
  else if (key === "Home" || key === "Enter") resize(target, null);
  else if (key === "Escape" && drag) resize(target, drag.before), letGo();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
  resized();
}, true);

/** The list of columns shows those that were chosen, once it is opened: another view may stand there by now, and have no table. */
function readChosen() {
  const shown = one("#list").dataset.columns.split(" ").filter(Boolean);
  const names = [...shown];
  let before = -1;
  for (const name of list.dataset.usual.split(" ")) {
    if (!names.includes(name)) names.splice(before + 1, 0, name); // hidden: behind the column that it usually follows
    before = names.indexOf(name);
  }
  list.append(...names.map((name) => one(`#column-${name}`, list)));
  for (const box of all("input", list)) box.checked = shown.includes(box.value);
}
form.closest("details").addEventListener("toggle", ({ target }) => target.open && readChosen());

/** Put a column before or behind another one, and say where it stands. */
function move(item, place) {
  const others = [...list.children].filter((each) => each !== item);
  if (place === [...list.children].indexOf(item)) return;
  list.insertBefore(item, others[place] ?? null);
  announce(`${one("label", item).textContent.trim()}: ${place + 1} of ${list.children.length}`);
}
list.addEventListener("click", (event) => {
  const button = event.target.closest("[name=move]");
  if (!button) return;
  const [items, item] = [[...list.children], button.closest("li")];
  move(item, Math.min(Math.max(items.indexOf(item) + (button.value === "up" ? -1 : 1), 0), items.length - 1));
  button.focus();
});
let carried = null;
for (const item of list.children) {
  item.prepend(Object.assign(document.createElement("i"), { className: "carry" }));
  for (const [value, textContent] of [["up", "↑"], ["down", "↓"]]) {
    const ariaLabel = `${one("label", item).textContent.trim()} ${value}`;
    item.append(Object.assign(document.createElement("button"), { type: "button", name: "move", value, textContent, ariaLabel }));
  }
}
list.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || !event.target.matches(".carry")) return;
  event.preventDefault();
  list.setPointerCapture(event.pointerId); // the item itself would lose it where it is put
  carried = event.target.parentElement;
  carried.classList.add("carried");
});
list.addEventListener("pointermove", ({ clientY }) => {
  if (!carried) return;
  const others = [...list.children].filter((each) => each !== carried);
  const middle = ({ top, height }) => top + height / 2;
  move(carried, others.filter((each) => middle(each.getBoundingClientRect()) < clientY).length);
});
list.addEventListener("lostpointercapture", () => {
  carried?.classList.remove("carried");
  carried = null;
});

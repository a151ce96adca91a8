// Nothing in a stream says where its reader is: this page says which job it has open or edits, and marks where the others are.

import { EDITOR, cellOf, jobOf } from "./cells.js";
import { all, one } from "./dom.js";
import { manage } from "./stream.js";

const AGAIN_MS = 6000; // the server takes somebody for gone who says nothing for 13 seconds
const me = one("#presence"); // admins have it
const page = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
const said = { job: "", field: "", at: 0 };
let others = [];

/** Where this page's reader is: at the field that they edit, or else at the job that they have open. */
function position() {
  if (document.hidden) return { job: "", field: "" };
  const cell = all(EDITOR).map(cellOf).find((cell) => cell && jobOf(cell));
  if (cell) return { job: jobOf(cell), field: cell.dataset.field };
  return { job: one("#panel .panel")?.dataset.job ?? "", field: "" };
}
function say({ job, field }) {
  Object.assign(said, { job, field, at: Date.now() });
  const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
  const headers = { "X-CSRFToken": token, "X-Background": "true" }; // it prolongs no sign-in
  const body = new URLSearchParams({ page, job, field });
  fetch(me.dataset.address, { method: "POST", headers, body, keepalive: true, redirect: "manual" }).catch(() => {});
}
/** Whatever opened or closed an editor or a job meanwhile; so nobody says more than one thing a second. */
function check() {
  const { job, field } = position();
  const isNews = job !== said.job || field !== said.field;
  if (isNews || (job && Date.now() - said.at >= AGAIN_MS)) say({ job, field });
  if (!manage().matches("[data-live]")) others = []; // what is known is old
  draw();
}

/** The stream says who is where, and means everybody: the reader is no news to themselves. */
export function presence(told) {
  if (!me) return;
  others = all("li", told).filter((each) => each.dataset.user !== me.dataset.user);
  draw();
}
function draw() {
  const marks = new Map(); // cell: who is there
  for (const each of others) {
    const { job, field } = each.dataset;
    const row = one(`table.jobs tr[data-job-id="${job}"]`);
    const cells = [row && (one(`[data-field="${field}"]`, row) ?? one('[data-field="title"]', row))];
    if (field) cells.push(one(`#panel .panel[data-job="${job}"] [data-field="${field}"]`));
    for (const cell of cells) if (cell) marks.set(cell, [...(marks.get(cell) ?? []), each]);
  }
  for (const cell of all("[data-present]")) if (!marks.has(cell)) for (const name of ["present", "who", "edits"]) delete cell.dataset[name];
  for (const [cell, here] of marks) {
    const more = here.length > 2 ? ` +${here.length - 2}` : "";
    set(cell, "present", here.slice(0, 2).map((each) => each.dataset.initials).join(" ") + more);
    set(cell, "who", here.map((each) => each.textContent).join(", "));
    cell.toggleAttribute("data-edits", here.some((each) => each.dataset.field === cell.dataset.field));
  }
  drawInPanel();
}
/** Whoever reads the panel finds it said there, in words, and is not told of it. */
function drawInPanel() {
  const panel = one("#panel .panel");
  if (!panel) return;
  const words = others.filter((each) => each.dataset.job === panel.dataset.job).map((each) => each.textContent).join(", ");
  let line = one(".others", panel);
  if (!line && words) {
    line = document.createElement("span");
    line.className = "others";
    one("header .end", panel).before(line);
  }
  if (line && line.textContent !== words) line.textContent = line.title = words;
}
function set(cell, name, value) {
  if (cell.dataset[name] !== value) cell.dataset[name] = value;
}

if (me) {
  setInterval(check, 1000);
  document.addEventListener("visibilitychange", check);
  addEventListener("pagehide", () => said.job && say({ job: "", field: "" }));
}

// HTML's tables have no groups that fold: the headings of Manage jobs, which fold their jobs and select them.

import { all, one } from "./dom.js";

const folded = new Set(); // the groups whose jobs are not shown, for as long as the page stays
const headings = () => all("#list tr.group");

/** The rows of a group on this page: those down to the next heading. */
export function rowsOf(heading) {
  const rows = [];
  for (let row = heading.nextElementSibling; row && !row.matches(".group"); row = row.nextElementSibling) rows.push(row);
  return rows;
}

/** Rows come and go, live and with each list: what is folded stays so. A button would be disabled for who may edit nothing. */
function show() {
  for (const heading of headings()) {
    const isFolded = folded.has(heading.dataset.group);
    const name = one(".group-name", heading);
    if (name.ariaExpanded !== String(!isFolded)) Object.assign(name, { role: "button", tabIndex: 0, ariaExpanded: String(!isFolded) });
    for (const row of rowsOf(heading)) if (row.hidden !== isFolded) row.hidden = isFolded;
  }
}
function fold(name) {
  const { group } = name.closest("tr").dataset;
  if (!folded.delete(group)) folded.add(group);
  show();
}
document.addEventListener("click", ({ target }) => {
  const name = target.closest("#list .group-name");
  if (name) fold(name);
});
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.(".group-name") || !["Enter", " "].includes(event.key) || event.repeat) return;
  event.preventDefault();
  fold(event.target);
});
new MutationObserver(show).observe(one("#manage"), { childList: true, subtree: true });
show();

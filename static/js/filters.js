// HTML has no select of checkboxes: the filters of Manage jobs, each with several values and how many jobs they leave.

import { all, htmx, isComposing, one, parse } from "./dom.js";
import { announce } from "./messages.js";

const FEW = 8; // values that are seen at a glance, without a field to find one
const facetOf = (node) => node.closest?.("#finder .facet");
const menuOf = (facet) => one("[popover]", facet);
const isSeen = (facet) => one(".facet-values", facet).checkVisibility(); // open, or in the sheet of a narrow page
const labels = (facet) => all(".facet-values label", facet);
const boxOf = (label) => one("input", label);
const said = (label) => one("bdi", label).textContent;
const key = (label) => `${boxOf(label).name} ${boxOf(label).value}`;

/** The counts follow the other filters, so they are asked for whenever a filter is about to be opened. */
const asked = new WeakMap();
const found = new WeakMap(); // list: what was looked for, and the values that the server found
function ask(facet) {
  if (Date.now() - (asked.get(facet) ?? 0) < 2000) return;
  asked.set(facet, Date.now());
  htmx.trigger(one(".facet-values", facet), "refresh");
}
/** Jobs came, went or changed: what is seen counts again, the others when they are opened. */
export function countAgain(besides) {
  for (const facet of all("#finder .facet")) {
    asked.delete(facet);
    if (isSeen(facet) && facet !== besides) ask(facet);
  }
}
/** What is chosen in one filter tells nothing of its own values. */
document.addEventListener("htmx:afterSettle", ({ target }) => target.id === "list" && countAgain(facetOf(document.activeElement)));
for (const name of ["pointerover", "focusin"]) {
  document.addEventListener(name, ({ target }) => {
    const pick = target.closest?.("#finder .facet > .pick");
    if (pick) ask(facetOf(pick));
    else if (target.closest?.("#finder .fold")) all("#finder .closed-set").forEach(ask); // its sheet shows them at once
  });
}

/** What is ticked here is the newest word on it. While the filter is open nothing in it moves but its counts. */
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const list = detail.target;
  if (!list.matches("#finder .facet-values")) return;
  detail.shouldSwap = false;
  list.dataset.answered = detail.xhr.status === 200 ? "yes" : "no";
  if (detail.xhr.status !== 200) return;
  const facet = facetOf(list);
  const known = new Map(labels(facet).map((label) => [key(label), label]));
  const page = parse(detail.serverResponse);
  const fresh = all("label:not(noscript *)", page);
  const more = one("[data-more]", page);
  const looked = detail.requestConfig.parameters.find;
  if (looked) found.set(list, { looked, names: new Set(fresh.map(key)) });
  else list.toggleAttribute("data-cut", !!more);
  const focused = document.activeElement.closest(".facet-values label");
  for (const label of fresh) boxOf(label).checked = !!(known.get(key(label)) && boxOf(known.get(key(label))).checked);
  if (isSeen(facet) && one("b", list)) recount(list, known, fresh, !looked && !more);
  else {
    const names = new Set(fresh.map(key));
    list.replaceChildren(...[...known].filter(([name, label]) => !names.has(name) && boxOf(label).checked).map(([, label]) => label), ...fresh, more ?? "");
    const again = focused && labels(facet).find((label) => key(label) === key(focused));
    if (again) boxOf(again).focus({ preventScroll: true });
  }
  narrow(facet);
  if (looked) tell(facet);
  if (one("[data-find]", facet) && menuOf(facet).matches(":popover-open")) enter(facet);
});
/** An empty list may be one that could not be asked for. */
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail: { requestConfig } }) => {
    if (requestConfig.elt.matches(".facet-values")) requestConfig.elt.dataset.answered = "no";
  });
}
function recount(list, known, fresh, isWhole) {
  for (const label of isWhole ? known.values() : []) if (one("b", label)) one("b", label).textContent = "0";
  for (const label of fresh) {
    const here = known.get(key(label));
    if (here) (one("b", here) ?? here.appendChild(document.createElement("b"))).textContent = one("b", label).textContent;
    else labels(facetOf(list)).at(-1).after(label);
  }
}

/** A field that finds a value, and the way out, which a filter needs once it is open: no page has to bring them. */
const TOOLS = `<p class="sheet-head"><strong></strong><button class="bare" type="button" data-done aria-label="Close"></button></p>
<div class="box"><input type="search" data-find autocomplete="off"></div>
<p class="sheet-foot"><button class="clear" type="button" data-clear>Clear</button><span class="num" data-found></span><button class="btn-main wide" type="button" data-done>Show <span data-found></span></button></p>`;
function furnish(facet) {
  const menu = menuOf(facet);
  if (one("[data-find]", menu)) return;
  const tools = document.createRange().createContextualFragment(TOOLS);
  one(".bare", tools).append(one("#filters > .sheet-head svg").cloneNode(true));
  one(".box", tools).prepend(one("#finder > .box svg").cloneNode(true));
  const [find, foot] = [one(".box", tools), one(".sheet-foot", tools)];
  one("strong", tools).textContent = menu.ariaLabel;
  one("input", find).placeholder = one("input", find).ariaLabel = `Find a ${menu.ariaLabel.toLowerCase()}`;
  for (const told of all("[data-found]", foot)) told.textContent = one("#filters > .sheet-foot [data-found]").textContent;
  menu.prepend(one(".sheet-head", tools), find);
  menu.append(foot);
}
document.addEventListener("toggle", ({ target, newState }) => {
  const facet = target.matches?.("#finder .facet > [popover]") && facetOf(target);
  if (!facet) return;
  if (newState !== "open") return (one("[data-find]", facet).value = "");
  furnish(facet);
  ask(facet);
  narrow(facet);
  enter(facet);
}, true);
/** The focus goes in with whoever opened it, once there is something; the keyboard of a phone would cover the values. */
function enter(facet) {
  if (document.activeElement !== one(".pick", facet) || matchMedia("(pointer: coarse)").matches) return;
  const find = one("[data-find]", facet);
  (find.checkVisibility() ? find : one(".facet-values input", facet))?.focus({ preventScroll: true });
}

/** Show the values that the field finds, however they are written. */
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
function narrow(facet) {
  const find = one("[data-find]", facet);
  if (!find) return;
  const list = labels(facet);
  find.parentElement.hidden = list.length <= FEW;
  const text = find.value.trim();
  const { looked, names } = found.get(one(".facet-values", facet)) ?? {};
  for (const label of list) label.hidden = !plain(said(label)).includes(plain(text)) && !(looked === text && names.has(key(label)));
}
function tell(facet) {
  const left = labels(facet).filter((label) => !label.hidden).length;
  announce(left === 1 ? "1 value" : `${left || "No"} values`);
}
/** A page holds the values that most jobs have: the server finds the others. */
let pause;
function findMore(facet) {
  clearTimeout(pause);
  const list = one(".facet-values[data-cut]", facet);
  if (list && textFor(facet)) pause = setTimeout(() => htmx.trigger(list, "refresh"), 200);
}
const textFor = (facet) => one("[data-find]", facet)?.value.trim();
document.addEventListener("htmx:configRequest", ({ detail, target }) => {
  if (!target.matches("#finder .facet-values[data-cut]")) return;
  const text = textFor(facetOf(target));
  if (text) detail.parameters.find = text;
});
document.addEventListener("input", (event) => {
  const { target } = event;
  if (target.matches("[data-find]")) {
    event.stopImmediatePropagation(); // it is no part of the list's search
    narrow(facetOf(target));
    tell(facetOf(target));
    findMore(facetOf(target));
  } else if (target.matches("#finder .facet-values input")) showChosen(facetOf(target));
}, true);
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[data-find]") || !["Enter", "ArrowDown"].includes(event.key) || isComposing(event)) return;
  event.preventDefault();
  const first = labels(facetOf(event.target)).find((label) => !label.hidden);
  if (first && event.key === "Enter") boxOf(first).click();
  else if (first) boxOf(first).focus();
}, true);

/** The button says what is chosen, and the page how many filters are. */
function showChosen(facet) {
  const chosen = labels(facet).filter((label) => boxOf(label).checked);
  const only = chosen.length === 1 && (boxOf(chosen[0]).name === "without" ? "none" : said(chosen[0]));
  one(".pick b", facet).textContent = only || chosen.length || "";
  one(".pick b", facet).className = only ? "only" : "";
  const number = all("#finder .facet").filter((each) => one(".pick b", each).textContent).length;
  one("[data-chosen]").textContent = number || "";
  one("#finder").toggleAttribute("data-many", number > 2);
}
function clear(...facets) {
  for (const facet of facets) {
    for (const label of labels(facet)) boxOf(label).checked = false;
    showChosen(facet);
  }
  one("#filters").dispatchEvent(new Event("input", { bubbles: true }));
}
const isPlain = (event) => !event.ctrlKey && !event.metaKey && !event.shiftKey;
document.addEventListener("click", (event) => {
  const facet = facetOf(event.target);
  if (event.target.closest("[data-clear-all]") && isPlain(event)) {
    event.preventDefault();
    clear(...all("#finder .facet"));
    one("#filters .sheet-head button").focus();
  }
  if (!facet) return;
  if (event.target.closest("[data-done]")) menuOf(facet).hidePopover();
  if (event.target.closest("[data-clear]")) {
    clear(facet);
    boxOf(labels(facet)[0])?.focus({ preventScroll: true });
  }
  if (!event.target.closest(".unset") || !isPlain(event)) return;
  event.preventDefault();
  clear(facet);
  one(".pick", facet).focus();
});

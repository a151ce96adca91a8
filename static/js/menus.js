// HTML's menus know no arrows: up, down, Home, End and letters go through the entries of one that is open.

import { all, isComposing, one } from "./dom.js";

const MENU = ".menu:not([role=dialog]), nav[popover]";
const ENTRIES = "a[href], button:enabled, input[type=checkbox]:enabled, input[type=radio]:enabled, summary";
const TYPED_IN = "input:not([type=checkbox], [type=radio]), select, textarea";
const OPENERS = "[popovertarget], details.drop > summary";
const MOVES = ["ArrowDown", "ArrowUp", "Home", "End"];
let typed = "";
let typedAt = 0;

const entriesOf = (menu) => all(ENTRIES, menu).filter((entry) => entry.checkVisibility({ visibilityProperty: true }));
const menuOf = (opener) =>
  opener.matches("summary") ? one(".menu", opener.parentElement) : document.getElementById(opener.getAttribute("popovertarget"));

function move(list, key) {
  const place = list.indexOf(document.activeElement);
  const next = { ArrowDown: place + 1, ArrowUp: place < 0 ? -1 : place - 1, Home: 0, End: -1 }[key];
  list.at(next % list.length)?.focus();
}

/** Letters lead to the next entry that begins with them. */
function find(list, letter) {
  typed = Date.now() - typedAt > 700 ? letter : typed + letter;
  typedAt = Date.now();
  const place = list.indexOf(document.activeElement) + (typed.length > 1 ? 0 : 1);
  const words = (entry) => (entry.labels?.[0] ?? entry).textContent.trim().toLowerCase();
  [...list.slice(place), ...list.slice(0, place)].find((entry) => words(entry).startsWith(typed))?.focus();
}

function open(opener) {
  if (opener.matches("summary")) opener.parentElement.open = true;
  else if (!menuOf(opener).matches(":popover-open")) opener.click();
}

/** A menu that asks for a name is typed in at once. A finger taps where it means: a keyboard would cover what there is to see. */
document.addEventListener("toggle", ({ target, newState }) => {
  if (newState !== "open" || !target.matches?.("details.drop") || matchMedia("(pointer: coarse)").matches) return;
  const field = one("[data-focus]", target);
  if (field && !field.closest(".menu").contains(document.activeElement)) field.focus();
}, true);

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (event.defaultPrevented || isComposing(event) || event.ctrlKey || event.metaKey || event.altKey || target.matches?.(TYPED_IN)) return;
  const menu = target.closest?.(MENU);
  if (menu && MOVES.includes(key)) move(entriesOf(menu), key);
  else if (menu && key.length === 1 && key !== " ") return find(entriesOf(menu), key.toLowerCase());
  else if (target.matches?.(OPENERS) && ["ArrowDown", "ArrowUp"].includes(key) && menuOf(target)?.matches(MENU)) {
    open(target);
    const list = entriesOf(menuOf(target));
    list.at(key === "ArrowDown" ? 0 : -1)?.focus();
  } else return;
  event.preventDefault();
});

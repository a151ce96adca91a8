// htmx lets answers overtake each other and makes each letter a step of the history: search, filters, views and pages of the list.

import { all, htmx, one } from "./dom.js";
import { announce } from "./messages.js";

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
  const [order, sort] = [one("#finder [name=sort]"), address.searchParams.get("sort") ?? ""];
  if (![...order.options].some((option) => option.value === sort)) order.add(new Option("As the headings say", sort));
  order.value = sort;
});

/** How many jobs there are, wherever it stands; the list itself bears it. */
export function showCounts({ dataset: { found, total } }) {
  one("#jobs-count").textContent = total;
  one("#jobs-found").textContent = found === total ? "" : `${found} of `;
  for (const told of all("#finder [data-found]")) told.textContent = `${found} ${found === "1" ? "job" : "jobs"}`;
}
/** The list follows the filters at once: all that is left to do is to leave their sheet. */
document.addEventListener("submit", (event) => {
  if (!event.submitter?.matches("[data-show-list]") || !one("#filters:popover-open")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  one("#filters").hidePopover();
}, true);

/** One list at a time, and in the order asked for: what is asked meanwhile is asked again when that has come. */
const ASKERS = `#finder, ${LINKS}`;
let asker = null;
let askedMeanwhile = null; // by its id, since what was clicked is swapped as well
document.addEventListener("htmx:confirm", (event) => {
  if (!asker || !event.detail.elt.matches(ASKERS)) return;
  event.preventDefault();
  askedMeanwhile = event.detail.elt.id;
});
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.matches(ASKERS)) asker = detail.elt;
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig.elt !== asker) return;
  const again = document.getElementById(askedMeanwhile);
  [asker, askedMeanwhile] = [null, null];
  if (again) again.matches("form") ? htmx.trigger(again, "submit") : again.click();
});

/** Whether another list is on its way: what it was asked for by must stay, since htmx puts the answer around it. */
export const isListAskedFor = () => asker !== null;

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
  showCounts(target);
  const chosen = one("#views [aria-current]");
  if (chosen) one("#views").scrollLeft = chosen.offsetLeft - one("#views").offsetLeft - 10;
  const empty = one(".empty h2", target)?.textContent;
  const number = `${target.dataset.found} ${target.dataset.found === "1" ? "job" : "jobs"}`;
  announce(empty ?? [number, one(".turn .num", target)?.textContent].filter(Boolean).join(", "));
  if (document.activeElement === document.body && detail.requestConfig?.elt.closest?.(".pages, thead")) one(".pages a", target)?.focus();
});

/** The list was swapped since these forms were painted: they mean the one that is there now. */
document.addEventListener("submit", ({ target }) => {
  for (const input of all("[data-this-list]", target)) input.value = location.search;
  for (const input of all("[data-this-address]", target)) input.value = location.pathname + location.search;
}, true);
document.addEventListener("click", ({ target }) => {
  const link = target.closest("a[data-this-list]");
  if (link) link.search = location.search;
});

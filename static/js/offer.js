// HTML has no popover that hundreds of buttons share: what Greenhouse says, offered at the cell that says otherwise.

import { cellOf, VALUE } from "./cells.js";
import { htmx, one } from "./dom.js";
import { addressOf } from "./editor.js";

const OFFER = `<div class="menu hint" id="offer" popover role="dialog" aria-labelledby="offer-words">
  <strong id="offer-words"></strong>
  <p class="ways"><button class="btn-soft" type="button" data-take></button><button class="btn-soft" type="button" data-keep>Keep ours</button></p>
</div>`;
one("#blank-editor")?.insertAdjacentHTML("afterend", OFFER);
const offer = one("#offer"); // admins alone have one
let ring = null;
let cell = null; // in which the ring stands, or stood

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.differs");
  if (!button || !offer) return;
  event.preventDefault();
  ring = button;
  cell = cellOf(ring);
  const isSame = ring.matches(".same");
  one("strong", offer).textContent = ring.title;
  one("[data-take]", offer).textContent = isSame ? "Follow Greenhouse again" : "Use Greenhouse’s";
  one("[data-keep]", offer).hidden = !ring.matches(".keep");
  ring.setAttribute("aria-expanded", "true"); // it is the anchor then
  offer.showPopover();
  one("[data-take]", offer).focus({ preventScroll: true });
});
offer?.addEventListener("toggle", ({ newState }) => {
  if (newState === "open") return;
  ring.removeAttribute("aria-expanded");
  const isLost = document.activeElement === document.body || offer.contains(document.activeElement); // what is hidden keeps it for a moment
  if (isLost) one(ring.isConnected ? ".differs" : VALUE, cell)?.focus({ preventScroll: true });
});
/** What is offered may change meanwhile, or be taken by somebody else: the offer goes with its ring. */
if (offer) {
  new MutationObserver(() => ring && !ring.isConnected && offer.matches(":popover-open") && offer.hidePopover())
    .observe(one("#content"), { childList: true, subtree: true });
}
offer?.addEventListener("click", ({ target }) => {
  const verb = target.matches("[data-take]") ? "take" : target.matches("[data-keep]") ? "keep" : null;
  if (!verb) return;
  offer.hidePopover();
  htmx.ajax("POST", addressOf(ring, `/${verb}`), { source: ring, target: cell, swap: "innerHTML" });
});

// HTML has no combobox over what a server finds: the command field, opened by Ctrl+K or by its button in the header.

import { all, htmx, isComposing, isMac, one } from "./dom.js";

/** Only this script opens it, so no page has to bring it. */
const DIALOG = `<dialog class="command" id="command" aria-label="Search or jump to">
  <div class="ask">
    <input id="command-q" name="q" type="text" maxlength="200" role="combobox" aria-expanded="false" aria-controls="command-list" aria-autocomplete="list"
           placeholder="Jobs, views, actions …" autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="go"
           hx-trigger="input delay:120ms, ask" hx-target="#command-results" hx-swap="innerHTML" hx-sync="this:queue last" hx-push-url="false">
    <button type="button" data-close aria-label="Close"><kbd aria-hidden="true">Esc</kbd></button>
  </div>
  <div class="found" id="command-results"></div>
  <p class="visually-hidden" id="command-said" role="status"></p>
  <p class="ways-to-choose" aria-hidden="true"><kbd>↑</kbd><kbd>↓</kbd> choose <kbd>Enter</kbd> open <kbd data-mac="⌘ Enter">Ctrl Enter</kbd> in a new tab</p>
</dialog>`;
const opener = one("[data-command]");
opener.form.insertAdjacentHTML("afterend", DIALOG);
const dialog = one("#command");
const input = one("#command-q");
input.setAttribute("hx-get", opener.form.getAttribute("action"));
input.ariaLabel = `Jobs, views, actions and places of ${opener.dataset.command}`;
input.before(drawn("search", 17));
one("[data-close]", dialog).append(drawn("x", 18));
/** An icon of the same drawing as the button's. */
function drawn(name, size) {
  const icon = one("svg", opener).cloneNode(true);
  for (const side of ["width", "height"]) icon.setAttribute(side, size);
  const use = one("use", icon);
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${name}`));
  return icon;
}
let answered = null; // the text whose results are shown
let picked = null; // the option that arrows led to stays chosen when other results come
let isWaiting = false; // Enter was pressed before they came
let isSent = false; // a form is on its way, and the page with it
let quietUntil = 0; // a second Enter would press whatever has the focus then

const options = () => all("[role=option]", dialog);
const current = () => one("[role=option][aria-selected=true]", dialog);

/** The option that Enter would choose; the focus stays in the field. */
function choose(option) {
  current()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  if (!option) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}
function step(by) {
  const list = options();
  if (!list.length) return;
  choose(list[(list.indexOf(current()) + by + list.length) % list.length]);
  picked = current().textContent;
}

function open() {
  for (const menu of all(":popover-open")) menu.hidePopover();
  for (const menu of all("details.drop[open]")) {
    menu.open = false;
    if (menu.contains(document.activeElement)) one("summary", menu).focus(); // there the focus comes back to
  }
  input.value = "";
  picked = null;
  if (answered !== "") show("");
  dialog.showModal();
  input.focus();
  htmx.trigger(input, "ask");
}
function show(words) {
  answered = null;
  one("#command-results").replaceChildren();
  input.setAttribute("aria-expanded", "false");
  choose(null);
  one("#command-said").textContent = words;
}

/** Leave the dialog, with the focus where it was, for something on this very page. */
function leave() {
  dialog.close();
  if (document.activeElement === document.body) one("[data-command]").focus();
  quietUntil = Date.now() + 400;
}

/** Do what an option says; what the browser does by itself, it does. */
function act(event, option) {
  const isAside = event.ctrlKey || event.metaKey || event.shiftKey;
  if (isAside && option.matches("a")) return; // the browser opens a tab or window
  const here = option.dataset.press && all(option.dataset.press).find((button) => button.checkVisibility());
  if (here) {
    event.preventDefault();
    leave();
    here.click();
  } else if (option.dataset.openJob && one("#manage")) {
    event.preventDefault();
    leave();
    openJob(option);
  } else if (option.matches("[type=submit]")) {
    if (isSent) event.preventDefault();
    isSent = true;
  } else if (option.matches("[download], [hx-get], [data-theme-toggle], [data-keys]")) leave();
}
function openJob(option) {
  const id = option.dataset.openJob;
  const title = one(`table.jobs tr[data-job-id="${id}"] a.title`);
  if (title) return title.click();
  const address = new URL(location.href);
  address.searchParams.set("job", id);
  htmx.ajax("GET", address.pathname + address.search, { source: option, target: "#panel", swap: "innerHTML" });
}
dialog.addEventListener("click", (event) => {
  const option = event.target.closest("[role=option]");
  if (option) act(event, option);
});
dialog.addEventListener("pointermove", ({ target }) => {
  const option = target.closest("[role=option]");
  if (option && option !== current()) choose(option);
});

/** Enter is meant for what was typed: it waits for its results. */
function enter(event) {
  if (answered !== input.value.trim()) {
    isWaiting = true;
    htmx.trigger(input, "ask");
  } else if (!current()) return;
  else if ((event.ctrlKey || event.metaKey) && current().matches("a:not([download])")) self.open(current().href, "_blank", "noopener");
  else current().click();
}
input.addEventListener("keydown", (event) => {
  if (isComposing(event)) return;
  const isPlain = !event.altKey && !event.shiftKey;
  if (event.key === "Enter" && isPlain) {
    if (!event.repeat) enter(event);
  } else if (event.key === "ArrowDown" && isPlain) step(1);
  else if (event.key === "ArrowUp" && isPlain) step(-1);
  else return;
  event.preventDefault();
});
input.addEventListener("input", () => {
  isWaiting = false;
  picked = null;
});

document.addEventListener("htmx:afterSwap", ({ detail, target }) => {
  if (target.id !== "command-results") return;
  answered = detail.requestConfig.formData.get("q").trim();
  const found = one("[data-said]", target);
  input.setAttribute("aria-expanded", String(!!options().length));
  choose(options().find((option) => option.textContent === picked) ?? options()[0]);
  one("#command-said").textContent = found.dataset.said;
  if (!isWaiting || answered !== input.value.trim()) return;
  isWaiting = false;
  if (dialog.open) current()?.click();
});
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(name, ({ detail }) => {
    if (detail.requestConfig.elt !== input) return;
    isWaiting = false;
    show("");
    const words = Object.assign(document.createElement("p"), { className: "nothing" });
    words.textContent = one("#command-said").textContent = "The portal cannot be reached. Type on to try again.";
    one("#command-results").append(words);
  });
}
/** An error is told in its place, not as a result. */
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id === "command-results" && detail.xhr.status !== 200) detail.shouldSwap = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") quietUntil = 0;
  else if (Date.now() < quietUntil) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
  if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "k") return;
  event.preventDefault(); // the browser's own search
  event.stopImmediatePropagation();
  if (dialog.open) leave();
  else if (!one("dialog[open]")) open();
}, true);
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-command]")) return;
  event.preventDefault();
  open();
});
/** A page that comes back out of the history comes without it. */
addEventListener("pageshow", ({ persisted }) => {
  isSent = false;
  if (persisted) dialog.close();
});

if (isMac) {
  for (const key of all("kbd[data-mac]")) key.textContent = key.dataset.mac;
  one("[data-command]").title = "Search or jump to (⌘K)";
}

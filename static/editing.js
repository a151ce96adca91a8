// Editors in the cells of Manage jobs and of the panel, where htmx alone would lose what is typed.

const EDITOR = "form.editor-form";
const OPENER = "button[form=open-editor]";
const shown = new WeakMap(); // cell: what stands there once nobody edits it
const closed = new WeakSet(); // editors that are going: their blur means nothing
const left = new WeakSet(); // editors saved by leaving them: the focus is elsewhere already
let pressed = null; // the editor that the pointer is pressed on: Safari's buttons take no focus
const cellOf = (node) => node.closest("[data-field]");
const inputOf = (form) => form.elements.namedItem("value");
const isBusy = (node) => node.matches(".htmx-request") || !!one(".htmx-request", node);
const isEdited = (node) => !!one(EDITOR, node) || isBusy(node);
const isDecided = (form) => !form.matches("[data-asks]") && (!form.matches("[data-refused]") || isChanged(form));
const isUnsaved = (form) => !closed.has(form) && (isBusy(form) || isChanged(form) || !isDecided(form));

function isChanged(form) {
  const input = inputOf(form);
  return input.validity.badInput || input.value !== (input.tagName === "SELECT" ? input.dataset.first : input.defaultValue);
}
function closeEditor(form, focus) {
  const cell = cellOf(form);
  closed.add(form);
  cell.innerHTML = shown.get(cell);
  settle(cell);
  if (focus) one("button.value", cell)?.focus({ preventScroll: true });
}
/** A long text is not dropped by one key. */
function dropEditor(form) {
  if (form.closest(".tall") && isChanged(form) && !("warned" in form.dataset)) {
    form.dataset.warned = "";
    complain(form, "Press Esc again to drop what you typed.");
  } else closeEditor(form, true);
}
function saveEditor(form) {
  if (isBusy(form) || closed.has(form)) return;
  if (inputOf(form).validity.badInput) complain(form, "Type the whole date, or empty it.");
  else if (isChanged(form) || form.matches("[data-asks], [data-refused]")) form.requestSubmit();
  else closeEditor(form, !left.has(form));
}
function startEditor(form) {
  const input = inputOf(form);
  if (input.tagName === "SELECT") input.dataset.first = input.value;
  const isNews = form.matches("[data-refused], [data-asks]");
  if (document.activeElement !== document.body && !cellOf(form).contains(document.activeElement)) {
    if (!isNews) closeEditor(form, false); // whoever opened it has gone on meanwhile: no blur would ever close it
    return;
  }
  input.focus({ preventScroll: true });
  if (!isNews) input.select?.();
  replayKeys(form);
}
function complain(form, sentence) {
  const error = one(".error", form);
  left.delete(form);
  error.textContent = sentence;
  error.hidden = false;
  inputOf(form).setAttribute("aria-invalid", "true");
}
document.addEventListener("pointerdown", (event) => {
  pressed = event.target.closest?.(EDITOR);
  keysWaiting.length = 0;
});
document.addEventListener("click", (event) => {
  const button = event.target.closest(`${EDITOR} [data-cancel]`);
  if (button) closeEditor(button.form, true);
});
document.addEventListener("focusout", (event) => {
  const form = event.target.closest?.(EDITOR);
  if (!form || closed.has(form) || isBusy(form) || form === pressed || form.contains(event.relatedTarget)) return;
  if (document.activeElement === event.target) return; // the window lost the focus, not the field
  if (!isDecided(form)) return;
  left.add(form);
  saveEditor(form);
});

/** A value chosen by hand is saved at once. Keys change a closed select at each press: there Enter or leaving saves. */
let chosenByHand = null; // the select whose list the pointer opened, until a key is pressed
document.addEventListener("pointerdown", ({ target }) => (chosenByHand = target.closest?.("select.editor")), true);
document.addEventListener("keydown", () => (chosenByHand = null), true);
document.addEventListener("change", ({ target }) => {
  if (target === chosenByHand && target.form?.matches(EDITOR) && isDecided(target.form)) saveEditor(target.form);
});

/** Tab saves and opens the next cell of the row, or of the panel; false where there is none. */
function openNext(cell, step) {
  const cells = all("[data-field]", cell.closest("tr, dl") ?? cell);
  const here = cells.indexOf(cell);
  const ahead = step > 0 ? cells.slice(here + 1) : cells.slice(0, Math.max(here, 0)).reverse();
  const button = ahead.map((other) => one("button.value:enabled", other)).find(Boolean);
  button?.focus(); // leaving saves
  button?.click();
  return !!button;
}
const moveOn = (form, step) => !isBusy(form) && isDecided(form) && openNext(cellOf(form), step);
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.(EDITOR);
  pressed = null;
  if (!form || event.isComposing || event.target.tagName === "BUTTON" && event.key !== "Escape") return;
  if (event.key === "Escape") dropEditor(form);
  else if (event.key === "Tab") {
    if (!moveOn(form, event.shiftKey ? -1 : 1)) return;
  } else if (event.key !== "Enter" || (event.target.tagName === "TEXTAREA" && !event.ctrlKey && !event.metaKey)) return;
  else saveEditor(form);
  event.preventDefault();
  event.stopPropagation();
}, true);

/** What is typed while an editor is still on its way is meant for it, and for no shortcut. */
const keysWaiting = [];
const calledOff = new WeakSet(); // openers whose editor nobody wants any more
document.addEventListener("keydown", (event) => {
  const opener = event.target;
  if (!opener.matches?.(`${OPENER}.htmx-request`) || calledOff.has(opener) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.length > 1 && !["Backspace", "Enter", "Escape", "Tab"].includes(event.key)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.key === "Escape") {
    keysWaiting.length = 0;
    calledOff.add(opener);
  } else if (keysWaiting.length || event.key.length === 1) keysWaiting.push(event);
  else if (event.key === "Tab") openNext(cellOf(opener), event.shiftKey ? -1 : 1);
}, true);
function replayKeys(form) {
  const input = inputOf(form);
  let typed = "";
  while (keysWaiting.length) {
    const { key, shiftKey } = keysWaiting.shift();
    if (key === "Tab") {
      if (!moveOn(form, shiftKey ? -1 : 1)) keysWaiting.length = 0;
      return; // what follows is the next editor's
    }
    if (key === "Enter" && input.tagName !== "TEXTAREA") {
      keysWaiting.length = 0;
      return saveEditor(form);
    }
    typed = key === "Backspace" ? typed.slice(0, -1) : typed + key;
    if (input.tagName === "SELECT") pickByText(input, typed);
    else if (input.type !== "date") write(input, { Backspace: "", Enter: "\n" }[key] ?? key); // a date's parts take no script
  }
}
function pickByText(select, typed) {
  const found = [...select.options].find((option) => option.text.toLowerCase().startsWith(typed.toLowerCase()));
  if (typed && found) select.value = found.value;
}

/** Nothing typed goes with a list or a panel: what is being saved is awaited, what is not saved asks for a decision. */
function leaving(region, go) {
  const unsaved = all(EDITOR, region).filter(isUnsaved);
  if (unsaved.some(isBusy)) return whenSaved(() => leaving(region, go));
  if (!unsaved.length) return go();
  inputOf(unsaved[0]).focus();
  toast("This is not saved yet. Save it, or press Esc, and then go on.", true);
}
function whenSaved(then) {
  document.addEventListener("htmx:afterRequest", () => {
    if (one(`${EDITOR}.htmx-request`)) whenSaved(then);
    else then();
  }, { once: true });
}
const REGIONS = ["list", "panel"];
document.addEventListener("htmx:confirm", (event) => {
  const { target, issueRequest } = event.detail;
  if (!REGIONS.includes(target.id) || !one(EDITOR, target)) return;
  event.preventDefault();
  leaving(target, () => issueRequest(true));
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { elt } = detail.requestConfig;
  if (!REGIONS.includes(detail.target.id) || !all(EDITOR, detail.target).some(isUnsaved)) return;
  detail.shouldSwap = false; // it was opened while the answer was on its way
  leaving(detail.target, () => (elt.matches("form") ? htmx.trigger(elt, "submit") : elt.click()));
});
addEventListener("beforeunload", (event) => {
  if (all(`.tall ${EDITOR}`).some(isUnsaved)) event.preventDefault();
});

/** A list of values offers whole ones only: behind each comma it offers the tags anew. */
document.addEventListener("input", ({ target }) => {
  if (!target.matches?.("input[data-several][list]")) return;
  const before = target.value.slice(0, target.value.lastIndexOf(",") + 1);
  for (const option of target.list.options) {
    option.dataset.tag ??= option.value;
    option.value = before ? `${before} ${option.dataset.tag}` : option.dataset.tag;
  }
});

/** A save that failed must lose nothing: the editor stays, and says so. */
const UNREACHED = "Not saved: the portal cannot be reached. Your text is still here; press Enter to try again.";
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => {
    if (detail.requestConfig.elt.matches(EDITOR)) complain(detail.requestConfig.elt, UNREACHED);
  });
}
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { elt } = event.detail.requestConfig;
  if (!elt.matches(`${EDITOR}, select.pick`) || !event.detail.xhr.getResponseHeader("HX-Redirect")) return;
  event.preventDefault(); // the login page would take the place of what was typed, or of what is read
  if (elt.matches("select.pick")) return;
  complain(elt, "Not saved: you are signed out. Copy your text, reload the page and sign in again.");
});
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.matches(OPENER) && detail.target.matches("[data-field]")) shown.set(detail.target, detail.target.innerHTML);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful && detail.requestConfig.elt.matches(OPENER)) keysWaiting.length = 0;
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const asker = detail.requestConfig.elt;
  if (asker.matches(EDITOR) && ![200, 409, 422].includes(detail.xhr.status)) {
    detail.shouldSwap = false;
    complain(asker, `Not saved. ${parse(detail.xhr.responseText).body.textContent.trim().slice(0, 200)}`);
  } else if (asker.matches(OPENER)) {
    asker.classList.remove("htmx-request");
    if (calledOff.delete(asker)) detail.shouldSwap = false;
  }
});
document.addEventListener("htmx:afterSwap", ({ detail, target }) => {
  if (!target.matches("[data-field]")) return;
  const form = one(EDITOR, target);
  const truth = one("template[data-cell]", target);
  if (truth) shown.set(target, truth.innerHTML);
  if (form) return startEditor(form);
  if (!left.has(detail.requestConfig.elt)) one("button.value", target)?.focus({ preventScroll: true });
  for (const twin of all(`[data-field="${target.dataset.field}"]`)) {
    if (twin !== target && jobOf(twin) === jobOf(target) && twin.dataset.field !== "title") patchCell(twin, target.cloneNode(true));
  }
});

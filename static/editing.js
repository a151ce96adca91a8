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
  else if (isChanged(form) || form.matches("[data-asks], [data-refused]")) sendEditor(form);
  else closeEditor(form, !left.has(form));
}
/** Send what is typed, once the version that it replaces is known. */
async function sendEditor(form) {
  if (!form.elements.version.value) {
    form.classList.add("htmx-request"); // as busy as while htmx sends it
    const fault = await backEditor(form);
    form.classList.remove("htmx-request");
    if (closed.has(form)) return;
    if (fault) {
      complain(form, fault.saved);
      return document.dispatchEvent(new Event("portal:unsent"));
    }
    if (!isChanged(form)) {
      closeEditor(form, !left.has(form));
      return replayKeys();
    }
  }
  form.requestSubmit();
}

/** An editor opens at once, filled with what its cell shows. The server's own editor follows, and backs it: its
 * version, its suggestions, and the stored text where nothing has been typed yet. */
const blank = one("#blank-editor"); // admins alone have one
const KINDS = blank ? JSON.parse(blank.dataset.kinds) : {};
const opened = new WeakMap(); // form: what its cell showed then
const backing = new WeakMap(); // form: the request for the server's editor
const ANOTHER_VERSION = "2147483647"; // the server answers it with both values
const kindOf = (button) => KINDS[cellOf(button).dataset.field];
const textIn = (button) => (button.matches(".pencil") ? one("a.title", cellOf(button)) : button).textContent;

/** Whether the page knows enough: the stored form of a salary is another than the one shown. */
function opensAtOnce(button, isReplaced) {
  const kind = kindOf(button);
  return ["text", "tags", "date"].includes(kind) || (kind === "salary" && (isReplaced || button.matches(".none")));
}
/** A date is shown as "9 Sep 2026"; what cannot be read stays empty until the server says it. */
function dateIn(text) {
  const day = new Date(`${text} UTC`);
  return Number.isNaN(day.getTime()) ? "" : day.toISOString().slice(0, 10);
}
/** Put an editor in the cell of a button and return its input; `isReplaced` leaves out the value that it replaces. */
function openAtOnce(button, isReplaced = false) {
  const cell = cellOf(button);
  const [label, text] = [cell.dataset.label ?? one("dt", cell.parentElement)?.textContent ?? "Title", textIn(button)];
  const isNone = button.matches(".none");
  const editing = blank.content.firstElementChild.cloneNode(true);
  const form = one("form", editing);
  const [input, error] = [inputOf(form), one(".error", form)];
  for (const name of ["action", "hx-post"]) form.setAttribute(name, button.getAttribute("hx-get"));
  form.setAttribute("aria-label", label);
  form.elements.version.value = "";
  one(".ghost .value", editing).textContent = text;
  if (one(".says", cell)) one(".ghost", editing).append(one(".says", cell).cloneNode(true));
  input.id = `edit-${jobOf(cell)}-${cell.dataset.field}`;
  error.id = `${input.id}-error`;
  input.setAttribute("aria-describedby", error.id);
  input.setAttribute("aria-label", label);
  if (kindOf(button) === "date") input.type = "date";
  input.defaultValue = isNone ? "" : input.type === "date" ? dateIn(text) : text;
  if (isReplaced) input.value = "";
  shown.set(cell, cell.innerHTML);
  opened.set(form, text);
  cell.replaceChildren(editing);
  htmx.process(form);
  input.focus({ preventScroll: true });
  input.select();
  backEditor(form).then((fault) => fault && !isBusy(form) && !closed.has(form) && toast(fault.asked, true));
  return input;
}
/** Ask for the server's editor; what went wrong, in a sentence for who asked and one for who saved, or nothing. */
function backEditor(form) {
  if (!backing.has(form)) backing.set(form, askForEditor(form).finally(() => backing.delete(form)));
  return backing.get(form);
}
async function askForEditor(form) {
  const answer = await fetch(form.action, { headers: { "HX-Request": "true" } }).catch(() => null);
  const text = await answer?.text().catch(() => null);
  if (!answer || text === null) return UNREACHED;
  if (answer.headers.get("HX-Redirect")) return SIGNED_OUT;
  const page = parse(text);
  const theirs = one(EDITOR, page);
  if (!theirs) {
    const sentence = page.body.textContent.trim().slice(0, 200);
    return { asked: sentence, saved: `Not saved. ${sentence}` };
  }
  if (!closed.has(form)) backWith(form, theirs, one(".ghost", page));
}
function backWith(form, theirs, ghost) {
  const [input, fresh] = [inputOf(form), inputOf(theirs)];
  const isTyped = isChanged(form);
  const isSame = one(".value", ghost).textContent === opened.get(form);
  form.setAttribute("aria-label", theirs.getAttribute("aria-label"));
  const choices = one("datalist", theirs);
  if (choices) form.append(choices);
  for (const { name, value } of fresh.attributes) if (name !== "value") input.setAttribute(name, value);
  // Typed over what somebody else has changed since it was shown: that is no decision against theirs.
  form.elements.version.value = isSame || !isTyped ? theirs.elements.version.value : ANOTHER_VERSION;
  if (!isSame) one(".ghost", form.parentElement).replaceWith(ghost);
  if (input.defaultValue === fresh.defaultValue) return;
  input.defaultValue = fresh.defaultValue;
  if (isTyped) return;
  input.value = fresh.defaultValue;
  input.select();
}
document.addEventListener("htmx:confirm", (event) => {
  const { elt } = event.detail;
  if (!elt.matches(`${OPENER}.value`) || !opensAtOnce(elt)) return;
  event.preventDefault();
  openAtOnce(elt);
});
function startEditor(form) {
  const input = inputOf(form);
  if (input.tagName === "SELECT") input.dataset.first = input.value;
  const isNews = form.matches("[data-refused], [data-asks]");
  if (document.activeElement !== document.body && !cellOf(form).contains(document.activeElement)) {
    if (!isNews) closeEditor(form, false); // whoever opened it has gone on meanwhile: no blur would ever close it
    return;
  }
  input.focus({ preventScroll: true });
  if (isNews) keysWaiting.length = 0; // an answer asks for a decision first
  else input.select?.();
  replayKeys();
}
function complain(form, sentence) {
  const error = one(".error", form);
  left.delete(form);
  keysWaiting.length = 0;
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

/** What is typed while an editor is on its way, or is being saved, waits for what comes: it is meant for no shortcut. */
const keysWaiting = [];
const calledOff = new WeakSet(); // openers whose editor nobody wants any more
const isOnItsWay = (node) => !!node.matches?.(`${OPENER}.htmx-request`) && !calledOff.has(node);
const isSaving = (node) => !!node.closest?.(EDITOR)?.matches(".htmx-request");
document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (!(isOnItsWay(target) || isSaving(target)) || !isPlain(event)) return;
  if (key.length > 1 && ![...MOVES, "Backspace", "Delete", "Enter", "Escape", "F2", "Tab"].includes(key)) return;
  const form = target.closest(EDITOR);
  if (key === "Escape") {
    keysWaiting.length = 0;
    if (form) closeEditor(form, true);
    else calledOff.add(target);
  } else if (keysWaiting.length || key.length === 1 || !(key === "Tab" || key === "Enter" || (form && MOVES.includes(key)))) {
    keysWaiting.push(event);
  } else if (key === "Tab" && !form) openNext(cellOf(target), event.shiftKey ? -1 : 1);
  else if (key !== "Enter") {
    left.add(form); // it is saved, and the focus goes on
    if (!moveFrom(cellOf(form), key === "Tab" ? (event.shiftKey ? "ArrowLeft" : "ArrowRight") : key)) left.delete(form);
  }
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
function replayKeys() {
  let typed = ""; // what picks a choice, letter by letter
  while (keysWaiting.length) {
    const focused = document.activeElement;
    if (isOnItsWay(focused) || isSaving(focused)) return; // what follows is meant for what comes next
    const event = keysWaiting.shift();
    const form = focused.closest(EDITOR);
    if (!form) {
      if (!pressInCell(focused, event)) keysWaiting.length = 0;
    } else if (inputOf(form).tagName === "SELECT" && (event.key.length === 1 || event.key === "Backspace")) {
      typed = event.key === "Backspace" ? typed.slice(0, -1) : typed + event.key;
      pickByText(inputOf(form), typed);
    } else pressInEditor(form, event);
  }
}
/** Do what a key does in an editor that had not come yet when it was pressed. */
function pressInEditor(form, { key, shiftKey }) {
  const input = inputOf(form);
  if (key === "Escape") dropEditor(form);
  else if (key === "Tab") moveOn(form, shiftKey ? -1 : 1) || (keysWaiting.length = 0);
  else if (key === "Enter" && input.tagName !== "TEXTAREA") saveEditor(form);
  else if (input.tagName === "SELECT") moveChoice(input, key);
  else if (input.type === "date") return; // a date's parts take no script
  else if (key === "Backspace" && input.selectionStart === input.selectionEnd) input.setSelectionRange(Math.max(0, input.selectionStart - 1), input.selectionEnd), write(input, "");
  else if (key.length === 1 || key in SCRIPTED) write(input, SCRIPTED[key] ?? key);
}
const SCRIPTED = { Backspace: "", Delete: "", Enter: "\n" };
function moveChoice(select, key) {
  const place = select.selectedIndex + ({ ArrowDown: 1, ArrowUp: -1 }[key] ?? 0);
  select.selectedIndex = Math.min(Math.max(place, 0), select.options.length - 1);
}

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

function pickByText(select, typed) {
  const found = [...select.options].find((option) => (typed ? option.text.toLowerCase().startsWith(typed.toLowerCase()) : !option.value));
  if (found) select.value = found.value;
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
  const answered = new AbortController();
  for (const name of ["htmx:afterRequest", "portal:unsent"]) {
    document.addEventListener(name, () => {
      answered.abort();
      if (one(`${EDITOR}.htmx-request`)) whenSaved(then);
      else then();
    }, { signal: answered.signal });
  }
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
const UNREACHED = { asked: "The portal cannot be reached. Try again in a moment.", saved: "Not saved: the portal cannot be reached. Your text is still here; press Enter to try again." };
const SIGNED_OUT = { asked: "You are signed out. Reload the page and sign in again.", saved: "Not saved: you are signed out. Copy your text, reload the page and sign in again." };
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => {
    if (detail.requestConfig.elt.matches(EDITOR)) complain(detail.requestConfig.elt, UNREACHED.saved);
  });
}
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { elt } = event.detail.requestConfig;
  if (!elt.matches(`${EDITOR}, select.pick`) || !event.detail.xhr.getResponseHeader("HX-Redirect")) return;
  event.preventDefault(); // the login page would take the place of what was typed, or of what is read
  if (elt.matches("select.pick")) return;
  complain(elt, SIGNED_OUT.saved);
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
  replayKeys();
  for (const twin of all(`[data-field="${target.dataset.field}"]`)) {
    if (twin !== target && jobOf(twin) === jobOf(target) && twin.dataset.field !== "title") patchCell(twin, target.cloneNode(true));
  }
});

// Manage jobs: the editors in its cells and the panel beside it, where htmx alone would lose what is typed.

/** Editors: htmx swaps one into a cell, and knows neither Escape, nor blur, nor what the cell showed. */
const EDITOR = "form.editor-form";
const shown = new WeakMap(); // cell: what stands there once nobody edits it
const closed = new WeakSet(); // editors that are going: their blur means nothing
const left = new WeakSet(); // editors saved by leaving them: the focus is elsewhere already
let pressed = null; // the editor that the pointer is pressed on: Safari's buttons take no focus
const cellOf = (node) => node.closest("[data-field]");
const inputOf = (form) => form.elements.namedItem("value");
const isBusy = (node) => node.matches(".htmx-request") || !!one(".htmx-request", node);
const isEdited = (node) => !!one(EDITOR, node) || isBusy(node);

function isChanged(form) {
  const input = inputOf(form);
  return input.value !== (input.tagName === "SELECT" ? input.dataset.first : input.defaultValue);
}
function closeEditor(form, focus) {
  const cell = cellOf(form);
  closed.add(form);
  cell.innerHTML = shown.get(cell);
  settle(cell);
  if (focus) one("button.value", cell)?.focus({ preventScroll: true });
}
function saveEditor(form) {
  if (isBusy(form) || closed.has(form)) return;
  if (isChanged(form) || form.matches("[data-asks], [data-refused]")) form.requestSubmit();
  else closeEditor(form, !left.has(form));
}
function startEditor(form) {
  const input = inputOf(form);
  if (input.tagName === "SELECT") input.dataset.first = input.value;
  if (document.activeElement !== document.body && !cellOf(form).contains(document.activeElement)) return;
  input.focus({ preventScroll: true });
  if (!form.matches("[data-refused], [data-asks]")) input.select?.();
}
function complain(form, sentence) {
  const error = one(".error", form);
  left.delete(form);
  error.textContent = sentence;
  error.hidden = false;
  inputOf(form).setAttribute("aria-invalid", "true");
}
document.addEventListener("pointerdown", (event) => (pressed = event.target.closest?.(EDITOR)));
document.addEventListener("click", (event) => {
  const button = event.target.closest(`${EDITOR} [data-cancel]`);
  if (button) closeEditor(button.form, true);
});
document.addEventListener("focusout", (event) => {
  const form = event.target.closest?.(EDITOR);
  if (!form || closed.has(form) || isBusy(form) || form === pressed || form.contains(event.relatedTarget)) return;
  if (document.activeElement === event.target) return; // the window lost the focus, not the field
  if (form.matches("[data-asks]") || (form.matches("[data-refused]") && !isChanged(form))) return;
  left.add(form);
  saveEditor(form);
});
/** Tab saves and opens the next cell of the row, or of the panel; false where there is none. */
function moveOn(form, step) {
  if (isBusy(form) || form.matches("[data-asks]") || (form.matches("[data-refused]") && !isChanged(form))) return false;
  const cells = all("[data-field]", form.closest("tr, dl") ?? form);
  const here = cells.indexOf(cellOf(form));
  const ahead = step > 0 ? cells.slice(here + 1) : cells.slice(0, Math.max(here, 0)).reverse();
  const button = ahead.map((cell) => one("button.value:enabled", cell)).find(Boolean);
  button?.focus(); // leaving saves
  button?.click();
  return !!button;
}
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.(EDITOR);
  pressed = null;
  if (!form || event.isComposing || event.target.tagName === "BUTTON" && event.key !== "Escape") return;
  if (event.key === "Escape") closeEditor(form, true);
  else if (event.key === "Tab") {
    if (!moveOn(form, event.shiftKey ? -1 : 1)) return;
  } else if (event.key !== "Enter" || (event.target.tagName === "TEXTAREA" && !event.ctrlKey && !event.metaKey)) return;
  else saveEditor(form);
  event.preventDefault();
  event.stopPropagation();
}, true);

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
  if (!elt.matches(EDITOR) || !event.detail.xhr.getResponseHeader("HX-Redirect")) return;
  event.preventDefault(); // the login page would take the place of what was typed
  complain(elt, "Not saved: you are signed out. Copy your text, reload the page and sign in again.");
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const asker = detail.requestConfig.elt;
  if (asker.matches(EDITOR) && ![200, 409, 422].includes(detail.xhr.status)) {
    detail.shouldSwap = false;
    complain(asker, `Not saved. ${parse(detail.xhr.responseText).body.textContent.trim().slice(0, 200)}`);
  } else if (asker.matches("button[form=open-editor]") && detail.target.matches("[data-field]")) {
    asker.classList.remove("htmx-request");
    shown.set(detail.target, detail.target.innerHTML);
  }
});
document.addEventListener("htmx:afterSwap", ({ detail, target }) => {
  if (target.id === "panel") one(".panel", target)?.focus({ preventScroll: true });
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

/** A cell's HTML without what this page's own scripts made of it. */
const bare = (cell) =>
  cell.innerHTML.replace(/<time [^>]*datetime="([^"]*)"[^>]*>[^<]*<\/time>/g, "$1").replace(/ ?htmx-\w+|\s+/g, " ");

/** Bring a cell up to date unless somebody edits it; true when something that people read has changed. */
function patchCell(cell, fresh) {
  if (isEdited(cell)) {
    shown.set(cell, fresh.innerHTML);
    return false;
  }
  if (bare(cell) === bare(fresh)) return false;
  const place = all("a, button", cell).indexOf(document.activeElement);
  cell.replaceChildren(...fresh.childNodes);
  settle(cell);
  if (place >= 0) (all("a, button", cell)[place] ?? one("a, button", cell))?.focus({ preventScroll: true });
  return cell.dataset.field !== "changed_at";
}

/** The panel's address is this list's own with a job in it, which a row shared by everybody cannot know. */
const jobOf = (node) => node.closest("[data-job-id]")?.dataset.jobId ?? node.closest("[data-job]")?.dataset.job;
function here(job) {
  const address = new URL(location.href);
  address.searchParams.delete("job");
  if (job) address.searchParams.set("job", job);
  return address.pathname + address.search;
}
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const open = one("#panel .panel");
  if (detail.elt.matches("a.title")) detail.path = here(jobOf(detail.elt));
  else if (detail.target?.id === "list" && open) detail.parameters.job = open.dataset.job;
  if (detail.elt.id === "finder") for (const [name, value] of [...detail.formData]) if (!value) detail.formData.delete(name);
});
function closePanel() {
  const panel = one("#panel .panel");
  history.replaceState({ htmx: true }, "");
  history.pushState({ htmx: true }, "", here());
  panel.remove();
  one(`tr[data-job-id="${panel.dataset.job}"] .title`)?.focus({ preventScroll: true });
}
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-close-panel]")) return;
  event.preventDefault();
  closePanel();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && one("#panel .panel") && !one("dialog[open], :popover-open, details.drop[open]")) closePanel();
});

/** What a job lacks leads to the cell that mends it; one that this row does not show is opened in the panel. */
let mending = null;
function mend(root, field) {
  const button = one(`[data-field="${field}"] button.value`, root);
  button?.focus(); // the editor takes the focus from the cell it stands in
  button?.click();
  return !!button;
}
document.addEventListener("click", (event) => {
  const gap = event.target.closest("button[data-mend]");
  if (!gap) return;
  event.preventDefault();
  if (mend(gap.closest("tr, .panel"), gap.dataset.mend)) return;
  mending = gap.dataset.mend;
  one("a.title", gap.closest("tr"))?.click();
});
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id !== "panel" || !mending) return;
  mend(target, mending);
  mending = null;
});

/** The choices of a filter come while it may be open already: it keeps what is chosen, and what is the same stays. */
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const pick = detail.target;
  if (!pick.matches("select.pick")) return;
  detail.shouldSwap = false;
  const fresh = [...parse(`<select>${detail.serverResponse}</select>`).querySelectorAll("option")];
  const said = (options) => options.map((option) => `${option.value} ${option.text}`).join("\n");
  if (detail.xhr.status !== 200 || said(fresh) === said([...pick.options])) return;
  const chosen = pick.value;
  if (chosen && !fresh.some((option) => option.value === chosen)) fresh.push(pick.selectedOptions[0]);
  pick.replaceChildren(...fresh);
  pick.value = chosen;
});

/** The list was swapped since these forms were painted: they mean the one that is there now. */
document.addEventListener("submit", ({ target }) => {
  for (const input of all("[data-this-list]", target)) input.value = location.search;
  for (const input of all("[data-this-address]", target)) input.value = location.pathname + location.search;
}, true);

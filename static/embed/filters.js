// One filter of <org-jobs>: its button, and the choices behind it, with how many jobs each leaves.

/** Draw a filter anew in its <details>; a choice that has the focus keeps it. */
function drawFilter(element, { name, label, choices }, { speech, chosen, toggle }) {
  if (!element.firstChild) element.append(make("summary", { part: "button" }), make("fieldset", { part: "menu" }));
  const [summary, fields] = element.children;
  const title = speech.words[name] ?? label;
  const said = choices.filter(({ value }) => chosen.has(value)).map((choice) => choiceLabel(name, choice, speech)).join(", ");
  summary.replaceChildren(make("span", {}, said || title));
  if (said) summary.setAttribute("aria-label", `${title}: ${said}`);
  else summary.removeAttribute("aria-label");
  element.className = said ? "set" : "";
  const focused = element.getRootNode().activeElement;
  const value = focused && fields.contains(focused) ? focused.value : null;
  const boxes = choices.map((choice) => drawChoice(name, choice, { speech, isChosen: chosen.has(choice.value), toggle }));
  fields.replaceChildren(make("legend", { className: "hidden" }, title), ...boxes);
  if (value === null) return;
  [...fields.querySelectorAll("input")].find((box) => box.value === value)?.focus({ preventScroll: true });
}

function drawChoice(name, choice, { speech, isChosen, toggle }) {
  const box = make("input", { type: "checkbox", value: choice.value, checked: isChosen });
  box.addEventListener("change", () => toggle(name, choice.value, box.checked));
  const text = make("span", { dir: "auto" }, choiceLabel(name, choice, speech));
  return make("label", {}, box, text, make("b", {}, speech.say("{}", choice.count)));
}

function choiceLabel(name, { value, label }, speech) {
  if (name === "language") return speech.languageName(value);
  return name.endsWith("_type") ? speech.say(value) : label;
}

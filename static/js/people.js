// A form without a button: a role is saved when it is chosen by hand, and people are found by letters of their names.

import { all, one } from "./dom.js";

/** Keys change a closed select at each press: what they chose is saved by a button, which shows then. */
let keyed = null;
document.addEventListener("keydown", ({ target }) => (keyed = target), true);
document.addEventListener("pointerdown", () => (keyed = null), true);
document.addEventListener("change", ({ target }) => {
  if (!target.matches("select[data-saves]")) return;
  if (target === keyed) one(".without-js", target.form)?.classList.remove("without-js");
  else target.form.requestSubmit();
});

/** Hide whoever is not meant; the list is whole in the page. */
one("#search-people")?.addEventListener("input", ({ target }) => {
  const wanted = target.value.trim().toLowerCase();
  const people = all("#members [data-person]");
  for (const person of people) person.hidden = !person.dataset.person.includes(wanted);
  one("#nobody-found").hidden = people.some((person) => !person.hidden);
});

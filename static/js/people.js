// A form without a button: a role is saved when it is chosen, and people are found by letters of their names.

import { all, one } from "./dom.js";

document.addEventListener("change", ({ target }) => target.matches("select[data-saves]") && target.form.requestSubmit());

/** Hide whoever is not meant; the list is whole in the page. */
one("#search-people")?.addEventListener("input", ({ target }) => {
  const wanted = target.value.trim().toLowerCase();
  const people = all("#members [data-person]");
  for (const person of people) person.hidden = !person.dataset.person.includes(wanted);
  one("#nobody-found").hidden = people.some((person) => !person.hidden);
});

// A form that is on its way tells nothing: that a file is read, and how far a large import is, by the events of a bulk edit.

import { one } from "./dom.js";
import { toast } from "./messages.js";

const form = one("form[data-asking]");
const count = new Intl.NumberFormat("en");
form?.addEventListener("submit", (event) => {
  if (form.ariaBusy) return event.preventDefault(); // a second click
  if (form.elements.file?.files[0]?.size > Number(form.dataset.most)) {
    event.preventDefault(); // a server that refuses a body while it comes is not heard
    return toast(form.dataset.tooLarge, true);
  }
  form.ariaBusy = "true";
  one("progress", form).hidden = false;
  one(".told", form).textContent = form.dataset.asking;
});
if (form?.dataset.events) {
  new EventSource(form.dataset.events).addEventListener("bulk", ({ data }) => {
    const [token, done, total] = data.trim().split(" ");
    if (token !== form.elements.progress.value) return;
    Object.assign(one("progress", form), { max: Number(total), value: Number(done) });
    one(".told", form).textContent = `${count.format(done)} of ${count.format(total)} jobs`;
  });
}
/** Whoever comes back to this page by the browser's Back may send it again. */
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

// The application form, which needs no script: says before it is sent that files are too large or that there is no
// connection, says that it is being sent, which takes minutes on a bad line, and sends once.

const form = document.getElementById("form");
const MOST_BYTES = 10 * 2 ** 20;
const AGAIN_MS = 30_000; // who stopped an upload may send it again; sent twice it is one application all the same

form?.addEventListener("change", ({ target }) => {
  if (target.type !== "file") return;
  const files = [...form.querySelectorAll('input[type="file"]')].flatMap((input) => [...input.files]);
  const tooLarge = files.reduce((sum, file) => sum + file.size, 0) > MOST_BYTES;
  target.setCustomValidity("");
  if (!tooLarge) return;
  target.value = "";
  document.getElementById("announcements").textContent =
    "All files together are larger than 10 MB. Choose a smaller one.";
  target.setCustomValidity("All files together are larger than 10 MB. Choose a smaller one.");
  target.reportValidity();
});

form?.addEventListener("submit", (event) => {
  form.querySelector("[data-offline]").hidden = navigator.onLine;
  if (!navigator.onLine) return event.preventDefault();
  if (event.submitter?.name) return;
  if (Date.now() - Number(form.dataset.sent ?? 0) < AGAIN_MS) return event.preventDefault();
  form.dataset.sent = Date.now();
  sayThatItIsSent(true);
  setTimeout(sayThatItIsSent, AGAIN_MS, false);
});
addEventListener("pageshow", ({ persisted }) => {
  delete form?.dataset.sent;
  if (persisted && form) sayThatItIsSent(false);
});

function sayThatItIsSent(isSent) {
  const button = form.querySelector("[data-send]");
  button.dataset.label ??= button.textContent;
  button.textContent = isSent ? "Sending…" : button.dataset.label;
  document.getElementById("announcements").textContent = isSent ? "Sending…" : "";
}

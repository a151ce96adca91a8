// htmx follows a redirect to the login page and drops what was typed: offer to sign in beside this page, and go on here.

import { all, one, parse } from "./dom.js";
import { toast } from "./messages.js";

const here = () => location.pathname + location.search;
let offered = null;

function offer() {
  if (offered?.open) return;
  offered ??= document.body.appendChild(Object.assign(document.createElement("dialog"), { className: "dialog", id: "sign-in-again" }));
  offered.setAttribute("aria-labelledby", "sign-in-again-title");
  offered.innerHTML = `<div class="sheet one"><div><h2 id="sign-in-again-title">You are signed out</h2>
    <p>Nothing was saved, and what you typed is still here. Sign in again in another tab, come back, and save it once more.</p>
    <div class="buttons"><a class="btn-main" target="_blank" rel="noopener">Sign in again</a><button class="btn-soft" type="button" data-close>Not now</button></div></div></div>`;
  one("a", offered).href = `/login?next=${encodeURIComponent(here())}`;
  offered.showModal();
}

/** Whoever comes back signed in goes on with the new session's token. */
async function lookAgain() {
  if (!offered?.open || document.hidden) return;
  const answer = await fetch(here(), { redirect: "manual", cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return;
  const given = parse(await answer.text()).body.getAttribute("hx-headers");
  if (!given || !offered.open) return; // a tab that is seen again gets the focus as well: it asked twice
  document.body.setAttribute("hx-headers", given);
  for (const field of all("input[name=csrf_token]")) field.value = JSON.parse(given)["X-CSRFToken"];
  offered.close();
  toast("You are signed in again. What you typed is still here: save it once more.");
}
document.addEventListener("visibilitychange", lookAgain);
addEventListener("focus", lookAgain);

/** What only reads may lead away, unless something is being typed. */
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { requestConfig, xhr } = event.detail;
  if (!xhr.getResponseHeader("HX-Redirect")?.startsWith("/login")) return;
  if (requestConfig.verb === "get" && !one("form.editor-form")) return;
  event.preventDefault();
  offer();
});

/** A form that htmx does not send would leave the page: once it has been open for long, ask first whether somebody is signed in. What was kept once is kept again by the server. */
const LONG_MS = 10 * 60 * 1000;
const opened = Date.now();
const asked = new WeakSet();
const asking = new WeakSet();
document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  const isOurs = form.method === "post" && !form.matches("[hx-post], [hx-boost=true] form, [data-unsent]") && document.body.hasAttribute("hx-headers");
  if (!isOurs || asked.has(form) || Date.now() - opened < LONG_MS) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (asking.has(form)) return; // a second click
  asking.add(form);
  const answer = await fetch(here(), { method: "HEAD", redirect: "manual", headers: { "X-Background": "true" } }).catch(() => null);
  asking.delete(form);
  if (!answer) return toast("The portal cannot be reached. What you typed is still here: try again in a moment.", true);
  if (answer.type === "opaqueredirect") return offer();
  asked.add(form);
  form.requestSubmit(submitter);
}, true);

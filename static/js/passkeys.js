// Passkeys: asks the browser to make or use one, and sends its answer with the form around the button.

import { all, one } from "./dom.js";

const REASONS = {
  InvalidStateError: "This device has a passkey for your account already.",
  NotAllowedError: "Nothing was done: it was cancelled, took too long, or there is no passkey here.",
  NotSupportedError: "This device cannot make a passkey that asks who you are.",
  SecurityError: "Passkeys need https and the portal's own host name.",
};

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const withBytes = (list) => (list ?? []).map((each) => ({ ...each, id: toBytes(each.id) }));

async function make(options) {
  const user = { ...options.user, id: toBytes(options.user.id) };
  const publicKey = { ...options, user, challenge: toBytes(options.challenge), excludeCredentials: withBytes(options.excludeCredentials) };
  return navigator.credentials.create({ publicKey });
}

async function use(options) {
  return navigator.credentials.get({ publicKey: { ...options, challenge: toBytes(options.challenge), allowCredentials: withBytes(options.allowCredentials) } });
}

/** What the server reads: every part of the answer that is binary, as text. */
function written({ id, type, rawId, response, authenticatorAttachment }) {
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const said = Object.fromEntries(parts.filter((part) => response[part]).map((part) => [part, toText(response[part])]));
  return JSON.stringify({ id, type, rawId: toText(rawId), response: said, authenticatorAttachment, clientExtensionResults: {} });
}

async function ask({ passkey, options }, form) {
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
  if (form.elements.password && passkey === "make") body.set("password", form.elements.password.value);
  const answer = await fetch(options, { method: "POST", body });
  const asked = await answer.json().catch(() => ({ said: "The portal did not answer. Reload the page, and try again." }));
  if (!answer.ok) throw new Error(asked.said ?? "The portal refused this. Reload the page, and try again.");
  return asked;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-passkey]");
  if (!button) return;
  event.preventDefault();
  const { form } = button;
  const said = one(`#${button.dataset.said}`);
  said.textContent = "";
  button.disabled = true;
  try {
    if (typeof PublicKeyCredential === "undefined") throw new Error("This browser knows no passkeys, or the portal is not reached over https.");
    const asked = await ask(button.dataset, form);
    form.elements.answer.value = written(await (button.dataset.passkey === "make" ? make(asked) : use(asked)));
    if (button.hasAttribute("formaction")) form.action = button.formAction;
    form.submit();
  } catch (error) {
    said.textContent = REASONS[error.name] ?? error.message;
  } finally {
    button.disabled = false;
  }
});

/** Enter in a field does what the button does. */
for (const button of all("button[data-passkey=make]")) {
  button.form.addEventListener("submit", (event) => {
    event.preventDefault();
    button.click();
  });
}

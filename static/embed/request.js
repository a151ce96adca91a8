// How <org-jobs> asks the public JSON API, and what it falls back on while the portal is away. It stores nothing itself.

const TIMEOUT = 15_000; // ms
const PATIENCE = 3_000; // ms for a copy that the browser holds
const HERE = document.currentScript?.src
  ?? [...document.scripts].find(({ src }) => /\/embed\/jobs\.js(\?|$)/.test(src))?.src ?? location.href;

/** What the API refused for good: asking again changes nothing. */
class Refusal extends Error {}

/** An answer and when it was good; `isOld` where it is the browser's copy of an earlier one. */
async function askJobs(address, request, mayCopy) {
  const timer = setTimeout(() => request.abort(), TIMEOUT);
  try {
    const response = await fetch(address, { signal: request.signal, credentials: "omit" });
    if (response.ok) return { answer: await response.json(), at: new Date(), isOld: false };
    const { detail } = await response.json().catch(() => ({}));
    const isFinal = response.status < 500 && response.status !== 429;
    throw isFinal ? new Refusal(detail ?? response.status) : new Error(response.status);
  } catch (error) {
    if (error instanceof Refusal || !mayCopy) throw error;
    return await browsersCopy(address, error);
  } finally {
    clearTimeout(timer);
  }
}

/** However old it is: a page that is loaded again while the portal is away shows jobs all the same. */
async function browsersCopy(address, error) {
  const asked = { cache: "force-cache", credentials: "omit", signal: AbortSignal.timeout(PATIENCE) };
  const response = await fetch(address, asked).catch(() => null);
  if (!response?.ok) throw error;
  const dated = Date.parse(response.headers.get("Date") ?? "");
  return { answer: await response.json(), at: new Date(dated || Date.now()), isOld: true };
}

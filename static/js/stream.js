// htmx has no server-sent events, and an EventSource notices no silence, no hidden page and no other window. Of all windows of a
// browser one listens and passes on what it hears, since a browser opens six connections to one host and pages need some of them.

import { all, one, parse } from "./dom.js";

const POLL_MS = 15000;
const SILENCE_MS = 15000; // the server sends a heartbeat every 5 seconds
const MISSED_MS = 7500; // silence that somebody who comes back need not wait out
const TAKE_OVER_MS = 20000; // longer than the window that listens is ever silent
const ANSWER_MS = 10000;
/** The cursor is the revision that a page asks to go on from; the handlers are called by the name of an event. */
export const stream = {
  cursor: 0, handlers: {}, wanted: null, leads: false, source: null, channel: null, timer: null, failures: 0, heardAt: 0, state: {}, present: undefined,
};
const eventsAddress = () => `${manage().dataset.events}?after=${stream.cursor}`;
export const manage = () => one("[data-events]");

export const OFFLINE = "Offline. Changes will show when the connection is back.";
const POLLING = "Live updates are interrupted. This page looks for changes every 15 seconds.";
const RECONNECTING = "Reconnecting. What you see may be old.";

/** Hand each change of the list to the handler of its name, given its parsed HTML and its revision. */
export function follow(handlers) {
  if (!manage()) return;
  stream.handlers = handlers;
  stream.cursor = Number(manage().dataset.revision);
  openStream();
}
/** Follow the changes while somebody looks. */
function openStream({ steal = false } = {}) {
  if (!manage() || document.hidden || stream.wanted) return;
  stream.wanted = new AbortController();
  stream.heardAt = Date.now();
  stream.channel = new BroadcastChannel(`portal ${manage().dataset.events}`);
  stream.channel.onmessage = ({ data }) => receive(data);
  takePart(stream.wanted.signal, steal ? { steal } : { ifAvailable: true });
}
function closeStream() {
  stream.wanted?.abort();
  stream.wanted = null;
  stopListening();
  stream.channel?.close();
  stream.channel = null;
  showState({ live: false });
}

/** Listen if no other window does, or else once that one is gone. */
async function takePart(signal, options) {
  const request = () => navigator.locks.request(stream.channel.name, options, (lock) => lock && lead(signal));
  const isFree = await (navigator.locks ? request() : lead(signal)).catch((error) => error.name === "AbortError" || lead(signal));
  if (signal.aborted) return;
  stopListening(); // a window that heard nothing of this one has taken its place
  if (isFree === null) {
    stream.channel.postMessage({ hello: true });
    readChanges();
  }
  takePart(signal, { signal });
}
function lead(signal) {
  stream.leads = true;
  stream.failures = 0;
  listen();
  return new Promise((resolve) => signal.addEventListener("abort", resolve));
}
function listen() {
  stopSource();
  stream.heardAt = Date.now();
  stream.source = new EventSource(eventsAddress());
  stream.source.onerror = () => lost();
  for (const name of ["ping", ...Object.keys(stream.handlers)]) {
    stream.source.addEventListener(name, ({ data, lastEventId }) => {
      stream.failures = 0;
      share({ live: true, words: "", event: { name, data, revision: Number(lastEventId) } });
    });
  }
}
function stopSource() {
  stream.source?.close();
  stream.source = null;
  clearTimeout(stream.timer);
}
function stopListening() {
  stopSource();
  stream.leads = false;
}

/** A server that restarts ends every page's stream at once: they do not all come back in the same moment. */
const apart = (milliseconds) => milliseconds * (0.1 + Math.random());
/** After three failures the same address is polled until a stream opens; a silence counts as two. */
function lost(isSilent = false) {
  stopSource();
  stream.failures += isSilent ? 2 : 1;
  share({ live: false, ...(isSilent && { words: RECONNECTING }) });
  if (stream.failures < 3) stream.timer = setTimeout(listen, isSilent ? 0 : apart(2000 * stream.failures));
  else stream.timer = setTimeout(poll, isSilent || stream.failures === 3 ? 0 : POLL_MS);
}
async function poll() {
  const words = await readChanges(share);
  if (!stream.leads) return;
  share({ live: false, words });
  listen();
}

/** Ask once for what changed; returns what is to be said of the connection. */
async function readChanges(deliver = receive) {
  const { signal } = stream.wanted;
  const options = { headers: { Accept: "text/html" }, redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS) };
  const answer = await fetch(eventsAddress(), options).catch(() => null);
  const text = answer?.ok ? await answer.text().catch(() => "") : "";
  if (signal.aborted) return;
  if (answer && (answer.type === "opaqueredirect" || answer.status === 404)) return showSignedOut();
  const page = one("[data-revision]", parse(text));
  const revision = Number(page?.dataset.revision);
  const events = page ? all("template[data-event]", page).map((each) => ({ name: each.dataset.event, data: each.innerHTML, revision })) : [];
  for (const event of page ? [...events, { name: "ping", revision }] : []) deliver({ event });
  return answer && answer.status < 500 ? POLLING : OFFLINE;
}

/** What this window heard goes to the others as well. */
function share(message) {
  stream.channel?.postMessage(message);
  receive(message);
}
function receive({ hello, event, ...state }) {
  if (hello) return stream.leads && stream.channel.postMessage({ ...stream.state, event: stream.present });
  stream.heardAt = Date.now();
  showState(state);
  if (event) handle(event);
}
/** Show what an event says. A status moves no cursor: the rows of its revision may still come. */
function handle({ name, data, revision }) {
  if (name === "presence") stream.present = { name, data }; // for a window that is opened later
  stream.handlers[name]?.(parse(data), revision);
  if (name === "restored") stream.cursor = revision;
  else if (["rows", "list", "ping"].includes(name)) stream.cursor = Math.max(stream.cursor, revision);
}
/** The dot is green only while the stream lives; without one, what is on the page may be old, and whoever reads it should know. */
function showState(state) {
  const wasLive = stream.state.live;
  Object.assign(stream.state, state);
  manage()?.toggleAttribute("data-live", !!stream.state.live);
  if (stream.state.live && !wasLive) document.dispatchEvent(new CustomEvent("portal:live"));
  if (state.words !== undefined) showOffline(state.words);
}
export function showOffline(words) {
  const note = one("#offline");
  if (!note) return;
  if (words && note.textContent !== words) note.textContent = note.title = words;
  note.hidden = !words;
}
/** Whoever signed out in another tab, or was taken out of the organisation, sees what was: nothing new will come. */
function showSignedOut() {
  closeStream();
  one("#signed-out").hidden = false;
}

/** A line that went dead says nothing; nor does a window that stands still while it listens for the others. */
function check(isLooking = false) {
  const silence = Date.now() - stream.heardAt;
  if (!stream.wanted) openStream();
  else if (stream.leads && stream.source && silence > (isLooking ? MISSED_MS : SILENCE_MS)) lost(true);
  else if (!stream.leads && silence > (isLooking ? MISSED_MS : TAKE_OVER_MS)) {
    closeStream();
    openStream({ steal: true });
  }
}
setInterval(check, 1000);
addEventListener("focus", () => check(true));
addEventListener("pageshow", () => check(true));
addEventListener("pagehide", closeStream);
document.addEventListener("freeze", closeStream);
document.addEventListener("resume", () => check(true));
document.addEventListener("visibilitychange", () => (document.hidden ? closeStream() : check(true)));
addEventListener("offline", () => {
  showState({ live: false, words: OFFLINE });
  if (stream.leads) lost(); // a stream may seem to go on for a while: only one that opens now shows that there is a connection
});
addEventListener("online", () => {
  if (!manage() || document.hidden) return;
  closeStream();
  openStream();
});

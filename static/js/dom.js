// htmx has no short way to query and parse, and HTML no relative times: what every module needs of the document.

/** htmx itself is a classic script, and the one global that is used. */
export const htmx = window.htmx;

export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
export const one = (selector, root = document) => root.querySelector(selector);
export const parse = (html) => new DOMParser().parseFromString(html, "text/html");

/** Whether a key belongs to a text that an input method composes: in Safari the one that ends it says so by its code alone. */
export const isComposing = (event) => event.isComposing || event.keyCode === 229;

/** On a Mac, Option makes letters such as € and @. */
export const isMac = /mac|iphone|ipad/i.test(navigator.platform);

/** HTML has no relative times: show them, with the exact one on hover, where the organisation is. */
const steps = [["day", 86400], ["h", 3600], ["min", 60]];
const exact = inZone("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
/* By hand, since "en-GB" would turn the server's "28 Sep" into "28 Sept". */
const date = inZone("en-US", { day: "numeric", month: "short", year: "numeric" });
function onDay(moment) {
  const { day, month, year } = Object.fromEntries(date.formatToParts(moment).map(({ type, value }) => [type, value]));
  return `${day} ${month}${year === String(new Date().getFullYear()) ? "" : ` ${year}`}`;
}
/** In one short line: "9 min ago", "yesterday", "in 2 h". */
function inWords(number, unit) {
  if (unit === "day" && Math.abs(number) === 1) return number < 0 ? "yesterday" : "tomorrow";
  const words = `${Math.abs(number)} ${unit === "day" ? "days" : unit}`;
  return number < 0 ? `${words} ago` : `in ${words}`;
}
/** Dates of a page are its organisation's; a browser that does not know the zone shows its own. */
function inZone(locale, options) {
  try {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: document.documentElement.dataset.timeZone });
  } catch {
    return new Intl.DateTimeFormat(locale, options);
  }
}
export function showTimes(root = document) {
  for (const time of all("time:not([data-day], [data-exact])", root)) { // what stands as a day is the same for everybody
    const moment = new Date(time.dateTime);
    const seconds = (moment - Date.now()) / 1000;
    const [unit, size] = steps.find((step) => Math.abs(seconds) >= step[1]) ?? ["now", 1];
    time.title = exact.format(moment);
    if ("next" in time.dataset && seconds < 60) time.textContent = "in a moment";
    else if (unit === "now") time.textContent = seconds > 5 ? "in a moment" : "just now";
    else if (unit === "day" && seconds < -7 * size) time.textContent = onDay(moment);
    else time.textContent = inWords(Math.trunc(seconds / size), unit);
  }
}

/** What came without htmx wants the same care as what it swapped in. */
export function settle(root) {
  htmx.process(root);
  showTimes(root);
}

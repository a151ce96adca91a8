// Where an <org-jobs> asks and where its links lead, by its attributes.

const FIXED = { department: "department", location: "location", "workplace-type": "workplace_type", "employment-type": "employment_type", language: "language" };
const USUAL_LIMIT = 100;
const MOST = 200;

function textOf(element, name) {
  return element.getAttribute(name)?.trim() ?? "";
}

function portalOf(element) {
  try {
    return new URL(textOf(element, "portal")).origin;
  } catch {
    return new URL(HERE).origin; // it names none
  }
}

/** The Jobs tab, where the list leads when it cannot be shown here. */
function tabOf(element) {
  return withSource(element, `${portalOf(element)}/orgs/${encodeURIComponent(textOf(element, "org"))}/jobs`);
}

/** A link of ours, with the source that the visitor came by, or else the one that the element names. */
function withSource(element, address) {
  const url = new URL(address);
  const source = new URLSearchParams(location.search).get("gh_src") || textOf(element, "source");
  if (source) url.searchParams.set("gh_src", source);
  return url.href;
}

function fixedOf(element) {
  return Object.entries(FIXED).flatMap(([attribute, name]) =>
    textOf(element, attribute).split("|").map((value) => value.trim()).filter(Boolean).map((value) => [name, value]));
}

function isGrouped(element) {
  return textOf(element, "group") !== "none";
}

/** One page of the JSON API, of the jobs that the attributes mean and the visitor has chosen. */
function apiAddress(element, { chosen, q, page }) {
  const limit = Math.min(MOST, Math.max(1, parseInt(textOf(element, "limit"), 10) || USUAL_LIMIT));
  const query = new URLSearchParams([
    ...fixedOf(element),
    ...[...chosen].flatMap(([name, values]) => [...values].map((value) => [name, value])),
  ]);
  const words = [textOf(element, "q"), q].filter(Boolean).join(" ");
  if (words) query.set("q", words);
  query.set("limit", limit);
  if (isGrouped(element)) query.set("sort", "department");
  if (page > 1) query.set("page", page);
  else query.set("filters", "true");
  return `${portalOf(element)}/api/v1/orgs/${encodeURIComponent(textOf(element, "org"))}/jobs?${query}`;
}

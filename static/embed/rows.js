// The jobs of <org-jobs>, under headings or as one list. Every text is set as text: nothing is parsed as HTML.

/** An element with properties or attributes, and what is in it. */
function make(name, given = {}, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (key in element && typeof value !== "string") element[key] = value;
    else element.setAttribute(key === "className" ? "class" : key, value);
  }
  element.append(...content.filter((each) => each !== null && each !== ""));
  return element;
}

/** Headings and rows; `level` is the headings', or null for one list, and a count is said where all jobs are there. */
function drawJobs(jobs, { speech, level, isWhole, link, target }) {
  const row = (withDepartment) => (job) => drawRow(job, { speech, withDepartment, link, target });
  const rows = (some, withDepartment) => make("ul", { part: "rows" }, ...some.map(row(withDepartment)));
  if (level === null) return [rows(jobs, true)];
  return [...groupsOf(jobs, speech)].flatMap(([heading, group]) => [
    make(`h${level}`, { className: "heading", part: "heading" },
      make("span", { dir: "auto" }, heading), " ", isWhole ? make("small", {}, speech.say("{}", group.length)) : ""),
    rows(group, group[0].featured),
  ]);
}

function groupsOf(jobs, speech) {
  const groups = new Map();
  for (const job of jobs) {
    const heading = job.featured ? speech.say("featured") : job.department || speech.say("rest");
    const key = job.featured ? "" : heading.toLowerCase();
    if (!groups.has(key)) groups.set(key, [heading, []]);
    groups.get(key)[1].push(job);
  }
  return groups.values();
}

function drawRow(job, { speech, withDepartment, link, target }) {
  const language = job.language ? { lang: job.language } : {};
  const opens = target ? { target, rel: "noopener" } : {};
  const title = make("a", { part: "title", href: link(job.url), dir: "auto", ...language, ...opens }, job.title);
  const facts = factsOf(job, speech, withDepartment).join(" · ");
  const posted = make("time", { part: "posted", datetime: job.published_at }, speech.say("posted", speech.ago(job.published_at)));
  return make("li", { part: "job" }, make("div", {}, title, facts && make("p", { part: "facts", dir: "auto" }, facts)), posted);
}

/** What is known of a job; "Remote" is not said twice. */
function factsOf(job, speech, withDepartment) {
  const place = job.location ?? "";
  const workplace = job.workplace_type ? speech.say(job.workplace_type) : "";
  const isSaid = [workplace, job.workplace_type ?? ""].some((word) => word && place.toLowerCase().includes(word.toLowerCase()));
  const type = job.employment_type && job.employment_type !== "other" ? speech.say(job.employment_type) : "";
  const pay = job.salary ? speech.pay(job.salary) : "";
  return [withDepartment ? job.department : "", place, isSaid ? "" : workplace, type, pay].filter(Boolean);
}

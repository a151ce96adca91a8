// <org-jobs org="…">: an organisation's open jobs on any page. It reads the public JSON API and stores nothing.

const TYPING = 250; // ms between the last key and the search
const OLD = 300_000; // ms after which a page that is looked at again asks anew
const FIRST_PAUSE = 10_000; // ms before it tries again by itself, doubling
const LONGEST_PAUSE = 300_000;

class OrgJobs extends HTMLElement {
  static observedAttributes = ["org", "portal", "search", "filters", "limit", "group", "source", "lang", "labels", "label", "heading", "target", "q", ...Object.keys(FIXED)];

  #root = this.attachShadow({ mode: "open" });
  #parts = null;
  #speech = new Speech("en");
  #chosen = new Map();
  #q = "";
  #jobs = [];
  #answer = null; // the last good one
  #at = null; // when it was good
  #page = 1;
  #request = null;
  #timers = {};
  #pause = FIRST_PAUSE;
  #starting = false;

  connectedCallback() {
    this.#root.adoptedStyleSheets = [constructed];
    document.addEventListener("click", this.#clickedElsewhere);
    document.addEventListener("visibilitychange", this.#lookedAt);
    window.addEventListener("online", this.#lookedAt);
    this.#start();
  }

  disconnectedCallback() {
    this.#request?.abort();
    this.#request = null;
    Object.values(this.#timers).forEach(clearTimeout);
    document.removeEventListener("click", this.#clickedElsewhere);
    document.removeEventListener("visibilitychange", this.#lookedAt);
    window.removeEventListener("online", this.#lookedAt);
  }

  attributeChangedCallback(_name, before, now) {
    if (this.isConnected && before !== now) this.#start();
  }

  /** Several attributes that change at once are one change. */
  #start() {
    if (this.#starting) return;
    this.#starting = true;
    queueMicrotask(() => {
      this.#starting = false;
      if (!this.isConnected) return;
      this.#jobs = [];
      this.#answer = null;
      this.#chosen.clear();
      this.#q = "";
      this.#pause = FIRST_PAUSE;
      this.#build();
      this.#load();
    });
  }

  async #load({ more = false } = {}) {
    this.#request?.abort();
    clearTimeout(this.#timers.retry);
    const request = new AbortController();
    this.#request = request;
    this.#busy(true);
    const page = more ? this.#page + 1 : 1;
    const outcome = await this.#ask(page, request).catch((error) => error);
    if (this.#request !== request) return; // another one took its place, or the element was removed
    this.#request = null;
    this.#busy(false);
    if (outcome instanceof Error) this.#fail(outcome);
    else this.#take(outcome, page);
  }

  async #ask(page, request) {
    if (!textOf(this, "org")) throw new Refusal("the attribute “org” is missing");
    return askJobs(apiAddress(this, { chosen: this.#chosen, q: this.#q, page }), request, !this.#answer);
  }

  #take({ answer, at, isOld }, page) {
    const before = this.#jobs.length;
    const known = new Set(page > 1 ? this.#jobs.map(({ id }) => id) : []);
    this.#jobs = [...(page > 1 ? this.#jobs : []), ...answer.jobs.filter(({ id }) => !known.has(id))];
    this.#answer = page > 1 ? { ...this.#answer, next: answer.next, total: answer.total } : answer;
    this.#at = at;
    this.#page = page;
    if (!isOld) this.#pause = FIRST_PAUSE;
    this.#note(isOld ? "stale" : "");
    if (isOld) this.#tryLater();
    this.#drawFilters();
    this.#drawList();
    if (page > 1) this.#parts.list.querySelectorAll("li a")[before]?.focus();
    this.dispatchEvent(new CustomEvent("org-jobs-loaded", { detail: { total: answer.total } }));
  }

  #fail(error) {
    const isFinal = error instanceof Refusal;
    if (isFinal) console.warn(`<org-jobs>: ${error.message}`);
    if (isFinal || !this.#answer) this.#jobs = [];
    this.#note(this.#answer && !isFinal ? "stale" : "unreachable");
    if (isFinal) this.#answer = null;
    this.#drawList();
    if (!isFinal) this.#tryLater();
  }

  #tryLater() {
    this.#timers.retry = setTimeout(() => this.#load(), this.#pause);
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }

  #lookedAt = () => {
    const isOld = !this.#at || Date.now() - this.#at > OLD || !this.#parts?.note.hidden;
    if (document.visibilityState === "visible" && isOld && this.#page === 1 && !this.#request && textOf(this, "org")) this.#load();
  };

  #clickedElsewhere = (event) => {
    const open = this.#root.querySelector("details[open]");
    if (open && !event.composedPath().includes(open)) open.open = false;
  };

  #build() {
    this.#speech = new Speech(textOf(this, "lang") || this.closest("[lang]")?.lang, this.#labels());
    const say = (...what) => this.#speech.say(...what);
    const parts = {
      input: make("input", { type: "search", part: "input", placeholder: say("hint"), maxlength: "200", enterkeyhint: "search" }),
      filters: make("div", { className: "filters", part: "filters", role: "group", "aria-label": say("filters") }),
      clear: make("button", { type: "button", part: "button clear", hidden: true }, say("clear")),
      status: make("p", { className: "status", part: "status", role: "status" }),
      note: make("div", { className: "note", part: "note", hidden: true }),
      list: make("div", { className: "list", part: "list" }),
      more: make("button", { type: "button", part: "button more", hidden: true }, say("more")),
      details: new Map(),
    };
    const search = make("label", { part: "search", hidden: textOf(this, "search") === "none" }, make("span", { className: "hidden" }, say("search")), parts.input);
    const form = make("form", { role: "search", part: "form", "aria-label": say("search") }, search, parts.filters);
    parts.section = make("section", { part: "jobs", "aria-label": textOf(this, "label") || say("jobs") }, form, parts.status, parts.note, parts.list, make("div", { className: "end" }, parts.more));
    parts.form = form;
    parts.filters.append(parts.clear);
    parts.filters.hidden = true;
    form.addEventListener("submit", (event) => { event.preventDefault(); this.#search(); });
    form.addEventListener("keydown", (event) => this.#closeOnEscape(event));
    parts.input.addEventListener("input", () => {
      clearTimeout(this.#timers.typing);
      this.#timers.typing = setTimeout(() => this.#search(), TYPING);
    });
    parts.clear.addEventListener("click", () => this.#clear());
    parts.more.addEventListener("click", () => this.#load({ more: true }));
    this.#parts = parts;
    this.#root.replaceChildren(parts.section);
  }

  #labels() {
    try {
      return JSON.parse(textOf(this, "labels") || "{}");
    } catch {
      console.warn("<org-jobs>: the attribute “labels” is no JSON");
      return {};
    }
  }

  #search() {
    clearTimeout(this.#timers.typing);
    const typed = this.#parts.input.value.trim();
    if (typed === this.#q) return;
    this.#q = typed;
    this.#load();
  }

  #clear() {
    this.#chosen.clear();
    this.#q = this.#parts.input.value = "";
    (textOf(this, "search") === "none" ? this.#root.querySelector("summary") : this.#parts.input)?.focus();
    this.#load();
  }

  #closeOnEscape(event) {
    const open = event.key === "Escape" && this.#root.querySelector("details[open]");
    if (!open) return;
    event.stopPropagation();
    open.open = false;
    open.querySelector("summary").focus();
  }

  #busy(is) {
    const { section, status, list } = this.#parts;
    section.setAttribute("aria-busy", String(is));
    if (!is || this.#answer || !this.#parts.note.hidden) return;
    status.textContent = this.#speech.say("loading");
    list.className = "list waiting";
    list.replaceChildren(make("ul", { "aria-hidden": "true" }, ...[1, 2, 3].map(() => make("li"))));
  }

  /** Say that the list is old, or that there is none: then what the page's author wrote inside the element shows too. */
  #note(kind) {
    const { note } = this.#parts;
    const hadFocus = note.contains(this.#root.activeElement);
    note.hidden = !kind;
    this.#parts.form.hidden = kind === "unreachable"; // there is nothing to search
    if (!kind) {
      note.replaceChildren();
      if (hadFocus) this.#parts.input.focus();
      return;
    }
    const text = this.#speech.say(kind, kind === "stale" ? this.#speech.moment(this.#at) : "");
    const retry = make("button", { type: "button", part: "button retry" }, this.#speech.say("retry"));
    retry.addEventListener("click", () => this.#load());
    const own = make("a", { part: "all", href: tabOf(this) }, this.#speech.say("all"));
    const link = kind === "stale" ? null : this.childElementCount ? make("slot") : textOf(this, "org") ? own : null;
    note.replaceChildren(make("p", { role: "alert" }, text), ...[link, retry].filter(Boolean));
    if (hadFocus) retry.focus();
  }

  #drawFilters() {
    const { filters, clear, details } = this.#parts;
    const wanted = textOf(this, "filters");
    const fixed = new Set(fixedOf(this).map(([name]) => name));
    const shown = (this.#answer.filters ?? []).filter(({ name }) => !fixed.has(name) && (!wanted || wanted.split(/[\s,]+/).includes(name)));
    for (const [name, element] of details) {
      if (!shown.some((each) => each.name === name)) { element.remove(); details.delete(name); }
    }
    for (const filter of shown) this.#drawFilter(filter);
    clear.hidden = !this.#q && ![...this.#chosen.values()].some((values) => values.size);
    filters.hidden = !shown.length && clear.hidden;
  }

  #drawFilter(filter) {
    const { clear, details } = this.#parts;
    if (!details.has(filter.name)) {
      details.set(filter.name, make("details", { name: "filter", part: "filter" }));
      clear.before(details.get(filter.name));
    }
    const chosen = this.#chosen.get(filter.name) ?? new Set();
    drawFilter(details.get(filter.name), filter, { speech: this.#speech, chosen, toggle: this.#toggle });
  }

  #toggle = (name, value, isChosen) => {
    const values = new Set(this.#chosen.get(name));
    if (isChosen) values.add(value);
    else values.delete(value);
    this.#chosen.set(name, values);
    this.#load();
  };

  #drawList() {
    const { status, list, more, clear } = this.#parts;
    const say = (...what) => this.#speech.say(...what);
    list.className = "list";
    list.replaceChildren();
    more.hidden = true;
    status.textContent = "";
    if (!this.#answer) return;
    const isWhole = !this.#answer.next;
    const text = clear.hidden ? "none" : "noMatch";
    status.textContent = this.#answer.total ? say("found", this.#answer.total) : say(text);
    more.hidden = isWhole;
    const level = isGrouped(this) ? Math.min(6, Math.max(1, parseInt(textOf(this, "heading"), 10) || 3)) : null;
    const link = (address) => withSource(this, address);
    list.append(...drawJobs(this.#jobs, { speech: this.#speech, level, isWhole, link, target: textOf(this, "target") }));
  }
}

if (!customElements.get("org-jobs")) customElements.define("org-jobs", OrgJobs);

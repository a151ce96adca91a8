"""The Jobs tab: open jobs by department or as a list, searched and filtered by the address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final
from urllib.parse import urlencode

from flask import Flask, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal.domain.jobs.public_list import EVERY_JOB, FILTERS, Group, PublicFilter, Tally, read_filter, tally
from portal.domain.jobs.public_words import LABELS, SETS, filter_words, list_title, value_label
from portal.domain.languages import primary_language
from portal.domain.places.keys import place_key
from portal.domain.texts import name_key, sort_key
from portal.models import Organisation
from portal.store.jobs import count_public_jobs
from portal.store.public.alerts import count_readers
from portal.store.public.jobs import ListedJob, count_groups, list_public_jobs
from portal.web.alerts.form import form_of_tab
from portal.web.blueprints import jobs as bp
from portal.web.cache import LRUCache
from portal.web.jobs.lists import count_new
from portal.web.permissions import is_admin, is_member
from portal.web.public.pages import cached_for_everybody
from portal.web.public.rows import in_one, openings
from portal.web.requests import logo_address, parse_number, site_address
from portal.web.templating import Pages, pages_of, today_in
from portal.web.traffic.tracking import Tracking, asked_tracking

PER_PAGE: Final = 200
MOST_CHOICES: Final = 100
PLAIN: Final = "list"
FEEDS: Final = (("application/atom+xml", ".atom"), ("application/feed+json", ".json"))
MOST_LISTED: Final = 20_000
"""Jobs in the lists that a process remembers: some 20 MB."""
_LISTINGS: Final = "public_listings"
MOST_GROUPS: Final = 50_000
"""Groups of alike jobs that a process remembers: some 20 MB."""
_GROUPS: Final = "public_groups"


@dataclass(frozen=True, slots=True)
class TabQuery:
    """What the address asks for: which jobs, grouped or not, and what links carry on."""

    wanted: PublicFilter
    is_plain: bool
    page: int
    tracking: Tracking

    def address(self, base: str, wanted: PublicFilter, page: int = 1, *, plain: bool | None = None) -> str:
        """Return the address of another list, which begins at its first page unless another is named."""
        pairs = [("q", wanted.q)] if wanted.q else []
        pairs += [(name, value) for name, values in wanted.chosen for value in values]
        pairs += self.kept(plain=plain)
        pairs += [("page", str(page))] if page > 1 else []
        return f"{base}?{urlencode(pairs)}" if pairs else base

    def kept(self, *, plain: bool | None = None) -> list[tuple[str, str]]:
        """Return the parameters that no filter changes."""
        pairs = [("view", PLAIN)] if (self.is_plain if plain is None else plain) else []
        return [*pairs, *self.tracking]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a filter: how many jobs it leaves, whether it is chosen, the list with it alone."""

    value: str
    label: str
    count: int
    is_chosen: bool
    alone: str


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: what is chosen in it, in words, and the list without it."""

    name: str
    label: str
    choices: list[Choice]
    said: str
    without: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """What an empty list says of a filter or the search: without it so many jobs are found."""

    label: str
    count: int
    address: str


@dataclass(frozen=True, slots=True)
class Section:
    """The jobs under one heading, of which there are ``count`` on all pages together."""

    heading: str
    is_featured: bool
    count: int
    rows: Markup


def asked_query() -> TabQuery:
    """Return what the address asks for."""
    asked = {name: request.args.getlist(name) for name in FILTERS}
    return TabQuery(
        read_filter(request.args.get("q", ""), asked),
        request.args.get("view") == PLAIN,
        parse_number(request.args.get("page", "")) or 1,
        asked_tracking(),
    )


@bp.get("")
@cached_for_everybody(asked_query, is_tracked=True)
def index(org: Organisation) -> ResponseReturnValue:
    """The open jobs that the address asks for."""
    query = asked_query()
    listing = _listing(org, query, to_members=is_member())
    wanted, total, found, pages = query.wanted, listing.total, listing.found, listing.pages
    base = url_for(".index", org=org.slug).partition("?")[0]
    rows = openings(org, listing.jobs, with_department=query.is_plain, show_featured=query.is_plain)
    return render_template(
        "pages/jobs/index.html",
        query=query,
        base=base,
        address=site_address() + (f"{base}?page={pages.number}" if pages.number > 1 else base),
        picture=logo_address(org),
        total=total,
        found=found.total,
        filters=filters_of(query, base, found),
        sections=_sections(listing.jobs, rows, found, by_department=not query.is_plain),
        remedies=_remedies(org, query, base, found) if total and not found.total else [],
        unseen=0 if total or not is_admin() else count_new(org),
        pages=pages,
        every_job=query.address(base, EVERY_JOB),
        other_view=query.address(base, wanted, plain=not query.is_plain),
        page_address=lambda number: query.address(base, wanted, number),
        alert=form_of_tab(org, wanted),
        readers=count_readers(org.id) if is_admin() else 0,
        feed_title=list_title(org.name, wanted),
        feeds=[(kind, query.address(f"{base}{ending}", wanted, plain=False)) for kind, ending in FEEDS],
    )


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list holds, whoever sent its reader: ``total`` counts every public job."""

    total: int
    found: Tally
    pages: Pages
    jobs: Sequence[ListedJob]


def init_app(app: Flask) -> None:
    """Give the application its memory of what lists hold."""
    app.extensions[_LISTINGS] = LRUCache[Listing](MOST_LISTED, _weight)
    app.extensions[_GROUPS] = LRUCache[Sequence[Group]](MOST_GROUPS, _rows)


def _listing(org: Organisation, query: TabQuery, *, to_members: bool) -> Listing:
    """Return what the address asks for; it is found out once as long as nothing changes."""
    today, wanted = today_in(org.time_zone), query.wanted

    def find() -> Listing:
        found = tally(groups_of(org, wanted.q, to_members=to_members), wanted)
        pages = pages_of(str(query.page), found.total, PER_PAGE)
        window = {"limit": PER_PAGE, "offset": pages.offset}
        jobs = list_public_jobs(
            org.id, today, wanted, to_members=to_members, by_department=not query.is_plain, **window
        )
        return Listing(count_public_jobs(org.id, today, to_members=to_members), found, pages, jobs)

    listings: LRUCache[Listing] = current_app.extensions[_LISTINGS]
    key = (org.id, org.revision, today, replace(query, tracking=()), to_members)
    return listings.get_or_make(key, find)


def groups_of(org: Organisation, q: str = "", *, to_members: bool) -> Sequence[Group]:
    """Return what a search finds, counted by all that it can be filtered by: the same for every filter."""
    today = today_in(org.time_zone)
    groups: LRUCache[Sequence[Group]] = current_app.extensions[_GROUPS]
    return groups.get_or_make(
        (org.id, org.revision, today, q, to_members),
        lambda: count_groups(org.id, today, q, to_members=to_members),
    )


def _rows(groups: Sequence[Group]) -> int:
    return 10 + len(groups)


def _weight(listing: Listing) -> int:
    return 10 + len(listing.jobs) + listing.found.size // 10


def _sections(
    jobs: Sequence[ListedJob], rows: Sequence[str], found: Tally, *, by_department: bool
) -> list[Section]:
    """Return the rows of the jobs: by department, each under its heading, or as one list."""
    if not by_department:
        return [Section("", False, found.total, in_one(rows))]
    sections = []
    for key, group in groupby(zip(jobs, rows, strict=True), lambda each: _section_key(each[0])):
        (first, *_), group_rows = zip(*group, strict=True)
        count = found.featured if key is None else found.departments.get(key, len(group_rows))
        heading = "Featured" if key is None else first.department or "Other jobs"
        sections.append(Section(heading, key is None, count, in_one(group_rows)))
    return sections


def _section_key(job: ListedJob) -> str | None:
    return None if job.featured else name_key(job.department or "")


def filters_of(query: TabQuery, base: str, found: Tally) -> list[Filter]:
    """Return the filters that are set, or that have more than one choice."""
    filters = (_filter(query, base, name, found.choices[name]) for name in FILTERS)
    return [each for each in filters if each.said or len(each.choices) > 1]


def _filter(query: TabQuery, base: str, name: str, counts: Mapping[str, int]) -> Filter:
    key, wanted = _KEYS.get(name, str), query.wanted
    chosen = {key(value): value for value in wanted.values(name)}
    labels = {value: value_label(name, value) for value in counts}
    most = sorted(counts, key=lambda value: (key(value) not in chosen, -counts[value], value))[:MOST_CHOICES]
    unknown = [chosen[each] for each in chosen if each not in {key(value) for value in most}]
    values = [*unknown, *sorted(most, key=lambda value: _place(name, value, labels[value]))]
    choices = [
        Choice(
            value,
            value_label(name, value),
            counts.get(value, 0),
            key(value) in chosen,
            query.address(base, wanted.only(name, value)),
        )
        for value in values
    ]
    said = ", ".join(choice.label for choice in choices if choice.is_chosen)
    return Filter(name, LABELS[name], choices, said, query.address(base, wanted.without(name)))


def _language_key(value: str) -> str:
    return primary_language(value) or value


_KEYS: Final[dict[str, Callable[[str], str]]] = {
    "department": name_key,
    "location": place_key,
    "language": _language_key,
}
"""What tells whether a value asked for is one of the choices."""


def _place(name: str, value: str, label: str) -> tuple[int, str]:
    """Closed sets stand in their own order, others by name."""
    known = list(SETS.get(name, ()))
    return (known.index(value) if value in known else len(known), sort_key(label))


def _remedies(org: Organisation, query: TabQuery, base: str, found: Tally) -> list[Remedy]:
    """Say what an empty list would find without its search or one of its filters, the most first."""
    wanted = query.wanted
    remedies = [
        Remedy(filter_words(name, values), found.without[name], query.address(base, wanted.without(name)))
        for name, values in wanted.chosen
    ]
    if wanted.q and wanted.chosen:
        groups = groups_of(org, to_members=is_member())
        without = wanted.without("q")
        count = tally(groups, without).total
        remedies.append(Remedy(f"“{wanted.q}”", count, query.address(base, without)))
    return sorted((each for each in remedies if each.count), key=lambda each: -each.count)

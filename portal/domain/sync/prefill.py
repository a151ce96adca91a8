"""Read from a post the values of the organisation's columns, and its AI notice."""

from datetime import date
from typing import Any, Final

from portal.domain.descriptions.clean import clean_description, clean_foreign_html
from portal.domain.descriptions.markup import network_tags
from portal.domain.jobs.fields import WorkplaceType
from portal.domain.jobs.values import Values
from portal.domain.places.countries import place_name_key
from portal.domain.places.locations import read_location
from portal.domain.sync.metadata import NO_CHOICES, ColumnChoices, day_in, metadata_says
from portal.domain.sync.pay import advertised_pay
from portal.domain.sync.posts import Department, JobPost, Office
from portal.domain.texts import cut_line
from portal.domain.vocabulary.employment import NO_EMPLOYMENTS, Said, employment_said
from portal.domain.vocabulary.titles import title_says
from portal.domain.vocabulary.work_models import NO_MODELS, Models, location_work_model, work_models_in

AI_NOTICE: Final = "ai_notice"
"""Its name among what Greenhouse says of a job: ``html``, empty where the post has no words of its own, and
``opt_out``, an address or nothing."""


def ai_notice(post: JobPost) -> dict[str, Any]:
    """The notice, by its name; nothing where the post does not want one, or there is nothing to show."""
    if not post.include_ai_disclaimer:
        return {}
    said = (post.ai_disclaimer or "").strip()
    clean = clean_foreign_html if "<" in said else clean_description
    html, opt_out = clean(said, post.absolute_url), post.ai_opt_out_request_url
    return {AI_NOTICE: {"html": html, "opt_out": opt_out}} if html or opt_out else {}


SourceValues = dict[str, Any]
"""Of JSON alone; a column of which Greenhouse says nothing is not in it."""

_PLAIN_COLUMNS = (
    "location",
    "workplace_type",
    "employment_type",
    "department",
    "seniority",
    "hiring_manager",
    "tags",
)
_MOST_OFFICES = 40
_A_CHOICE = frozenset({WorkplaceType.ONSITE, WorkplaceType.REMOTE})
_NO_DEPARTMENT = frozenset({"", "no department"})


def source_values(post: JobPost, choices: ColumnChoices = NO_CHOICES) -> SourceValues:
    """What a post says of each organisation column, and all its ``departments`` and ``offices``.

    ``choices`` are the columns that somebody chose for custom fields, instead of those guessed by name.
    Values are as the columns keep them, ``closes_on`` an ISO date and ``salary`` its four columns.
    A custom field outweighs the location, that the title, that a tag for networks, and that an office: each
    counts only where those before it are silent, not where one of them leaves a choice.
    Never raises: what cannot be understood is left out, nothing is guessed.
    """
    employment, models, said = metadata_says(post.metadata, choices)
    title, tags = title_says(post.title), " / ".join(network_tags(post.content))
    named = said.get("location") or cut_line((post.location and post.location.name) or "", 300)
    offices = _offices(post.offices)
    departments = _departments(post.departments)
    values = {
        "location": _location(named, post.offices),
        "workplace_type": _one_of(
            models or _in_location(named) or title.models or work_models_in(tags) or _in_offices(offices)
        ),
        "employment_type": _employment(employment, title.employment, employment_said(tags)),
        "department": said.get("department") or _deepest(departments),
        "seniority": said.get("seniority"),
        "salary": advertised_pay(post, choices),
        "hiring_manager": said.get("hiring_manager"),
        "tags": said.get("tags"),
        "closes_on": said.get("closes_on") or day_in(post.application_deadline),
        "departments": list(dict.fromkeys(name for name, _ in departments)),
        "offices": offices,
    }
    return {name: value for name, value in values.items() if value}


def prefill(values: SourceValues) -> Values:
    """The columns of a new job to write once, from what ``source_values`` gave (or its JSON)."""
    columns: Values = {name: values[name] for name in _PLAIN_COLUMNS if name in values}
    columns |= values.get("salary", {})
    if "closes_on" in values:
        columns["closes_on"] = date.fromisoformat(values["closes_on"])
    return columns


def _one_of(models: Models) -> str | None:
    """The model of the first source that names any: none where that one leaves a choice."""
    return next(iter(models)).value if len(models) == 1 else None


def _in_location(named: str) -> Models:
    """Remote beside a town, or that one may ask for it, leaves a choice: it is one way among others."""
    where = read_location(named)
    if where.model:
        return frozenset({where.model})
    return _A_CHOICE if where.offers_remote else work_models_in(named)


def _in_offices(offices: list[str]) -> Models:
    """Where all that name a model name the same."""
    models = frozenset(model for office in offices if (model := location_work_model(office)))
    return models if len(models) == 1 else NO_MODELS


def _employment(*sources: Said) -> str | None:
    """By the first source that says more than hours: internships are often "full-time" besides.

    Where none does, by the first that says the hours.
    """
    kinds = next((source.kinds for source in sources if source.kinds), NO_EMPLOYMENTS)
    hours = next((source.hours for source in sources if source.hours), NO_EMPLOYMENTS)
    return Said(kinds, hours).employment


def _location(named: str, offices: tuple[Office, ...]) -> str:
    """The location as written, or the offices' where it names no place: "Remote", "N/A"."""
    if not read_location(named).says_nothing:
        return named
    places = (cut_line(office.location or office.name or "", 300) for office in offices)
    known = [place for place in places if not read_location(place).says_nothing]
    return cut_line("; ".join(dict.fromkeys(known)), 300)


def _offices(offices: tuple[Office, ...]) -> list[str]:
    names = (cut_line(office.name or office.location or "", 200) for office in offices)
    return list(dict.fromkeys(name for name in names if name))


def office_places(post: JobPost) -> str | None:
    """A post's offices, which decide what a location leaves open: "Parow, South Africa; Berlin"."""
    places: dict[str, None] = {}
    for office in post.offices[:_MOST_OFFICES]:
        name, location = cut_line(office.name or "", 200), cut_line(office.location or "", 300)
        is_named = f" {place_name_key(name)} " in f" {place_name_key(location)} "
        place = ", ".join(filter(None, ("" if is_named else name, location)))
        if place and not read_location(place).says_nothing:
            places[place] = None
    return "; ".join(places) or None


def _departments(departments: tuple[Department, ...]) -> list[tuple[str, int]]:
    """Each named department with its depth, in the order of the post."""
    if len(departments) == 1:
        alone = cut_line(departments[0].name or "", 200)
        return [] if alone.lower() in _NO_DEPARTMENT else [(alone, 0)]
    parents = {department.id: department.parent_id for department in departments if department.id is not None}
    named = ((cut_line(department.name or "", 200), department) for department in departments)
    return [
        (name, _depth(department, parents))
        for name, department in named
        if name.lower() not in _NO_DEPARTMENT
    ]


def _depth(department: Department, parents: dict[int, int | None]) -> int:
    """How many departments stand above it, as far as the post knows them; a circle ends."""
    depth, above, seen = 0, department.parent_id, {department.id}
    while above is not None and above not in seen and depth < 20:
        seen.add(above)
        depth, above = depth + 1, parents.get(above)
    return depth


def _deepest(departments: list[tuple[str, int]]) -> str:
    return max(departments, key=lambda department: department[1], default=("", 0))[0]

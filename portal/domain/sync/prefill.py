"""What Greenhouse says of the organisation's columns, and what is taken from it once."""

from datetime import date
from typing import Any

from portal.domain.jobs.places import is_only_work_model, workplace_in
from portal.domain.jobs.values import Values
from portal.domain.sync.metadata import NO_CHOICES, ColumnChoices, day_in, metadata_values
from portal.domain.sync.pay import advertised_pay
from portal.domain.sync.posts import Department, JobPost, Office
from portal.domain.texts import cut_line

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
_NO_PLACE = frozenset({"any", "all", "n/a", "none", "no office", "tbd"})
_NO_DEPARTMENT = frozenset({"", "no department"})


def source_values(post: JobPost, choices: ColumnChoices = NO_CHOICES) -> SourceValues:
    """What a post says of each organisation column, and all its ``departments`` and ``offices``.

    ``choices`` are the columns that somebody chose for custom fields, instead of those guessed by name.
    Values are as the columns keep them, ``closes_on`` an ISO date and ``salary`` its four columns.
    Never raises: what cannot be understood is left out, nothing is guessed.
    """
    said = metadata_values(post.metadata, choices)
    named = said.get("location") or cut_line((post.location and post.location.name) or "", 300)
    offices = _offices(post.offices)
    departments = _departments(post.departments)
    values = {
        "location": _location(named, post.offices),
        "workplace_type": said.get("workplace_type") or _workplace(named, offices),
        "employment_type": said.get("employment_type"),
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


def _workplace(named: str, offices: list[str]) -> str | None:
    """By the location, or else where all offices that name a work model name the same."""
    models = {workplace_in(named)} - {None} or {workplace_in(office) for office in offices} - {None}
    model = models.pop() if len(models) == 1 else None
    return model and model.value


def _location(named: str, offices: tuple[Office, ...]) -> str:
    """The location as written, or the offices' where it only says how the work is done."""
    if named and not is_only_work_model(named):
        return named
    places = (cut_line(office.location or office.name or "", 300) for office in offices)
    known = [place for place in places if place.lower() not in _NO_PLACE and not is_only_work_model(place)]
    return cut_line("; ".join(dict.fromkeys(place for place in known if place)), 300)


def _offices(offices: tuple[Office, ...]) -> list[str]:
    names = (cut_line(office.name or office.location or "", 200) for office in offices)
    return list(dict.fromkeys(name for name in names if name))


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

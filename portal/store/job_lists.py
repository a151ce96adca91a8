"""The lists of Manage jobs: conditions, order, groups, and suggestions."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from portal.db import session
from portal.domain.jobs.derived import ENOUGH_WORDS, SORTED_TEXTS, relevant_lacks
from portal.domain.jobs.fields import HIDDEN_FROM_ALL, EmploymentType, Visibility
from portal.domain.places.keys import place_key
from portal.domain.sync.plan import HoldStatus
from portal.domain.texts import commonest_spellings, named, search_terms, sort_key
from portal.models import HeldClosing, Job
from portal.store.jobs import JobState, not_gone, states

EXACT_FILTERS: Final = ("department", "location", "workplace_type", "employment_type", "source")
NO_VALUE: Final = ""  # among a filter's values: the jobs that have none in this column
GROUPS: Final = ("department", "location", "state", "employment_type")


class Status(StrEnum):
    """A view of the list. Open, members, hidden and closed part all jobs among them; the others overlap."""

    OPEN = "open"
    NEW = "new"
    ATTENTION = "attention"
    HELD = "held"
    MEMBERS = "members"
    HIDDEN = "hidden"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs are wanted: all words and phrases of ``q``, and of each column of ``exact`` any value."""

    q: str = ""
    status: Status | None = None
    exact: tuple[tuple[str, str], ...] = ()

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the view narrows the list."""
        return bool(self.q or self.exact)

    @property
    def values(self) -> dict[str, tuple[str, ...]]:
        """The values wanted of each column that the list is filtered by."""
        return {name: tuple(value for each, value in self.exact if each == name) for name in dict(self.exact)}

    def without(self, name: str) -> "JobFilter":
        """Return the same list, not filtered by this column."""
        return replace(self, exact=tuple(pair for pair in self.exact if pair[0] != name))


class contains(FunctionElement[bool]):  # noqa: N801 - a function of SQL
    """Whether a text holds another, letter for letter."""

    type = Boolean()
    inherit_cache = True


@compiles(contains)
def _contains(element: Any, compiler: Any, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)}) > 0"


@compiles(contains, "sqlite")
def _contains_in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)}) > 0"


def wanted_jobs(
    organisation_id: int, wanted: JobFilter, today: date, *, any_salary_shown: bool
) -> ColumnElement[bool]:
    """Return the condition that the organisation's wanted jobs meet."""
    conditions = [not_gone(organisation_id), *matches(wanted)]
    if wanted.status is not None:
        conditions.append(has(wanted.status, today, any_salary_shown=any_salary_shown))
    return and_(*conditions)


def has(status: Status, today: date, *, any_salary_shown: bool) -> ColumnElement[bool]:
    """Return whether a job is in a view."""
    past = and_(Job.closes_on.is_not(None), Job.closes_on < today)
    shown = Job.visibility == Visibility.SHOWN
    match status:
        case Status.OPEN:
            return and_(Job.listed, shown, ~past)
        case Status.MEMBERS:
            return and_(Job.listed, Job.visibility == Visibility.MEMBERS, ~past)
        case Status.HIDDEN:
            return and_(Job.listed, Job.visibility.in_(HIDDEN_FROM_ALL))
        case Status.NEW:
            return and_(Job.listed, Job.visibility == Visibility.NEW)
        case Status.CLOSED:
            return or_(not_(Job.listed), and_(Job.visibility.not_in(HIDDEN_FROM_ALL), past))
        case Status.HELD:
            return Job.id.in_(select(HeldClosing.job_id).where(is_held()))
        case Status.ATTENTION:
            lacking = Job.lacks.bitwise_and(literal(relevant_lacks(any_salary_shown))) != 0
            return and_(
                Job.listed, shown, or_(lacking, Job.words < ENOUGH_WORDS, past, Job.apply_url.is_(None))
            )


def is_held() -> ColumnElement[bool]:
    """Whether a held closing waits for a decision."""
    return and_(HeldClosing.status == HoldStatus.PENDING, HeldClosing.ended_at.is_(None))


def matches(wanted: JobFilter, *, without: str | None = None) -> list[ColumnElement[bool]]:
    """Return all conditions but the view's, and but one filter's where its own choices are counted."""
    conditions = [_is_any(name, values) for name, values in wanted.values.items() if name != without]
    terms = search_terms(wanted.q)
    return conditions + [
        or_(contains(Job.search_source, term), contains(Job.search_own, term)) for term in terms
    ]


def _is_any(name: str, values: Sequence[str]) -> ColumnElement[bool]:
    if name not in EXACT_FILTERS:
        raise ValueError(f"Jobs are not filtered by {name!r}.")
    said = [value for value in values if value != NO_VALUE]
    if name == "location":
        found = [contains(Job.places, place_key(value)) for value in said]
    elif name == "department":
        found = [contains(Job.department_sort, named(value)) for value in said]
    else:
        found = [getattr(Job, name).in_(said)] if said else []
    return or_(*found, *([has_none(name)] if NO_VALUE in values else []))


def has_none(name: str) -> ColumnElement[bool]:
    """Whether a job has no value in a column that lists are filtered by."""
    column: Any = getattr(Job, name)
    return or_(column.is_(None), column == "")


MOST_VALUES: Final = 200
OFFERED_COLUMNS: Final = ("department", "location", "seniority", "hiring_manager")
_PERIODS_PER_YEAR: Final = {"hour": 2080, "day": 260, "week": 52, "month": 12, "year": 1}


def list_jobs(
    organisation_id: int,
    wanted: JobFilter,
    today: date,
    *,
    any_salary_shown: bool,
    sort: str,
    limit: int,
    offset: int,
    group: str = "",
) -> list[JobState]:
    """Return which of the matching jobs stand on one page; those of a ``group`` stand together."""
    view = [has(wanted.status, today, any_salary_shown=any_salary_shown)] if wanted.status else []
    order = _order(sort, today, group)
    page = states().where(*matches(wanted), *view).order_by(*order).limit(limit).offset(offset)
    return [JobState(*row) for row in session().execute(page, {"organisation_id": organisation_id})]


def used_values(organisation_id: int, *names: str) -> dict[str, list[str]]:
    """Return the values that the organisation's jobs bear in some columns, each list in its order."""
    query: Any = union_all(*(_used(organisation_id, name) for name in names))
    values: dict[str, Counter[str]] = {name: Counter() for name in names}
    for row in session().execute(query):
        values[row[0]][row[1]] += row[2]
    return {name: sorted(commonest_spellings(found), key=sort_key) for name, found in values.items()}


def used_tags(organisation_id: int) -> list[str]:
    """Return the tags that the organisation's jobs bear, those borne most often, in their order."""
    kept = cast(Job.tags, Text)
    query = select(kept, func.count()).where(not_gone(organisation_id)).group_by(kept)
    counts: Counter[str] = Counter()
    for row in session().execute(query):
        for tag in json.loads(row[0]) or ():
            counts[tag] += row[1]
    found = Counter(commonest_spellings(counts))
    return sorted((tag for tag, _ in found.most_common(MOST_VALUES)), key=sort_key)


def is_sortable(sort: str) -> bool:
    """Whether ``sort`` names a column to sort by, with or without "-" before it."""
    return sort.removeprefix("-") in SORTED_BY


def _used(organisation_id: int, name: str) -> Select[tuple[str, str, int]]:
    if name not in OFFERED_COLUMNS:
        raise ValueError(f"No values are offered for {name!r}.")
    column: Any = getattr(Job, name)
    inner = (
        select(column.label("value"), func.count().label("count"))
        .where(not_gone(organisation_id), column.is_not(None), column != "")
        .group_by(column)
        .order_by(func.count().desc(), column)
        .limit(MOST_VALUES)
        .subquery()
    )
    return select(literal(name), inner.c.value, inner.c.count)


def _present(key: Any) -> ColumnElement[Any]:
    """A sort key, NULL where there is no text to sort by."""
    return func.nullif(key, "")


SORTED_BY: Final[dict[str, tuple[Any, ...]]] = {
    **{name: (_present(getattr(Job, f"{name}_sort")),) for name in SORTED_TEXTS},
    "workplace_type": (Job.workplace_type,),
    "employment_type": (Job.employment_type,),
    "salary": (
        Job.salary_currency,
        func.coalesce(Job.salary_max, Job.salary_min)
        * case(_PERIODS_PER_YEAR, value=Job.salary_period, else_=1),
    ),
    "featured": (Job.featured,),
    "visibility": (Job.visibility,),
    "salary_visible": (Job.salary_visible,),
    "source": (Job.source,),
    "summary": (func.lower(Job.summary),),
    "state": (),  # what it is depends on the day
    "changed_at": (Job.changed_at,),
    "opened_at": (Job.opened_at,),
    "closes_on": (Job.closes_on,),
}
_NEVER_EMPTY: Final = frozenset({"changed_at", "opened_at"})  # their indexes are of no use with NULLS LAST


STATES: Final = (Status.OPEN, Status.NEW, Status.MEMBERS, Status.HIDDEN, Status.CLOSED)


def _state(today: date) -> ColumnElement[int]:
    """What a row says of its job, as its place in ``STATES``."""
    cases = [(has(each, today, any_salary_shown=False), place) for place, each in enumerate(STATES[:-1])]
    return case(*cases, else_=len(STATES) - 1)


def group_key(group: str, today: date) -> ColumnElement[Any]:
    """Return what the jobs of one group have in common, and its order among them; NULL without a value."""
    match group:
        case "state":
            return _state(today)
        case "employment_type":
            return case(
                {kind.value: place for place, kind in enumerate(EmploymentType)}, value=Job.employment_type
            )
    return _present(getattr(Job, f"{group}_sort"))


def _order(sort: str, today: date, group: str) -> list[ColumnElement[Any]]:
    """The column asked for, empty values last either way; the newest first among equals.

    Where that is what the list is grouped by, its groups turn round with it.
    """
    name = sort.removeprefix("-")
    down = sort.startswith("-")
    columns = (_state(today),) if name == "state" else SORTED_BY[name]
    ordered = [column.desc() if down else column.asc() for column in columns]
    if name not in _NEVER_EMPTY:
        ordered = [column.nulls_last() for column in ordered]
    key = group_key(group, today) if group else None
    first = [] if key is None else [(key.desc() if down and name == group else key.asc()).nulls_last()]
    return [*first, *ordered, Job.id.desc()]

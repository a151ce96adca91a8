"""The lists of Manage jobs: conditions, order, groups, and suggestions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from portal.db import session
from portal.domain.jobs.derived import ENOUGH_WORDS, SORTED_TEXTS, relevant_lacks
from portal.domain.jobs.fields import HIDDEN_FROM_ALL, EmploymentType, Visibility
from portal.domain.places.keys import place_key
from portal.domain.sync.plan import HoldStatus
from portal.domain.texts import name_segment, search_terms
from portal.models import HeldClosing, Job
from portal.store.jobs import STATE, JobState, not_gone

EXACT_FILTERS: Final = ("department", "location", "workplace_type", "employment_type", "source")
Columns = TypeVarTuple("Columns")
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


class _position(FunctionElement[int]):  # noqa: N801 - a function of SQL
    """Where a text holds another, letter for letter, counted from 1; 0 where it does not."""

    type = Integer()
    inherit_cache = True


@compiles(_position)
def _in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


@compiles(_position, "sqlite")
def _in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


def contains(column: Any, text: str | ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a text holds another, letter for letter."""
    return _position(column, text) > 0


def wanted_jobs(
    organisation_id: int, wanted: JobFilter, today: date, *, any_salary_shown: bool
) -> ColumnElement[bool]:
    """Return the condition that the organisation's wanted jobs meet."""
    conditions = [not_gone(organisation_id), *matches(wanted)]
    if wanted.status is not None:
        conditions.append(has(wanted.status, today, any_salary_shown=any_salary_shown))
    return and_(*conditions)


def has(status: Status, today: date | ColumnElement[date], *, any_salary_shown: bool) -> ColumnElement[bool]:
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
    return conditions + [_holds(term) for term in search_terms(wanted.q)]


def _holds(term: str | ColumnElement[str]) -> ColumnElement[bool]:
    return or_(contains(Job.search_source, term), contains(Job.search_own, term))


def holds_terms(number: int) -> list[ColumnElement[bool]]:
    """Return whether jobs hold so many terms, which are given when the statement is executed."""
    return [_holds(bindparam(f"term_{place}", type_=Text)) for place in range(number)]


def given_terms(q: str) -> dict[str, str]:
    """Return the terms of a search as statements with ``holds_terms`` are given them."""
    return {f"term_{place}": term for place, term in enumerate(search_terms(q))}


def narrowed(statement: Select[*Columns], wanted: JobFilter) -> Select[*Columns]:
    """Return a statement with the conditions of the filters; the same one where there are none."""
    filters = matches(replace(wanted, q=""))
    return statement.where(*filters) if filters else statement


def _is_any(name: str, values: Sequence[str]) -> ColumnElement[bool]:
    if name not in EXACT_FILTERS:
        raise ValueError(f"Jobs are not filtered by {name!r}.")
    said = [value for value in values if value != NO_VALUE]
    if name == "location":
        found = [contains(Job.places, place_key(value)) for value in said]
    elif name == "department":
        found = [contains(Job.department_sort, name_segment(value)) for value in said]
    else:
        found = [getattr(Job, name).in_(said)] if said else []
    return or_(*found, *([has_none(name)] if NO_VALUE in values else []))


def has_none(name: str) -> ColumnElement[bool]:
    """Whether a job has no value in a column that lists are filtered by."""
    column: Any = getattr(Job, name)
    return or_(column.is_(None), column == "")


_PERIODS_PER_YEAR: Final = {"hour": 2080, "day": 260, "week": 52, "month": 12, "year": 1}


Spellings = tuple[tuple[str, str], ...]
"""Keys of groups whose names differ from another only in spaces, each with the key that stands for both."""


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
    spellings: Spellings = (),
    found: Sequence[int] | None = None,
) -> list[JobState]:
    """Return one page of the matching jobs, those of a ``group`` together.

    ``found`` are the jobs that match, in any view, where they are known already.
    """
    given: dict[str, Any] = {"organisation_id": organisation_id, "today": today}
    given |= {"limit": limit, "offset": offset}
    if found is not None:
        listed = _listed(wanted.status, any_salary_shown, sort, group, spellings, 0).where(Job.id.in_(found))
    else:
        terms = given_terms(wanted.q)
        listed = _listed(wanted.status, any_salary_shown, sort, group, spellings, len(terms))
        listed, given = narrowed(listed, wanted), given | terms
    return [JobState._make(row) for row in session().execute(listed, given).all()]


@lru_cache(maxsize=1_000)  # made for each list, it takes longer than what it asks for
def _listed(
    status: Status | None, any_salary_shown: bool, sort: str, group: str, spellings: Spellings, terms: int
) -> Select[int, int, datetime]:
    today: Any = bindparam("today", type_=Date)
    view = [has(status, today, any_salary_shown=any_salary_shown)] if status else []
    page = select(*STATE).where(not_gone(bindparam("organisation_id")), *view, *holds_terms(terms))
    limit, offset = bindparam("limit", type_=Integer), bindparam("offset", type_=Integer)
    return page.order_by(*_order(sort, today, group, spellings)).limit(limit).offset(offset)


def is_sortable(sort: str) -> bool:
    """Whether ``sort`` names a column to sort by, with or without "-" before it."""
    return sort.removeprefix("-") in SORTED_BY


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


def _state(today: date | ColumnElement[date]) -> ColumnElement[int]:
    """What a row says of its job, as its place in ``STATES``."""
    cases = [(has(each, today, any_salary_shown=False), place) for place, each in enumerate(STATES[:-1])]
    return case(*cases, else_=len(STATES) - 1)


def group_key(group: str, today: date | ColumnElement[date], spellings: Spellings = ()) -> ColumnElement[Any]:
    """Return what the jobs of one group have in common, and its order among them; NULL without a value."""
    match group:
        case "state":
            return _state(today)
        case "employment_type":
            return case(
                {kind.value: place for place, kind in enumerate(EmploymentType)}, value=Job.employment_type
            )
    key = getattr(Job, f"{group}_sort")
    return _present(case(dict(spellings), value=key, else_=key) if spellings else key)


def _order(
    sort: str, today: date | ColumnElement[date], group: str, spellings: Spellings
) -> list[ColumnElement[Any]]:
    """The column asked for, empty values last either way; the newest first among equals.

    Where that is what the list is grouped by, its groups turn round with it.
    """
    name = sort.removeprefix("-")
    down = sort.startswith("-")
    columns = (_state(today),) if name == "state" else SORTED_BY[name]
    ordered = [column.desc() if down else column.asc() for column in columns]
    if name not in _NEVER_EMPTY:
        ordered = [column.nulls_last() for column in ordered]
    key = group_key(group, today, spellings) if group else None
    first = [] if key is None else [(key.desc() if down and name == group else key.asc()).nulls_last()]
    return [*first, *ordered, Job.id.desc()]

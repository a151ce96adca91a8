"""Which jobs a list holds, as conditions: its view, its search, its filters."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, and_, literal, not_, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from portal.domain.attention import ENOUGH_WORDS, mattering
from portal.domain.job_fields import Visibility
from portal.domain.search import fold, place_key
from portal.models import HeldClosing, HoldStatus, Job
from portal.store.jobs import standing

MOST_WORDS: Final = 8
EXACT_FILTERS: Final = ("department", "location", "workplace_type", "employment_type", "source")


class Status(StrEnum):
    """A view of the list. Open, hidden and closed part all jobs among them; the others take from all."""

    OPEN = "open"
    ATTENTION = "attention"
    HELD = "held"
    HIDDEN = "hidden"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs are wanted: all words of ``q``, and each of ``exact``'s columns as given."""

    q: str = ""
    status: Status | None = None
    exact: tuple[tuple[str, str], ...] = ()

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the view narrows the list."""
        return bool(self.q or self.exact)


class holds(FunctionElement[bool]):  # noqa: N801 - a function of SQL
    """Whether a text holds another, letter for letter."""

    type = Boolean()
    inherit_cache = True


@compiles(holds)
def _holds(element: Any, compiler: Any, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)}) > 0"


@compiles(holds, "sqlite")
def _holds_in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)}) > 0"


def wanted_jobs(
    organisation_id: int, wanted: JobFilter, today: date, *, shows_salaries: bool
) -> ColumnElement[bool]:
    """Return the condition that the organisation's wanted jobs meet."""
    conditions = [standing(organisation_id), *matches(wanted)]
    if wanted.status is not None:
        conditions.append(has(wanted.status, today, shows_salaries=shows_salaries))
    return and_(*conditions)


def has(status: Status, today: date, *, shows_salaries: bool) -> ColumnElement[bool]:
    """Return whether a job is in a view."""
    past = and_(Job.closes_on.is_not(None), Job.closes_on < today)
    shown = Job.visibility == Visibility.SHOWN
    match status:
        case Status.OPEN:
            return and_(Job.listed, shown, ~past)
        case Status.HIDDEN:
            return and_(Job.listed, Job.visibility == Visibility.HIDDEN)
        case Status.CLOSED:
            return or_(not_(Job.listed), and_(shown, past))
        case Status.HELD:
            return Job.id.in_(select(HeldClosing.job_id).where(is_held()))
        case Status.ATTENTION:
            lacking = Job.lacks.bitwise_and(literal(mattering(shows_salaries))) != 0
            return and_(Job.listed, shown, or_(lacking, Job.words < ENOUGH_WORDS, past))


def is_held() -> ColumnElement[bool]:
    """Whether a held closing waits for a decision."""
    return and_(HeldClosing.status == HoldStatus.PENDING, HeldClosing.ended_at.is_(None))


def matches(wanted: JobFilter, *, without: str | None = None) -> list[ColumnElement[bool]]:
    """Return all conditions but the view's, and but one filter's where its own choices are counted."""
    conditions = [_is(name, value) for name, value in wanted.exact if name != without]
    words = fold(wanted.q).split()[:MOST_WORDS]
    return conditions + [or_(holds(Job.search_source, word), holds(Job.search_own, word)) for word in words]


def _is(name: str, value: str) -> ColumnElement[bool]:
    if name == "location":
        return holds(Job.places, place_key(value))
    if name not in EXACT_FILTERS:
        raise ValueError(f"Jobs are not filtered by {name!r}.")
    column: ColumnElement[bool] = getattr(Job, name) == value
    return column

"""How many jobs the lists of Manage jobs hold: in each view, choice of a filter and group."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import islice
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
)

from portal.db import session
from portal.domain.jobs.derived import ENOUGH_WORDS, STORED_LACKS, relevant_lacks
from portal.domain.jobs.fields import Visibility
from portal.models import HeldClosing, Job
from portal.prepared_rows import batches
from portal.store.job_lists import (
    JobFilter,
    Spellings,
    Status,
    given_terms,
    group_key,
    has,
    holds_terms,
    is_held,
    narrowed,
    wanted_jobs,
)
from portal.store.jobs import not_gone

MOST_COUNTED: Final = 10_000
"""How far views are counted, so that their pages can be; people are told fewer apart."""
MOST_FOUND: Final = 500
PARTS: Final = (Status.OPEN, Status.MEMBERS, Status.HIDDEN, Status.CLOSED)
"""Every job is in one of these, and in one alone."""


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How many jobs there are, how many match but for their view, and how many of each view match.

    No count goes beyond ``MOST_COUNTED + 1``, which means "more". ``found`` are the jobs that match, where
    something narrows the list and it leaves few.
    """

    total: int
    matching: int
    by_status: dict[Status, int]
    found: tuple[int, ...] | None = None

    def of(self, status: Status | None) -> int:
        """Return how many match in this view (``None``: in any)."""
        return self.matching if status is None else self.by_status[status]


def count_views(
    organisation_id: int,
    wanted: JobFilter,
    today: date,
    *,
    any_salary_shown: bool,
    total: int | None = None,
) -> JobCounts:
    """Count every view of the list in one statement, none of them beyond the cap.

    Of a list that something narrows, how many jobs there are in ``total`` is counted unless it is known.
    """
    given = {"organisation_id": organisation_id, "today": today}
    if not wanted.is_narrow:
        counted = session().execute(_every_view(any_salary_shown), given).one()
        views = dict(zip(Status, counted, strict=True))
        total = sum(views[status] for status in PARTS)
        return _job_counts(total, total, views)
    terms = given_terms(wanted.q)
    statement = narrowed(_narrowed(any_salary_shown, len(terms)), wanted)
    matching, ids, *in_views = session().execute(statement, given | terms).one()
    total = count_total(organisation_id) if total is None else total
    found = tuple(map(int, ids.split(","))) if ids else None
    return _job_counts(total, matching, dict(zip(Status, in_views, strict=True)), found)


def count_total(organisation_id: int) -> int:
    """Return how many jobs there are, no further than the cap."""
    return session().scalar(select(_capped()), {"organisation_id": organisation_id}) or 0


def count_all(organisation_id: int, wanted: JobFilter, today: date, *, any_salary_shown: bool) -> int:
    """Return how many jobs one view holds, however many they are."""
    condition = wanted_jobs(organisation_id, wanted, today, any_salary_shown=any_salary_shown)
    return session().scalar(select(func.count()).select_from(Job).where(condition)) or 0


def count_each(
    organisation_id: int, lists: Sequence[JobFilter], today: date, *, any_salary_shown: bool
) -> list[int]:
    """Return how many jobs each of a few lists holds, in one statement, none of them beyond the cap."""
    if not lists:
        return []
    found = [
        select(literal(1))
        .select_from(Job)
        .where(wanted_jobs(organisation_id, wanted, today, any_salary_shown=any_salary_shown))
        for wanted in lists
    ]
    counts = session().execute(select(*map(_counted, found))).one()
    return [min(count, MOST_COUNTED + 1) for count in counts]


GroupKey = str | int | None
"""What tells a group from others; ``None`` that of the jobs without a value."""


@dataclass(frozen=True, slots=True)
class GroupCount:
    """What the jobs of a group are called most often, and how many they are on all pages."""

    name: str
    count: int


NAMED_GROUPS: Final = ("department", "location")
MOST_SPELLINGS: Final = 200


def spellings_of(organisation_id: int, group: str) -> Spellings:
    """Return the keys that are of one name with another key: "Back end" is sorted apart from "Backend"."""
    if group not in NAMED_GROUPS:
        return ()
    key: Any = getattr(Job, f"{group}_sort")
    names: dict[str, Counter[str]] = {}
    query = select(key, func.count()).where(not_gone(organisation_id)).group_by(key)
    for row in session().execute(query):
        names.setdefault(row[0].partition("\t")[2], Counter())[row[0]] += row[1]
    several = [keys for keys in names.values() if len(keys) > 1]
    merged = ((key, max(sorted(keys), key=keys.__getitem__)) for keys in several for key in sorted(keys))
    return tuple(islice((pair for pair in merged if pair[0] != pair[1]), MOST_SPELLINGS))


def groups_of(
    job_ids: Collection[int], group: str, today: date, spellings: Spellings = ()
) -> dict[int, GroupKey]:
    """Return the group that each of these jobs stands in."""
    query = select(Job.id, group_key(group, today, spellings)).where(Job.id.in_(job_ids))
    return {row[0]: row[1] for row in session().execute(query)}


def count_groups(
    organisation_id: int,
    wanted: JobFilter,
    today: date,
    group: str,
    keys: Collection[GroupKey],
    *,
    any_salary_shown: bool,
    spellings: Spellings = (),
) -> dict[GroupKey, GroupCount]:
    """Return name and size of some groups of a list; a state has no name but its place."""
    key = group_key(group, today, spellings)
    name: Any = literal("") if group == "state" else getattr(Job, group)
    condition = wanted_jobs(organisation_id, wanted, today, any_salary_shown=any_salary_shown)
    known: list[ColumnElement[bool]] = [key.in_([each for each in keys if each is not None])]
    if None in keys:
        known.append(key.is_(None))
    each = select(key.label("key"), name.label("name")).where(condition, or_(*known)).subquery()
    query = select(each.c.key, each.c.name, func.count()).group_by(each.c.key, each.c.name)
    found: dict[GroupKey, Counter[str]] = {}
    for row in session().execute(query):
        found.setdefault(row[0], Counter())[row[1] or ""] += row[2]
    return {
        each: GroupCount(max(sorted(names), key=names.__getitem__), names.total())
        for each, names in found.items()
    }


def any_salary_shown(organisation_id: int) -> bool:
    """Whether any of the organisation's jobs has a salary that the public may see."""
    return session().execute(_salary_shown(), {"organisation_id": organisation_id}).first() is not None


@cache
def _salary_shown() -> Select[int]:
    shown = (Job.organisation_id == _organisation, Job.salary_currency.is_not(None), Job.salary_visible)
    return select(literal(1)).where(*shown).limit(1)


def _job_counts(
    total: int, matching: int, views: Mapping[Status, int], found: tuple[int, ...] | None = None
) -> JobCounts:
    most = MOST_COUNTED + 1
    by_status = {status: min(count, most) for status, count in views.items()}
    return JobCounts(min(total, most), min(matching, most), by_status, found)


@cache
def _narrowed(any_salary_shown: bool, terms: int) -> Select[*tuple[Any, ...]]:
    """How many jobs a list holds, which where they are few, and those of each view; filters are added.

    The search reads every job: those that it found are not looked for again to be listed.
    """
    today: Any = bindparam("today", type_=Date)
    views = [has(status, today, any_salary_shown=any_salary_shown) for status in Status]
    ids = func.aggregate_strings(cast(Job.id, Text), ",")
    few = case((func.count() <= MOST_FOUND, ids))
    columns: list[Any] = [func.count(), few, *(func.count().filter(view) for view in views)]
    return select(*columns).where(not_gone(_organisation), *holds_terms(terms))


@cache
def _every_view(any_salary_shown: bool) -> Select[Any]:
    """Each view of all jobs: found in an index, and counted no further than the cap, whatever there is."""
    today: Any = bindparam("today", type_=Date)
    shown = and_(Job.listed, Job.visibility == Visibility.SHOWN)
    to_members = and_(Job.listed, Job.visibility == Visibility.MEMBERS)
    held = select(literal(1)).where(HeldClosing.organisation_id == _organisation, is_held())
    counts = {
        # In two ranges of the index: a condition on each of its entries takes twice as long.
        Status.OPEN: _capped(shown, Job.closes_on.is_(None)) + _capped(shown, Job.closes_on >= today),
        Status.ATTENTION: _lacking(shown, today, any_salary_shown),
        Status.HELD: _counted(held),
        Status.MEMBERS: _capped(to_members, Job.closes_on.is_(None))
        + _capped(to_members, Job.closes_on >= today),
        Status.HIDDEN: _capped(has(Status.HIDDEN, today, any_salary_shown=any_salary_shown)),
        Status.NEW: _capped(has(Status.NEW, today, any_salary_shown=any_salary_shown)),
        Status.CLOSED: _capped(not_(Job.listed))
        + _capped(shown, Job.closes_on < today)
        + _capped(to_members, Job.closes_on < today),
    }
    return select(*(counts[status] for status in Status))


def _lacking(shown: Any, today: Any, any_salary_shown: bool) -> Any:
    """What the view of jobs that lack something holds, in four parts that have no job in common."""
    wanting = relevant_lacks(any_salary_shown)
    fine = [lacks for lacks in STORED_LACKS if not lacks & wanting]
    sound = (Job.lacks + 0).in_(fine)  # a sum: only then is the index taken that the dates stand in
    known = (shown, sound, Job.words >= ENOUGH_WORDS)
    return (
        _capped(shown, Job.lacks.in_([lacks for lacks in STORED_LACKS if lacks & wanting]))
        + _capped(shown, Job.lacks.in_(fine), Job.words < ENOUGH_WORDS)
        + _capped(*known, Job.closes_on < today)
        + _capped(*known, Job.apply_url.is_(None), or_(Job.closes_on.is_(None), Job.closes_on >= today))
    )


def _capped(*conditions: Any) -> Any:
    """How many jobs meet the conditions, counted no further than one beyond the cap."""
    return _counted(select(literal(1)).select_from(Job).where(not_gone(_organisation), *conditions))


def _counted(some: Select[Any]) -> Any:
    return select(func.count()).select_from(some.limit(MOST_COUNTED + 1).subquery()).scalar_subquery()


_organisation: Any = bindparam("organisation_id", type_=BigInteger)


def count_new(organisation_id: int, since: datetime | None = None) -> int:
    """Return how many jobs wait for a decision whether they are shown; of those only that came ``since``."""
    query = select(func.count()).where(
        not_gone(organisation_id), Job.listed, Job.visibility == Visibility.NEW
    )
    if since is not None:
        query = query.where(Job.created_at > since)
    return session().scalars(query).one()


def still_listed(
    organisation_id: int, job_ids: Collection[int], wanted: JobFilter, today: date, *, any_salary_shown: bool
) -> list[int]:
    """Return those of the jobs that a list holds now."""
    condition = wanted_jobs(organisation_id, wanted, today, any_salary_shown=any_salary_shown)
    found: set[int] = set()
    for _, batch in batches(sorted(set(job_ids))):
        found.update(session().scalars(select(Job.id).where(condition, Job.id.in_(batch))))
    return sorted(found)

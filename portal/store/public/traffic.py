"""Counts of views and clicks: added in batches, read by day, source and job."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from portal.db import count_deleted, session
from portal.domain.jobs.fields import Visibility
from portal.domain.traffic import OTHER
from portal.models import Job, Organisation, Traffic
from portal.prepared_rows import batches

TAB: Final = 0
"""The ``job_id`` of the Jobs tab."""
MOST_SOURCES: Final = 50
"""Of a job and day: what comes after them is counted as others."""
ROWS: Final = 300


class Visit(NamedTuple):
    """What is counted together."""

    organisation_id: int
    job_id: int
    day: date
    source: str


class Sums(NamedTuple):
    """How many views and clicks on Apply."""

    views: int = 0
    clicks: int = 0


def add_traffic(counts: Mapping[Visit, Sums]) -> None:
    """Add counts to what is stored, in the order of their keys, so that no two processes wait for each other.

    Call it in a write transaction. What belongs to no public job is dropped.
    """
    kept = _within_bounds(_of_what_exists(counts))
    insert = insert_sqlite if session().get_bind().dialect.name == "sqlite" else insert_postgresql
    for _, batch in batches(sorted(kept), ROWS):
        statement = insert(Traffic).values([{**key._asdict(), **kept[key]._asdict()} for key in batch])
        added = {name: getattr(Traffic, name) + statement.excluded[name] for name in Sums._fields}
        keys = [getattr(Traffic, name) for name in Visit._fields]
        session().execute(statement.on_conflict_do_update(index_elements=keys, set_=added))


def _of_what_exists(counts: Mapping[Visit, Sums]) -> dict[Visit, Sums]:
    known: set[tuple[int, int]] = set()
    for _, batch in batches(sorted({key.organisation_id for key in counts}), ROWS):
        found = session().scalars(select(Organisation.id).where(Organisation.id.in_(batch)))
        known |= {(organisation_id, TAB) for organisation_id in found}
    for _, batch in batches(sorted({key.job_id for key in counts} - {TAB}), ROWS):
        shown = select(Job.organisation_id, Job.id).where(
            Job.id.in_(batch), Job.visibility == Visibility.SHOWN
        )
        known |= {(row[0], row[1]) for row in session().execute(shown)}
    return {key: sums for key, sums in counts.items() if (key.organisation_id, key.job_id) in known}


def _within_bounds(counts: Mapping[Visit, Sums]) -> dict[Visit, Sums]:
    """Count as others what would give a job and day more sources than there may be."""
    sources = _stored_sources(counts)
    kept: dict[Visit, Sums] = {}
    for key in sorted(counts, key=lambda each: -sum(counts[each])):
        there = sources[key.organisation_id, key.job_id, key.day]
        if key.source not in there and len(there) >= MOST_SOURCES:
            kept_as = key._replace(source=OTHER)
        else:
            kept_as = key
            there.add(key.source)
        before = kept.get(kept_as, Sums())
        kept[kept_as] = Sums(*map(sum, zip(before, counts[key], strict=True)))
    return kept


def _stored_sources(counts: Mapping[Visit, Sums]) -> dict[tuple[int, int, date], set[str]]:
    sources: dict[tuple[int, int, date], set[str]] = defaultdict(set)
    columns = (Traffic.organisation_id, Traffic.job_id, Traffic.day)
    for _, batch in batches(sorted({key[:3] for key in counts}), ROWS):
        query = select(*columns, Traffic.source).where(tuple_(*columns).in_(batch))
        for organisation_id, job_id, day, source in session().execute(query):
            sources[organisation_id, job_id, day].add(source)
    return sources


_SUMS: Final = (
    func.coalesce(func.sum(Traffic.views), 0),
    func.coalesce(func.sum(Traffic.clicks), 0),
)


def _since(organisation_id: int, first: date, job_id: int | None) -> ColumnElement[bool]:
    """Of one job; of ``None``, of all jobs and not the tab."""
    of_job = Traffic.job_id != TAB if job_id is None else Traffic.job_id == job_id
    return and_(Traffic.organisation_id == organisation_id, Traffic.day >= first, of_job)


def traffic_by_day(organisation_id: int, first: date, job_id: int | None = None) -> dict[date, Sums]:
    """Return the sums of each day that has any."""
    query = select(Traffic.day, *_SUMS).where(_since(organisation_id, first, job_id)).group_by(Traffic.day)
    return {row[0]: Sums(int(row[1]), int(row[2])) for row in session().execute(query)}


def traffic_by_source(
    organisation_id: int, first: date, job_id: int | None = None, *, limit: int
) -> list[tuple[str, Sums]]:
    """Return the sources with the most clicks and views."""
    query = select(Traffic.source, *_SUMS).where(_since(organisation_id, first, job_id))
    order = (_SUMS[0].desc(), _SUMS[1].desc(), Traffic.source)
    rows = session().execute(query.group_by(Traffic.source).order_by(*order).limit(limit))
    return [(row[0], Sums(int(row[1]), int(row[2]))) for row in rows]


def traffic_by_job(organisation_id: int, first: date, *, limit: int) -> list[tuple[int, str | None, Sums]]:
    """Return the jobs with the most views: id, title (``None`` once it is deleted), sums."""
    sums = (
        select(Traffic.job_id, _SUMS[0].label("views"), _SUMS[1].label("clicks"))
        .where(_since(organisation_id, first, None))
        .group_by(Traffic.job_id)
        .subquery()
    )
    query = (
        select(sums.c.job_id, Job.title, sums.c.views, sums.c.clicks)
        .outerjoin(Job, and_(Job.id == sums.c.job_id, Job.organisation_id == organisation_id))
        .order_by(sums.c.views.desc(), sums.c.clicks.desc(), sums.c.job_id)
    )
    rows = session().execute(query.limit(limit))
    return [(row[0], row[1], Sums(int(row[2]), int(row[3]))) for row in rows]


def traffic_rows(organisation_id: int, day: date, job_id: int | None) -> Sequence[Any]:
    """Return every row of a day: job id, title, source, views, clicks."""
    of_job = () if job_id is None else (Traffic.job_id == job_id,)
    query = (
        select(Traffic.job_id, Job.title, Traffic.source, Traffic.views, Traffic.clicks)
        .outerjoin(Job, and_(Job.id == Traffic.job_id, Job.organisation_id == organisation_id))
        .where(Traffic.organisation_id == organisation_id, Traffic.day == day, *of_job)
        .order_by(Traffic.job_id, Traffic.source)
    )
    return session().execute(query).all()


def delete_old_traffic(before: date, limit: int) -> tuple[int, int]:
    """Delete some of what was counted before a day; return how many rows were found, and how many went."""
    columns = (Traffic.organisation_id, Traffic.job_id, Traffic.day, Traffic.source)
    old = session().execute(select(*columns).where(Traffic.day < before).limit(limit)).all()
    if not old:
        return 0, 0
    keys = [tuple(row) for row in old]
    return len(old), count_deleted(delete(Traffic).where(tuple_(*columns).in_(keys)))

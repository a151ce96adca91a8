"""Notices to search engines: which jobs opened or closed since the last, and the steps of sending them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import CursorResult, delete, exists, insert, select, update

from portal.db import session
from portal.domain.search_engines import Engine
from portal.models import Job, Organisation, SearchNotice
from portal.prepared_rows import batches
from portal.store.jobs import public


class DueNotice(NamedTuple):
    """A notice that may be claimed, and the page that it is about."""

    id: int
    attempt: int
    not_before: datetime
    slug: str
    job_id: int
    is_there: bool


def jobs_to_tell(
    organisation_id: int, engine: Engine, today: date, limit: int
) -> tuple[list[int], list[int]]:
    """Return jobs that opened, the newest first, and that closed, after the engine was told last."""
    told = exists().where(
        SearchNotice.job_id == Job.id, SearchNotice.engine == engine.value, SearchNotice.is_there
    )
    opened = select(Job.id).where(public(organisation_id, today), ~told)
    open_jobs = select(Job.id).where(public(organisation_id, today))
    closed = select(SearchNotice.job_id).where(
        SearchNotice.organisation_id == organisation_id,
        SearchNotice.engine == engine.value,
        SearchNotice.is_there,
        SearchNotice.job_id.not_in(open_jobs),
    )
    newest = opened.order_by(Job.opened_at.desc(), Job.id.desc()).limit(limit)
    return list(session().scalars(newest)), list(session().scalars(closed.limit(limit)))


def put_notices(
    organisation_id: int, engine: Engine, job_ids: Sequence[int], now: datetime, *, is_there: bool
) -> None:
    """Leave a notice for each of these jobs in the place of the one that is there."""
    common: dict[str, object] = {
        "organisation_id": organisation_id,
        "engine": engine.value,
        "is_there": is_there,
        "attempt": 0,
        "not_before": now,
        "created_at": now,
    }
    for _, batch in batches(job_ids):
        of_these = SearchNotice.job_id.in_(batch), SearchNotice.engine == engine.value
        session().execute(delete(SearchNotice).where(*of_these))
        session().execute(insert(SearchNotice), [common | {"job_id": job_id} for job_id in batch])


def due_notices(engine: Engine, now: datetime, limit: int) -> list[DueNotice]:
    """Return notices that may be sent, the longest waiting first."""
    query = (
        select(
            SearchNotice.id,
            SearchNotice.attempt,
            SearchNotice.not_before,
            Organisation.slug,
            SearchNotice.job_id,
            SearchNotice.is_there,
        )
        .join(Organisation, Organisation.id == SearchNotice.organisation_id)
        .where(SearchNotice.engine == engine.value, SearchNotice.not_before <= now)
    )
    rows = session().execute(query.order_by(SearchNotice.not_before, SearchNotice.id).limit(limit))
    return [DueNotice(row[0], row[1], row[2], *row[3:]) for row in rows if row[2]]


def claim(notices: Sequence[DueNotice], until: datetime) -> list[DueNotice]:
    """Claim notices for their next attempt; return those that no other process has claimed."""
    return [notice for notice in notices if _claim(notice, until)]


def _claim(notice: DueNotice, until: datetime) -> bool:
    statement = (
        update(SearchNotice)
        .where(
            SearchNotice.id == notice.id,
            SearchNotice.attempt == notice.attempt,
            SearchNotice.not_before == notice.not_before,
        )
        .values(attempt=notice.attempt + 1, not_before=until)
    )
    result = session().execute(statement.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1


def note_answer(
    notice: DueNotice, attempt: int, not_before: datetime | None, answer: str | None, now: datetime
) -> None:
    """Note what became of a claimed notice, unless another one took its place; ``None`` ends it."""
    statement = update(SearchNotice).where(
        SearchNotice.id == notice.id,
        SearchNotice.job_id == notice.job_id,
        SearchNotice.is_there == notice.is_there,
        SearchNotice.attempt == notice.attempt + 1,
    )
    said = {} if answer is None else {"answer": answer, "answered_at": now}
    values = statement.values(attempt=attempt, not_before=not_before, **said)
    session().execute(values.execution_options(synchronize_session=False))


def notices_of(job_id: int, engines: Collection[str] = tuple(Engine)) -> Sequence[SearchNotice]:
    """Return what each search engine was told of a job."""
    query = select(SearchNotice).where(SearchNotice.job_id == job_id, SearchNotice.engine.in_(engines))
    return session().scalars(query.order_by(SearchNotice.engine.desc())).all()

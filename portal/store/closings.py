"""Held closings: what waits for a decision, and what was decided."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal.db import count_deleted, session
from portal.domain.jobs.fields import Source
from portal.domain.sync.plan import HoldStatus
from portal.models import HeldClosing, Job, SyncRun
from portal.prepared_rows import Rows, batches

_HOLDS: Table = HeldClosing.__table__  # type: ignore[assignment] # declared as FromClause


class Hold(NamedTuple):
    """A closing that is held, or was decided about and stands; ``held_at`` is the same for one drop."""

    id: int
    job_id: int
    post_id: int
    status: str
    held_at: datetime


def held_closings(connection_id: int) -> list[Hold]:
    """Return the holds that matter still."""
    query = (
        select(_HOLDS.c.id, _HOLDS.c.job_id, Job.external_id, _HOLDS.c.status, _HOLDS.c.created_at)
        .join(Job, Job.id == _HOLDS.c.job_id)
        .where(_HOLDS.c.connection_id == connection_id, _HOLDS.c.ended_at.is_(None))
        .order_by(_HOLDS.c.id)
    )
    return [Hold(*row) for row in session().execute(query)]


def count_drops(connection_id: int, moments: Collection[datetime]) -> tuple[int, int]:
    """Return how many closings were held at these moments, and of how many the post came back since."""
    came_back = HeldClosing.ended_at.is_not(None) & (HeldClosing.status != HoldStatus.APPROVED)
    query = select(func.count(), func.count().filter(came_back)).where(
        HeldClosing.connection_id == connection_id, HeldClosing.created_at.in_(moments)
    )
    held, back = session().execute(query).one()
    return held, back


def count_pending(connection_id: int) -> int:
    """Return how many closings wait for a decision."""
    pending = (_HOLDS.c.status == HoldStatus.PENDING, _HOLDS.c.ended_at.is_(None))
    query = select(func.count()).where(_HOLDS.c.connection_id == connection_id, *pending)
    return session().execute(query).scalar_one()


def add_held_closings(run: SyncRun, job_ids: Iterable[int], now: datetime, renew: Callable[[], None]) -> None:
    """Hold the closing of these jobs until somebody decides. ``renew`` is called between batches."""
    common = {
        "organisation_id": run.organisation_id,
        "connection_id": run.connection_id,
        "run_id": run.id,
        "status": HoldStatus.PENDING,
        "created_at": now,
    }
    rows = Rows(_HOLDS)
    for job_id in job_ids:
        rows.add(common | {"job_id": job_id})
    rows.insert(lambda _done: renew())


def end_closings(hold_ids: Sequence[int], now: datetime, renew: Callable[[], None]) -> None:
    """End holds whose post is listed again or whose job closes; a pending one counts as withdrawn.

    ``renew`` is called between batches.
    """
    withdrawn = (_HOLDS.c.status == HoldStatus.PENDING, literal(HoldStatus.WITHDRAWN.value))
    statement = update(_HOLDS).values(ended_at=now, status=case(withdrawn, else_=_HOLDS.c.status))
    for _, batch in batches(hold_ids):
        renew()
        session().execute(statement.where(_HOLDS.c.id.in_(batch)))


def end_closings_of(job_id: int, now: datetime) -> None:
    """End what is held of a job that is no more."""
    query = select(HeldClosing.id).where(HeldClosing.job_id == job_id, HeldClosing.ended_at.is_(None))
    end_closings(session().scalars(query).all(), now, lambda: None)


def decide(
    connection_id: int,
    status: HoldStatus,
    user_id: int | None,
    now: datetime,
    job_ids: Collection[int] = (),
    *,
    again: bool = False,
) -> int:
    """Approve or discard what is pending (of these jobs, or all); return how many.

    ``again``: what was decided the other way, and has not come about yet, instead.
    """
    other = HoldStatus.DISCARDED if status == HoldStatus.APPROVED else HoldStatus.APPROVED
    statement = (
        update(HeldClosing)
        .where(
            HeldClosing.connection_id == connection_id,
            HeldClosing.status == (other if again else HoldStatus.PENDING),
            HeldClosing.ended_at.is_(None),
        )
        .values(status=status, decided_by_id=user_id, decided_at=now)
        .returning(HeldClosing.id)
        .execution_options(synchronize_session=False)
    )
    if not job_ids:
        return len(session().scalars(statement).all())
    these = (statement.where(HeldClosing.job_id.in_(batch)) for _, batch in batches(list(job_ids)))
    return sum(len(session().scalars(each).all()) for each in these)


_DECIDED = HeldClosing.status.in_((HoldStatus.APPROVED, HoldStatus.DISCARDED))


def page_of_pending(connection_id: int, *, limit: int, offset: int = 0) -> Sequence[HeldClosing]:
    """Return some of the holds that wait, with their jobs, by title."""
    query = (
        select(HeldClosing)
        .join(HeldClosing.job)
        .where(_undecided(connection_id), HeldClosing.status == HoldStatus.PENDING)
        .options(contains_eager(HeldClosing.job))
        .order_by(Job.title, Job.id)
        .limit(limit)
        .offset(offset)
    )
    return session().scalars(query).all()


def decided_closings(connection_id: int, limit: int) -> Sequence[HeldClosing]:
    """Return what was decided and stands, the latest first, with the jobs and who decided.

    A job that is to close does so with the next sync; one that is to stay open stands here until
    Greenhouse lists it again.
    """
    query = (
        select(HeldClosing)
        .join(HeldClosing.job)
        .where(_undecided(connection_id), _DECIDED)
        .options(contains_eager(HeldClosing.job), joinedload(HeldClosing.decided_by))
        .order_by(HeldClosing.decided_at.desc(), Job.title, Job.id)
        .limit(limit)
    )
    return session().scalars(query).all()


def any_held(connection_id: int) -> bool:
    """Whether any closing is held, or was decided about and stands."""
    return session().scalar(select(HeldClosing.id).where(_undecided(connection_id)).limit(1)) is not None


class Pending(NamedTuple):
    """How many holds wait, and the id of the latest of them; 0 and 0 when none does.

    ``kept`` of them are jobs that were kept from an earlier connection, and that the board lists no more;
    ``prospects`` are prospect posts. ``decided`` counts the others that Greenhouse does not list: somebody
    decided about them.
    """

    number: int = 0
    last: int = 0
    kept: int = 0
    prospects: int = 0
    decided: int = 0

    @property
    def list_version(self) -> tuple[int, int]:
        """What tells this state of the list from another."""
        return self.number, self.last

    @property
    def dropped(self) -> int:
        """How many are jobs that Greenhouse listed until now."""
        return self.number - self.kept


def pending_closings(connection_id: int) -> Pending:
    """Return what waits for a decision."""
    return Pending(*session().execute(_pending(), {"connection_id": connection_id}).one())


@cache  # every list of jobs says it
def _pending() -> Select[int, int, int, int, int]:
    waits, is_kept = HeldClosing.status == HoldStatus.PENDING, Job.source == Source.OWN
    is_prospect = ~is_kept & Job.internal_job_id.is_(None)
    return (
        select(
            func.count().filter(waits),
            func.coalesce(func.max(HeldClosing.id).filter(waits), 0),
            func.count().filter(waits, is_kept),
            func.count().filter(waits, is_prospect),
            func.count().filter(_DECIDED, ~is_kept),
        )
        .join(HeldClosing.job)
        .where(_undecided(bindparam("connection_id")))
    )


def held_since(connection_id: int) -> datetime | None:
    """Return when the run began that held the first of the closings which wait; ``None``: it is forgotten."""
    query = select(func.min(SyncRun.started_at)).join(HeldClosing, HeldClosing.run_id == SyncRun.id)
    return session().scalar(query.where(_undecided(connection_id), HeldClosing.status == HoldStatus.PENDING))


def _undecided(connection_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    return and_(HeldClosing.connection_id == connection_id, HeldClosing.ended_at.is_(None))


def delete_old_closings(before: datetime, limit: int) -> tuple[int, int]:
    """Delete held closings that ended before then, unless others of their drop still wait."""
    other = aliased(HeldClosing)
    waits = exists().where(
        other.connection_id == HeldClosing.connection_id,
        other.created_at == HeldClosing.created_at,
        other.ended_at.is_(None),
    )
    over = select(HeldClosing.id).where(HeldClosing.ended_at <= before, ~waits).limit(limit)
    gone = count_deleted(delete(HeldClosing).where(HeldClosing.id.in_(over)))
    return gone, gone

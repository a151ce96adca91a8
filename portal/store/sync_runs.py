"""Sync runs, read: one, the one that waits or runs for a connection, the last that ended."""

from collections.abc import Collection
from functools import cache

from sqlalchemy import Select, bindparam, select

from portal.domain.run_states import RunStatus, Trigger
from portal.extensions import session
from portal.models import SyncRun
from portal.store.run_queue import IS_QUEUED


def run_by_id(run_id: int) -> SyncRun | None:
    """Return one run."""
    return session().get(SyncRun, run_id)


def queued_run(connection_id: int) -> SyncRun | None:
    """Return the run that waits for the connection."""
    return session().scalar(_queued(), {"of": connection_id})


@cache
def _queued() -> Select[SyncRun]:
    return select(SyncRun).where(SyncRun.connection_id == bindparam("of"), IS_QUEUED)


def unfinished_run(connection_id: int) -> SyncRun | None:
    """Return the connection's running run, else the queued one."""
    query = _of(connection_id).where(SyncRun.finished_at.is_(None)).order_by(SyncRun.status.desc())
    return session().scalars(query).first()


def last_finished_run(connection_id: int) -> SyncRun | None:
    """Return the run that ended last; a preview that succeeded brought nothing and does not count."""
    told = (SyncRun.trigger != Trigger.PREVIEW) | (SyncRun.status != RunStatus.SUCCEEDED)
    query = _of(connection_id).where(SyncRun.finished_at.is_not(None), told)
    query = query.order_by(SyncRun.id.desc()).limit(1)
    return session().scalars(query).first()


def last_succeeded_run(connection_id: int) -> int | None:
    """Return the id of the latest sync that succeeded: it tells what the last answer held."""
    query = select(SyncRun.id).where(
        SyncRun.connection_id == connection_id,
        SyncRun.status == RunStatus.SUCCEEDED,
        SyncRun.trigger != Trigger.PREVIEW,
    )
    return session().scalar(query.order_by(SyncRun.id.desc()).limit(1))


def organisations_syncing(organisation_ids: Collection[int]) -> list[int]:
    """Return those of the organisations that have a run which waits or runs."""
    query = select(SyncRun.organisation_id).where(
        SyncRun.organisation_id.in_(organisation_ids), SyncRun.finished_at.is_(None)
    )
    return list(session().scalars(query.distinct()))


def _of(connection_id: int) -> Select[SyncRun]:
    return select(SyncRun).where(SyncRun.connection_id == connection_id)

"""Connections: an organisation's one link to a board."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    delete,
    exists,
    func,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import undefer
from sqlalchemy.sql.dml import ReturningUpdate

from portal.db import session
from portal.domain.jobs.fields import Source
from portal.models import BoardSnapshot, Connection, Job
from portal.models.base import Json, has_passed
from portal.store.jobs import not_gone

_CONNECTIONS: Table = Connection.__table__  # type: ignore[assignment] # declared as FromClause
_NEVER_FAILED = {
    "failing_since": None,
    "failures": 0,
    "scheduled_failures": 0,
    "last_error": None,
    "last_error_kind": None,
}


def connection_of(organisation_id: int) -> Connection | None:
    """Return the organisation's connection, if it has one."""
    return session().scalar(_theirs(), {"organisation_id": organisation_id})


@cache
def _theirs() -> Select[Connection]:
    return select(Connection).where(Connection.organisation_id == bindparam("organisation_id"))


def is_prefilling(organisation_id: int) -> bool:
    """Whether fields of the organisation's imported jobs follow Greenhouse, where nobody edited them."""
    return bool(session().scalar(_prefill(), {"organisation_id": organisation_id}))


@cache
def _prefill() -> Select[bool]:
    return _theirs().with_only_columns(Connection.prefill)


def connection_by_id(connection_id: int) -> Connection | None:
    """Return one connection."""
    return session().get(Connection, connection_id)


def connection_by_public_key(public_key: str) -> Connection | None:
    """Return the connection whose webhooks come to this address."""
    return session().scalar(select(Connection).where(Connection.public_key == public_key))


def locked_connection(connection_id: int | None) -> Connection:
    """Return one connection as it is now; call it in a write transaction."""
    return session().get_one(Connection, connection_id, populate_existing=True)


def is_unchanged(connection_id: int, board_token: str, sealed_key: bytes) -> ColumnElement[bool]:
    """Whether a connection is there and still has this board and key; a condition for a statement."""
    return exists().where(
        Connection.id == connection_id,
        Connection.board_token == board_token,
        Connection.api_key_ciphertext == sealed_key,
    )


def note_started(connection_id: int, now: datetime) -> None:
    """Remember when a run was last claimed."""
    session().execute(_changing(), {"of": connection_id, "last_started_at": now})


def note_slow(connection_id: int, slow: bool) -> None:
    """Remember whether the board took long to answer."""
    session().execute(_changing(), {"of": connection_id, "slow": slow})


def slow_among(connection_ids: Collection[int | None]) -> set[int]:
    """Return those of the connections whose board took long to answer last time."""
    query = select(Connection.id).where(Connection.slow, Connection.id.in_(connection_ids))
    return set(session().scalars(query)) if connection_ids else set()


def note_synced(
    connection_id: int | None, now: datetime, next_sync_at: datetime, etag: str | None, stamp: str
) -> bool:
    """Note a sync that succeeded; return whether the admins were told of a failure, and not of its end."""
    values = {"last_synced_at": now, "next_sync_at": next_sync_at, "etag": etag, "etag_stamp": stamp}
    given = _NEVER_FAILED | values | {"of": connection_id}
    return session().execute(_noting_synced(), given).scalar_one()


@cache
def _changing() -> Update:
    return update(_CONNECTIONS).where(_CONNECTIONS.c.id == bindparam("of"))


@cache
def _noting_synced() -> ReturningUpdate[bool]:
    return _changing().returning(_CONNECTIONS.c.alert_open)


def set_aside_of(connection_id: int | None) -> list[Json]:
    """Return the posts of the last answer that could not be read."""
    return session().scalar(select(_CONNECTIONS.c.set_aside).where(_CONNECTIONS.c.id == connection_id)) or []


def store_set_aside(connection_id: int | None, posts: list[Json]) -> None:
    """Remember which posts could not be read."""
    session().execute(_changing(), {"of": connection_id, "set_aside": posts})


def board_snapshot(connection_id: int, *, whole: bool = False) -> BoardSnapshot | None:
    """Return what the connection's board last said, with its posts only where the ``whole`` is asked for."""
    options = [undefer(BoardSnapshot.posts)] if whole else []
    return session().get(BoardSnapshot, connection_id, options=options, populate_existing=True)


def snapshot_digest(connection_id: int) -> str | None:
    """Return the digest of what is stored of the board."""
    return session().scalar(select(BoardSnapshot.digest).where(BoardSnapshot.connection_id == connection_id))


def store_snapshot(snapshot: BoardSnapshot) -> None:
    """Store what a board says in the place of what it said before."""
    session().execute(delete(BoardSnapshot).where(BoardSnapshot.connection_id == snapshot.connection_id))
    session().add(snapshot)
    session().flush()


def note_webhook(connection_id: int, now: datetime) -> None:
    """Remember when a genuine webhook came last."""
    session().execute(_changing(), {"of": connection_id, "hook_heard_at": now})


def connections_to_recheck(now: datetime, every: timedelta, limit: int) -> list[Connection]:
    """Return connections, not paused, whose key was not asked about for so long, the longest ago first."""
    query = (
        select(Connection)
        .where(has_passed(Connection.key_checked_at, now - every, every), Connection.paused_at.is_(None))
        .order_by(Connection.key_checked_at)
        .limit(limit)
    )
    return list(session().scalars(query))


def any_due(now: datetime, longest: timedelta) -> bool:
    """Whether a connection's next sync is due that is not paused; none is ``longest`` or more ahead."""
    return session().scalar(_due_ids(now, longest).limit(1)) is not None


def _is_due(now: datetime, longest: timedelta) -> ColumnElement[bool]:
    return and_(has_passed(Connection.next_sync_at, now, longest), Connection.paused_at.is_(None))


def _due_ids(now: datetime, longest: timedelta) -> CompoundSelect[int]:
    """The connections that are due, by two ranges of the index: an "or" would read all of it."""
    at = Connection.next_sync_at
    ids = select(Connection.id).where(Connection.paused_at.is_(None))
    return union_all(ids.where(at <= now), ids.where(at > now + longest))


def lock_due(now: datetime, longest: timedelta, limit: int) -> list[Connection]:
    """Lock connections whose next sync is due and that are not paused, the longest waiting first.

    Their organisations are locked with them. One that somebody else holds is left for the next time,
    so that a long commit of one organisation holds up no other.
    """
    query = (
        select(Connection)
        .join(Connection.organisation)
        .where(_is_due(now, longest), Connection.id.in_(_due_ids(now, longest)))
        .order_by(Connection.next_sync_at)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return list(session().scalars(query))


def move_on(connections: Sequence[Connection], next_sync_at: datetime) -> None:
    """Set when these connections are due again."""
    statement = update(Connection).where(Connection.id.in_([each.id for each in connections]))
    session().execute(
        statement.values(next_sync_at=next_sync_at).execution_options(synchronize_session=False)
    )


@dataclass(frozen=True, slots=True)
class FormerBoard:
    """A board that was connected once: how many of its jobs here are open, and how many are closed."""

    token: str
    open: int
    closed: int


def former_boards(organisation_id: int) -> list[FormerBoard]:
    """Return the boards that jobs of an organisation without a connection came from, the largest first."""
    query = (
        select(Job.board_token, func.count().filter(Job.listed), func.count().filter(~Job.listed))
        .where(
            Job.organisation_id == organisation_id,
            Job.board_token.is_not(None),
            Job.external_id.is_not(None),
            Job.merged_into_id.is_(None),
            Job.deleted_at.is_(None),
        )
        .group_by(Job.board_token)
    )
    boards = [FormerBoard(row[0] or "", row[1], row[2]) for row in session().execute(query)]
    return sorted(boards, key=lambda board: (-board.open - board.closed, board.token))


def count_without_type(organisation_id: int, board_token: str) -> int:
    """Return how many listed jobs of a board have no employment type."""
    query = select(func.count()).where(
        not_gone(organisation_id),
        Job.board_token == board_token,
        Job.source == Source.GREENHOUSE,
        Job.listed,
        Job.employment_type.is_(None),
    )
    return session().scalars(query).one()

"""Messages to receivers, and the steps of their delivery: each one conditional update."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import undefer

from portal.db import count_deleted, session
from portal.domain.outgoing.deliveries import DeliveryStatus
from portal.domain.outgoing.events import EventType
from portal.models import WebhookDelivery as Delivery
from portal.models import WebhookEndpoint as Endpoint
from portal.models.base import Json, has_passed

_IS_ON = and_(Endpoint.paused_at.is_(None), Endpoint.off_reason.is_(None))


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A message that may be claimed."""

    id: int
    endpoint_id: int
    generation: int
    not_before: datetime


def add_deliveries(rows: Sequence[Json]) -> None:
    """Leave messages to be delivered."""
    if rows:
        session().execute(insert(Delivery), list(rows))


def count_waiting(endpoint_id: int) -> int:
    """Return how many messages wait for a receiver."""
    return session().scalar(select(func.count()).where(_waits(endpoint_id))) or 0


def has_untried_summary(endpoint_id: int) -> bool:
    """Whether a message waits, never tried yet, that tells a receiver to read all jobs anew."""
    query = select(Delivery.id).where(
        _waits(endpoint_id), Delivery.type == EventType.MANY, Delivery.generation == 0
    )
    return session().scalar(query.limit(1)) is not None


def due_deliveries(
    now: datetime, furthest: timedelta, but_for: Collection[int], limit: int
) -> list[DueDelivery]:
    """Return the first message that is due for each receiver, those first that were tried longest ago.

    Nothing is put back for longer than ``furthest``: a time beyond that was written by a wrong clock.
    """
    due = and_(
        has_passed(Delivery.not_before, now, furthest),
        _IS_ON,
        or_(Endpoint.rests_until.is_(None), has_passed(Endpoint.rests_until, now, furthest)),
        Delivery.endpoint_id.not_in(list(but_for)),
    )
    place = func.row_number().over(
        partition_by=Delivery.endpoint_id, order_by=(Delivery.not_before, Delivery.id)
    )
    columns = (Delivery.id, Delivery.endpoint_id, Delivery.generation, Delivery.not_before)
    query = select(*columns, place.label("place")).join(Endpoint, Endpoint.id == Delivery.endpoint_id)
    first = query.where(due).subquery()
    rows = session().execute(
        select(first).where(first.c.place == 1).order_by(first.c.not_before).limit(limit)
    )
    return [DueDelivery(row.id, row.endpoint_id, row.generation, row.not_before) for row in rows]


def claim(due: DueDelivery, now: datetime, until: datetime) -> tuple[Delivery, Endpoint] | None:
    """Claim a message for its next attempt; ``None`` when another process has, or it is paused by now.

    Unless it is noted or put back by then, whoever claimed it was killed, and it is due again.
    """
    statement = (
        update(Delivery)
        .where(
            Delivery.id == due.id,
            Delivery.generation == due.generation,
            Delivery.not_before == due.not_before,
            exists().where(Endpoint.id == Delivery.endpoint_id, _IS_ON),
        )
        .values(
            generation=due.generation + 1,
            attempt=Delivery.attempt + 1,
            not_before=until,
            tried_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    result = session().execute(statement)
    if not (isinstance(result, CursorResult) and result.rowcount == 1):
        return None
    query = select(Delivery, Endpoint).join(Endpoint, Endpoint.id == Delivery.endpoint_id)
    query = query.where(Delivery.id == due.id).options(undefer(Delivery.body))
    row = session().execute(query.execution_options(populate_existing=True)).one_or_none()
    return (row[0], row[1]) if row else None


def give_up(endpoint_id: int, error: str, begun_before: datetime | None = None) -> None:
    """Give up what waits for a receiver, all of it or what is older."""
    which = _waits(endpoint_id)
    if begun_before is not None:
        which = and_(which, Delivery.begun_at <= begun_before)
    values = {"status": DeliveryStatus.FAILED, "not_before": None, "error": error}
    statement = update(Delivery).where(which).values(**values, generation=Delivery.generation + 1)
    session().execute(statement.execution_options(synchronize_session=False))


def send_again(endpoint_id: int, delivery_id: int, seen: int, now: datetime) -> bool:
    """Let a message be delivered once more, at once; ``False`` where it was claimed since it was ``seen``."""
    statement = (
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.endpoint_id == endpoint_id, Delivery.generation == seen)
        .values(
            status=DeliveryStatus.WAITING,
            not_before=now,
            begun_at=now,
            attempt=0,
            generation=Delivery.generation + 1,
        )
        .execution_options(synchronize_session=False)
    )
    result = session().execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1


def count_all_waiting() -> tuple[int, int]:
    """Return how many messages wait, and how many receivers had one given up, over all organisations."""
    waiting = (
        select(func.count(Delivery.not_before)).where(Delivery.not_before.is_not(None)).scalar_subquery()
    )
    failing = select(func.count(Endpoint.failing_since)).scalar_subquery()
    row = session().execute(select(waiting, failing)).one()
    return row[0], row[1]


def deliveries_of(endpoint_id: int, *, limit: int, offset: int = 0) -> Sequence[Delivery]:
    """Return the messages of a receiver, the newest first, without their bodies."""
    query = select(Delivery).where(Delivery.endpoint_id == endpoint_id).order_by(Delivery.id.desc())
    return session().scalars(query.limit(limit).offset(offset)).all()


def count_deliveries(endpoint_id: int) -> int:
    """Return how many messages are kept of a receiver."""
    return session().scalar(select(func.count()).where(Delivery.endpoint_id == endpoint_id)) or 0


def delivery_of(endpoint_id: int, delivery_id: int) -> Delivery | None:
    """Return a message of a receiver with its body."""
    query = select(Delivery).where(Delivery.endpoint_id == endpoint_id, Delivery.id == delivery_id)
    return session().scalar(query.options(undefer(Delivery.body)))


def delete_old_deliveries(before: datetime, limit: int) -> tuple[int, int]:
    """Delete messages of before."""
    over = select(Delivery.id).where(Delivery.created_at <= before).limit(limit)
    gone = count_deleted(delete(Delivery).where(Delivery.id.in_(over)))
    return gone, gone


def delete_surplus(most: int, limit: int) -> tuple[int, int]:
    """Delete ended messages beyond so many of a receiver, the oldest."""
    place = func.row_number().over(partition_by=Delivery.endpoint_id, order_by=Delivery.id.desc())
    ended = select(Delivery.id, place.label("place")).where(Delivery.not_before.is_(None)).subquery()
    over = select(ended.c.id).where(ended.c.place > most).limit(limit)
    gone = count_deleted(delete(Delivery).where(Delivery.id.in_(over)))
    return gone, gone


def _waits(endpoint_id: int) -> ColumnElement[bool]:
    return and_(Delivery.endpoint_id == endpoint_id, Delivery.not_before.is_not(None))

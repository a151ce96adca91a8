"""Receivers and messages in people's words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from portal.domain.outgoing.deliveries import DeliveryStatus
from portal.domain.outgoing.events import EventType
from portal.models import WebhookDelivery, WebhookEndpoint

SOON: Final = timedelta(seconds=20)
LONG_DUE: Final = timedelta(minutes=2)  # then nobody sends, and asking again shows nothing new


@dataclass(frozen=True, slots=True)
class State:
    """How something does, and the kind of tag that says so: good, warn, bad or soft."""

    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A message in the list of a receiver. ``answer`` says how its last attempt went."""

    id: int
    generation: int
    message_id: str
    label: str
    subject: str
    state: State
    answer: str
    error: str
    attempt: int
    next_at: datetime | None
    tried_at: datetime | None
    created_at: datetime


def endpoint_state(endpoint: WebhookEndpoint) -> State:
    """Return how a receiver does."""
    if endpoint.off_reason is not None:
        return State("Switched off: gone", "bad")
    if endpoint.paused_at is not None:
        return State("Paused", "warn")
    if endpoint.failing_since is not None:
        return State("Failing", "bad")
    if endpoint.failures:
        return State("Not reached" if endpoint.unreachable else "Refuses messages", "warn")
    return State("On", "good")


def delivery_row(delivery: WebhookDelivery) -> DeliveryRow:
    """Return a message as the list shows it."""
    waits = delivery.status == DeliveryStatus.WAITING
    return DeliveryRow(
        delivery.id,
        delivery.generation,
        delivery.message_id,
        _label(delivery.type),
        "" if delivery.type == EventType.TEST else delivery.subject,
        _state(delivery),
        _answer(delivery),
        _error(delivery),
        delivery.attempt,
        delivery.not_before if waits and delivery.attempt and delivery.error else None,
        delivery.tried_at,
        delivery.created_at,
    )


def is_under_way(delivery: WebhookDelivery, now: datetime) -> bool:
    """Whether something will become of a message within moments."""
    if delivery.not_before is None:
        return False
    is_sent = delivery.tried_at is not None and now - delivery.tried_at < SOON
    is_due = delivery.not_before <= now + SOON and now - delivery.not_before < LONG_DUE
    return is_sent or is_due


def _label(kind: str) -> str:
    return EventType(kind).label if kind in list(EventType) else kind


def _state(delivery: WebhookDelivery) -> State:
    if delivery.status == DeliveryStatus.DELIVERED:
        return State("Delivered", "good")
    if delivery.status == DeliveryStatus.FAILED:
        return State("Not delivered", "bad")
    return State("Trying again", "warn") if delivery.error else State("On its way", "soft")


def _error(delivery: WebhookDelivery) -> str:
    """Return what the code alone does not say."""
    error = delivery.error or ""
    return error.removeprefix(f"It answered {delivery.answer_code}.").strip()


def _answer(delivery: WebhookDelivery) -> str:
    took = f"{delivery.answer_ms:,} ms" if delivery.answer_ms is not None else ""
    code = str(delivery.answer_code) if delivery.answer_code is not None else ""
    return " · ".join(part for part in (code, took) if part)

"""Deliver messages to receivers: claim one, send it, and note how it went."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from standardwebhooks import Webhook

from portal.actions.mails import mail_text
from portal.actions.outgoing.endpoints import address_of, signing_secrets
from portal.actions.sync.credentials import UnreadableCredential
from portal.boards.receivers import Answer, NotAnswered, post
from portal.config import current_settings
from portal.db import end_read, write
from portal.domain.mails import Letter
from portal.domain.outgoing.deliveries import (
    PAUSES,
    TRIED_FOR,
    DeliveryStatus,
    OffReason,
    failing_mail,
    gone_mail,
    is_over,
    next_pause,
    rest_after,
)
from portal.domain.outgoing.events import EventType, Format
from portal.models import Organisation, WebhookDelivery, WebhookEndpoint
from portal.models.base import utc_now
from portal.store.mails import add_mails
from portal.store.outgoing import deliveries
from portal.store.outgoing.deliveries import DueDelivery
from portal.store.outgoing.endpoints import locked_endpoint
from portal.store.people import admins_of

SECONDS: Final = 15.0  # for one attempt as a whole, from the name's resolution on
LEASE: Final = timedelta(seconds=120)  # nobody else sends it meanwhile
GONE: Final = 410
SAID_GONE: Final = "It answered 410: it wants no more messages."
UNREADABLE: Final = (
    "What is stored of it cannot be read any more. Enter its address again and replace its secret."
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that this process has claimed, and all that sending it needs."""

    id: int
    endpoint_id: int
    generation: int
    url: str
    body: bytes
    headers: dict[str, str]
    private: bool
    ca_bundle: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went: an answer's code, or none; ``error`` is empty where the message arrived."""

    code: int | None
    milliseconds: int | None
    error: str = ""
    retry_after: float | None = None


def due(now: datetime, but_for: Collection[int], limit: int) -> list[DueDelivery]:
    """Return one message for each receiver that may be sent something, but for these receivers."""
    found = deliveries.due_deliveries(now, 2 * PAUSES[-1], but_for, limit)
    end_read()
    return found


def claim(message: DueDelivery) -> Outgoing | None:
    """Claim a message for sending; ``None`` when it is claimed or ended, or cannot be sent.

    A process that is killed while it sends leaves a message that is due again when the lease is over. If it
    had arrived by then, it arrives once more, with the same ``webhook-id``.
    """
    now = utc_now()
    with write():
        claimed = deliveries.claim(message, now, now + LEASE)
        if claimed is None:
            return None
        delivery, endpoint = claimed
        try:
            return _outgoing(delivery, endpoint, now)
        except (UnreadableCredential, ValueError):
            unread = Outcome(None, None, UNREADABLE)
    note(message.endpoint_id, message.id, message.generation + 1, unread)
    return None


def _outgoing(delivery: WebhookDelivery, endpoint: WebhookEndpoint, now: datetime) -> Outgoing:
    settings = current_settings()
    return Outgoing(
        delivery.id,
        endpoint.id,
        delivery.generation,
        address_of(endpoint),
        delivery.body.encode(errors="replace"),
        _signed(delivery, endpoint, now) if endpoint.format == Format.WEBHOOK else {},
        settings.webhooks_to_private_addresses,
        settings.requests_ca_bundle,
    )


def _signed(delivery: WebhookDelivery, endpoint: WebhookEndpoint, now: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks. While a secret is replaced there are two signatures."""
    message_id, secrets = delivery.message_id, signing_secrets(endpoint, now)
    signatures = [Webhook(secret).sign(message_id, now, delivery.body) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def send(message: Outgoing, seconds: float = SECONDS) -> Outcome:
    """Send a message once; it touches no database, so that any thread may."""
    try:
        answer = post(
            message.url,
            message.body,
            message.headers,
            seconds,
            private=message.private,
            ca_bundle=message.ca_bundle,
        )
    except NotAnswered as error:
        return Outcome(None, error.milliseconds, str(error))
    return Outcome(answer.code, answer.milliseconds, _refusal(answer), answer.retry_after)


def _refusal(answer: Answer) -> str:
    if answer.is_taken:
        return ""
    if answer.code == GONE:
        return SAID_GONE
    redirects = " Redirects are not followed." if 300 <= answer.code < 400 else ""
    return f"It answered {answer.code}.{redirects}"


def note(endpoint_id: int, delivery_id: int, generation: int, outcome: Outcome) -> None:
    """Note how an attempt went, unless its claim has ended."""
    now = utc_now()
    with write() as session:
        endpoint = locked_endpoint(endpoint_id)
        delivery = session.get(WebhookDelivery, delivery_id, populate_existing=True)
        if endpoint is None or delivery is None or delivery.generation != generation:
            return
        delivery.answer_code, delivery.answer_ms = outcome.code, outcome.milliseconds
        delivery.error = outcome.error or None
        if not outcome.error:
            _note_delivered(endpoint, delivery, now)
        else:
            _note_failed(endpoint, delivery, outcome, now)


def _note_delivered(endpoint: WebhookEndpoint, delivery: WebhookDelivery, now: datetime) -> None:
    delivery.status, delivery.not_before = DeliveryStatus.DELIVERED, None
    endpoint.failing_since = endpoint.rests_until = None
    endpoint.failures = endpoint.unreachable = 0
    endpoint.delivered_at = now


def _note_failed(
    endpoint: WebhookEndpoint, delivery: WebhookDelivery, outcome: Outcome, now: datetime
) -> None:
    reached = outcome.code is not None
    endpoint.failures += 1
    endpoint.unreachable = 0 if reached else endpoint.unreachable + 1
    endpoint.rests_until = None if reached else now + rest_after(endpoint.unreachable)
    is_test = delivery.type == EventType.TEST
    given_up = is_test or is_over(delivery.attempt, delivery.begun_at, now)
    delivery.status = DeliveryStatus.FAILED if given_up else DeliveryStatus.WAITING
    delivery.not_before = None if given_up else now + next_pause(delivery.attempt, outcome.retry_after)
    if outcome.code == GONE:
        delivery.status, delivery.not_before = DeliveryStatus.FAILED, None
        _switch_off(endpoint, now)
    elif given_up and not is_test:
        deliveries.give_up(endpoint.id, outcome.error, now - TRIED_FOR)
        _mark_failing(endpoint, outcome.error, now)


def _switch_off(endpoint: WebhookEndpoint, now: datetime) -> None:
    if endpoint.off_reason is None:
        endpoint.off_reason = OffReason.GONE
        org = endpoint.organisation
        _mail(endpoint, gone_mail(org.name, endpoint.name, _page(org, endpoint)), now)
    deliveries.give_up(endpoint.id, SAID_GONE)


def _mark_failing(endpoint: WebhookEndpoint, error: str, now: datetime) -> None:
    """Tell the admins once: the next time only after something was delivered."""
    if endpoint.failing_since is None:
        endpoint.failing_since = now
        org = endpoint.organisation
        _mail(endpoint, failing_mail(org.name, endpoint.name, error, _page(org, endpoint)), now)


def _page(org: Organisation, endpoint: WebhookEndpoint) -> str:
    return f"{current_settings().address}/orgs/{org.slug}/webhooks/{endpoint.id}"


def _mail(endpoint: WebhookEndpoint, letter: Letter, now: datetime) -> None:
    add_mails(endpoint.organisation_id, admins_of(endpoint.organisation_id), mail_text(letter), now)

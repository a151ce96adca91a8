"""Receivers of webhooks that a test adds, and messages that it has delivered in its own process."""

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import undefer
from standardwebhooks import Webhook

from portal.actions.outgoing.endpoints import Wanted, add_endpoint
from portal.actions.outgoing.notify import notify_of_changes
from portal.db import end_read, session, write
from portal.domain.outgoing.events import CHOICES, EventType, Format
from portal.models import Organisation, User, WebhookDelivery, WebhookEndpoint
from portal.models.base import utc_now
from portal.worker.outgoing import Deliveries
from tests.support.fault_server import Request

PATIENCE = 60.0


def add(
    org: Organisation,
    user: User,
    url: str,
    format: Format = Format.WEBHOOK,
    events: tuple[EventType, ...] = CHOICES,
) -> tuple[int, str]:
    """Add a receiver; its id and its secret."""
    return add_endpoint(org, format, Wanted("", url, [each.value for each in events]), user.id)


def tell() -> int:
    """Compare what is public with what was told; how many messages that made."""
    return notify_of_changes(utc_now())


def deliver(seconds: float = PATIENCE) -> int:
    """Send what is due, each message at most once; how many that were."""
    sending, total = Deliveries(seconds=seconds), 0
    while sending.begin():
        while sending._sent:
            total += 1
            sending.note(PATIENCE)
    sending.end(0)
    return total


def make_due() -> None:
    """Let time pass until every message that waits is due again."""
    now = utc_now()
    with write() as current:
        waits = update(WebhookDelivery).where(WebhookDelivery.not_before.is_not(None))
        current.execute(waits.values(not_before=now))
        current.execute(update(WebhookEndpoint).values(rests_until=None))


def age(**span: float) -> None:
    """Let every message have been made so long ago."""
    with write() as current:
        current.execute(update(WebhookDelivery).values(begun_at=utc_now() - timedelta(**span)))


def messages() -> list[WebhookDelivery]:
    """Every message as the database has it, in the order of their making."""
    end_read()
    query = select(WebhookDelivery).options(undefer(WebhookDelivery.body)).order_by(WebhookDelivery.id)
    return list(session().scalars(query.execution_options(populate_existing=True)))


def told() -> list[tuple[str, Any]]:
    """What each message says: its type, and the title of its job."""
    bodies = [json.loads(each.body) for each in messages()]
    return [(body["type"], body["data"].get("job", {}).get("title")) for body in bodies]


def endpoint(endpoint_id: int) -> WebhookEndpoint:
    """A receiver as the database has it."""
    end_read()
    return session().get_one(WebhookEndpoint, endpoint_id, populate_existing=True)


def verified(request: Request, secret: str) -> Any:
    """The content of a request, whose signature is verified as a receiver does; raises where it is not."""
    return Webhook(secret).verify(request.body, request.headers)

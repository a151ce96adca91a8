"""Receivers of webhooks, read by organisation."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.db import session
from portal.models import WebhookEndpoint


def endpoints_of(organisation_id: int) -> Sequence[WebhookEndpoint]:
    """Return an organisation's receivers, the oldest first."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.organisation_id == organisation_id)
    return session().scalars(query.order_by(WebhookEndpoint.id)).all()


def endpoint_of(organisation_id: int, endpoint_id: int, *, lock: bool = False) -> WebhookEndpoint | None:
    """Return the organisation's receiver."""
    query = select(WebhookEndpoint).where(
        WebhookEndpoint.organisation_id == organisation_id, WebhookEndpoint.id == endpoint_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session().scalar(query)


def locked_endpoint(endpoint_id: int) -> WebhookEndpoint | None:
    """Return a receiver, locked until the commit: lock it before its deliveries."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).with_for_update()
    return session().scalar(query.execution_options(populate_existing=True))


def every_endpoint() -> Sequence[WebhookEndpoint]:
    """Return the receivers of all organisations, locked until the commit."""
    return session().scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id).with_for_update()).all()

"""Receivers of webhooks: add, change, pause and delete them, replace their secrets, and try them."""

import secrets
from base64 import b64encode
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from portal.actions.audit import record
from portal.actions.changing import changing
from portal.actions.outgoing.notify import message_to, public_now, sender_of
from portal.actions.sync.credentials import (
    MOST_OLD_ONES,
    SECRET_OVERLAP,
    UnreadableCredential,
    Use,
    open_sealed,
    seal,
    unexpired,
)
from portal.config import current_settings
from portal.domain.audit import Action
from portal.domain.outgoing.addresses import parse_receiver, shown_address
from portal.domain.outgoing.events import CHOICES, EventType, Format, ToldJob, trial_body
from portal.domain.outgoing.slack import slack_trial_body
from portal.domain.texts import InvalidValue, one_line
from portal.domain.zones import date_in
from portal.models import Organisation, WebhookEndpoint
from portal.models.base import utc_now
from portal.store.outgoing import deliveries, told
from portal.store.outgoing.endpoints import endpoint_of, endpoints_of
from portal.store.people import present_revision

MOST_ENDPOINTS: Final = 10
LONGEST_NAME: Final = 60
SECRET_BYTES: Final = 32
KNOWN: Final = "There is a webhook with this address already."
TOO_MANY: Final = f"An organisation has at most {MOST_ENDPOINTS} webhooks. Delete one first."
NO_EVENTS: Final = "Choose at least one."


class InvalidField(InvalidValue):
    """A value that cannot be kept; ``field`` names it."""

    def __init__(self, field: str, said: str) -> None:
        super().__init__(said)
        self.field = field


@dataclass(frozen=True, slots=True)
class Wanted:
    """How somebody wants a receiver; an empty address leaves it as it is."""

    name: str
    address: str
    events: Collection[str]


def add_endpoint(org: Organisation, format: Format, wanted: Wanted, user_id: int) -> tuple[int, str]:
    """Add a receiver, and return its id with its secret: this is the only time that it is told.

    What is public already is not told. Raises ``InvalidField``.
    """
    address = _parsed_address(wanted.address)
    secret = f"whsec_{b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"
    endpoint = WebhookEndpoint(
        organisation_id=org.id,
        public_key=secrets.token_urlsafe(32),
        name=_name(wanted.name, address, format),
        format=format,
        events=_events(wanted.events),
        created_by_id=user_id,
    )
    _keep_address(endpoint, address)
    begun = None if told.is_told(org.id) else _public_now(org)  # before anything is locked
    with changing(org.id) as change:
        _check_new(endpoints_of(org.id), address)
        if not told.is_told(org.id):
            told.begin_notifying(org.id, *(begun or _public_now(org)))
        endpoint.secret_ciphertext = seal(endpoint.public_key, secret, Use.RECEIVER_SECRET)
        endpoint.secret_set_at = change.now
        change.session.add(endpoint)
        change.session.flush()
        record(org.id, Action.WEBHOOK_ADDED, endpoint.name, user_id=user_id)
        return endpoint.id, secret


def _public_now(org: Organisation) -> tuple[int, date, dict[int, ToldJob]]:
    """What is public, and up to where that is so."""
    revision, today = present_revision(org.id), date_in(org.time_zone, utc_now())
    return revision, today, public_now(org.id, today, sender_of(org.slug, org.name))


def change_endpoint(org: Organisation, endpoint_id: int, wanted: Wanted) -> bool:
    """Change a receiver; ``False`` where there is none any more. Raises ``InvalidField``."""
    events = _events(wanted.events)
    address = _parsed_address(wanted.address) if wanted.address.strip() else None
    with changing(org.id):
        endpoint = endpoint_of(org.id, endpoint_id, lock=True)
        if endpoint is None:
            return False
        if address is not None:
            _check_new([each for each in endpoints_of(org.id) if each.id != endpoint_id], address)
            _keep_address(endpoint, address)
            endpoint.failures, endpoint.unreachable, endpoint.rests_until = 0, 0, None
        endpoint.name = _name(wanted.name, address or endpoint.shown_address, Format(endpoint.format))
        endpoint.events = events
        record(org.id, Action.WEBHOOK_CHANGED, endpoint.name)
    return True


def pause(organisation_id: int, endpoint_id: int) -> bool:
    """Send nothing to a receiver until somebody resumes; it never learns of what happens meanwhile."""
    with changing(organisation_id) as change:
        endpoint = endpoint_of(organisation_id, endpoint_id, lock=True)
        if endpoint is None:
            return False
        endpoint.paused_at = endpoint.paused_at or change.now
        record(organisation_id, Action.WEBHOOK_PAUSED, endpoint.name)
    return True


def resume(organisation_id: int, endpoint_id: int) -> bool:
    """Send to a receiver again, also where the portal had switched it off."""
    with changing(organisation_id):
        endpoint = endpoint_of(organisation_id, endpoint_id, lock=True)
        if endpoint is None:
            return False
        endpoint.paused_at = endpoint.off_reason = endpoint.failing_since = endpoint.rests_until = None
        endpoint.failures = endpoint.unreachable = 0
        record(organisation_id, Action.WEBHOOK_RESUMED, endpoint.name)
    return True


def delete_endpoint(organisation_id: int, endpoint_id: int) -> str | None:
    """Delete a receiver with its secret and its log, and return its name."""
    with changing(organisation_id) as change:
        endpoint = endpoint_of(organisation_id, endpoint_id, lock=True)
        if endpoint is None:
            return None
        name = endpoint.name
        record(organisation_id, Action.WEBHOOK_DELETED, name)
        change.session.delete(endpoint)
        change.session.flush()
        if not endpoints_of(organisation_id):
            told.end_notifying(organisation_id)
    return name


def replace_secret(organisation_id: int, endpoint_id: int, seen: datetime | None) -> str | None:
    """Make a new secret and return it; the one before signs as well for a day.

    ``seen`` is when the secret was set that the asker saw: ``None`` is returned, and nothing made, where
    there is a newer one, or no such receiver.
    """
    secret = f"whsec_{b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"
    with changing(organisation_id) as change:
        endpoint = endpoint_of(organisation_id, endpoint_id, lock=True)
        if endpoint is None or endpoint.secret_set_at != seen:
            return None
        until = (change.now + SECRET_OVERLAP).isoformat()
        old = {"sealed": endpoint.secret_ciphertext.decode(), "until": until}
        endpoint.old_secrets = [*unexpired(endpoint.old_secrets, change.now), old][-MOST_OLD_ONES:]
        endpoint.secret_ciphertext = seal(endpoint.public_key, secret, Use.RECEIVER_SECRET)
        endpoint.secret_set_at = change.now
        record(organisation_id, Action.WEBHOOK_SECRET, endpoint.name)
    return secret


def signing_secrets(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """Return the secrets that sign now, the newest first; raises ``UnreadableCredential``.

    An old one that cannot be read any more is left out.
    """
    secrets = [open_sealed(endpoint.public_key, endpoint.secret_ciphertext, Use.RECEIVER_SECRET)]
    for old in reversed(unexpired(endpoint.old_secrets, now)):
        with suppress(UnreadableCredential):
            secrets.append(open_sealed(endpoint.public_key, old["sealed"].encode(), Use.RECEIVER_SECRET))
    return secrets


def address_of(endpoint: WebhookEndpoint) -> str:
    """Return where a receiver is; raises ``UnreadableCredential``."""
    return open_sealed(endpoint.public_key, endpoint.address_ciphertext, Use.RECEIVER_ADDRESS)


def is_readable(endpoint: WebhookEndpoint, now: datetime) -> bool:
    """Whether a key of ``CREDENTIAL_KEYS`` opens what is stored encrypted of a receiver."""
    try:
        return bool(address_of(endpoint) and signing_secrets(endpoint, now))
    except UnreadableCredential:
        return False


def old_secrets_end(endpoint: WebhookEndpoint, now: datetime) -> datetime | None:
    """Return when the last of the old secrets stops signing; ``None``: none signs."""
    ends = [datetime.fromisoformat(each["until"]) for each in unexpired(endpoint.old_secrets, now)]
    return max(ends, default=None)


def send_test(org: Organisation, endpoint_id: int) -> bool:
    """Leave a message that says nothing, to try a receiver with; ``False``: it is off, or there is none."""
    sender, now = sender_of(org.slug, org.name), utc_now()
    with changing(org.id):
        endpoint = endpoint_of(org.id, endpoint_id, lock=True)
        if endpoint is None or not endpoint.is_on:
            return False
        endpoint.rests_until = None
        body = slack_trial_body(sender) if endpoint.format == Format.SLACK else trial_body(sender, now)
        deliveries.add_deliveries([message_to(endpoint_id, EventType.TEST, "Test", body, now)])
        record(org.id, Action.WEBHOOK_TESTED, endpoint.name)
    return True


def send_again(organisation_id: int, endpoint_id: int, delivery_id: int, seen: int) -> bool | None:
    """Deliver a message once more; ``False`` where it was since it was ``seen``, ``None``: there is none."""
    with changing(organisation_id) as change:
        endpoint = endpoint_of(organisation_id, endpoint_id, lock=True)
        if endpoint is None or deliveries.delivery_of(endpoint_id, delivery_id) is None:
            return None
        endpoint.rests_until = None
        is_sent = deliveries.send_again(endpoint_id, delivery_id, seen, change.now)
        if is_sent:
            record(organisation_id, Action.WEBHOOK_SENT_AGAIN, endpoint.name)
        return is_sent


def _parsed_address(text: str) -> str:
    try:
        return parse_receiver(text, private=current_settings().webhooks_to_private_addresses)
    except InvalidValue as error:
        raise InvalidField("address", str(error)) from None


def _name(typed: str, address: str, format: Format) -> str:
    try:
        name = one_line(typed, LONGEST_NAME)
    except InvalidValue as error:
        raise InvalidField("name", str(error)) from None
    return (
        name
        or ("Slack" if format is Format.SLACK else address.partition("//")[2].partition("/")[0])[
            :LONGEST_NAME
        ]
    )


def _events(chosen: Collection[str]) -> list[str]:
    events = [each.value for each in CHOICES if each in chosen]
    if not events or len(events) < len(set(chosen)):
        raise InvalidField("events", NO_EVENTS)
    return events


def _keep_address(endpoint: WebhookEndpoint, address: str) -> None:
    endpoint.address_ciphertext = seal(endpoint.public_key, address, Use.RECEIVER_ADDRESS)
    endpoint.shown_address = shown_address(address, secret=endpoint.format == Format.SLACK)


def _check_new(others: Collection[WebhookEndpoint], address: str) -> None:
    if len(others) >= MOST_ENDPOINTS:
        raise InvalidField("address", TOO_MANY)
    for each in others:
        try:
            known = address_of(each)
        except UnreadableCredential:
            continue
        if known == address:
            raise InvalidField("address", KNOWN)

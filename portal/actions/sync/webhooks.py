"""Receive a webhook. It is a hint to sync now and nothing more: of its body only the action is read."""

import re
from datetime import datetime, timedelta
from hashlib import blake2b
from secrets import token_urlsafe

import msgspec
import structlog
from redis.exceptions import RedisError

from portal.actions.sync.credentials import (
    MOST_OLD_ONES,
    UnreadableCredential,
    Use,
    open_sealed,
    seal,
    valid_secrets,
)
from portal.actions.sync.schedule import start_sync
from portal.boards.greenhouse.client import is_signed
from portal.db import detached, end_read, write
from portal.domain.sync.runs import Trigger
from portal.models import Connection
from portal.models.base import utc_now
from portal.queues import redis
from portal.store.connections import connection_by_public_key, note_webhook

STARTS_A_SYNC = (
    "job_",
    "department_",
    "office_",
)  # a board shows all of these; deleting a job fires no post event
EVENT_TTL = timedelta(days=1)  # Greenhouse tries a delivery again for some 15 hours
NOTE_EVERY = timedelta(minutes=1)
NOBODYS = token_urlsafe(32).encode()  # verified against where there is no secret, for the time that it takes
PUBLIC_KEY = re.compile(r"[A-Za-z0-9_-]{1,43}")

log = structlog.get_logger()


class _Event(msgspec.Struct):
    """All that is read of a body."""

    action: str


def receive_webhook(public_key: str, signature: str | None, event_id: str | None, body: bytes) -> bool:
    """Take note of a webhook and start a sync if it is of what a board shows; ``False``: it is not genuine.

    An unknown address and a wrong signature take as long as each other and look alike. Raises
    ``UnreadableCredential`` where a secret that may have signed it cannot be read here: Greenhouse is to
    send it again.
    """
    now = utc_now()
    connection = connection_by_public_key(public_key if PUBLIC_KEY.fullmatch(public_key) else "")
    secrets = _secrets(connection, now)
    genuine = [is_signed(secret or NOBODYS, signature, body) for secret in secrets]
    if connection is None:
        return False
    if not any(genuine):
        if None not in secrets:
            return False
        log.error("hook_unreadable", connection_id=connection.id)
        raise UnreadableCredential
    connection = detached(connection)
    end_read()
    _note_heard(connection, now)
    key = _key(connection, event_id)
    if _action(body).startswith(STARTS_A_SYNC) and not _is_repeated(key):
        start_sync(connection, Trigger.WEBHOOK)
        _remember(key)  # after the commit: an event whose sync could not be queued is worth hearing again
    return True


def _secrets(connection: Connection | None, now: datetime) -> list[bytes | None]:
    """The secrets that may sign now, padded with unusable ones to a constant number.

    ``None`` is one that cannot be read.
    """
    public_key = connection.public_key if connection else ""
    sealed: list[bytes | None] = [*valid_secrets(connection, now)] if connection else []
    return [_open(public_key, each) for each in sealed + [None] * (1 + MOST_OLD_ONES - len(sealed))]


def _open(public_key: str, ciphertext: bytes | None) -> bytes | None:
    sealed = ciphertext or seal(public_key, NOBODYS.decode(), Use.HOOK_SECRET)
    try:
        return open_sealed(public_key, sealed, Use.HOOK_SECRET).encode()
    except UnreadableCredential:
        return None


def _note_heard(connection: Connection, now: datetime) -> None:
    if connection.hook_heard_at is None or abs(now - connection.hook_heard_at) > NOTE_EVERY:
        with write(owner=connection.organisation_id):
            note_webhook(connection.id, now)


def _action(body: bytes) -> str:
    """The event's action; a body that cannot be read is no event (a retry would bring the same)."""
    try:
        return msgspec.json.decode(body, type=_Event).action
    except (msgspec.DecodeError, RecursionError):
        return ""


def _key(connection: Connection, event_id: str | None) -> str | None:
    """Where Redis remembers an event; one without an id is always new."""
    if not event_id:
        return None
    digest = blake2b(event_id.encode(errors="replace"), digest_size=16).hexdigest()
    return f"portal:hook:{connection.id}:{digest}"


def _is_repeated(key: str | None) -> bool:
    try:
        return key is not None and bool(redis().exists(key))
    except RedisError:
        return False


def _remember(key: str | None) -> None:
    try:
        if key is not None:
            redis().set(key, 1, nx=True, ex=EVENT_TTL)
    except RedisError:
        log.warning("hook_event_not_remembered")

"""The secrets that webhooks are signed with: the present one, and those of the last day."""

import secrets
from datetime import datetime, timedelta

from portal.actions.changing import changing
from portal.actions.credentials import Use, seal
from portal.models import Connection
from portal.models.base import Json, has_passed
from portal.store.connections import locked_connection

OLD_ONE_LASTS = timedelta(days=1)
MOST_OLD_ONES = 4


def make_hook_secret(connection: Connection, seen_set_at: datetime | None) -> str | None:
    """Make a new secret and return it: this is the only time that it is told.

    Those before stay good for a day each. ``seen_set_at`` is when the secret was set that the asker saw:
    ``None`` is returned, and nothing made, where there is a newer one (a page sent twice must not undo
    what was just copied to Greenhouse). Raises ``NoResultFound`` when the connection has ended.
    """
    organisation_id, connection_id = connection.organisation_id, connection.id
    secret = secrets.token_urlsafe(32)
    with changing(organisation_id) as change:
        held = locked_connection(connection_id)
        if held.hook_secret_set_at != seen_set_at:
            return None
        held.old_hook_secrets = _old_ones(held, change.now)
        held.hook_secret_ciphertext = seal(held.public_key, secret, Use.HOOK_SECRET)
        held.hook_secret_set_at = change.now
        change.raise_revision()
    return secret


def good_secrets(connection: Connection, now: datetime) -> list[bytes]:
    """Return the sealed secrets that may sign now, the newest first."""
    newest = [connection.hook_secret_ciphertext] if connection.hook_secret_ciphertext else []
    return newest + [each["sealed"].encode() for each in reversed(_good(connection, now))]


def old_secrets_end(connection: Connection, now: datetime) -> list[datetime]:
    """Return when each of the old secrets that still work stops working, the first to stop first."""
    return [datetime.fromisoformat(each["until"]) for each in _good(connection, now)]


def _good(connection: Connection, now: datetime) -> list[Json]:
    def is_over(until: str) -> bool:
        return has_passed(datetime.fromisoformat(until), now, 2 * OLD_ONE_LASTS)

    return [each for each in connection.old_hook_secrets if not is_over(each["until"])]


def _old_ones(held: Connection, now: datetime) -> list[Json]:
    """What is old from now on. Of too many the first stays, which Greenhouse had when all this began."""
    old = _good(held, now)
    if held.hook_secret_ciphertext:
        until = (now + OLD_ONE_LASTS).isoformat()
        old.append({"sealed": held.hook_secret_ciphertext.decode(), "until": until})
    return old if len(old) <= MOST_OLD_ONES else [old[0], *old[1 - MOST_OLD_ONES :]]

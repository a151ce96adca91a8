"""The secret that Greenhouse signs a connection's webhooks with."""

import secrets
from datetime import datetime, timedelta

from portal.actions.credentials import Use, seal
from portal.live.publish import announce
from portal.models import Connection
from portal.models.base import utc_now
from portal.store.connections import locked_connection
from portal.store.organisations import next_revision
from portal.store.transactions import write

OLD_ONE_LASTS = timedelta(days=1)


def make_hook_secret(connection: Connection, seen_set_at: datetime | None) -> str | None:
    """Make a new secret and return it: this is the only time that it is told.

    The one before stays good for a day. ``seen_set_at`` is when the secret was set that the asker saw:
    ``None`` is returned, and nothing made, where there is a newer one (a page sent twice must not undo
    what was just copied to Greenhouse). Raises ``NoResultFound`` when the connection has ended.
    """
    secret, now = secrets.token_urlsafe(32), utc_now()
    with write():
        revision = next_revision(connection.organisation_id)
        held = locked_connection(connection.id)
        if held.hook_secret_set_at != seen_set_at:
            return None
        held.old_hook_secret_ciphertext = held.hook_secret_ciphertext
        held.old_hook_secret_until = now + OLD_ONE_LASTS if held.hook_secret_ciphertext else None
        held.hook_secret_ciphertext = seal(held.public_key, secret, Use.HOOK_SECRET)
        held.hook_secret_set_at = now
    announce(connection.organisation_id, revision)
    return secret

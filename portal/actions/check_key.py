"""Ask Greenhouse whether it rejects the stored key by now: when an admin wants it, and once a day."""

from contextlib import suppress
from datetime import datetime, timedelta
from random import shuffle
from time import monotonic

from sqlalchemy.exc import NoResultFound

from portal.actions.changing import changing
from portal.actions.connect import greenhouse_client
from portal.actions.credentials import UnreadableCredential, unseal
from portal.domain.board_tokens import BoardToken
from portal.greenhouse.errors import BoardUnavailable, GreenhouseError
from portal.models import Connection
from portal.store.connections import locked_connection, with_keys_not_asked_about
from portal.store.transactions import as_read, end_read

ASK_EVERY = timedelta(days=1)
MOST_AT_ONCE = 1000
LONGEST_SECONDS = 300.0
MOST_UNANSWERED = 3  # in a row


def check_key(connection: Connection) -> bool:
    """Note whether the key is rejected, and return it; an earlier rejection keeps its date.

    Raises the client's errors (``BoardUnavailable`` also where Greenhouse gave no verdict, so that an
    earlier one stands), ``UnreadableCredential``, and ``NoResultFound`` when the connection ended.
    """
    key, asked = unseal(connection), connection.api_key_ciphertext
    organisation_id, connection_id = connection.organisation_id, connection.id
    token = BoardToken(connection.board_token)
    client = greenhouse_client()
    end_read()  # from here on the row may be gone
    rejected = client.key_is_rejected(token, key)
    if rejected is None:
        raise BoardUnavailable("Greenhouse is busy.")
    with changing(organisation_id) as change:
        held = locked_connection(connection_id)
        if held.api_key_ciphertext == asked:  # or else the answer is about a key that was replaced
            held.key_checked_at = change.now
            held.key_rejected_at = (held.key_rejected_at or change.now) if rejected else None
            change.raise_revision()
    return rejected


def check_old_answers(now: datetime) -> int:
    """Ask about every key that was not asked about for a day; return how many were.

    It stops after some minutes, and when Greenhouse is away: the next hour goes on. The order is left to
    chance, so that a few boards whose keys are never answered for keep no others waiting.
    """
    started, asked, unanswered = monotonic(), 0, 0
    found = [as_read(each) for each in with_keys_not_asked_about(now, ASK_EVERY, MOST_AT_ONCE)]
    end_read()
    shuffle(found)
    for connection in found:
        if unanswered == MOST_UNANSWERED or monotonic() - started > LONGEST_SECONDS:
            break
        try:
            with suppress(UnreadableCredential, NoResultFound):  # nothing to ask with, or nobody to tell
                check_key(connection)
                asked += 1
        except GreenhouseError:
            unanswered += 1
        else:
            unanswered = 0
    return asked

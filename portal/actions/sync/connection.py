"""Connect, change and end a connection; ask Greenhouse about a board or a key."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import shuffle
from secrets import token_urlsafe
from time import monotonic

from sqlalchemy.exc import IntegrityError, NoResultFound

from portal.actions.applications.switch import note_rejected_key
from portal.actions.audit import record
from portal.actions.changing import changing
from portal.actions.sync.credentials import UnreadableCredential, seal, unseal
from portal.actions.sync.schedule import start_sync
from portal.boards.errors import BoardUnavailable, GreenhouseError
from portal.boards.greenhouse.client import GreenhouseClient
from portal.config import current_settings
from portal.db import detached, end_read
from portal.domain.audit import Action
from portal.domain.jobs.fields import EmploymentType
from portal.domain.sync.board_tokens import ApiKey, BoardToken, last_four
from portal.domain.sync.runs import DISCONNECTED, RENAMED, Trigger
from portal.models import Connection, Organisation
from portal.models.base import utc_now
from portal.store import run_steps
from portal.store.connections import connection_of, connections_to_recheck, locked_connection
from portal.store.job_columns import move_board, release_board
from portal.store.jobs import stored_posts
from portal.store.mails import delete_mails_of_connection

__all__ = ["GreenhouseError"]

ASK_SECONDS = 8.0  # for each of three questions, while somebody waits


class KeyRejected(Exception):
    """Greenhouse answered 401 or 403 to the key."""

    def __init__(self) -> None:
        super().__init__(
            "Greenhouse rejected this key. Create one of type “Job Board” under API Credentials and paste it."
        )


class AlreadyConnected(Exception):
    """The organisation has a connection; there is never a second one."""

    def __init__(self, board_name: str) -> None:
        super().__init__(f"Greenhouse is connected already, to {board_name}. Disconnect it first.")


class OtherBoard(Exception):
    """The board lists too few of the connection's open jobs: it is another one, not the same renamed."""

    def __init__(self, token: str, here: int, jobs: int) -> None:
        super().__init__(
            f"“{token}” lists {here} of your {jobs} open jobs, so it looks like another board. "
            "To change to another board, disconnect this one and connect that."
        )


class BoardKnown(Exception):
    """The organisation has jobs of that board from an earlier connection: two rows of one post could come."""

    def __init__(self, token: str) -> None:
        super().__init__(
            f"Jobs of “{token}” are here already, from an earlier connection. "
            "Disconnect this board and connect that: its jobs take up where they were."
        )


@dataclass(frozen=True, slots=True)
class Board:
    """A board that answered: its name, and how many of its posts would become jobs."""

    name: str
    jobs: int


def ask_board(token: BoardToken, key: ApiKey) -> Board:
    """Ask Greenhouse for the board, and whether it rejects the key.

    Raises ``BoardNotFound``, ``BoardUnavailable``, ``MalformedBoard`` or ``KeyRejected``; an answer other
    than 401 or 403 says only that the key was not rejected (no call checks a key without applying).
    """
    client = greenhouse_client()
    name, jobs = client.board_name(token), client.count_jobs(token)
    if client.key_is_rejected(token, key):
        raise KeyRejected
    return Board(name, jobs)


def connect(
    organisation: Organisation,
    token: BoardToken,
    key: ApiKey,
    *,
    prefill: bool,
    user_id: int,
    default_type: EmploymentType | None = None,
    hides_new: bool = False,
    check: Callable[[], None] = lambda: None,
) -> tuple[Connection, Board]:
    """Ask the board, store the connection with its key encrypted, and start the first import.

    ``default_type`` is the employment type of jobs of which the board says none. ``check`` is called as it is
    stored, and may forbid it. Raises what it and ``ask_board`` raise, and ``AlreadyConnected``.
    """
    organisation_id = organisation.id
    held = connection_of(organisation_id)
    if held is not None:
        raise AlreadyConnected(held.board_name)
    end_read()
    board = ask_board(token, key)
    connection = _new_connection(organisation_id, token, key, board)
    connection.prefill, connection.default_employment_type = prefill, default_type
    connection.created_by_id, connection.hides_new = user_id, hides_new
    try:
        with changing(organisation_id) as change:
            check()
            change.session.add(connection)
            record(organisation_id, Action.CONNECTED, token, user_id=user_id)
            change.raise_revision()
    except IntegrityError:
        raise AlreadyConnected("a board") from None
    start_sync(connection, Trigger.CONNECT, user_id)
    return connection, board


def replace_key(connection: Connection, key: ApiKey) -> None:
    """Store another API key for the same board.

    Raises ``KeyRejected``, the client's errors, and ``NoResultFound`` when the connection has ended.
    """
    organisation_id, connection_id = connection.organisation_id, connection.id
    token = BoardToken(connection.board_token)
    end_read()  # from here on the row may be gone
    if greenhouse_client().key_is_rejected(token, key):
        raise KeyRejected
    with changing(organisation_id) as change:
        held = locked_connection(connection_id)
        held.api_key_ciphertext = seal(held.public_key, key)
        held.api_key_last_four = last_four(key)
        held.key_checked_at, held.key_rejected_at = change.now, None
        record(organisation_id, Action.KEY_REPLACED)
        change.raise_revision()


def rename_board(connection: Connection, token: BoardToken, user_id: int | None) -> None:
    """Follow a board whose token was changed in Greenhouse: same jobs, another address; then sync.

    Raises ``OtherBoard`` unless the board lists at least half of the open jobs, ``BoardKnown``, the client's
    errors, and ``NoResultFound`` when the connection has ended or follows another board by now.
    """
    organisation_id, connection_id, old = connection.organisation_id, connection.id, connection.board_token
    if token == old:
        return
    end_read()  # from here on the row may be gone
    client = greenhouse_client()
    name, listed = client.board_name(token), client.listed_ids(token)
    with changing(organisation_id) as change:
        held = locked_connection(connection_id)
        if held.board_token != old:
            raise NoResultFound
        stored = stored_posts(organisation_id, old)
        known = {post_id for post_id, post in stored.items() if post.listed}
        if len(known & listed) * 2 < len(known):
            raise OtherBoard(token, len(known & listed), len(known))
        if stored_posts(organisation_id, token):
            raise BoardKnown(token)
        run_steps.cancel_all(connection_id, change.now, RENAMED)
        move_board(organisation_id, old, token, change.now, change.revision)
        held.board_token, held.board_name, held.etag = token, name, None
        record(organisation_id, Action.BOARD_RENAMED, f"{old} → {token}", user_id=user_id)
    start_sync(held, Trigger.MANUAL, user_id)


def greenhouse_client(deadline: float | None = None) -> GreenhouseClient:
    """Return a client of the Greenhouse of the settings; each question ends within ``deadline`` seconds.

    Without one it is as long as somebody waits at a form.
    """
    settings = current_settings()
    return GreenhouseClient(
        settings.greenhouse_api_url, deadline=deadline or ASK_SECONDS, ca_bundle=settings.requests_ca_bundle
    )


def _new_connection(organisation_id: int, token: BoardToken, key: ApiKey, board: Board) -> Connection:
    public_key = token_urlsafe(24)
    return Connection(
        organisation_id=organisation_id,
        public_key=public_key,
        board_token=token,
        board_name=board.name,
        api_key_ciphertext=seal(public_key, key),
        api_key_last_four=last_four(key),
        key_checked_at=utc_now(),
        # Should the first import never be queued, the schedule brings it.
        next_sync_at=utc_now() + timedelta(minutes=current_settings().sync_interval_minutes),
    )


def change_settings(
    connection: Connection, *, prefill: bool, include_prospects: bool, hides_new: bool, user_id: int
) -> bool:
    """Store the switches; return whether a sync imports something else with them: then one starts.

    While ``prefill`` is off, nothing follows Greenhouse and no value changes. Once it is on again, every
    field follows that nobody edited. ``hides_new`` is of jobs to come: those that wait for a decision go on
    doing so without it. Raises ``NoResultFound`` when the connection has ended.
    """
    organisation_id, connection_id = connection.organisation_id, connection.id
    with changing(organisation_id) as change:
        held = locked_connection(connection_id)
        imports_otherwise = held.include_prospects != include_prospects or (prefill and not held.prefill)
        held.prefill, held.include_prospects, held.hides_new = prefill, include_prospects, hides_new
        if change.session.is_modified(held):
            about = f"prefill {prefill}, prospect posts {include_prospects}, new jobs hidden {hides_new}"
            record(organisation_id, Action.CONNECTION_CHANGED, about, user_id=user_id)
            change.raise_revision()
    if imports_otherwise:
        start_sync(held, Trigger.MANUAL, user_id)
    return imports_otherwise


def disconnect(organisation_id: int, *, keep_jobs: bool) -> bool:
    """Delete the connection and cancel its runs; ``False`` when there is none (any more).

    Kept jobs become the organisation's own, with every field editable; the others close, and their
    edits wait for a reconnection of the same board.
    """
    with changing(organisation_id) as change:
        connection: Connection | None = connection_of(organisation_id)
        if connection is None:
            return False
        run_steps.cancel_all(connection.id, change.now, DISCONNECTED)
        delete_mails_of_connection(organisation_id)  # they tell of a connection that is no more
        release_board(organisation_id, connection.board_token, change.now, change.revision, keep=keep_jobs)
        record(organisation_id, Action.DISCONNECTED, connection.board_token)
        change.session.delete(connection)
    return True


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
            if rejected:
                note_rejected_key(held, change)
            else:
                held.key_checked_at, held.key_rejected_at = change.now, None
            change.raise_revision()
    return rejected


def recheck_keys(now: datetime) -> int:
    """Ask about every key that was not asked about for a day; return how many were.

    It stops after some minutes, and when Greenhouse is away: the next hour goes on. The order is left to
    chance, so that a few boards whose keys are never answered for keep no others waiting.
    """
    started, asked, unanswered = monotonic(), 0, 0
    found = [detached(each) for each in connections_to_recheck(now, ASK_EVERY, MOST_AT_ONCE)]
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

"""Connect an organisation to a Greenhouse board, after asking the board itself."""

from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe

from sqlalchemy.exc import IntegrityError

from portal.actions.changing import changing
from portal.actions.credentials import seal
from portal.actions.start_sync import start_sync
from portal.config import current_settings
from portal.domain.board_tokens import ApiKey, BoardToken, last_four
from portal.domain.run_states import Trigger
from portal.greenhouse.client import GreenhouseClient
from portal.models import Connection, Organisation
from portal.models.base import utc_now
from portal.store.connections import connection_of, locked_connection
from portal.store.transactions import end_read

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
    with greenhouse_client() as client:
        name = client.board_name(token)
        jobs = client.count_jobs(token)
        if client.key_is_rejected(token, key):
            raise KeyRejected
    return Board(name, jobs)


def connect(
    organisation: Organisation, token: BoardToken, key: ApiKey, *, prefill: bool, user_id: int
) -> tuple[Connection, Board]:
    """Ask the board, store the connection with its key encrypted, and start the first import.

    Raises what ``ask_board`` raises, and ``AlreadyConnected``.
    """
    organisation_id = organisation.id
    held = connection_of(organisation_id)
    if held is not None:
        raise AlreadyConnected(held.board_name)
    end_read()
    board = ask_board(token, key)
    connection = _new_connection(organisation_id, token, key, board, prefill=prefill, user_id=user_id)
    try:
        with changing(organisation_id) as change:
            change.session.add(connection)
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
    with greenhouse_client() as client:
        if client.key_is_rejected(token, key):
            raise KeyRejected
    with changing(organisation_id) as change:
        held = locked_connection(connection_id)
        held.api_key_ciphertext = seal(held.public_key, key)
        held.api_key_last_four = last_four(key)
        held.key_checked_at, held.key_rejected_at = change.now, None
        change.raise_revision()


def greenhouse_client(deadline: float | None = None) -> GreenhouseClient:
    """Return a client of the Greenhouse of the settings; each question ends within ``deadline`` seconds.

    Without one it is as long as somebody waits at a form.
    """
    settings = current_settings()
    return GreenhouseClient(
        settings.greenhouse_api_url,
        deadline=deadline or ASK_SECONDS,
        ca_bundle=settings.requests_ca_bundle,
    )


def _new_connection(
    organisation_id: int, token: BoardToken, key: ApiKey, board: Board, *, prefill: bool, user_id: int
) -> Connection:
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
        prefill=prefill,
        created_by_id=user_id,
    )

"""End a connection for good: key and secrets go at once, the jobs stay or leave the page."""

from portal.domain.run_words import DISCONNECTED
from portal.live.publish import announce
from portal.models import Connection
from portal.models.base import utc_now
from portal.store import run_steps
from portal.store.connections import connection_of
from portal.store.job_columns import release_board
from portal.store.mails import forget_mails_of
from portal.store.organisations import next_revision
from portal.store.transactions import write


def disconnect(organisation_id: int, *, keep_jobs: bool) -> bool:
    """Delete the connection and cancel its runs; ``False`` when there is none (any more).

    Kept jobs become the organisation's own, with every field editable; the others close, and their
    edits wait for a reconnection of the same board.
    """
    now = utc_now()
    with write() as session:
        revision = next_revision(organisation_id)
        connection: Connection | None = connection_of(organisation_id)
        if connection is None:
            return False
        run_steps.cancel_all(connection.id, now, DISCONNECTED)
        forget_mails_of(organisation_id)  # they tell of a connection that is no more
        release_board(organisation_id, connection.board_token, now, revision, keep=keep_jobs)
        session.delete(connection)
    announce(organisation_id, revision)
    return True

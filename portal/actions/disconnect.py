"""End a connection for good: key and secrets go at once, the jobs stay or leave the page."""

from portal.actions.changing import changing
from portal.domain.run_words import DISCONNECTED
from portal.models import Connection
from portal.store import run_steps
from portal.store.connections import connection_of
from portal.store.job_columns import release_board
from portal.store.mails import forget_mails_of


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
        forget_mails_of(organisation_id)  # they tell of a connection that is no more
        release_board(organisation_id, connection.board_token, change.now, change.revision, keep=keep_jobs)
        change.session.delete(connection)
    return True

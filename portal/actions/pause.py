"""Pause a connection's syncs, and resume them."""

from portal.actions.changing import changing
from portal.actions.start_sync import start_sync
from portal.domain.run_states import RunStatus, Trigger
from portal.domain.run_words import PAUSED
from portal.models import Connection
from portal.store.connections import locked_connection
from portal.store.run_steps import cancel_all
from portal.store.sync_runs import unfinished_run


def pause(connection: Connection) -> bool:
    """Start no more syncs, neither by schedule nor by webhook, and cancel the one that waits.

    One that is running may finish: returns whether there is one that brings changes. Raises
    ``NoResultFound`` when the connection has ended.
    """
    organisation_id, connection_id = connection.organisation_id, connection.id
    with changing(organisation_id) as change:
        held = locked_connection(connection_id)
        was_paused, held.paused_at = held.paused_at, held.paused_at or change.now
        cancelled = cancel_all(connection_id, change.now, PAUSED, {RunStatus.QUEUED})
        running = unfinished_run(connection_id)
        if cancelled or was_paused is None:
            change.raise_revision()
    return running is not None and running.trigger != Trigger.PREVIEW


def resume(connection: Connection, user_id: int | None) -> None:
    """Sync again, beginning at once. Raises ``NoResultFound`` when the connection has ended."""
    organisation_id, connection_id = connection.organisation_id, connection.id
    with changing(organisation_id) as change:
        held = locked_connection(connection_id)
        was_paused, held.paused_at = held.paused_at, None
        if was_paused is not None:
            change.raise_revision()
    if was_paused is not None:
        start_sync(held, Trigger.MANUAL, user_id)

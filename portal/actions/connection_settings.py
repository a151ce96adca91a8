"""Change how a connection imports."""

from portal.actions.changing import changing
from portal.actions.start_sync import start_sync
from portal.domain.run_states import Trigger
from portal.models import Connection
from portal.store.connections import locked_connection


def change_settings(connection: Connection, *, prefill: bool, include_prospects: bool, user_id: int) -> None:
    """Store the switches; a sync starts when what is imported changes with them.

    Raises ``NoResultFound`` when the connection has ended.
    """
    organisation_id, connection_id = connection.organisation_id, connection.id
    with changing(organisation_id) as change:
        held = locked_connection(connection_id)
        imports_otherwise = held.include_prospects != include_prospects
        held.prefill, held.include_prospects = prefill, include_prospects
        if change.session.is_modified(held):
            change.raise_revision()
    if imports_otherwise:
        start_sync(held, Trigger.MANUAL, user_id)

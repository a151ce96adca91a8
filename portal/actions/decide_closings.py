"""An admin's word on held closings."""

from collections.abc import Collection

from portal.actions.changing import changing
from portal.actions.seen_lists import Mark, expect
from portal.actions.start_sync import start_sync
from portal.domain.run_states import Trigger
from portal.models import Connection, HoldStatus
from portal.store import held_closings
from portal.store.waiting_closings import pending_closings


def approve_closings(
    connection: Connection,
    user_id: int | None,
    job_ids: Collection[int] = (),
    seen: Mark | None = None,
    *,
    again: bool = False,
) -> int:
    """Let the held closings of these jobs (or all) happen; return how many.

    A sync is queued that closes those which Greenhouse still does not list. ``again``: of jobs that
    were to stay open. Raises ``ListChanged`` where others wait than were ``seen``.
    """
    decided = _decide(connection, HoldStatus.APPROVED, user_id, job_ids, seen, again=again)
    if decided:
        start_sync(connection, Trigger.MANUAL, user_id)
    return decided


def discard_closings(
    connection: Connection,
    user_id: int | None,
    job_ids: Collection[int] = (),
    seen: Mark | None = None,
    *,
    again: bool = False,
) -> int:
    """Keep these jobs (or all that are held) open until Greenhouse lists them again; return how many.

    ``again``: jobs that were to close. Raises ``ListChanged`` where others wait than were ``seen``.
    """
    return _decide(connection, HoldStatus.DISCARDED, user_id, job_ids, seen, again=again)


def _decide(
    connection: Connection,
    status: HoldStatus,
    user_id: int | None,
    job_ids: Collection[int],
    seen: Mark | None,
    *,
    again: bool,
) -> int:
    organisation_id, connection_id = connection.organisation_id, connection.id
    with changing(organisation_id) as change:
        expect(seen, pending_closings(connection_id).mark)
        decided = held_closings.decide(connection_id, status, user_id, change.now, job_ids, again=again)
        if decided:
            change.raise_revision()
    return decided

"""Start what time brings about: scheduled syncs, and the handing over of runs that wait."""

from datetime import datetime, timedelta

from portal.actions.note_health import sync_interval
from portal.actions.start_sync import enqueue_claimed
from portal.config import current_settings
from portal.domain.health import longest_interval
from portal.live.publish import announce
from portal.queue import is_reachable
from portal.store.connections import any_due, lock_due, move_on
from portal.store.organisations import raise_revisions
from portal.store.run_queue import any_to_enqueue, claim_for_enqueueing, queue_scheduled
from portal.store.transactions import end_read, write

BATCH = 200


def start_due(now: datetime) -> int:
    """Queue a run for each connection that is due, many in one transaction; return how many were due.

    The database decides: of several ticks that see the same connection due, one moves its schedule on.
    """
    total, longest = 0, longest_interval(sync_interval())
    while any_due(now, longest):
        started = _start_batch(now, longest)
        total += started
        if started < BATCH:  # the rest, if any, is locked by others
            break
    end_read()
    return total


def _start_batch(now: datetime, longest: timedelta) -> int:
    with write():
        connections = lock_due(now, longest, BATCH)
        move_on(connections, now + sync_interval())
        queue_scheduled(connections, now)
        revisions = raise_revisions([each.organisation_id for each in connections])
    for organisation_id, revision in revisions.items():
        announce(organisation_id, revision)
    return len(connections)


def hand_over_waiting(now: datetime) -> int:
    """Enqueue every queued run that may start and was not taken for a lease; return how many.

    Each is claimed before it is enqueued, so that two ticks enqueue it once; one whose tick was killed in
    between waits for a lease.
    """
    again_after = timedelta(seconds=current_settings().lease_seconds)
    waiting = any_to_enqueue(now, again_after)
    end_read()
    if not waiting or not is_reachable():
        return 0
    with write():
        runs = claim_for_enqueueing(now, again_after)
    return len(runs) if enqueue_claimed(runs) else 0

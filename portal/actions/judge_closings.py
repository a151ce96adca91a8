"""Judge, within the commit, which jobs close and whose closing a person must decide."""

from collections.abc import Mapping
from datetime import datetime

from portal.actions.prepare_sync import Prepared
from portal.domain.guard import Closings, guard_closings, is_doubted
from portal.models import HeldClosing, HoldStatus, SyncRun
from portal.store.held_closings import add_holds, count_drops, end_holds, standing_holds


def judge_closings(run: SyncRun, prepared: Prepared, now: datetime | None) -> Closings:
    """Return what closes and what is held; ``now`` is when, or ``None`` to leave no trace of it.

    A hold ends by itself when its post is listed again. What an admin approved closes if it is still
    not listed; what an admin discarded stays open until it is listed again.
    """
    if prepared.posts is None or run.connection_id is None:
        return Closings((), ())
    holds = {hold.job.external_id: hold for hold in standing_holds(run.connection_id)}
    closings = guard_closings(
        tuple(prepared.missing),
        prepared.standing,
        {key for key, hold in holds.items() if hold.status == HoldStatus.APPROVED and key is not None},
        {key for key, hold in holds.items() if hold.status == HoldStatus.DISCARDED and key is not None},
        _doubted(run.connection_id, prepared, holds),
    )
    if now is not None:
        over = [
            hold.id for key, hold in holds.items() if key not in prepared.missing or key in closings.close
        ]
        end_holds(over, now)
        fresh = [prepared.missing[key] for key in closings.hold if key not in holds]
        add_holds(run, fresh, now)
    return closings


def _doubted(connection_id: int, prepared: Prepared, holds: Mapping[int | None, HeldClosing]) -> set[int]:
    """Return the posts whose closing was held and waits, while most of their drop has not come back."""
    waiting = {
        key: hold.created_at
        for key, hold in holds.items()
        if key in prepared.missing and hold.status == HoldStatus.PENDING
    }
    if not waiting:
        return set()
    drops = set(waiting.values())
    held, came_back = count_drops(connection_id, drops)
    came_back += sum(
        key not in prepared.missing and hold.status != HoldStatus.APPROVED and hold.created_at in drops
        for key, hold in holds.items()
    )
    return {key for key in waiting if key is not None} if is_doubted(held, came_back) else set()

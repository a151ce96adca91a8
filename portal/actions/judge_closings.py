"""Judge, within the commit, which jobs close and whose closing a person must decide."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.actions.commit_lease import Renew
from portal.actions.prepare_sync import Prepared
from portal.domain.guard import Closings, guard_closings, is_doubted
from portal.models import HoldStatus, SyncRun
from portal.store.held_closings import Hold, add_holds, count_drops, end_holds, standing_holds

Holds = Mapping[int, Hold]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Posts by what becomes of their jobs; ``fresh`` are those that were not held before.

    ``is_news`` says that what is held is not what waited when the run began.
    """

    close: tuple[int, ...] = ()
    hold: tuple[int, ...] = ()
    fresh: tuple[int, ...] = ()
    is_news: bool = False


def judge_closings(run: SyncRun, prepared: Prepared, now: datetime | None, renew: Renew) -> Judgement:
    """Return what closes and what is held; ``now`` is when, or ``None`` to leave no trace of it.

    A hold ends by itself when its post is listed again. What an admin approved closes if it is still
    not listed; what an admin discarded stays open until it is listed again. ``renew`` keeps the lease.
    """
    if prepared.posts is None or run.connection_id is None:
        return Judgement()
    holds = {hold.post_id: hold for hold in standing_holds(run.connection_id)}
    followed, left = _judge_followed(run.connection_id, prepared, holds), _judge_left(prepared, holds)
    close, hold = followed.close + left.close, followed.hold + left.hold
    fresh = tuple(key for key in hold if key not in holds)
    is_news = set(hold) != _with(HoldStatus.PENDING, holds, holds)  # asked before any of them ends
    if now is not None:
        stay = prepared.gone.keys() - set(close)
        end_holds([each.id for key, each in holds.items() if key not in stay], now, renew)
        add_holds(run, [prepared.gone[key] for key in fresh], now, renew)
    return Judgement(close, hold, fresh, is_news)


def _judge_followed(connection_id: int, prepared: Prepared, holds: Holds) -> Closings:
    """Let the guard judge what the board is answerable for."""
    return guard_closings(
        tuple(prepared.missing),
        prepared.standing,
        _with(HoldStatus.APPROVED, holds, prepared.missing),
        _with(HoldStatus.DISCARDED, holds, prepared.missing),
        _doubted(connection_id, prepared, holds),
    )


def _judge_left(prepared: Prepared, holds: Holds) -> Closings:
    """Ask, once a reconnection, about kept jobs that the board lists no more: no rule may close an own job.

    The first answer names them. Later ones carry out what was decided since, and hold what was not.
    """
    approved = _with(HoldStatus.APPROVED, holds, prepared.left)
    waiting = _with(HoldStatus.PENDING, holds, prepared.left)
    if prepared.is_first:
        waiting |= prepared.left.keys() - holds.keys()
    return Closings(
        tuple(key for key in prepared.left if key in approved),
        tuple(key for key in prepared.left if key in waiting),
    )


def _with(status: HoldStatus, holds: Holds, keys: Iterable[int]) -> set[int]:
    return {key for key in keys if key in holds and holds[key].status == status}


def _doubted(connection_id: int, prepared: Prepared, holds: Holds) -> set[int]:
    """Return the posts whose closing was held and waits, while most of their drop has not come back."""
    waiting = _with(HoldStatus.PENDING, holds, prepared.missing)
    if not waiting:
        return set()
    drops = {holds[key].held_at for key in waiting}
    held, came_back = count_drops(connection_id, drops)
    came_back += sum(
        key not in prepared.missing and hold.status != HoldStatus.APPROVED and hold.held_at in drops
        for key, hold in holds.items()
    )
    return waiting if is_doubted(held, came_back) else set()

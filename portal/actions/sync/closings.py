"""Hold closings that exceed the guard's limits, and carry out what admins decide about them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.actions.audit import record
from portal.actions.changing import changing
from portal.actions.jobs.pair import ListVersion, expect
from portal.actions.sync.lease import Renew
from portal.actions.sync.prepare import Prepared
from portal.actions.sync.schedule import start_sync
from portal.domain.audit import Action
from portal.domain.sync.plan import Closings, HoldStatus, guard_closings, is_doubted
from portal.domain.sync.runs import Trigger
from portal.models import Connection, SyncRun
from portal.store import closings
from portal.store.closings import (
    Hold,
    add_held_closings,
    count_drops,
    end_closings,
    held_closings,
    pending_closings,
)

HeldByPost = Mapping[int, Hold]


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
    holds = {hold.post_id: hold for hold in held_closings(run.connection_id)}
    followed, left = _judge_followed(run.connection_id, prepared, holds), _judge_left(prepared, holds)
    close, hold = followed.close + left.close, followed.hold + left.hold
    fresh = tuple(key for key in hold if key not in holds)
    is_news = set(hold) != _with(HoldStatus.PENDING, holds, holds)  # asked before any of them ends
    if now is not None:
        stay = prepared.gone.keys() - set(close)
        end_closings([each.id for key, each in holds.items() if key not in stay], now, renew)
        add_held_closings(run, [prepared.gone[key] for key in fresh], now, renew)
    return Judgement(close, hold, fresh, is_news)


def _judge_followed(connection_id: int, prepared: Prepared, holds: HeldByPost) -> Closings:
    """Let the guard judge what the board is answerable for."""
    return guard_closings(
        tuple(prepared.missing),
        prepared.open_before,
        prepared.posts or 0,
        _with(HoldStatus.APPROVED, holds, prepared.missing),
        _with(HoldStatus.DISCARDED, holds, prepared.missing),
        _doubted(connection_id, prepared, holds),
    )


def _judge_left(prepared: Prepared, holds: HeldByPost) -> Closings:
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


def _with(status: HoldStatus, holds: HeldByPost, keys: Iterable[int]) -> set[int]:
    return {key for key in keys if key in holds and holds[key].status == status}


def _doubted(connection_id: int, prepared: Prepared, holds: HeldByPost) -> set[int]:
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


def decide_closings(
    connection: Connection,
    status: HoldStatus,
    user_id: int | None,
    job_ids: Collection[int] = (),
    seen: ListVersion | None = None,
    *,
    again: bool = False,
) -> int:
    """Approve or discard the held closings of these jobs (or all); return how many.

    A sync is queued that closes those approved which Greenhouse still does not list; those discarded stay
    open until it lists them again. ``again``: of jobs that were decided about the other way. Raises
    ``ListChanged`` where others wait than were ``seen``.
    """
    organisation_id, connection_id = connection.organisation_id, connection.id
    with changing(organisation_id) as change:
        expect(seen, pending_closings(connection_id).list_version)
        decided = closings.decide(connection_id, status, user_id, change.now, job_ids, again=again)
        if decided:
            is_approved = status == HoldStatus.APPROVED
            action = Action.CLOSINGS_APPROVED if is_approved else Action.CLOSINGS_DISCARDED
            record(organisation_id, action, f"{decided} jobs" if decided > 1 else "1 job", user_id=user_id)
            change.raise_revision()
    if decided and status == HoldStatus.APPROVED:
        start_sync(connection, Trigger.MANUAL, user_id)
    return decided

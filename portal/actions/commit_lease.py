"""The lease of a run whose commit has begun: checked and renewed in that transaction, by who writes it.

A thread of its own, as while Greenhouse is read, would wait for the transaction; and it would renew the
lease of one that was paused. Here a pause longer than the lease is found out, and nothing is committed.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from portal.actions.lease import LeaseLost
from portal.config import current_settings
from portal.models import SyncRun
from portal.models.base import utc_now
from portal.store.run_steps import renew_lease
from portal.store.transactions import end_if_late

Step = Callable[[int], None]


def hold(run: SyncRun) -> datetime:
    """Check and renew the lease, so that nobody takes the run for as long; return the time it is.

    Call it once the organisation is locked: the wait for that may have outlived the lease. Raises
    ``LeaseLost``. On PostgreSQL the transaction ends by itself unless this is called again by then.
    """
    now, lease = utc_now(), timedelta(seconds=current_settings().lease_seconds)
    end_if_late(lease)
    if not renew_lease(run, now, lease):
        raise LeaseLost
    return now


def holding(run: SyncRun, step: Step) -> Step:
    """Return the step counter of a long commit, which renews the lease three times a lease."""
    pause = current_settings().lease_seconds / 3
    held = monotonic()

    def stepped(done: int) -> None:
        nonlocal held
        if monotonic() - held > pause:
            hold(run)
            held = monotonic()
        step(done)

    return stepped

"""Renew a sync run's lease from within its commit, and only as long as that goes on.

A thread of its own, as while Greenhouse is read, would renew the lease of a commit that was paused. Here a
pause longer than the lease is found out, and nothing is committed.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from flask import Flask, current_app

from portal.actions.lease import LeaseLost
from portal.config import current_settings
from portal.extensions import session
from portal.models import SyncRun
from portal.models.base import utc_now
from portal.store.run_steps import renew_lease
from portal.store.transactions import end_if_late, write

Step = Callable[[int], None]
Renew = Callable[[], None]


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


def hold_ahead(run: SyncRun) -> None:
    """Check and renew the lease before the transaction of the commit locks the organisation.

    On PostgreSQL another transaction does that: this one would hold the run's row, for which whoever
    disconnects waits while it holds the organisation, for which this one is going to wait. Raises
    ``LeaseLost``.
    """
    if session().connection().dialect.name != "postgresql":
        hold(run)
        return
    lease = timedelta(seconds=current_settings().lease_seconds)
    end_if_late(lease)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # the proxy's own object
    with app.app_context(), write():  # whose session is another
        held = renew_lease(run, utc_now(), lease)
    if not held:
        raise LeaseLost


def renewing(run: SyncRun, renew: Callable[[SyncRun], object] = hold) -> Renew:
    """Return what a long commit calls after each piece of work: it renews the lease three times a lease."""
    pause = current_settings().lease_seconds / 3
    renewed = monotonic()

    def renew_in_time() -> None:
        nonlocal renewed
        if monotonic() - renewed > pause:
            renew(run)
            renewed = monotonic()

    return renew_in_time

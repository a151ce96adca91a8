"""Keep a sync run's lease: from a thread while Greenhouse is read, and from inside the commit."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread
from time import monotonic
from types import TracebackType

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from portal.config import current_settings
from portal.db import end_if_late, session, write
from portal.models import SyncRun
from portal.models.base import utc_now
from portal.store.run_steps import renew_lease


class LeaseLost(Exception):
    """The run belongs to somebody else by now; its late worker must commit nothing."""


def lease() -> timedelta:
    """Return how long a worker may be silent before its run is taken up again."""
    return timedelta(seconds=current_settings().lease_seconds)


class LeaseKeeper:
    """Renews a run's lease in a thread of its own, three times a lease, until the block ends.

    A slow answer sends no bytes for long, so the reading thread cannot do it. The block must not
    contain a write transaction: on SQLite the renewal would wait for it.
    """

    def __init__(self, run: SyncRun) -> None:
        self._run = run
        self._lease = lease()
        self._over = Event()
        self._lost = Event()
        # The proxy's own object: the thread has no application context to look it up in.
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        self._thread = Thread(target=self._keep, args=(app,), daemon=True, name="lease")

    def check(self) -> None:
        """Raise ``LeaseLost`` when a renewal was refused."""
        if self._lost.is_set():
            raise LeaseLost

    def __enter__(self) -> "LeaseKeeper":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _keep(self, app: Flask) -> None:
        pause = self._lease.total_seconds() / 3
        while not self._over.wait(pause):
            with app.app_context():
                if not self._renew():
                    self._lost.set()
                    return

    def _renew(self) -> bool:
        try:
            with write():
                return renew_lease(self._run, utc_now(), self._lease)
        except SQLAlchemyError:
            return True  # a busy database is no verdict; the commit checks the lease again


Step = Callable[[int], None]
Renew = Callable[[], None]


def keep_lease(run: SyncRun) -> datetime:
    """Check and renew the lease, so that nobody takes the run for as long; return the time it is.

    Call it once the organisation is locked: the wait for that may have outlived the lease. Raises
    ``LeaseLost``. On PostgreSQL the transaction ends by itself unless this is called again by then.
    """
    now = utc_now()
    end_if_late(lease())
    if not renew_lease(run, now, lease()):
        raise LeaseLost
    return now


def keep_lease_apart(run: SyncRun) -> None:
    """Check and renew the lease before the transaction of the commit locks the organisation.

    On PostgreSQL another transaction does that: this one would hold the run's row, for which whoever
    disconnects waits while it holds the organisation, for which this one is going to wait. Raises
    ``LeaseLost``.
    """
    if session().connection().dialect.name != "postgresql":
        keep_lease(run)
        return
    end_if_late(lease())
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # the proxy's own object
    with app.app_context(), write():  # whose session is another
        held = renew_lease(run, utc_now(), lease())
    if not held:
        raise LeaseLost


def renewing(run: SyncRun, renew: Callable[[SyncRun], object] = keep_lease) -> Renew:
    """Return what a long commit calls after each piece of work: it renews the lease three times a lease."""
    pause = lease().total_seconds() / 3
    renewed = monotonic()

    def renew_in_time() -> None:
        nonlocal renewed
        if monotonic() - renewed > pause:
            renew(run)
            renewed = monotonic()

    return renew_in_time

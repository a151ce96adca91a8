"""Hold on to a run while Greenhouse is read and descriptions are cleaned."""

from datetime import timedelta
from threading import Event, Thread
from types import TracebackType

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from portal.models import SyncRun
from portal.models.base import utc_now
from portal.store.run_steps import renew_lease
from portal.store.transactions import write


class LeaseLost(Exception):
    """The run belongs to somebody else by now; its late worker must commit nothing."""


class LeaseKeeper:
    """Renews a run's lease in a thread of its own, three times a lease, until the block ends.

    A slow answer sends no bytes for long, so the reading thread cannot do it. The block must not
    contain a write transaction: on SQLite the renewal would wait for it.
    """

    def __init__(self, run: SyncRun, lease: timedelta) -> None:
        self._run = run
        self._lease = lease
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

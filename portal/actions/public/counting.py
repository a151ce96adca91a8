"""Counts of a process, which are gathered in memory and added to the database every few seconds.

A view costs no write: however many come, each process writes once in ``PAUSE`` seconds. What was gathered
since is lost with a process that is killed; one that ends writes it first.
"""

import atexit
from datetime import date
from threading import Event, Lock, Thread
from typing import Final

import structlog
from flask import Flask
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from portal.db import write
from portal.domain.traffic import OTHER
from portal.store.public.traffic import Sums, Visit, add_traffic

PAUSE: Final = 5.0  # seconds
MOST_WAITING: Final = 5_000
"""Keys, of which the last fifth is for sources that are not told apart: a process keeps no more."""
_EXTENSION: Final = "traffic_counter"
log = structlog.get_logger()


class TrafficCounter:
    """What a process counted since the last batch. Its thread begins with the first count."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._waiting: dict[Visit, Sums] = {}
        self._lock, self._writing, self._stop = Lock(), Lock(), Event()
        self._thread: Thread | None = None

    def count(self, visit: Visit, sums: Sums) -> None:
        """Count, unless as much waits as may: the database is away, or somebody makes up jobs."""
        with self._lock:
            self._add(visit, sums)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="traffic-counter", daemon=True)
                self._thread.start()
                atexit.register(self.close)

    def _add(self, visit: Visit, sums: Sums) -> None:
        if visit not in self._waiting and len(self._waiting) >= MOST_WAITING * 4 // 5:
            visit = visit._replace(source=OTHER)
        if visit in self._waiting or len(self._waiting) < MOST_WAITING:
            before = self._waiting.get(visit, Sums())
            self._waiting[visit] = Sums(before.views + sums.views, before.clicks + sums.clicks)

    def flush(self) -> None:
        """Write what waits, in one transaction; where that fails it waits on."""
        with self._writing:
            with self._lock:
                batch, self._waiting = self._waiting, {}
            if not batch:
                return
            try:
                with self._app.app_context(), write():
                    add_traffic(batch)
            except SQLAlchemyError as error:
                log.warning("counts_not_written", error=type(error).__name__, counts=len(batch))
                if not isinstance(error, IntegrityError):  # an organisation that went; all else comes again
                    self._keep(batch)

    def _keep(self, batch: dict[Visit, Sums]) -> None:
        with self._lock:
            for visit, sums in batch.items():
                self._add(visit, sums)

    def close(self) -> None:
        """Write what waits, and end the thread."""
        self._stop.set()
        self.flush()
        atexit.unregister(self.close)

    def _run(self) -> None:
        while not self._stop.wait(PAUSE):
            self.flush()


def init_app(app: Flask) -> None:
    """Give the application its counter."""
    app.extensions[_EXTENSION] = TrafficCounter(app)


def counter_of(app: Flask) -> TrafficCounter:
    """Return the application's counter."""
    counter: TrafficCounter = app.extensions[_EXTENSION]
    return counter


def count_visit(
    app: Flask, organisation_id: int, job_id: int, day: date, source: str, *, is_click: bool
) -> None:
    """Count a view of a job or of the tab, or a click on Apply."""
    sums = Sums(clicks=1) if is_click else Sums(views=1)
    counter_of(app).count(Visit(organisation_id, job_id, day, source), sums)

"""Sum counts in the memory of a process, and add them to the database in batches every few seconds.

A request costs no write: however many come, each process writes once in ``PAUSE`` seconds. What was gathered
since is lost with a process that is killed; one that ends writes it first.
"""

import atexit
from collections.abc import Callable, Hashable, Mapping
from threading import Event, Lock, Thread
from typing import Final, Generic, TypeVar

import structlog
from flask import Flask
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from portal.db import write

PAUSE: Final = 5.0  # seconds
MOST_WAITING: Final = 5_000
"""Keys, of which the last fifth is for those that are not told apart: a process keeps no more."""
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
log = structlog.get_logger()


class Gatherer(Generic[K, V]):
    """What waits for the next batch. Its thread begins with the first of it.

    ``join`` makes one value of two of the same key; ``coarser`` makes a key that others share, for when much
    waits; ``add`` writes a batch inside a transaction.
    """

    def __init__(
        self,
        app: Flask,
        add: Callable[[Mapping[K, V]], None],
        join: Callable[[V, V], V],
        coarser: Callable[[K], K],
    ) -> None:
        self._app, self._add_rows, self._join, self._coarser = app, add, join, coarser
        self._waiting: dict[K, V] = {}
        self._lock, self._writing, self._stop = Lock(), Lock(), Event()
        self._thread: Thread | None = None

    def gather(self, key: K, value: V) -> None:
        """Gather, unless as much waits as may: the database is away, or somebody makes up keys."""
        with self._lock:
            self._keep(key, value)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="gatherer", daemon=True)
                self._thread.start()
                atexit.register(self.close)

    def _keep(self, key: K, value: V) -> None:
        if key not in self._waiting and len(self._waiting) >= MOST_WAITING * 4 // 5:
            key = self._coarser(key)
        if key in self._waiting:
            self._waiting[key] = self._join(self._waiting[key], value)
        elif len(self._waiting) < MOST_WAITING:
            self._waiting[key] = value

    def flush(self) -> None:
        """Write what waits, in one transaction; where that fails it waits on."""
        with self._writing:
            with self._lock:
                batch, self._waiting = self._waiting, {}
            if not batch:
                return
            try:
                with self._app.app_context(), write():
                    self._add_rows(batch)
            except SQLAlchemyError as error:
                log.warning("counts_not_written", error=type(error).__name__, counts=len(batch))
                if not isinstance(error, IntegrityError):  # an organisation that went; all else comes again
                    self._return(batch)

    def _return(self, batch: dict[K, V]) -> None:
        """Keep what could not be written, before what came meanwhile."""
        with self._lock:
            later, self._waiting = self._waiting, {}
            for part in (batch, later):
                for key, value in part.items():
                    self._keep(key, value)

    def close(self) -> None:
        """Write what waits, and end the thread."""
        self._stop.set()
        self.flush()
        atexit.unregister(self.close)

    def _run(self) -> None:
        while not self._stop.wait(PAUSE):
            self.flush()

"""``python -m portal.worker.tick``: starts what is due, takes up what lapsed, enqueues what waits.

A process of its own, since a thread beside a forking worker can deadlock. Any number may run: each
step is decided by the database.
"""

from datetime import datetime, timedelta
from functools import partial
from time import monotonic, sleep

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portal.actions.end_run import sweep
from portal.actions.start_due import hand_over_waiting, start_due
from portal.config import current_settings
from portal.live.bell import listen
from portal.models.base import utc_now
from portal.queue import enqueue_tidying, note_tick
from portal.store.run_queue import next_start
from portal.store.transactions import end_read
from portal.worker.stopping import StopSignals
from portal.worker.tasks import application

LONGEST_PAUSE_SECONDS = 5.0
SHORTEST_PAUSE_SECONDS = 0.05

log = structlog.get_logger()


def tick() -> None:
    """Do once all that time brings about."""
    sweep(utc_now())
    start_due(utc_now())
    hand_over_waiting(utc_now())


class Hours:
    """Says once an hour that an hour has begun; the first time it is asked as well."""

    def __init__(self) -> None:
        self._last = -1

    def begun(self, now: datetime) -> int | None:
        """Return the hour's number if it was not told yet."""
        hour = int(now.timestamp()) // 3600
        if hour == self._last:
            return None
        self._last = hour
        return hour


def main() -> None:
    """Tick until told to stop; a database that is away for a while is no reason to end."""
    stop = StopSignals()
    with application().app_context():
        pause = min(LONGEST_PAUSE_SECONDS, current_settings().lease_seconds / 2)
    hours = Hours()
    while not stop.asked:
        since = utc_now()
        with application().app_context():
            try:
                tick()
                note_tick(pause)
                hour = hours.begun(utc_now())
                if hour is not None:
                    enqueue_tidying(hour)
            except SQLAlchemyError as error:
                log.error("tick_failed", error=type(error).__name__)
        wait(pause, since, stop)


def wait(pause: float, since: datetime, stop: StopSignals) -> None:
    """Wait so long, but no longer than until a run may start that had to wait at ``since``.

    The bell says that there is another such run; what it brings about is done when that one is due.
    """
    until = monotonic() + pause
    stop.during(partial(sleep, SHORTEST_PAUSE_SECONDS))
    with application().app_context():
        while not stop.asked:
            until = min(until, monotonic() + _until_next_start(since, pause))
            if (left := until - monotonic()) <= 0:
                return
            stop.during(partial(listen, left))


def _until_next_start(since: datetime, otherwise: float) -> float:
    """Return in how many seconds the next run that must wait may start; ``otherwise`` if there is none."""
    try:
        start = next_start(since)
        end_read()
    except SQLAlchemyError:
        return otherwise
    return (start - utc_now()) / timedelta(seconds=1) if start else otherwise


if __name__ == "__main__":
    main()

"""``python -m portal.worker.tick``: starts what is due, takes up what lapsed, enqueues what waits.

A process of its own, since a thread beside a forking worker can deadlock. Any number may run: each
step is decided by the database.
"""

import signal
from datetime import datetime
from threading import Event

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portal.actions.end_run import sweep
from portal.actions.mails import hand_over_mails
from portal.actions.start_due import hand_over_waiting, start_due
from portal.config import current_settings
from portal.models.base import utc_now
from portal.queue import enqueue_tidying
from portal.worker.tasks import application

LONGEST_PAUSE_SECONDS = 5.0

log = structlog.get_logger()


def tick() -> None:
    """Do once all that time brings about."""
    sweep(utc_now())
    start_due(utc_now())
    hand_over_waiting(utc_now())
    hand_over_mails(utc_now())


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
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with application().app_context():
        pause = min(LONGEST_PAUSE_SECONDS, current_settings().lease_seconds / 2)
    hours = Hours()
    while not stop.is_set():
        with application().app_context():
            try:
                tick()
                hour = hours.begun(utc_now())
                if hour is not None:
                    enqueue_tidying(hour)
            except SQLAlchemyError as error:
                log.error("tick_failed", error=type(error).__name__)
        stop.wait(pause)


if __name__ == "__main__":
    main()

"""``python -m portal.worker.tick``: starts what is due, takes up what lapsed, enqueues what waits.

Any number may run: each step is decided by the database.
"""

import signal
from datetime import datetime
from time import monotonic, sleep

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portal.actions.alerts.sending import enqueue_due
from portal.actions.applications.deliver import carry_on
from portal.actions.sync.retry import sweep
from portal.actions.sync.schedule import enqueue_waiting, start_due
from portal.db import cause_of
from portal.models.base import utc_now
from portal.queues import enqueue_tidying, note_tick
from portal.worker.application import application

PAUSE_SECONDS = 0.25
NOTE_SECONDS = 2.0  # between two traces of the tick in Redis

log = structlog.get_logger()


def tick() -> None:
    """Do once all that time brings about; with nothing to do it asks four indexed queries."""
    sweep(utc_now())
    start_due(utc_now())
    enqueue_waiting(utc_now())
    carry_on(utc_now())


class Periods:
    """Says once in so many seconds that a period has begun; the first time it is asked as well."""

    def __init__(self, seconds: int) -> None:
        self._seconds, self._last = seconds, -1

    def begun(self, now: datetime) -> int | None:
        """Return the period's number if it was not told yet."""
        period = int(now.timestamp()) // self._seconds
        if period == self._last:
            return None
        self._last = period
        return period


def main() -> None:
    """Tick until a signal asks to stop; a database that is away for a while is no reason to end."""
    signals: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: signals.append(received))
    hours, minutes, noted_at = Periods(3600), Periods(60), -NOTE_SECONDS
    while not signals:
        with application().app_context():
            try:
                tick()
                if monotonic() - noted_at >= NOTE_SECONDS:
                    note_tick()
                    noted_at = monotonic()
                hour = hours.begun(utc_now())
                if hour is not None:
                    enqueue_tidying(hour)
                minute = minutes.begun(utc_now())
                if minute is not None:
                    enqueue_due(utc_now(), minute)
            except SQLAlchemyError as error:
                log.error("tick_failed", cause=cause_of(error))
        sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main()

"""``python -m portal.worker.search_engines``: notifies search engines of jobs that opened and closed.

A process of its own, since they may take their time, and only there where the operator gave keys. Any number
may run; the database decides which of them tells what.
"""

from datetime import UTC, date, datetime
from functools import partial
from time import monotonic, sleep

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portal.actions.search_engines import Compared, compare_all, engines_told, send_due
from portal.config import current_settings
from portal.db import cause_of
from portal.domain.search_engines import Engine
from portal.domain.zones import date_in
from portal.worker.application import application
from portal.worker.mail import StopSignals

PAUSE_SECONDS = 5.0
FIRST_WAIT_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 3600.0

log = structlog.get_logger()


class Rounds:
    """Compares and sends; an engine that fails is left alone for ever longer, up to an hour."""

    def __init__(self) -> None:
        self._compared: Compared = {}
        self._failures: dict[Engine, int] = {}
        self._again_at: dict[Engine, float] = {}

    def once(self) -> None:
        """Compare every organisation that changed, and send what is due."""
        compare_all(self._compared, _today_in)
        for engine in engines_told(current_settings()):
            if monotonic() >= self._again_at.get(engine, 0.0):
                self._send(engine)

    def _send(self, engine: Engine) -> None:
        if send_due(engine):
            self._failures[engine] = 0
            return
        failures = self._failures[engine] = self._failures.get(engine, 0) + 1
        wait = min(FIRST_WAIT_SECONDS * 2.0 ** min(failures - 1, 10), LONGEST_WAIT_SECONDS)
        self._again_at[engine] = monotonic() + wait
        log.warning("search_engine_failed", engine=engine.value, again_in=wait)


def _today_in(time_zone: str) -> date:
    return date_in(time_zone, datetime.now(UTC))


def main() -> None:
    """Notify search engines until a signal stops it."""
    stop, rounds = StopSignals(), Rounds()
    while not stop.asked:
        with application().app_context():
            try:
                rounds.once()
            except SQLAlchemyError as error:
                log.error("search_engines_failed", cause=cause_of(error))
        stop.during(partial(sleep, PAUSE_SECONDS))


if __name__ == "__main__":
    main()

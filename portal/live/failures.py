"""Failures of what is tried again and again: counted each time, and logged once until it works again."""

import structlog
from sqlalchemy.exc import SQLAlchemyError

log = structlog.get_logger()


class Failures:
    """What fails at present: each failure is logged once, and not at every attempt. ``total`` counts all."""

    def __init__(self) -> None:
        self.total = 0
        self._present: dict[tuple[str, int | None], type[Exception]] = {}

    def note(self, step: str, organisation_id: int | None, error: Exception) -> None:
        """Note that a step failed, of one organisation or (``None``) of all."""
        self.total += 1
        key = (step, organisation_id)
        if self._present.get(key) is type(error):
            return
        self._present[key] = type(error)
        known = isinstance(error, SQLAlchemyError)  # whose text holds the values of the statement
        log.error(
            "live_failed",
            step=step,
            organisation=organisation_id,
            error=type(error).__name__,
            exc_info=None if known else error,
        )

    def clear(self, step: str, organisation_id: int | None) -> None:
        """Note that a step works."""
        self._present.pop((step, organisation_id), None)

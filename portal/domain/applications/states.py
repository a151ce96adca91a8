"""The states of an application, and the only ways between them.

Greenhouse has no receipt and no key against repetition: what may have reached it is never sent again unasked.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Final


class ApplicationStatus(StrEnum):
    """Where an application stands.

    ``UNCONFIRMED`` waits for its sender to confirm by mail. ``FAILED`` was not taken, ``UNCERTAIN`` may have
    been: an admin decides about both.
    """

    UNCONFIRMED = "unconfirmed"
    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


_STATUS = ApplicationStatus
TRANSITIONS: Final[dict[ApplicationStatus, frozenset[ApplicationStatus]]] = {
    _STATUS.UNCONFIRMED: frozenset({_STATUS.QUEUED}),
    # A worker that was thought dead may come back with Greenhouse's answer, whatever was decided meanwhile.
    _STATUS.QUEUED: frozenset({_STATUS.SENDING, _STATUS.DELIVERED, _STATUS.FAILED}),
    _STATUS.SENDING: frozenset({_STATUS.QUEUED, _STATUS.DELIVERED, _STATUS.FAILED, _STATUS.UNCERTAIN}),
    _STATUS.FAILED: frozenset({_STATUS.QUEUED, _STATUS.DELIVERED}),
    _STATUS.UNCERTAIN: frozenset({_STATUS.QUEUED, _STATUS.DELIVERED, _STATUS.FAILED}),
    _STATUS.DELIVERED: frozenset(),
}
UNDELIVERED: Final = (_STATUS.FAILED, _STATUS.UNCERTAIN)
UNFINISHED: Final = (_STATUS.QUEUED, _STATUS.SENDING)

KEPT: Final = timedelta(days=30)
"""How long an application is stored that is not delivered."""
TRACE: Final = timedelta(days=1)
"""How long is remembered, without any answer, that a form was delivered: a page may be sent twice."""
FILES_WAIT: Final = timedelta(hours=1)
"""How long files are kept for a form that is not sent yet."""
CONFIRMED_WITHIN: Final = timedelta(days=2)

MOST_ATTEMPTS: Final = 5
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = FIRST_PAUSE * 4 ** (MOST_ATTEMPTS - 1)


def sources_of(status: ApplicationStatus) -> tuple[ApplicationStatus, ...]:
    """Return every state that may become ``status``."""
    return tuple(before for before, following in TRANSITIONS.items() if status in following)


def pause_after(attempt: int, asked: float | None) -> timedelta:
    """Return how long an application waits after so many attempts; Greenhouse may ask for longer."""
    pause: timedelta = FIRST_PAUSE * 4 ** max(attempt - 1, 0)
    seconds: float = max(pause.total_seconds(), asked or 0.0)
    return timedelta(seconds=min(seconds, LONGEST_PAUSE.total_seconds()))

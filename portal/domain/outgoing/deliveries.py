"""Deliveries: their states, the pauses between attempts, and the mails to admins."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from portal.domain.mails import Letter, Link

_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
PAUSES: Final = (
    *(5 * _SECOND, _MINUTE, 5 * _MINUTE, 30 * _MINUTE),
    *(2 * _HOUR, 5 * _HOUR, 8 * _HOUR, 10 * _HOUR),
)
MOST_ATTEMPTS: Final = len(PAUSES) + 1
TRIED_FOR: Final = timedelta(hours=24)
"""What is older when an attempt fails is given up, however few there were."""
LONGEST_REST: Final = 30 * _MINUTE


class DeliveryStatus(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class OffReason(StrEnum):
    """Why the portal sends nothing to a receiver any more."""

    GONE = "gone"


def next_pause(attempt: int, asked: float | None) -> timedelta:
    """Return how long to wait after so many attempts; a receiver may ask for longer, in seconds."""
    pause = PAUSES[min(attempt, len(PAUSES)) - 1]
    return max(pause, timedelta(seconds=asked)) if asked is not None else pause


def is_over(attempt: int, begun: datetime, now: datetime) -> bool:
    """Whether a message is given up after this attempt failed."""
    return attempt >= MOST_ATTEMPTS or now - begun >= TRIED_FOR


def rest_after(failures: int) -> timedelta:
    """Return how long a receiver is left alone that could not be reached so many times in a row."""
    return min(LONGEST_REST, timedelta(seconds=5 * 4 ** min(failures - 1, 8)))


def failing_mail(organisation: str, receiver: str, error: str, page: str) -> Letter:
    """Say that messages to a receiver are given up."""
    return _letter(
        organisation,
        f"A webhook of {organisation} fails",
        f"Messages about your jobs could not be delivered to “{receiver}” for a day, and are given up. "
        f"The last attempt: {error}",
        "New messages are tried all the same, and those that were given up can be sent again. "
        "There is no other mail until a message has been delivered.",
        page,
    )


def gone_mail(organisation: str, receiver: str, page: str) -> Letter:
    """Say that a receiver wants no more messages."""
    return _letter(
        organisation,
        f"A webhook of {organisation} is switched off",
        f"“{receiver}” answered that it is gone (410), so messages about your jobs are no longer sent there.",
        "If that is a mistake, switch the webhook on again.",
        page,
    )


def _letter(organisation: str, subject: str, what: str, then: str, page: str) -> Letter:
    return Letter(
        organisation,
        subject,
        (what, then),
        links=(Link("Webhooks", page),),
        footer=f"You get this because you are an admin of {organisation}.",
    )

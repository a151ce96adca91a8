"""When e-mail alerts are sent: in the morning where the organisation is, every day or on Mondays."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final


class Cadence(StrEnum):
    """How often an alert is sent at most."""

    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def label(self) -> str:
        """The value as people read it."""
        return "Every day" if self is Cadence.DAILY else "Once a week, on Monday"

    @property
    def promise(self) -> str:
        """What a mail says of it."""
        return "At most one mail a day" if self is Cadence.DAILY else "At most one mail a week, on Monday"


MORNING: Final = time(8)
EARLIEST, LATEST = time(7), time(20)
"""What is late, since nothing was sent for a while, is sent between these, or waits for the morning."""
MONDAY: Final = 0
LONGEST_WAIT: Final = timedelta(days=8)


def next_sending(now: datetime, zone: tzinfo, cadence: str) -> datetime:
    """Return the next time at which such an alert is due."""
    local = now.astimezone(zone)
    day = local.date()
    if local.time() >= MORNING:
        day += timedelta(days=1)
    if cadence == Cadence.WEEKLY:
        day += timedelta(days=(MONDAY - day.weekday()) % 7)
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


def is_fit_hour(now: datetime, zone: tzinfo) -> bool:
    """Whether people are awake there."""
    return EARLIEST <= now.astimezone(zone).time() < LATEST

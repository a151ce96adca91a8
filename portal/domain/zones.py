"""Time zones by their names, such as "Europe/Lisbon"."""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_of(time_zone: str) -> tzinfo:
    """Return a zone such as "Europe/Lisbon"; an unknown one counts as UTC."""
    try:
        return ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the last: a name that no file can have
        return UTC


def date_in(time_zone: str, moment: datetime) -> date:
    """Return the date that it is in a zone at a moment."""
    return moment.astimezone(zone_of(time_zone)).date()

"""Today, where the organisation is."""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_of(time_zone: str) -> tzinfo:
    """Return a zone such as "Europe/Lisbon"; an unknown one counts as UTC."""
    try:
        return ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def today_in(time_zone: str) -> date:
    """Return the present date in a zone such as "Europe/Lisbon"; an unknown zone counts as UTC."""
    return datetime.now(zone_of(time_zone)).date()

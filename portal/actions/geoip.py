"""Look up the place of a network in the operator's GeoIP database (MaxMind's format), if there is one."""

from functools import cache
from typing import Any, Final

import structlog
from maxminddb import InvalidDatabaseError, Reader, open_database

from portal.config import current_settings
from portal.domain.places.countries import country_name
from portal.domain.texts import cut_line

LONGEST: Final = 80

log = structlog.get_logger()


def place_of(network: str) -> str:
    """Return "Leeds, United Kingdom", the country alone, or what was given where no more is known."""
    path = current_settings().geoip_database
    reader = _opened(path) if path and network else None
    if reader is None:
        return network
    try:
        return cut_line(_words(reader.get(network.partition("/")[0])), LONGEST) or network
    except (ValueError, InvalidDatabaseError):  # no address, one of IPv6 in a file of IPv4, a broken file
        return network


@cache
def _opened(path: str) -> Reader | None:
    """Open a file once in this process: it is mapped into memory, which the processes share."""
    try:
        return open_database(path)
    except (OSError, InvalidDatabaseError):  # it was there when the process started
        log.warning("geoip_database_unreadable")
        return None


def _words(record: Any) -> str:
    code = _at(record, "country", "iso_code") or _at(record, "registered_country", "iso_code")
    country = country_name(code)
    return ", ".join(filter(None, (_at(record, "city", "names", "en"), country)))


def _at(record: Any, *names: str) -> str:
    """Return the text at a path into a record, empty where there is none."""
    for name in names:
        record = record.get(name) if isinstance(record, dict) else None
    return record if isinstance(record, str) else ""

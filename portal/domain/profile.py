"""What an organisation says of itself: its fields, and what may be typed into each."""

from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from portal.domain.links import https_link
from portal.domain.texts import InvalidValue, one_line, without_turns

LONGEST_NAME: Final = 120
LONGEST_SUMMARY: Final = 300
LONGEST_WEBSITE: Final = 500
MARK_LENGTH: Final = 12

Value = str | bool | None


def organisation_name(typed: str) -> str:
    """Return the name on one line, read as it is written; raises ``InvalidValue``."""
    name = one_line(without_turns(typed), LONGEST_NAME)
    if not name:
        raise InvalidValue(f"Give the organisation a name of at most {LONGEST_NAME} characters.")
    return name


def organisation_summary(typed: str) -> str:
    """Return the description on one line, which may be empty; raises ``InvalidValue``."""
    return one_line(typed, LONGEST_SUMMARY)


def organisation_website(typed: str) -> str:
    """Return the address of a website, https at a plain host name, or nothing; raises ``InvalidValue``."""
    text = one_line(typed, LONGEST_WEBSITE)
    link = https_link(text) if text else ""
    if link is None or (link and ":" in urlsplit(link).netloc) or len(link) > LONGEST_WEBSITE:
        raise InvalidValue("Type the address of your website, such as https://www.example.com.")
    return link.removesuffix("/") if link.count("/") == len("///") else link


def website_host(website: str) -> str:
    """Return how a link to the website is called: its host, without "www."."""
    return (urlsplit(website).hostname or "").removeprefix("www.")


def organisation_time_zone(typed: str) -> str:
    """Return a time zone by its name; raises ``InvalidValue``."""
    if typed not in _time_zones():
        raise InvalidValue("Choose a time zone by its name, such as Europe/Lisbon.")
    return typed


@cache
def _time_zones() -> set[str]:
    """Return the names of all zones: to look through the system's files takes 9 ms each time."""
    return available_timezones()


PARSERS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "name": organisation_name,
        "summary": organisation_summary,
        "website": organisation_website,
        "time_zone": organisation_time_zone,
    }
)
"""The fields that are typed."""
FIELDS: Final = (*PARSERS, "shows_hiring_managers", "logo_hash")


def value_mark(value: Value) -> str:
    """Return what tells a value from others: a form sends it back, and so says what its page showed."""
    return sha256(repr(value).encode(errors="surrogatepass")).hexdigest()[:MARK_LENGTH]


def merge(
    current: Mapping[str, Value], wanted: Mapping[str, Value], seen: Mapping[str, str]
) -> tuple[dict[str, Value], set[str]]:
    """Return the values to store, and the fields of which somebody else stored another value meanwhile.

    A field whose wanted value is the one that the page showed was not touched: it stays as it is by now.
    Of what was ``seen`` nothing said, any value counts as the one that was seen.
    """
    touched = {
        name: value
        for name, value in wanted.items()
        if value != current[name] and seen.get(name) != value_mark(value)
    }
    conflicts = {name for name in touched if seen.get(name) not in (None, value_mark(current[name]))}
    return touched, conflicts

"""How a table writes a job's field as text, and how what stands in it then is read."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import date
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Final

from portal.domain.jobs.fields import FIELDS, OWN_FIELDS
from portal.domain.jobs.salary_text import CurrencyMissing
from portal.domain.jobs.tables import plain
from portal.domain.jobs.values import EditorKind, Field, Row, Values
from portal.domain.texts import InvalidValue

TABLE_FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {"title": OWN_FIELDS["title"], **FIELDS, "apply_url": OWN_FIELDS["apply_url"]}
)
"""The fields that a table can hold. Title and link change in jobs of the organisation's own alone."""
_MARK: Final = re.compile(r"[\w-]{4}", re.ASCII)
_MIDNIGHT: Final = re.compile(r"[ T]0?0:00(:00)?$")
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec"
_NAMED: Final = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3})[ -](\d{4}|\d{2})", re.ASCII)
_DATE: Final = re.compile(r"(\d{4}|\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{1,2})", re.ASCII)


def cell_text(asked: Field, row: Row) -> str:
    """Return what a table shows of a field; read again, it is the same value."""
    is_chosen = asked.kind in (EditorKind.CHOICE, EditorKind.SWITCH)
    return asked.display(row) if is_chosen else asked.read(row)


def parse_cell(asked: Field, text: str, job: Mapping[str, Any], currency: str | None) -> Values:
    """Parse a cell as if it were typed, and dates also as spreadsheets show them; raises ``InvalidValue``.

    ``currency`` is meant where neither the text nor the job names one. An empty switch says nothing.
    """
    if asked.kind is EditorKind.SWITCH and not text:
        raise InvalidValue(f"Choose one of: {', '.join(label for _, label in asked.choices)}.")
    meant = readings(asked, text)
    if len(meant) > 1:
        raise InvalidValue(f"“{text}” can be two dates. Type it as year-month-day, such as {meant[0]}.")
    try:
        return asked.parse(meant[0], job)
    except CurrencyMissing:
        if currency is None:
            raise
        return asked.parse(text, {asked.columns[2]: currency})


def readings(asked: Field, text: str) -> list[str]:
    """Return what a cell can mean: of a date as a spreadsheet shows it, each date that it can be."""
    dates = _dates(_MIDNIGHT.sub("", text)) if asked.kind is EditorKind.DATE else ()
    return [str(each) for each in sorted(dates)] or [text]


def _dates(text: str) -> set[date]:
    """Every date that a text can mean: 31.01.2027 and 31 Jan 2027 are one, 03/04/2027 is two."""
    return {date(*order) for order in _orders(text) if _is_date(*order)}


def _orders(text: str) -> list[tuple[int, int, int]]:
    """Year, month and day as the figures of a text can be meant."""
    if named := _NAMED.fullmatch(text):
        months = _MONTHS.split()
        month = months.index(named[2].lower()) + 1 if named[2].lower() in months else 0
        return [(_year(named[3]), month, int(named[1]))]
    figures = _DATE.fullmatch(text)
    if figures is None:
        return []
    first, second = int(figures[1]), int(figures[3])
    if len(figures[1]) == 4:
        return [(first, second, int(figures[4]))]
    year = _year(figures[4])
    return [(year, second, first)] + ([(year, first, second)] if figures[2] != "." else [])


def _year(figures: str) -> int:
    return int(figures) + (0 if len(figures) == 4 else 2000)


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def version_text(job_id: int, job: Row) -> str:
    """Return what tells later which fields of a job have changed since: a mark of each value."""
    return "v" + "".join(mark(job_id, name, cell_text(asked, job)) for name, asked in TABLE_FIELDS.items())


def mark(job_id: int, name: str, text: str) -> str:
    """Return a short hash of what a table shows of a field."""
    said = f"{job_id}\n{name}\n{plain(text)}".encode(errors="replace")
    return urlsafe_b64encode(blake2b(said, digest_size=3).digest()).decode()


def marks_of(version: str) -> dict[str, str]:
    """Return the marks of a version by their fields; none where it was written otherwise."""
    found = _MARK.findall(version[1:])
    is_whole = version == "v" + "".join(found) and len(found) == len(TABLE_FIELDS)
    return dict(zip(TABLE_FIELDS, found, strict=True)) if is_whole else {}

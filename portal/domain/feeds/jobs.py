"""The jobs of a feed, and helpers that write valid XML whatever a text holds."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from portal.domain.jobs.currencies import to_major
from portal.domain.jobs.fields import EmploymentType, WorkplaceType
from portal.domain.jobs.salary import Salary, SalaryPeriod, amounts_of

DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
_NOT_IN_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Feed:
    """Whose jobs a feed lists. ``address`` is that of their page, ``own_address`` that of the feed itself.

    ``title`` is what a reader calls it; ``zone`` is that of the organisation's dates; LinkedIn asks for
    ``poster_email`` and ``company_id``.
    """

    title: str
    organisation: str
    summary: str
    site_name: str
    site_address: str
    address: str
    own_address: str
    language: str
    count: int
    updated: datetime
    zone: tzinfo
    website: str = ""
    logo: str = ""
    poster_email: str = ""
    company_id: str = ""


@dataclass(frozen=True, slots=True)
class FeedPlace:
    """A place of work: town, state and country as addresses have them, the country by code and by name."""

    town: str | None
    state: str | None
    country: str
    country_name: str

    @property
    def text(self) -> str:
        """The place on one line."""
        return ", ".join(part for part in (self.town, self.state, self.country_name) if part)


@dataclass(frozen=True, slots=True)
class FeedJob:
    """A job in a feed. ``id_address`` is the address of its page for ever, ``address`` the one to follow.

    ``facts`` say in words what its page shows under the title.
    """

    id: int
    id_address: str
    address: str
    apply_url: str | None
    title: str
    language: str | None
    description_html: str
    summary: str | None
    facts: tuple[str, ...]
    department: str | None
    seniority: str | None
    tags: tuple[str, ...]
    location: str | None
    places: tuple[FeedPlace, ...]
    workplace_type: WorkplaceType | None
    employment_type: EmploymentType | None
    requisition_id: str | None
    featured: bool
    salary: Salary | None
    opened_at: datetime
    changed_at: datetime
    closes_on: date | None

    @property
    def updated(self) -> datetime:
        """When it changed last; nothing changes before it is there."""
        return max(self.opened_at, self.changed_at)


def timestamp(moment: datetime) -> str:
    """Return a time as RFC 3339 writes it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def salary_words(salary: Salary) -> str:
    """Return a salary in plain figures: "85000 - 110000 EUR per year"."""
    amounts = " - ".join(map(_digits, amounts_of(salary)))
    opening = "from " if salary.max_minor is None else "up to " if salary.min_minor is None else ""
    period = f" per {salary.period}" if isinstance(salary.period, SalaryPeriod) else ""
    return f"{opening}{amounts} {salary.currency}{period}"


def plain_amount(minor: int, currency: str) -> str:
    """Return an amount in its currency's major unit, in digits alone."""
    return _digits(to_major(minor, currency))


def _digits(amount: Decimal) -> str:
    return f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:f}"


def valid(text: str) -> str:
    """Return the text without characters that XML cannot hold at all, not even as references."""
    return _NOT_IN_XML.sub("", text)


def element(name: str, text: str | None = None, **attributes: str | None) -> str:
    """Return an element with escaped text; ``xml_lang`` is the attribute ``xml:lang``."""
    said = "".join(
        f" {key.replace('_', ':')}={quoteattr(valid(value))}" for key, value in attributes.items() if value
    )
    return f"<{name}{said}/>" if text is None else f"<{name}{said}>{escape(valid(text))}</{name}>"


def cdata(name: str, text: str | None) -> str:
    """Return an element with the text as it is, which job sites ask for; none for no text."""
    if not text or not (said := valid(text).strip()):
        return ""
    return f"<{name}><![CDATA[{said.replace(']]>', ']]]]><![CDATA[>')}]]></{name}>\n"


def cdata_each(name: str, one: str, texts: Iterable[str]) -> str:
    """Return an element with one such element in it for each text; none for no texts."""
    inside = "".join(cdata(one, text) for text in texts)
    return f"<{name}>\n{inside}</{name}>\n" if inside else ""

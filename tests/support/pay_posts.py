"""Made-up posts that say what they pay, in the shapes of real boards."""

from collections.abc import Mapping
from typing import Any

from portal.domain.jobs.salary import format_salary
from portal.domain.jobs.values import salary_of
from portal.domain.sync.metadata import Column
from portal.domain.sync.pay import advertised_pay
from portal.domain.sync.posts import JobPost, Location, Metadata, Office, PayRange


def amounts(name: str, low: object, high: object, unit: str = "USD") -> Metadata:
    return Metadata(name, "currency_range", {"unit": unit, "min_value": low, "max_value": high})


def amount(name: str, value: object, unit: str = "USD") -> Metadata:
    return Metadata(name, "currency", {"unit": unit, "amount": value})


def text(name: str, value: Any) -> Metadata:
    return Metadata(name, "short_text", value)


def pay(
    *said: Metadata | PayRange,
    location: str | None = None,
    office: str | None = None,
    choices: Mapping[str, Column | None] | None = None,
) -> str | None:
    """What the salary cell of a post would show that says this."""
    post = JobPost(
        id=1,
        title="Glazier",
        content="",
        location=Location(location),
        offices=(Office(1, "HQ", office),) if office else (),
        metadata=tuple(field for field in said if isinstance(field, Metadata)),
        pay_input_ranges=tuple(field for field in said if isinstance(field, PayRange)),
    )
    columns = advertised_pay(post, choices or {})
    salary = salary_of(columns) if columns else None
    return format_salary(salary) if salary else None

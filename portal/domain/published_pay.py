"""Salaries as Greenhouse publishes them: pay ranges in cents, a company's own fields in strings."""

import re
from decimal import Decimal
from typing import Any

from portal.domain.currencies import exponent_of, is_currency, to_minor
from portal.domain.editors import Values, salary_columns
from portal.domain.job_posts import PayRange
from portal.domain.metadata import periods_in
from portal.domain.money import Salary, SalaryPeriod, problem_of

_DECIMAL = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,8})?")


def pay_range_salary(ranges: tuple[PayRange, ...]) -> Values | None:
    """The columns for a post's pay ranges: their span where they agree on currency and period.

    Only for currencies of cents: nobody documents what ``min_cents`` counts in any other.
    """
    found = [_of_range(pay) for pay in ranges]
    salaries = [salary for salary in found if salary is not None]
    if not salaries or len({(salary.currency, salary.period) for salary in salaries}) > 1:
        return None
    lows = [salary.min_minor for salary in salaries if salary.min_minor is not None]
    highs = [salary.max_minor for salary in salaries if salary.max_minor is not None]
    first = salaries[0]
    return salary_columns(
        Salary(min(lows, default=None), max(highs, default=None), first.currency, first.period)
    )


def metadata_salary(name: str, value: Any) -> Values | None:
    """The columns for a company's own ``currency_range``; ``None`` where it leaves something open."""
    if not isinstance(value, dict) or not isinstance(value.get("unit"), str):
        return None
    currency = value["unit"].strip().upper()
    if not is_currency(currency):
        return None
    low, high = (_minor(value.get(bound), currency) for bound in ("min_value", "max_value"))
    salary = _meant(low, high, currency, name)
    return salary_columns(salary) if salary else None


def _of_range(pay: PayRange) -> Salary | None:
    currency = (pay.currency_type or "").strip().upper()
    if not is_currency(currency) or exponent_of(currency) != 2:
        return None
    return _meant(pay.min_cents or None, pay.max_cents or None, currency, pay.title or "")


def _minor(value: Any, currency: str) -> int | None:
    text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if not _DECIMAL.fullmatch(text.strip()):
        return None
    return to_minor(Decimal(text.strip()), currency) or None


def _meant(low: int | None, high: int | None, currency: str, name: str) -> Salary | None:
    """A salary whose period the name says; a year's where it says none and the amounts can be a year's."""
    if low is None and high is None:
        return None
    periods = periods_in(name) or [SalaryPeriod.YEAR]
    salary = Salary(low, high, currency, periods[0])
    a_years = 1_000 * 10 ** exponent_of(currency)
    too_small = periods[0] is SalaryPeriod.YEAR and min(low or a_years, high or a_years) < a_years
    return None if len(periods) > 1 or too_small or problem_of(salary) else salary

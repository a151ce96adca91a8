"""Salaries: what a job pays, exactly, in minor units of its currency, and how that is shown."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final

from portal.domain.jobs.currencies import SYMBOLS, exponent_of, has_known_level, least_yearly, to_major

_MOST_MINOR = 10**15


class SalaryPeriod(StrEnum):
    """What an amount is paid for."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"

    @property
    def label(self) -> str:
        """The period as a choice in a form."""
        return f"per {self.value}"


_MOST = {
    SalaryPeriod.HOUR: Decimal("0.4"),
    SalaryPeriod.DAY: Decimal(3),
    SalaryPeriod.WEEK: Decimal(12),
    SalaryPeriod.MONTH: Decimal(40),
    SalaryPeriod.YEAR: Decimal(10_000),
}
"""The most that is paid for each period, in least yearly pays of the currency."""


_PERIODS: Final[dict[str, SalaryPeriod]] = {each.value: each for each in SalaryPeriod}


def period_of(stored: str | None) -> SalaryPeriod | str:
    """Return the period that a column holds; none means a year."""
    if not stored:
        return SalaryPeriod.YEAR
    return _PERIODS.get(stored, stored)


@dataclass(frozen=True, slots=True)
class Salary:
    """From ``min_minor`` to ``max_minor`` in minor units of ``currency`` a ``period``.

    Equal bounds are one amount; a missing one leaves that side open; one of them is there. A period that
    a newer version stored is plain text.
    """

    min_minor: int | None
    max_minor: int | None
    currency: str
    period: SalaryPeriod | str


def problem_of(salary: Salary) -> str | None:
    """What is wrong with a salary, as a sentence; ``None`` where it can be meant."""
    low, high = salary.min_minor, salary.max_minor
    if any(minor <= 0 for minor in _shown_bounds(salary)):
        return "An amount must be above zero."
    if low is not None and high is not None and low > high:
        return "The lower amount comes first, as in “85k – 110k EUR”."
    if max(_shown_bounds(salary)) > _MOST_MINOR or _is_absurd(salary):
        return "This is more than a salary can be. Check the amount and what it is paid for."
    return None


def _is_absurd(salary: Salary) -> bool:
    if not isinstance(salary.period, SalaryPeriod) or not has_known_level(salary.currency):
        return False
    return amounts_of(salary)[-1] > _MOST[salary.period] * least_yearly(salary.currency)


def amounts_of(salary: Salary) -> list[Decimal]:
    """The one or two amounts of a salary, the lower first."""
    return [to_major(minor, salary.currency) for minor in _shown_bounds(salary)]


def is_clearly_yearly(amounts: list[Decimal], currency: str) -> bool:
    """Whether amounts are a year's without anybody saying so: 45,000 EUR are, 3,200 may be a month's."""
    least = least_yearly(currency)
    return min(amounts) >= least or (max(amounts) >= 3 * least and min(amounts) * 8 >= least)


@lru_cache(maxsize=4_096)
def format_salary(salary: Salary) -> str:
    """What a cell shows: ``€85k – 110k``, ``€25.50 / hour``; a year goes without saying."""
    sign = SYMBOLS.get(salary.currency, f"{salary.currency} ")
    period = "" if _says_itself(salary) else f" / {salary.period}"
    return f"{_opening(salary, 'From ', 'Up to ')}{sign}{_written(salary)}{period}"


def salary_text(salary: Salary) -> str:
    """What an editor is filled with: as short as a cell of the table, and understood as the same salary."""
    period = "" if _says_itself(salary) else f" per {salary.period}"
    return f"{_opening(salary, 'from ', 'up to ')}{_written(salary)} {salary.currency}{period}"


def _shown_bounds(salary: Salary) -> list[int]:
    found = [minor for minor in (salary.min_minor, salary.max_minor) if minor is not None]
    return found[:1] if salary.min_minor == salary.max_minor else found


def _says_itself(salary: Salary) -> bool:
    """Whether the period goes without saying: who types such amounts without one means a year."""
    return salary.period is SalaryPeriod.YEAR and is_clearly_yearly(amounts_of(salary), salary.currency)


def _written(salary: Salary) -> str:
    amounts = amounts_of(salary)
    scale = _scale(amounts)
    return " – ".join(_short(amount, scale, salary.currency) for amount in amounts)


def _opening(salary: Salary, at_least: str, at_most: str) -> str:
    if salary.max_minor is None:
        return at_least
    return at_most if salary.min_minor is None else ""


def _plain(amount: Decimal, currency: str) -> str:
    places = 0 if amount == amount.to_integral_value() else exponent_of(currency)
    return f"{amount:,.{places}f}"


def _scale(amounts: list[Decimal]) -> tuple[int, str]:
    """One thousand or one million where every amount is short and exact in it."""
    for unit, parts, letter in ((1_000_000, 100, "m"), (1_000, 10, "k")):
        if all(amount >= unit and amount * parts % unit == 0 for amount in amounts):
            return unit, letter
    return 1, ""


def _short(amount: Decimal, scale: tuple[int, str], currency: str) -> str:
    unit, letter = scale
    if unit == 1:
        return _plain(amount, currency)
    return f"{(amount / unit).normalize():f}{letter}"

"""Find the advertised pay of a post: which amounts count, for what period, and in which currency."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from portal.domain.jobs.currencies import (
    code_of,
    currencies_of,
    currency_in,
    exponent_of,
    has_known_level,
    least_yearly,
    to_minor,
)
from portal.domain.jobs.salary import Salary, SalaryPeriod, amounts_of, is_clearly_yearly, problem_of
from portal.domain.jobs.values import Values, salary_columns
from portal.domain.sync.metadata import NO_CHOICES, Column, ColumnChoices, field_key
from portal.domain.sync.pay_words import (
    PayRank,
    countries_in,
    countries_in_name,
    is_no_base_pay,
    pay_rank,
    pays_in,
    periods_in,
    periods_in_blurb,
    periods_of_field,
    plain_text,
    says_target_earnings,
)
from portal.domain.sync.posts import JobPost, Metadata, PayRange

_MOST_FIELDS = 300
_PLAUSIBLE: Final = {
    SalaryPeriod.HOUR: (1 / 15_000, 0.1),
    SalaryPeriod.DAY: (1 / 2_000, 1),
    SalaryPeriod.WEEK: (1 / 400, 3),
    SalaryPeriod.MONTH: (1 / 60, 3),
    SalaryPeriod.YEAR: (1 / 8, 200),
}
"""What each period can be paid, in least yearly pays of the currency."""
_A_YEAR: Final = {
    SalaryPeriod.HOUR: 2_080,
    SalaryPeriod.DAY: 260,
    SalaryPeriod.WEEK: 52,
    SalaryPeriod.MONTH: 12,
    SalaryPeriod.YEAR: 1,
}


Periods = frozenset[SalaryPeriod]
_NOTHING_SAID: Periods = frozenset()


@dataclass(frozen=True, slots=True)
class PayOffer:
    """Amounts under a name, in minor units; the periods that the name and what stands beside it say."""

    name: str
    min_minor: int | None
    max_minor: int | None
    currency: str
    periods: Periods = _NOTHING_SAID
    remarked: Periods = _NOTHING_SAID


def advertised_pay(post: JobPost, choices: ColumnChoices = NO_CHOICES) -> Values | None:
    """The salary columns for what a post says it pays; ``None`` where it leaves anything open.

    Fields that somebody chose for the salary come first, then pay ranges, then fields whose names say that
    they are advertised, then others about pay. A budget, equity, a bonus or target earnings is never it.
    """
    fields = [field for field in post.metadata[:_MOST_FIELDS] if field.name and field.value is not None]
    ranked = _ranked_fields(fields, choices)
    if not (post.pay_input_ranges or any(ranked)):
        return None
    countries, sure = _countries_of(post)
    local = frozenset(code for country in countries for code in currencies_of(country))
    beside = _said_beside(fields)
    currency = next(filter(None, (_currency_said(field.name or "", field.value) for field in fields)), None)
    chosen, *guessed = (
        [offer for field in found for offer in _offers_of(field, currency, local)] for found in ranked
    )
    for offers in (chosen, list(_range_offers(post.pay_input_ranges)), *guessed):
        if settled := [(offer, salary) for offer in offers if (salary := _settled(offer, beside))]:
            meant = _of_the_place(settled, countries, sure)
            salary = _in_one_currency([salary for _, salary in meant], local, beside)
            return salary_columns(salary) if salary else None
    return None


def _ranked_fields(fields: Iterable[Metadata], choices: ColumnChoices) -> tuple[list[Metadata], ...]:
    """Fields that were chosen for the salary, those advertised by their names, and others about pay."""
    chosen: list[Metadata] = []
    named: dict[PayRank, list[Metadata]] = {PayRank.ADVERTISED: [], PayRank.NEUTRAL: []}
    for field in fields:
        key = field_key(field.name or "")
        if key in choices:
            chosen.extend([field] if choices[key] is Column.SALARY else [])
        elif rank := pay_rank(field.name or "", holds_money=_holds_money(field.value)):
            named[rank].append(field)
    return chosen, named[PayRank.ADVERTISED], named[PayRank.NEUTRAL]


def _said_beside(fields: Iterable[Metadata]) -> Periods:
    return frozenset(period for field in fields for period in periods_of_field(field.name or "", field.value))


def _settled(offer: PayOffer, beside: Periods) -> Salary | None:
    """The offer with its period: by its own name, or what is said beside it and can be, or else a year."""
    if offer.min_minor is None and offer.max_minor is None:
        return None
    if offer.periods:
        fitting = _for_each(offer, offer.periods)
        if len(fitting) > 1:
            fitting = _for_each(offer, offer.periods & (offer.remarked | beside))
        return fitting[0] if len(fitting) == 1 else None
    for said in (offer.remarked, beside):
        if fitting := _for_each(offer, said):
            return fitting[0] if len(fitting) == 1 else None
    yearly = _for_each(offer, frozenset({SalaryPeriod.YEAR}))
    return yearly[0] if yearly and _is_yearly(yearly[0]) else None


def _for_each(offer: PayOffer, periods: Periods) -> list[Salary]:
    """The offer as pay for each of these periods for which it can be meant."""
    of_each = (
        Salary(offer.min_minor, offer.max_minor, offer.currency, period)
        for period in SalaryPeriod
        if period in periods
    )
    fitting = [salary for salary in of_each if _is_plausible(salary)]
    surely = [salary for salary in fitting if salary.period is not SalaryPeriod.YEAR or _is_yearly(salary)]
    return surely if len(fitting) > 1 else fitting


def _is_yearly(salary: Salary) -> bool:
    return is_clearly_yearly(amounts_of(salary), salary.currency)


def _is_plausible(salary: Salary) -> bool:
    if problem_of(salary) or not isinstance(salary.period, SalaryPeriod):
        return False
    amounts, least = amounts_of(salary), least_yearly(salary.currency)
    lowest, highest = _PLAUSIBLE[salary.period]
    if not has_known_level(salary.currency):
        return True
    return float(min(amounts)) >= lowest * least and float(max(amounts)) <= highest * least


def _of_the_place(
    offers: list[tuple[PayOffer, Salary]], countries: frozenset[str], sure: bool
) -> list[tuple[PayOffer, Salary]]:
    """The offers for the job's country, where names say countries; of several, none for another country.

    A single one is advertised with this job, whichever country its name says.
    """
    named = [(countries_in_name(offer.name), offer, salary) for offer, salary in offers]
    here = [(offer, salary) for said, offer, salary in named if said & countries]
    if here or len(offers) == 1 or not (countries and sure):
        return here or offers
    return [(offer, salary) for said, offer, salary in named if not said]


def _in_one_currency(salaries: list[Salary], local: frozenset[str], beside: Periods) -> Salary | None:
    """Their span, in the currency of the job's country where there are several."""
    if len({salary.currency for salary in salaries}) > 1:
        salaries = [salary for salary in salaries if salary.currency in local]
    if len({salary.currency for salary in salaries}) != 1:
        return None
    periods = {salary.period for salary in salaries}
    if len(periods) > 1:
        salaries = _in_one_period(salaries, beside)
    return _span(salaries) if salaries else None


def _in_one_period(salaries: list[Salary], beside: Periods) -> list[Salary]:
    """Those of the period said beside them, or of the longest where all are the same pay."""
    said = [salary for salary in salaries if salary.period in beside]
    if said and len({salary.period for salary in said}) == 1:
        return said
    times = {salary: _A_YEAR[SalaryPeriod(salary.period)] for salary in salaries}
    lows = [float(min(amounts_of(salary))) * times[salary] for salary in salaries]
    highs = [float(max(amounts_of(salary))) * times[salary] for salary in salaries]
    if max(lows) > 1.15 * min(highs):
        return []
    longest = min(times.values())
    return [salary for salary in salaries if times[salary] == longest]


def _span(salaries: list[Salary]) -> Salary | None:
    lows = [salary.min_minor for salary in salaries if salary.min_minor is not None]
    highs = [salary.max_minor for salary in salaries if salary.max_minor is not None]
    first = salaries[0]
    span = Salary(min(lows, default=None), max(highs, default=None), first.currency, first.period)
    return None if problem_of(span) else span


def _countries_of(post: JobPost) -> tuple[frozenset[str], bool]:
    """The countries of a post, and whether its location itself names them: offices may be elsewhere."""
    located = countries_in(post.location.name or "") if post.location else frozenset()
    offices = (f"{office.location or ''}; {office.name or ''}" for office in post.offices[:20])
    return (located, True) if located else (frozenset().union(*map(countries_in, offices)), False)


def _range_offers(ranges: Iterable[PayRange]) -> Iterator[PayOffer]:
    """The pay ranges that mean the base pay. Their titles and blurbs say the period, if anything does.

    Only in currencies of cents: nobody documents what ``min_cents`` counts in any other.
    """
    for pay in ranges:
        title = plain_text(pay.title or "")
        currency = code_of(pay.currency_type)
        is_base = not (is_no_base_pay(title) or says_target_earnings(pay.blurb or ""))
        if currency and exponent_of(currency) == 2 and is_base:
            bounds = pay.min_cents or None, pay.max_cents or None
            yield PayOffer(title, *bounds, currency, periods_in(title), periods_in_blurb(pay.blurb or ""))


def _offers_of(field: Metadata, currency: str | None, local: frozenset[str]) -> Iterator[PayOffer]:
    """What one custom field says: amounts of a currency, or text.

    ``currency`` is the one that another field names, ``local`` those of the job's country: they decide
    what a bare number, a ``$`` or ``kr`` means.
    """
    name, value = field.name or "", field.value
    if isinstance(value, dict):
        yield from _amounts_offers(name, value, currency)
        return
    said = currency or currency_in(name)
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str):
            yield from _text_offers(name, text, said, local)
        elif isinstance(text, int | float) and not isinstance(text, bool) and said:
            yield from _text_offers(name, f"{Decimal(str(text)):f}", said, local)


def _holds_money(value: Any) -> bool:
    """Whether a field's value is an amount, or two, with a currency of its own."""
    return isinstance(value, dict) and isinstance(value.get("unit"), str)


def _currency_said(name: str, value: Any) -> str | None:
    """The currency that a field beside the pay names: "Salary currency: EUR"."""
    is_about_it = re.search(r"currency|währung|devise|moneda|moeda|valuta", name[:200], re.IGNORECASE)
    return currency_in(value) if is_about_it and isinstance(value, str) else None


_DECIMAL = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,8})?")
_LOWER = re.compile(r"\b(?:min|minimum|lower|low|from|floor|von|mínimo|minimo|mindest\w*)\b", re.IGNORECASE)
_UPPER = re.compile(
    r"\b(?:max|maximum|upper|high|to|ceiling|cap|bis|máximo|massimo|höchst\w*)\b", re.IGNORECASE
)


def _amounts_offers(name: str, value: dict[str, Any], beside: str | None) -> Iterator[PayOffer]:
    """Of a ``currency_range`` or a ``currency``; an amount below zero or too fine makes it void."""
    currency = code_of(value.get("unit") or beside)
    keys = ("amount", "amount") if value.get("amount") is not None else ("min_value", "max_value")
    given = [value.get(key) for key in keys]
    if currency is None or any(amount is not None and not _is_amount(amount) for amount in given):
        return
    low, high = (to_minor(Decimal(str(amount or 0).strip()), currency) for amount in given)
    if low is not None and high is not None:
        yield _bounded(PayOffer(name, low or None, high or None, currency, periods_in(name)))


def _bounded(offer: PayOffer) -> PayOffer:
    """One amount under a name such as "Salary maximum" is that bound alone."""
    low, high = offer.min_minor, offer.max_minor
    if low == high and bool(_LOWER.search(offer.name)) != bool(_UPPER.search(offer.name)):
        low, high = (low, None) if _LOWER.search(offer.name) else (None, high)
    return replace(offer, min_minor=low, max_minor=high)


def _is_amount(value: Any) -> bool:
    is_number = isinstance(value, str | int | float) and not isinstance(value, bool)
    return is_number and bool(_DECIMAL.fullmatch(str(value).strip()))


def _text_offers(name: str, text: str, currency: str | None, local: frozenset[str]) -> Iterator[PayOffer]:
    for pay, sentence in pays_in(text[:2_000], currency, local):
        periods = frozenset({pay.period}) if pay.period else periods_in(name) or periods_in(sentence)
        yield _bounded(PayOffer(name, pay.min_minor, pay.max_minor, pay.currency, periods))

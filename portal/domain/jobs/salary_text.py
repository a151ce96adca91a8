"""Salaries as people type them."""

import re
from decimal import Decimal

from portal.domain.jobs.currencies import NAMES, exponent_of, is_currency, to_minor
from portal.domain.jobs.salary import Salary, SalaryPeriod, problem_of
from portal.domain.texts import InvalidValue

_SPACE = "[ \u00a0\u2009\u202f]"
_LETTER = r"[^\W\d_]"
_TOKEN = re.compile(
    rf"""
    (?P<amount>
        (?P<digits>[0-9]+(?:[.,'’][0-9]+|{_SPACE}[0-9]{{3}}(?![0-9]))*+)
        (?:{_SPACE}?(?P<unit>k|tsd|thousand|mio|million|m)\.?(?!{_LETTER}(?!{_LETTER}{{2}}(?!{_LETTER}))))?
    )
    | (?:(?:\b(?:per|an|a|each|pro|je|im)\s+|/\s*)|(?<!{_LETTER}))(?:
        (?P<hour>hours?|hourly|hrs?|h|stunde|std|p\.?h)
        | (?P<day>days?|daily|tag)
        | (?P<week>weeks?|weekly|wk|woche|p\.?w)
        | (?P<month>months?|monthly|mth|mo|monat|p\.?m)
        | (?P<year>years?|yearly|yr|annum|annually|annual|jahr|p\.?a)
      )\.?(?!{_LETTER})
    | (?P<at_least>(?:from|at\ least|min|minimum|ab|over|between|von)(?!{_LETTER})\.?|\+)
    | (?P<at_most>(?:up\ to|at\ most|max|maximum|under)(?!{_LETTER})\.?)
    | (?P<to>-|(?:to|and|bis|until)(?!{_LETTER}))
    | (?P<skip>{_SPACE}|[()~≈]|(?:gross|brutto|approx\.|ca\.)(?!{_LETTER}))
    | (?P<sign>{_LETTER}{{0,3}}[$€£¥₹₩₪₺₴₫₱₦])
    | (?P<word>{_LETTER}+\.?)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NEGATIVE = re.compile(r"[^0-9]*-")
_PERIODS = frozenset(period.value for period in SalaryPeriod)
_DASH = re.compile(r"[–—−‒]|\.\.+|…")
_UNITS = {"k": 1_000, "tsd": 1_000, "thousand": 1_000, "m": 10**6, "mio": 10**6, "million": 10**6}
_GROUPED = re.compile(r"[0-9]+|[0-9]{1,3}(?:(?:,[0-9]{2,3})*,[0-9]{3}|(?:\.[0-9]{3})+)")
_EXAMPLE = "Type it like “85k – 110k EUR” or “25.50 EUR per hour”."

_Tokens = list[tuple[str, re.Match[str]]]


class InvalidSalary(InvalidValue):
    """Not understood as a salary; ``str()`` says what to type."""


class CurrencyMissing(InvalidSalary):
    """No currency is typed, and none is known to be meant."""


def parse_salary(text: str, default_currency: str | None = None) -> Salary | None:
    """What was typed as a salary, ``None`` for nothing; raises ``InvalidSalary``.

    ``default_currency`` is the one meant where none is typed. Without a period a year is meant,
    unless the amount is too small for one: then the period must be typed.
    """
    typed = _DASH.sub("-", text).strip().removesuffix(".")
    if not typed:
        return None
    if len(typed) > 100:
        raise InvalidSalary(f"This is too long for a salary. {_EXAMPLE}")
    if _NEGATIVE.match(typed):
        raise InvalidSalary("An amount must be above zero.")
    tokens = _tokens(typed)
    currency = _currency(tokens, default_currency)
    amounts = _amounts(tokens, currency)
    period = _period(tokens)
    if period is None and any(amount < 1_000 for amount in amounts):
        raise InvalidSalary(_what_for(typed))
    low, high = _typed_bounds([kind for kind, _ in tokens], [_minor(amount, currency) for amount in amounts])
    salary = Salary(low, high, currency, period or SalaryPeriod.YEAR)
    if problem := problem_of(salary):
        raise InvalidSalary(problem)
    return salary


def _what_for(typed: str) -> str:
    """An amount under a thousand is nobody's year: its own words are shown with what to add."""
    ways = f"“{typed} per hour” or “{typed} per month”"
    return f"Say what the amount is for, such as {ways}. Thousands a year are typed like 45k."


def _tokens(typed: str) -> _Tokens:
    found: _Tokens = []
    place = 0
    while place < len(typed):
        token = _TOKEN.match(typed, place)
        if token is None:
            raise InvalidSalary(f"This cannot be read as a salary. {_EXAMPLE}")
        kind = token.lastgroup or ""
        if kind != "skip":
            found.append((kind, token))
        place = token.end()
    return found


def _currency(tokens: _Tokens, default: str | None) -> str:
    """The one currency that is typed; its code says more than its sign (``$85k CAD``)."""
    codes = {_code(token[0]) for kind, token in tokens if kind == "word"}
    codes = codes or {_code(token[0]) for kind, token in tokens if kind == "sign"}
    if len(codes) > 1:
        raise InvalidSalary("Use one currency for both amounts.")
    if not codes and default is None:
        raise CurrencyMissing(f"Add the currency, such as EUR, USD or GBP. {_EXAMPLE}")
    return codes.pop() if codes else str(default)


def _code(word: str) -> str:
    code = NAMES.get(word.casefold(), word.upper())
    if not is_currency(code):
        raise InvalidSalary(f"“{word[:20]}” is not a currency known here. {_EXAMPLE}")
    return code


def _period(tokens: _Tokens) -> SalaryPeriod | None:
    periods = {SalaryPeriod(kind) for kind, _ in tokens if kind in _PERIODS}
    if len(periods) > 1:
        raise InvalidSalary("Use one period: per hour, day, week, month or year.")
    return periods.pop() if periods else None


def _amounts(tokens: _Tokens, currency: str) -> list[Decimal]:
    found = [token for kind, token in tokens if kind == "amount"]
    if not 1 <= len(found) <= 2:
        raise InvalidSalary(f"Use one amount, or two with a dash between them. {_EXAMPLE}")
    numbers = [_number(token["digits"], currency) for token in found]
    units = [_UNITS.get((token["unit"] or "").lower(), 1) for token in found]
    if min(units) == 1 and numbers[0] <= numbers[-1] < 1_000:
        units = [max(units)] * len(units)  # 85 – 110k
    return [number * unit for number, unit in zip(numbers, units, strict=True)]


def _number(digits: str, currency: str) -> Decimal:
    plain = re.sub(rf"{_SPACE}|['’]", "", digits)
    whole, mark, rest = _split(plain, exponent_of(currency))
    if len(plain) > 24 or not _GROUPED.fullmatch(whole):
        raise InvalidSalary(f"“{digits[:40]}” cannot be read as an amount. {_EXAMPLE}")
    return Decimal(re.sub(r"[.,]", "", whole) + (f".{rest}" if mark else ""))


def _split(plain: str, exponent: int) -> tuple[str, str, str]:
    """The whole part, the decimal mark, and the decimals, by how the number is written."""
    mark = max(".,", key=plain.rfind)
    whole, found, rest = plain.rpartition(mark)
    if not found:
        return plain, "", ""
    alone = not set(".,") & set(whole)
    groups = len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    if alone and groups and not (mark == "." and exponent == 3):
        return plain, "", ""
    return (plain, "", "") if mark in whole else (whole, mark, rest)


def _minor(amount: Decimal, currency: str) -> int:
    minor = to_minor(amount, currency)
    if minor is None:
        raise InvalidSalary(f"{currency} has no coin as small as that. {_EXAMPLE}")
    return minor


def _typed_bounds(kinds: list[str], minors: list[int]) -> tuple[int | None, int | None]:
    """Lowest and highest amount, by the words around them."""
    match _shape(kinds):
        case "#":
            return minors[0], minors[0]
        case "#to#" | "<#to#" | "<#>#":
            return minors[0], minors[1]
        case "<#" | "#<":
            return minors[0], None
        case ">#" | "to#":
            return None, minors[0]
    raise InvalidSalary(f"This cannot be read as a salary. {_EXAMPLE}")


def _shape(kinds: list[str]) -> str:
    signs = {"amount": "#", "at_least": "<", "at_most": ">", "to": "to"}
    return "".join(signs.get(kind, "") for kind in kinds)

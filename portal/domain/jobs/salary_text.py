"""Salaries as people type them."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from portal.domain.jobs.currencies import (
    NAMES,
    SHARED_NAMES,
    exponent_of,
    is_currency,
    least_yearly,
    to_minor,
)
from portal.domain.jobs.salary import Salary, SalaryPeriod, amounts_of, is_clearly_yearly, problem_of
from portal.domain.texts import InvalidValue

_SPACE = "[ \u00a0\u2009\u202f]"
_LETTER = r"[^\W\d_]"
_END = rf"\.?(?!{_LETTER})"
_SIGN = '(?:[$€£¥₹₩₪₺₴₫₱₦₽฿円元원]|ש["״]ח|บาท)'

_PREPOSITIONS = "per|an|a|à|al|each|pro|je|im|par|por|pe|i|om|pr|om|za|na|w|в|за|на"
_PER = rf"(?:\b(?:(?:{_PREPOSITIONS})\.?\s+|(?:(?:par|de)\ )?l['’]|all['’]|p/)|/\s*)"
_PERIOD_WORDS = {
    "hour": "hours?|hourly|hrs?|h|stunde|stunden\\w*|std|stündlich|heures?|horas?|ora|orari[oa]|uur|godz|"
    "godzin[aęy]|hodin[au]|tunti|לשעה|p\\.?h",
    "day": "days?|daily|p\\.?d|tag|tages\\w+|jours?|días?|diári[oa]|giorn[oi]|dag|dzień|päivä|den",
    "week": "weeks?|weekly|wk|woche|wöchentlich|semaine|semana|settimana|tydzień|vecka|uge|viikko|"
    "týden|p\\.?w",
    "month": "months?|monthly|mths?|mo|monate?|monatlich|monats\\w+|mtl|mte?|mois|mensuels?|mensuelle|mes|"
    "mensual(?:es)?|mês|mensal|mensais|mese|mensil[ei]|maand|miesiąc|miesięcznie|mies|mc|månads?\\w*|mån|"
    "måneds?\\w*|mnd|mdr?|kuukausi|kk|měsíc|měsíčně|hónap|hó|lun[ăa]|ay|мес|месяц|міс|місяць|לחודש|בחודש|bulan|tháng|เดือน|p\\.?c\\.?m|p\\.?m",
    "year": "years?|yearly|yr|annum|annually|annual|jahr|jahres\\w+|jährlich|année|annuels?|annuelle|año|"
    "anual(?:es)?|ano|anuais|anno|annu[oai]|jaar|rok|rocznie|år(?:et|lig(?:en)?|s\\w+)?|vuosi|ročně|év|yıl|"
    "год|рік|לשנה|בשנה|tahun|năm|ปี|p\\.?\\ ?a",
}
_ONLY_AFTER_PER = {"hour": "time[nr]?|tim", "day": "d|j", "week": "w", "month": "m", "year": "ans?|y"}
_CJK_PERIODS = {
    "hour": "時給|时薪|時間|小时|시급|시간",
    "day": "日給|日薪|日|일당",
    "week": "週給|周薪|週|周|주급",
    "month": "月給|月薪|月收|月|월급|월",
    "year": "年収|年薪|年俸|年|연봉|년",
}

_UNITS = {
    **dict.fromkeys(("k", "t", "tsd", "tys", "mil", "тыс", "thousand", "tausend"), 1_000),
    **dict.fromkeys(("万", "萬", "만"), 10_000),
    **dict.fromkeys(("l", "lac", "lacs", "lakh", "lakhs", "lpa"), 100_000),
    **dict.fromkeys(("m", "mio", "mln", "million", "millions"), 10**6),
    **dict.fromkeys(("cr", "crore", "crores"), 10**7),
}
_INDIAN_UNITS = frozenset({"l", "lac", "lacs", "lakh", "lakhs", "lpa", "cr", "crore", "crores"})


def _period(name: str) -> str:
    words = _PERIOD_WORDS[name]
    said = rf"{_PER}(?:{words}|{_ONLY_AFTER_PER[name]}){_END}|(?<!{_LETTER})(?:{words}){_END}"
    return rf"(?P<{name}>(?:毎|每|/\s*)?(?:{_CJK_PERIODS[name]})|{said})"


_UNIT_WORDS = "|".join(
    f"{word}(?=€|EUR)" if word == "t" else word for word in sorted(_UNITS, key=len, reverse=True)
)
_NOISE = (
    "gross|brutto|bruto|bruta|brut|lord[oaie]|before\\ tax|pre-tax|approx|approximately|around|about|"
    "circa|ca|etwa|environ|cca|"
    "d\\.?o\\.?e|d\\.?o\\.?q|depend(?:ing|ent)\\ (?:up)?on\\ (?:experience|skills|qualifications)|"
    "based\\ on\\ experience|je\\ nach\\ erfahrung|selon\\ (?:le\\ )?(?:profil|expérience)|"
    "según\\ experiencia|negotiable|neg|verhandelbar|vb|n[ée]gociable|"
    "pro\\ rata|fte|ctc|base|basic|fixed?|fixum|annuali[sz]ed|"
    "salary|pay|wages?|rate|range|gehalt|lohn|salaire|salario|salário|salaris|lön|løn|lønn|stipendio|ral"
)
_NEGATIVE = re.compile(r"[^0-9]*-")
_DASH = re.compile(r"[–—−‒]|\.\.+")
_TILDE = re.compile(r"(?<=[0-9k万萬만円元원€])\s*[~〜]\s*(?=\D{0,3}[0-9])")
_GROUPED = re.compile(r"[0-9]+|[0-9]{1,3}(?:(?:,[0-9]{2,3})*,[0-9]{3}|(?:\.[0-9]{3})+)")
_EXAMPLE = "Type it like “85k – 110k EUR” or “25.50 EUR per hour”."
_RUPEES = frozenset({"INR", "PKR", "BDT", "NPR", "LKR"})

_Tokens = list[tuple[str, re.Match[str]]]


class InvalidSalary(InvalidValue):
    """Not understood as a salary; ``str()`` says what to type."""


class CurrencyMissing(InvalidSalary):
    """No currency is typed, and none is known to be meant."""


@dataclass(frozen=True, slots=True)
class WrittenPay:
    """What a text says of a pay, in minor units of ``currency``; ``period`` where it says one."""

    min_minor: int | None
    max_minor: int | None
    currency: str
    period: SalaryPeriod | None


def parse_salary(text: str, default_currency: str | None = None) -> Salary | None:
    """What was typed as a salary, ``None`` for nothing; raises ``InvalidSalary``.

    ``default_currency`` is the one meant where none is typed, or a sign of several ("kr"). Without a period
    a year is meant, unless the amount may well be a month's or an hour's: then the period must be typed.
    """
    typed = " ".join(text.split()).removesuffix(".")
    if not typed:
        return None
    pay = parse_pay(typed, default_currency)
    salary = Salary(pay.min_minor, pay.max_minor, pay.currency, pay.period or SalaryPeriod.YEAR)
    amounts = amounts_of(salary)
    if pay.period is None and not is_clearly_yearly(amounts, pay.currency):
        raise InvalidSalary(_what_for(typed, max(amounts), pay.currency))
    if problem := problem_of(salary):
        raise InvalidSalary(problem)
    return salary


def parse_pay(text: str, default_currency: str | None = None) -> WrittenPay:
    """Amounts, currency and period of a text that says nothing else; raises ``InvalidSalary``."""
    typed = _DASH.sub("-", unicodedata.normalize("NFKC", text))
    if len(typed) > 100:
        raise InvalidSalary(f"This is too long for a salary. {_EXAMPLE}")
    if _NEGATIVE.match(typed):
        raise InvalidSalary("An amount must be above zero.")
    tokens = _tokens(_TILDE.sub("-", typed))
    _refuse_what_is_no_base_pay(tokens)
    currency = _currency(tokens, default_currency)
    minors = [_minor(amount, currency) for amount in _amounts(tokens, currency)]
    return WrittenPay(*_typed_bounds([kind for kind, _ in tokens], minors), currency, _typed_period(tokens))


def _what_for(typed: str, amount: Decimal, currency: str) -> str:
    """So small an amount may be anything's: its own words are shown with what to add."""
    if amount * 30 < least_yearly(currency):
        ways = f"“{typed} per hour” or “{typed} per month”"
        return f"Say what the amount is for, such as {ways}. Thousands a year are typed like 45k."
    return f"Say whether it is for a month or a year: “{typed} per month” or “{typed} per year”."


def _refuse_what_is_no_base_pay(tokens: _Tokens) -> None:
    kinds = [kind for kind, _ in tokens]
    if "amount" not in kinds:
        raise InvalidSalary(
            f"Type one amount, or two with a dash between them. {_EXAMPLE} Without an amount leave it empty."
        )
    for kind, token in tokens:
        if kind == "not_base":
            raise InvalidSalary(
                f"Leave out “{token[0]}”: a salary is the base pay alone. "
                "The summary can say what comes on top."
            )
        if kind == "net":
            raise InvalidSalary(f"Leave out “{token[0]}”, and type the pay before tax.")


@cache
def _token() -> re.Pattern[str]:
    """What a salary is made of, compiled where one is read first: few processes read any."""
    return re.compile(
        rf"""
        (?P<amount>
            (?P<digits>[0-9]+(?:[.,'’´][0-9]+|{_SPACE}[0-9]{{3}}(?![0-9]))*+)(?:[.,]--?(?![0-9]))?
            (?:{_SPACE}?(?P<unit>{_UNIT_WORDS})\.?
               (?:(?<=[万萬만])|(?!{_LETTER}(?!{_LETTER}{{2}}(?!{_LETTER})))))?
        )
        | (?P<sign>(?:(?<!{_LETTER})(?:us|ca|c|au|a|nz|hk|sg|s|r|mx|nt|usd|cad|aud|nzd|sgd|hkd|mxn))?{_SIGN})
        | {" | ".join(map(_period, _PERIOD_WORDS))}
        | (?P<at_least>(?:starting\ (?:at|from)|from|at\ least|minimum|minimal|mindestens|min|ab|over|above|
            more\ than|or\ more|and\ (?:up|above)|oder\ mehr|et\ plus|o\ más|ou\ mais|
            between|entre|zwischen|tussen|mellan|mellem|von|van|od|от|від|från|fra|desde|dès|
            à\ partir\ de|a\ partir\ de|vanaf|de|da)(?!{_LETTER})\.?|\+|≥|>=?|以上|이상|起|~(?=\s*$))
        | (?P<at_most>(?:up\ ?to|bis\ zu|at\ most|maximum|maximal|max|máx|under|below|less\ than|höchstens|
            jusqu['’]?à|hasta|até|fino\ a|upp\ till|op\ til|opp\ til)(?!{_LETTER})\.?|≤|<=?|以下|まで|이하)
        | (?P<to>-|(?:to|and|bis|until|et|und|tot|til|till|en|och|og|do|à|до|(?<=\s)[aye])(?!{_LETTER}))
        | (?P<skip>{_SPACE}|[():,;~≈*]|(?:{_NOISE}){_END})
        | (?P<not_base>(?:bonus(?:es)?|prämien?|ote|on-target|commissions?|provision(?:en)?|equity|options?|
            stock|shares?|rsus?|variable|variabel|benefits|super|allowance|package|total)(?!{_LETTER}))
        | (?P<net>(?:net|netto|nett[oaei]|neto|neta|líquido|líquida)(?!{_LETTER}))
        | (?P<word>{_LETTER}+\.?)
        """,
        re.IGNORECASE | re.VERBOSE,
    )


def _tokens(typed: str) -> _Tokens:
    found: _Tokens = []
    place = 0
    while place < len(typed):
        token = _token().match(typed, place)
        if token is None:
            raise InvalidSalary(f"This cannot be read as a salary. {_EXAMPLE}")
        kind = token.lastgroup or ""
        if kind != "skip":
            found.append((kind, token))
        place = token.end()
    return found


def _currency(tokens: _Tokens, default: str | None) -> str:
    """The one currency that is typed; its code says more than its sign (``$85k CAD``)."""
    words = [token[0] for kind, token in tokens if kind == "word"]
    codes = {_code(word, default) for word in words or [token[0] for kind, token in tokens if kind == "sign"]}
    if len(codes) > 1:
        raise InvalidSalary("Use one currency for both amounts.")
    if not codes and any(unit in _INDIAN_UNITS for unit in _units(tokens)):
        return default if default in _RUPEES else "INR"
    if not codes and default is None:
        raise CurrencyMissing(f"Add the currency, such as EUR, USD or GBP. {_EXAMPLE}")
    return codes.pop() if codes else str(default)


def _code(word: str, default: str | None) -> str:
    name = word.casefold().removesuffix(".")
    shared = SHARED_NAMES.get(name, ())
    if default in shared:
        return str(default)
    if shared and name not in NAMES:
        choices = f"{', '.join(shared[:-1])} or {shared[-1]}"
        raise CurrencyMissing(f"“{word}” is the money of several countries. Type {choices} instead.")
    code = NAMES.get(name) or name.rstrip("$").upper()
    if not is_currency(code):
        raise InvalidSalary(f"“{word[:20]}” is not a currency known here. {_EXAMPLE}")
    return code


def _units(tokens: _Tokens) -> list[str]:
    return [(token["unit"] or "").casefold() for kind, token in tokens if kind == "amount"]


def _typed_period(tokens: _Tokens) -> SalaryPeriod | None:
    periods = {SalaryPeriod(kind) for kind, _ in tokens if kind in _PERIOD_WORDS}
    periods |= {SalaryPeriod.YEAR} if "lpa" in _units(tokens) else set()
    if len(periods) > 1:
        raise InvalidSalary("Use one period: per hour, day, week, month or year.")
    return periods.pop() if periods else None


def _amounts(tokens: _Tokens, currency: str) -> list[Decimal]:
    found = [token for kind, token in tokens if kind == "amount"]
    if not 1 <= len(found) <= 2:
        raise InvalidSalary(f"Use one amount, or two with a dash between them. {_EXAMPLE}")
    numbers = [_number(token["digits"], currency) for token in found]
    units = [_UNITS.get(unit, 1) for unit in _units(tokens)]
    if min(units) == 1 and numbers[0] <= numbers[-1] < 1_000:
        units = [max(units)] * len(units)  # 85 – 110k
    return [number * unit for number, unit in zip(numbers, units, strict=True)]


def _number(digits: str, currency: str) -> Decimal:
    plain = re.sub(rf"{_SPACE}|['’´]", "", digits)
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
        case "#to#" | "<#to#" | "<#>#" | "#>#":
            return minors[0], minors[1]
        case "<#" | "#<":
            return minors[0], None
        case ">#" | "#>" | "to#":
            return None, minors[0]
    raise InvalidSalary(f"This cannot be read as a salary. {_EXAMPLE}")


def _shape(kinds: list[str]) -> str:
    signs = {"amount": "#", "at_least": "<", "at_most": ">", "to": "to"}
    return "".join(signs.get(kind, "") for kind in kinds)

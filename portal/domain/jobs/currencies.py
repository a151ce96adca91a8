"""Currencies by ISO 4217: how many digits their minor unit has, and how people write them."""

import re
from decimal import Decimal
from functools import cache
from typing import Final

from babel.core import get_global

_UNITS_OF_ACCOUNT: Final = frozenset({"CLF", "SVC", "VED"})
"""In ISO 4217, and paid in, though CLDR knows no country where they are legal tender now."""
_CODES: Final = _UNITS_OF_ACCOUNT | {
    code
    for currencies in get_global("territory_currencies").values()
    for code, _, until, is_tender in currencies
    if is_tender and until is None
}
_DIGITS: Final[dict[str, int]] = {
    code: digits for code, (digits, *_) in get_global("currency_fractions").items()
}
_ISO_DIGITS: Final[dict[str, int]] = {"IQD": 3} | dict.fromkeys(
    ("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER"), 2
)
"""Where CLDR says 0, as the coins are out of use: amounts are stored in the minor units of ISO 4217."""

SYMBOLS = {
    "EUR": "€",
    "USD": "$",
    "GBP": "£",
    "JPY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "ILS": "₪",
    "TRY": "₺",
    "UAH": "₴",
    "VND": "₫",
    "PHP": "₱",
    "NGN": "₦",
    "CAD": "CA$",
    "AUD": "A$",
    "NZD": "NZ$",
    "HKD": "HK$",
    "SGD": "S$",
    "BRL": "R$",
}
"""Signs that mean one currency, as this portal shows them."""

NAMES = {sign.casefold(): code for code, sign in SYMBOLS.items()} | {
    "us$": "USD",
    "c$": "CAD",
    "au$": "AUD",
    "mx$": "MXN",
    "nt$": "TWD",
    "zł": "PLN",
    "zl": "PLN",
    "kč": "CZK",
    "kc": "CZK",
    "ft": "HUF",
    "lei": "RON",
    "лв": "BGN",
    "руб": "RUB",
    "₽": "RUB",
    "грн": "UAH",
    "円": "JPY",
    "元": "CNY",
    "人民币": "CNY",
    "rmb": "CNY",
    "원": "KRW",
    "฿": "THB",
    "บาท": "THB",
    "rp": "IDR",
    "rm": "MYR",
    "tl": "TRY",
    'ש"ח': "ILS",
    "ש״ח": "ILS",
    "sfr": "CHF",
    "fr": "CHF",
    "franken": "CHF",
    "euro": "EUR",
    "euros": "EUR",
    "dollar": "USD",
    "dollars": "USD",
    "pound": "GBP",
    "pounds": "GBP",
    "yen": "JPY",
    "kronor": "SEK",
    "r": "ZAR",
    "rs": "INR",
    "rupees": "INR",
}
"""What people type for a currency besides its code, in lower case and without a full stop."""

SHARED_NAMES: Final = {
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "kroner": ("NOK", "DKK"),
    "rs": ("INR", "PKR", "LKR", "NPR", "MUR"),
}
"""Names of several currencies: which one is meant, only the place or the organisation can say."""

_LEAST_YEARLY: Final = {
    "AED": 50_000, "ARS": 4_000_000, "AUD": 20_000, "BDT": 200_000, "BGN": 10_000, "BHD": 3_000,
    "BRL": 30_000, "CAD": 15_000, "CHF": 25_000, "CLP": 5_000_000, "CNY": 60_000, "COP": 15_000_000,
    "CRC": 4_000_000, "CZK": 180_000, "DKK": 150_000, "EGP": 72_000, "EUR": 12_000, "GBP": 12_000,
    "GHS": 20_000, "HKD": 100_000, "HUF": 3_000_000, "IDR": 45_000_000, "ILS": 60_000, "INR": 200_000,
    "ISK": 3_000_000, "JOD": 4_000, "JPY": 1_500_000, "KES": 300_000, "KRW": 15_000_000, "KWD": 3_000,
    "KZT": 1_500_000, "LKR": 600_000, "MAD": 36_000, "MXN": 90_000, "MYR": 20_000, "NGN": 1_000_000,
    "NOK": 150_000, "NZD": 20_000, "OMR": 3_000, "PEN": 15_000, "PHP": 150_000, "PKR": 500_000,
    "PLN": 45_000, "QAR": 50_000, "RON": 36_000, "RSD": 700_000, "RUB": 500_000, "SAR": 50_000,
    "SEK": 150_000, "SGD": 18_000, "THB": 180_000, "TRY": 250_000, "TWD": 300_000, "UAH": 150_000,
    "USD": 15_000, "VND": 90_000_000, "ZAR": 80_000,
}  # fmt: skip
"""The least amount that is more likely a year's pay than a month's, in the currencies that boards pay in."""


@cache
def currencies_of(country: str) -> frozenset[str]:
    """What is legal tender today in the country of this ISO code."""
    found = get_global("territory_currencies").get(country, ())
    codes = {code for code, _, until, is_tender in found if is_tender and until is None}
    return frozenset(codes | {"EUR"} if country == "BG" else codes)  # since 2026, later than these data


def least_yearly(code: str) -> int:
    """The least amount that goes as a year's pay without anybody saying so; less may well be a month's."""
    return _LEAST_YEARLY.get(code, 12_000)


def has_known_level(code: str) -> bool:
    """Whether it is known what is paid in this currency, so that an absurd amount can be told from pay."""
    return code in _LEAST_YEARLY


def is_currency(code: str) -> bool:
    """Whether it is the code, in capitals, of a currency that is paid in."""
    return code in _CODES


def exponent_of(code: str) -> int:
    """How many decimal digits the minor unit has: 2 of EUR, 0 of JPY, 3 of KWD."""
    return _ISO_DIGITS.get(code, _DIGITS.get(code, 2))


def to_minor(amount: Decimal, code: str) -> int | None:
    """The amount in minor units; ``None`` if the currency has no coin that small."""
    minor = amount.scaleb(exponent_of(code))
    return int(minor) if minor == minor.to_integral_value() else None


def to_major(minor: int, code: str) -> Decimal:
    """Minor units as an amount."""
    return Decimal(minor).scaleb(-exponent_of(code))


def code_of(unit: object) -> str | None:
    """The code of the currency that a code or a sign stands for; ``None`` for anything else."""
    if not isinstance(unit, str):
        return None
    code = NAMES.get(unit.strip().casefold()) or unit.strip().upper()
    return code if is_currency(code) else None


_CODE = re.compile(r"\b[A-Z]{3}\b|[$€£₹]")
_WORDS_IN_CAPITALS = frozenset({"ALL", "TOP", "TRY", "PEN", "CUP"})


def currency_in(text: str) -> str | None:
    """The one currency that a name or a value such as "EUR (€)" names."""
    found = {NAMES.get(code, code) for code in _CODE.findall(text[:200])} - _WORDS_IN_CAPITALS
    known = {code for code in found if is_currency(code) and has_known_level(code)}
    return known.pop() if len(known) == 1 else None


_DOLLARS = frozenset({"CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN"})


def with_local_signs(text: str, local: frozenset[str]) -> str:
    """The text with the codes of the local currencies for a bare ``$`` or ``¥``, where those mean others."""
    dollars = local & _DOLLARS
    if len(dollars) == 1 and not re.search(r"[A-Z]{3}|[A-Za-z]\$", text):
        return text.replace("$", f" {next(iter(dollars))} ")
    return text.replace("¥", " CNY ") if local == {"CNY"} else text

"""Currencies by ISO 4217: how many digits their minor unit has, and how people write them."""

from decimal import Decimal
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
    "zł": "PLN",
    "kč": "CZK",
    "sfr": "CHF",
    "fr.": "CHF",
    "euro": "EUR",
    "euros": "EUR",
    "r": "ZAR",
    "rs": "INR",
    "rs.": "INR",
}
"""What people type for a currency besides its code, in lower case."""


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

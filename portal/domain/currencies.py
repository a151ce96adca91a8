"""Currencies by ISO 4217: how many digits their minor unit has, and how people write them."""

from decimal import Decimal

_ALL = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
    CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ
    GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR
    LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN
    PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB
    TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW
"""
_CODES = frozenset(_ALL.split())
_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = dict.fromkeys(_ZERO.split(), 0) | dict.fromkeys(_THREE.split(), 3) | {"CLF": 4}

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
    return _EXPONENTS.get(code, 2)


def to_minor(amount: Decimal, code: str) -> int | None:
    """The amount in minor units; ``None`` if the currency has no coin that small."""
    minor = amount.scaleb(exponent_of(code))
    return int(minor) if minor == minor.to_integral_value() else None


def to_major(minor: int, code: str) -> Decimal:
    """Minor units as an amount."""
    return Decimal(minor).scaleb(-exponent_of(code))

"""States, provinces and other regions of countries (ISO 3166-2), by their names and by their codes."""

import gettext
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cache
from typing import Final

import msgspec

from portal.domain.places.names import folder_of, name_key

CODED_COUNTRIES: Final = ("US", "CA", "AU", "BR")
"""Where people write the state's code after a town, and no country."""
_NAMED_COUNTRIES: Final = (
    *("AT", "AU", "BE", "BR", "CA", "CH", "DE", "ES", "FR"),
    *("GB", "IE", "IN", "IT", "JP", "MX", "NL", "US", "ZA"),
)
"""Whose regions are known without their country: names such as "Central" stand elsewhere too."""
_LANGUAGES: Final = ("en", "de", "fr", "it")
_DIRECTION = re.compile(r"(?:north|south|east|west)(?: ?(?:east|west))?|central|nord|sud|centre|centro|norte")
_WITHOUT_LENGTHS: Final = str.maketrans("āīūĀĪŪ", "aiuAIU")
"""Nobody in India writes "Karnātaka"."""
_BRACKETS = re.compile(r"[\[(].*")


class _Subdivision(msgspec.Struct, gc=False):
    code: str
    name: str
    parent: str = ""


class _Subdivisions(msgspec.Struct):
    all: list[_Subdivision] = msgspec.field(name="3166-2")


def country_of(region: str) -> str:
    """The country of a region's code."""
    return region[:2]


def regions_named(name: str, country: str | None = None) -> tuple[str, ...]:
    """The codes of the regions of that name in a country, or in those whose regions are widely known."""
    found = _codes_by_name().get(name_key(name).removeprefix("state of "), ())
    if country:
        return tuple(code for code in found if country_of(code) == country)
    return tuple(code for code in found if country_of(code) in _NAMED_COUNTRIES)


def region_coded(code: str, country: str) -> str | None:
    """The region of a country whose code ends so: "TX" in the United States."""
    whole = f"{country}-{code.upper()}"
    return whole if whole in _names() else None


def region_name(region: str) -> str:
    """The English name of a region, or its own."""
    name = _english(_names().get(region, region))
    return name.translate(_WITHOUT_LENGTHS) if country_of(region) == "IN" else name


@cache
def _subdivisions() -> tuple[_Subdivision, ...]:
    content = (folder_of("pycountry") / "databases" / "iso3166-2.json").read_bytes()
    return tuple(msgspec.json.decode(content, type=_Subdivisions).all)


@cache
def _names() -> dict[str, str]:
    return {each.code: _BRACKETS.sub("", each.name).strip() for each in _subdivisions()}


@cache
def _translations() -> tuple[gettext.NullTranslations, ...]:
    find, folder = gettext.translation, folder_of("pycountry") / "locales"
    return tuple(find("iso3166-2", folder, [name], fallback=True) for name in _LANGUAGES)


def _english(name: str) -> str:
    return _translations()[0].gettext(name)


@cache
def _codes_by_name() -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for each in _subdivisions():
        for key in _keys(each.name):
            if not _DIRECTION.fullmatch(key):
                found[key].add(each.code)
    return {key: tuple(sorted(codes)) for key, codes in found.items()}


def _keys(name: str) -> Iterator[str]:
    """A region's name in several languages, and without what is added to it: "Asturias, Principado de"."""
    spellings: Collection[str] = {name, *(language.gettext(name) for language in _translations())}
    for spelling in spellings:
        plain = _BRACKETS.sub("", spelling)
        yield from {name_key(plain), name_key(plain.partition(",")[0])}

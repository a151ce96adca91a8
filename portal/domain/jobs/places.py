"""Countries by their names in many languages, and regions, where a name can mean nothing else."""

import pickle
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from babel import localedata
from babel.languages import get_official_languages

from portal.domain.jobs.fields import WorkplaceType
from portal.domain.texts import each_once

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


_PARTLY = r"(?:partly|partially|teilweise)[ -]remote|remote[ -]?/[ -]?(?:office|on-?site)"
_HYBRID = re.compile(rf"\bhybrid\b|{_PARTLY}", re.IGNORECASE)
_NOT_REMOTE = re.compile(
    r"\b(?:not?|non|nicht)[ -]+remote\b|\bremote[ -](?:friendly|optional)\b", re.IGNORECASE
)
_REMOTE_WORDS = (
    r"remotely|remote|home[ -]?based|home-?office|(?:work(?:ing)?|based)[ -]from[ -](?:home|anywhere)|wfh|"
    r"anywhere|tele(?:commut(?:e|ing)|work(?:ing)?)|ortsunabhängig"
)
_ONSITE_WORDS = r"on[ -]?site|office[ -]?based|in[ -](?:the )?office|in[ -]person|vor ort"
_REMOTE = re.compile(rf"\b(?:{_REMOTE_WORDS})\b", re.IGNORECASE)
_ONSITE = re.compile(rf"\b(?:{_ONSITE_WORDS})\b", re.IGNORECASE)
_MODEL_WORDS = rf"hybrid|{_REMOTE_WORDS}|{_ONSITE_WORDS}"
_ONLY_MODEL = re.compile(
    rf"(?:\b(?:{_MODEL_WORDS}|fully|full|first|only|partly|partially|100|work|working|model|role|position|or|and|"
    r"oder|und|location|days?|per|a|week|[1-5])\b|[\W_])+",
    re.IGNORECASE,
)
_LEADING_MODEL = re.compile(
    rf"^\W*(?:(?:fully|100%|{_MODEL_WORDS})\b[\s/]*)+(?:in\b|within\b|from\b|[-–—:,|(])*\s*", re.IGNORECASE
)
_TRAILING_MODEL = re.compile(rf"\s*[-–—:,(]\s*(?:fully |100% )?(?:{_MODEL_WORDS})\)?$", re.IGNORECASE)

_ONE_NAME = re.compile(
    r"Trinidad (?:and|&) Tobago|Bosnia (?:and|&) Herzegovina|Antigua (?:and|&) Barbuda|"
    r"(?:St\.?|Saint) Kitts (?:and|&) Nevis|(?:St\.?|Saint) Vincent (?:and|&) the Grenadines|"
    r"S[ãa]o Tom[ée] (?:and|&) Pr[íi]ncipe|Turks (?:and|&) Caicos|Newfoundland (?:and|&) Labrador|"
    r"Tyne (?:and|&) Wear|Brighton (?:and|&) Hove|Jammu (?:and|&) Kashmir|Dumfries (?:and|&) Galloway|"
    r"Perth (?:and|&) Kinross|Argyll (?:and|&) Bute|Hammersmith (?:and|&) Fulham|"
    r"Kensington (?:and|&) Chelsea|Barking (?:and|&) Dagenham|Bath (?:and|&) North East Somerset|"
    r"Frankfurt ?/ ?(?:Main|Oder)|Halle ?/ ?Saale|Biel ?/ ?Bienne|Bolzano ?/ ?Bozen|"
    r"\b[^\W\d_]{4,}/[A-Z]{2}\b",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*[;|•\n/]\s*|(?<!,)\s+(?:or|oder)\s+|\s+(?:and|und|&)\s+", re.IGNORECASE)
_NOT_A_TOWN = WORLD_REGIONS | {"america", "worldwide", "global", "uk", "us", "usa"}
_HELD = str.maketrans({" ": "\0", "/": "\1", "&": "\2"})
_RELEASED = str.maketrans({"\0": " ", "\1": "/", "\2": "&"})


@lru_cache(maxsize=4_096)
def split_places(text: str) -> tuple[str, ...]:
    """The places a text names, each once, without the work model; "Berlin, Germany" is one place."""
    held = _ONE_NAME.sub(lambda match: match[0].translate(_HELD), text[:1_000])
    parts = [part for piece in _SEPARATOR.split(held) for part in _regions_apart(_without_model(piece))]
    places = [" ".join(part.translate(_RELEASED).split()) for part in parts]
    return tuple(each_once(places))


@lru_cache(maxsize=4_096)
def workplace_in(text: str) -> WorkplaceType | None:
    """The work model a text names; ``None`` where it names none, or two that exclude each other."""
    said = _NOT_REMOTE.sub(" ", text[:1_000])
    if _HYBRID.search(said):
        return WorkplaceType.HYBRID
    remote, onsite = _REMOTE.search(said), _ONSITE.search(said)
    if bool(remote) == bool(onsite):
        return None
    return WorkplaceType.REMOTE if remote else WorkplaceType.ONSITE


@lru_cache(maxsize=4_096)
def is_only_work_model(text: str) -> bool:
    """Whether a text names a work model and no place: "Remote", "Hybrid", "Remote / Home based"."""
    return bool(workplace_in(text) and _ONLY_MODEL.fullmatch(text[:1_000]))


def _without_model(piece: str) -> str:
    return _TRAILING_MODEL.sub("", _LEADING_MODEL.sub("", piece.strip())).strip(" -–—:,()")


def _regions_apart(piece: str) -> list[str]:
    """``Americas, EMEA`` are two; a town and its country stay one."""
    parts = [_without_model(part) for part in piece.split(",")]
    apart = len(parts) > 1 and all(part.casefold() in _NOT_A_TOWN for part in parts)
    return parts if apart else [piece]

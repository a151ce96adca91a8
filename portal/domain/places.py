"""Where a job is, in the words of whoever wrote it: places, and the work model among them."""

import re
from functools import lru_cache

from portal.domain.countries import WORLD_REGIONS
from portal.domain.job_choices import WorkplaceType
from portal.domain.texts import each_once

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

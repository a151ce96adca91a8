"""Split a location as boards write it into its alternatives, and each into the names that it consists of."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from portal.domain.places.countries import (
    CODED_COUNTRIES,
    country_code,
    country_of_three,
    is_country_code,
    is_world_region,
    place_name_key,
    region_coded,
    regions_named,
    shared_country,
)
from portal.domain.places.towns import Town, is_nickname, towns_named
from portal.domain.vocabulary.work_models import without_work_model


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split("|"))


_WORLD: Final = _names(
    """worldwide|world wide|world|global|globally|anywhere|everywhere|international|any location|weltweit|
    monde entier|partout|mundial|todo el mundo|anywhere in the world|across the globe"""
)
_NO_PLACE: Final = _names(
    """n a|na|none|no|null|undefined|unknown|other|test|tbd|tba|tbc|to be determined|to be confirmed|
    to be announced|not specified|unspecified|not applicable|various|various locations|varies|multiple|
    multiple locations|multiple cities|multiple offices|several locations|different locations|flexible|
    flexible location|location flexible|any|all|all locations|all offices|any office|no office|location|
    locations|office|offices|headquarters|hq|nationwide|verschiedene|verschiedene standorte|diverse|
    mehrere standorte|diverse standorte|bundesweit|flexibel|plusieurs lieux|plusieurs sites|divers|varios|
    field|client site|client sites|customer site|customer sites|on the road|kundenstandort|
    varias ubicaciones|multiples ubicaciones|varie sedi|meerdere locaties"""
)
_DETAIL: Final = re.compile(
    r"(?:[nsew]|north|south|east|west|central|mid|middle|upper|lower)?[ -]?"
    r"(?:north|south|east|west|northeast|northwest|southeast|southwest|midwest|central|pacific|mountain|atlantic)?"
    r"(?:ern)?[ -]?(?:coast|region|(?:standard |daylight )?time(?:[ -]?zones?)?|time ?zones?|hours)?|"
    r"[ECMP][SD]T|CET|CEST|UTC|GMT|(?:UTC|GMT) ?[+-] ?[0-9:]+|(?:full|part)[ -]time|only|based|preferred|"
    r"(?:(?:with|some|extensive|frequent|occasional|regular|national|international) )*travel(?:ling)?|"
    r"any (?:state|city|where)|all (?:states|50 states)|contiguous|lower 48",
    re.IGNORECASE,
)
_POSTCODE: Final = re.compile(
    r"\b(?:[A-Z]{1,2}-)?[0-9]{4,6}(?:-[0-9]{3,4})?\b|\b[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}\b|"
    r"\b[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]\b"
)
_ADDED: Final = re.compile(
    r"^(?:office|offices|büro|standort|hq|headquarters?|hub|campus|site|store)\b[ :-]*|"
    r"(?<![ -])[ -]++(?:office|offices|büro|hq|headquarters?|hub|campus|only|based|area only)$",
    re.IGNORECASE,
)
_AROUND: Final = re.compile(
    r"^(?:greater|metro|metropolitan|city of|downtown|region|raum|großraum|gran|grand|central|near)\s+|"
    r"(?<!\s)\s++(?:metro(?:politan)?(?: area)?|bay area|area|region|city|county|d\.?c\.?|und umgebung)$",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"[A-Z]{2,3}")
_LEAD: Final = re.compile(r"[^\W\d_]+(?:['’]| +)")
_DOTTED: Final = re.compile(r"(?:[A-Z]\.){2,3}|(?:[A-Z]\.){1,2}[A-Z]")
_PREFIXED: Final = re.compile(r"([A-Z]{2,3})-(?=[^\W\d_])")

_PREFECTURE: Final = re.compile(r"(東京都|北海道|(?:大阪|京都)府|[\u4e00-\u9fff]{2,3}県)(.*)")
"""Japanese addresses begin with it, and have no spaces: "東京都渋谷区"."""

_LARGE: Final = 100_000

_SPACES: Final = re.compile(r"[^\S\n]+")
_ONE_NAME = re.compile(
    r"Frankfurt ?/ ?(?:Main|Oder)|Halle ?/ ?Saale|Biel ?/ ?Bienne|Bolzano ?/ ?Bozen|N/A|"
    r"(?:days?|tage|jours|d[ií]as|giorni|dagen|dni|x) ?/ ?(?:week|wk|woche|semaine|semana|settimana|tydz)",
    re.IGNORECASE,
)
_STATE_AFTER_SLASH = re.compile(r"(?<=[^\W\d_]{3})\s?/\s?(?=[A-Z]{2}\b)")
_HELD = "\ue000"
_SEPARATOR = re.compile(
    r"\s*([;|•·\n/])\s*|"
    r"((?<!,)\s+(?:(?i:or|oder|ou|and|und|et|eller|lub)|[oye&+]|または|of(?=\s+(?:thuis|remote)))\s+|"
    r"(?:,\s+|(?<=[(\[]))(?:or|oder|ou|and|und|et|y|o)\s+)|"
    r"\s*([,、():\[\]])|\s+-+\s+|\s+-(?=[A-Z])|(?<=[a-z])-\s+"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One name in a location, and everything that it can mean."""

    text: str
    country: str | None = None
    shared: str | None = None
    regions: tuple[str, ...] = ()
    towns: tuple[Town, ...] = ()
    is_area: bool = False
    is_code: bool = False
    is_part: bool = False
    """Whether the towns are those that it begins with: "Berlin Mitte"."""

    @property
    def is_known(self) -> bool:
        """Whether it means anything as a whole."""
        is_town = self.towns and not self.is_part
        return bool(self.country or self.shared or self.regions or is_town or self.is_area)


@lru_cache(maxsize=8_192)
def token_of(text: str) -> Token:
    """Look a name up among countries, regions and towns."""
    plain = text.removeprefix("the ").removeprefix("The ")
    plain = plain.replace(".", "") if _DOTTED.fullmatch(plain) else plain
    if is_world_region(plain):
        return Token(text, is_area=True)
    if country := country_code(plain):
        return Token(plain, country=country, regions=(), towns=_towns(plain))
    is_code = bool(_CODE.fullmatch(plain))
    if is_code and not is_nickname(plain):
        return Token(plain, is_code=True)
    shared, regions, towns = shared_country(plain), regions_named(plain), _towns(plain)
    if is_code or shared or regions or towns:
        return Token(plain if is_code else text, None, shared, regions, towns, is_code=is_code)
    return Token(text, towns=_towns_before(place_name_key(plain).split()), is_part=True)


def _towns(name: str) -> tuple[Town, ...]:
    """The towns of that name, or of the name without what makes it an area: "Greater London"."""
    return towns_named(name) or towns_named(_AROUND.sub("", name))


def _towns_before(words: list[str]) -> tuple[Town, ...]:
    """A large town that a longer name begins with: "Dallas-Fort Worth"."""
    for count in range(min(len(words) - 1, 4), 0, -1):
        towns = towns_named(" ".join(words[:count]))
        if large := tuple(town for town in towns if town.weight >= _LARGE):
            return large
    return ()


def says_something(piece: str) -> bool:
    """Whether a piece of text says more than a work model, that no place is said, or a direction."""
    said = without_work_model(piece)
    plain = place_name_key(said)
    return bool(plain) and not (is_no_place(said) or plain == "home office" or _DETAIL.fullmatch(said))


def is_world(text: str) -> bool:
    """Whether a name means no place in particular: "Worldwide"."""
    return place_name_key(text) in _WORLD


def is_no_place(text: str) -> bool:
    """Whether a text only says that no place is said: "N/A", "Various"."""
    return place_name_key(text) in _NO_PLACE or not any(letter.isalnum() for letter in text)


def clean(text: str) -> str:
    """The text in plain characters: full-width signs, and dashes and spaces of every kind, as usual ones."""
    plain = text[:1_000]
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", plain)
        plain = "".join(" " if c == "\t" else c for c in plain if unicodedata.category(c) != "Cf")
        plain = re.sub(r"\s*[–—―]\s*", " - ", plain)
    return _SPACES.sub(" ", plain).strip()


def alternatives(text: str) -> list[list[str]]:
    """The pieces of a cleaned text, by alternative: "Rome, Italy or Paris" are two, of two pieces and one."""
    held = text[:1_000]
    if "/" in held:
        held = _ONE_NAME.sub(lambda match: match[0].replace("/", _HELD), held)
        held = _STATE_AFTER_SLASH.sub(", ", held)
    found: list[list[str]] = [[]]
    start, joint = 0, ""
    for match in _SEPARATOR.finditer(held):
        _add(found, held[start : match.start()], joint)
        joint = match[2] or ""
        if match[1] or match[2]:
            found.append([])
        start = match.end()
    _add(found, held[start:], joint)
    return [pieces for pieces in found if pieces]


def _add(found: list[list[str]], piece: str, joint: str) -> None:
    """Add a piece; where it was cut out of one name ("Bosnia and Herzegovina"), put that together again."""
    piece = piece.replace(_HELD, "/").strip()
    if not piece:
        return
    if joint.strip() and len(found) > 1 and found[-2] and not found[-1]:
        whole = f"{found[-2][-1]}{joint}{piece}"
        if len(whole) < 60 and token_of(whole).is_known:
            found.pop()
            found[-1][-1] = whole
            return
    found[-1].append(piece)


def names_in(piece: str) -> Iterator[str]:
    """The names of a piece without the work model, postcodes and streets: "Austin TX 78701" are two."""
    said = without_work_model(piece)
    said = _POSTCODE.sub(" ", said).strip(" -.,") if any(map(str.isdigit, said)) else said
    if prefecture := _PREFECTURE.match(said):
        yield from (_without_number(prefecture[2]) or prefecture[1], "日本")
        return
    said = _without_number(" ".join(_ADDED.sub("", said).split())) if not is_no_place(said) else ""
    while match := _PREFIXED.match(said):
        if not (is_country_code(match[1]) or country_code(match[1]) or country_of_three(match[1])):
            break
        yield match[1]
        said = said[match.end() :]
        if _CODE.fullmatch(said.partition("-")[0]) and "-" in said:
            head, _, said = said.partition("-")
            yield head
    if said and not _DETAIL.fullmatch(said) and not is_no_place(said):
        yield from _words_apart(_without_lead(said))


def _without_lead(said: str) -> str:
    """A known name without the small words before it: "in der Schweiz", "dall'Italia"."""
    name = said
    while (lead := _LEAD.match(name)) and lead[0].islower():
        name = name[lead.end() :]
    return name if name != said and token_of(name).is_known and not token_of(said).is_known else said


def _without_number(said: str) -> str:
    """A town without its district ("Dublin 2"); nothing where the figures are those of a street."""
    if not any(map(str.isdigit, said)):
        return said
    name = re.sub(r"\s*\b[0-9]+\w*$", "", said)
    return name if token_of(name).is_known else ""


def _words_apart(said: str) -> Iterator[str]:
    """A country or a state that stands without a comma: "Lyon France", "Austin TX", "US New York"."""
    words = said.split()
    if len(words) > 1 and _is_state_of(words[-1], " ".join(words[:-1])):
        yield from (" ".join(words[:-1]), words[-1])
        return
    if len(words) == 1 or len(words) > 8 or token_of(said).is_known:
        yield said
        return
    for index in range(1, len(words)):
        head, tail = " ".join(words[:index]), " ".join(words[index:])
        if _ends_it(tail):
            yield from (head, tail)
            return
    for index in range(len(words) - 1, 0, -1):
        head, tail = " ".join(words[:index]), " ".join(words[index:])
        if _is_capital(head) and (country_code(head) or is_world_region(head)):
            yield head
            if not _DETAIL.fullmatch(tail):
                yield from _words_apart(tail)
            return
    yield said


def _is_state_of(code: str, town: str) -> bool:
    """Whether a town lies in the state whose code stands after it: "Washington DC"."""
    plain = code.replace(".", "")
    state = region_coded(plain, "US") if _CODE.fullmatch(plain) else None
    return bool(state) and any(each.region == state for each in towns_named(town))


def _ends_it(tail: str) -> bool:
    if _CODE.fullmatch(tail):
        return bool(country_code(tail)) or any(region_coded(tail, country) for country in CODED_COUNTRIES[:3])
    return _is_capital(tail) and bool(country_code(tail))


def _is_capital(name: str) -> bool:
    return not name[:1].islower()

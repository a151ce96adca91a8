"""Columns of a job that follow from others: what it is found by, and what it lacks."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntFlag
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from portal.domain.jobs.fields import WorkplaceType
from portal.domain.places.keys import place_keys
from portal.domain.places.locations import read_location
from portal.domain.texts import ASCII, search_text, sort_key

ENOUGH_WORDS: Final = 100
_TAG = re.compile(rb"<[^<>]*+>")
_KANA: Final = "\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_HAN: Final = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_UNSPACED: Final = (
    (re.compile(f"[{_HAN}{_KANA}]+"), 2),
    (re.compile("[\u0e01-\u0e5b\u0e81-\u0edf\u0f40-\u0fbc\u1000-\u109f\u1780-\u17d3]+"), 5),
)
"""Scripts without spaces, each with how many of its letters make a word, so that a text has about as many as
its English translation: Chinese and Japanese; Thai, Lao, Tibetan, Burmese and Khmer. Korean has spaces.
"""
_ANY_UNSPACED: Final = re.compile("|".join(script.pattern for script, _ in _UNSPACED))
_ANY_SPACE: Final = re.compile(r"\s")
_NO_BRACKET: Final = bytes(code for code in range(256) if code not in b"<>")
_SPACES_ALIKE: Final = bytes(ord(" " if chr(code).isspace() and code < 128 else "x") for code in range(256))
"""Makes a space of every space of ASCII, and an x of every other byte."""


class Lack(IntFlag):
    """One thing each. Words and closing date are not stored: they depend on more than a job's columns."""

    LOCATION = 1
    EMPLOYMENT_TYPE = 2
    SALARY = 4
    WORDS = 8
    CLOSED = 16
    LINK = 32
    COUNTRY = 64
    FROM_WHERE = 128


@dataclass(frozen=True, slots=True)
class Remedy:
    """What is missing, in words, and the field to fill in."""

    label: str
    field: str


REMEDIES: Final = {
    Lack.CLOSED: Remedy("Closing date passed", "closes_on"),
    Lack.LINK: Remedy("No link to apply", "apply_url"),
    Lack.LOCATION: Remedy("No location", "location"),
    Lack.COUNTRY: Remedy("No country", "location"),
    Lack.FROM_WHERE: Remedy("From where?", "location"),
    Lack.EMPLOYMENT_TYPE: Remedy("No type", "employment_type"),
    Lack.SALARY: Remedy("No salary", "salary"),
    Lack.WORDS: Remedy("Short description", "description"),
}
"""In the order in which a row names them."""


_WHERE: Final = (Lack(0), Lack.LOCATION, Lack.COUNTRY, Lack.FROM_WHERE)
STORED_LACKS: Final = sorted(
    int(where | kind | pay)
    for where in _WHERE
    for kind in (Lack(0), Lack.EMPLOYMENT_TYPE)
    for pay in (Lack(0), Lack.SALARY)
)
"""Every number that ``stored_lacks`` returns."""


def relevant_lacks(any_salary_shown: bool) -> int:
    """Which of the stored lacks count: a missing salary does where the organisation shows some."""
    always = Lack.LOCATION | Lack.COUNTRY | Lack.FROM_WHERE | Lack.EMPLOYMENT_TYPE
    return int(always | (Lack.SALARY if any_salary_shown else Lack(0)))


def stored_lacks(
    location: str | None,
    workplace_type: str | None,
    employment_type: str | None,
    salary_min: int | None,
    salary_max: int | None,
    office_places: str | None = None,
) -> int:
    """What the organisation's columns leave open, as the number that is stored beside them."""
    lacks = _lack_of_place(location, workplace_type, office_places)
    if not employment_type:
        lacks |= Lack.EMPLOYMENT_TYPE
    if salary_min is None and salary_max is None:
        lacks |= Lack.SALARY
    return int(lacks)


def _lack_of_place(location: str | None, workplace_type: str | None, office_places: str | None) -> Lack:
    """What search engines refuse: a place without its country, and remote work without saying from where."""
    where = read_location(location or "", office_places or "")
    if workplace_type == WorkplaceType.REMOTE:
        return Lack(0) if where.countries else Lack.FROM_WHERE
    if not location or where.says_nothing:
        return Lack.LOCATION
    return Lack(0) if any(place.country for place in where.places) else Lack.COUNTRY


def lacks_of(job: Any, today: date, *, any_salary_shown: bool) -> list[Remedy]:
    """What a listed and shown job lacks on ``today``; a salary only where the organisation shows some."""
    lacks = Lack(job.lacks & relevant_lacks(any_salary_shown))
    if job.words < ENOUGH_WORDS:
        lacks |= Lack.WORDS
    if job.closes_on is not None and job.closes_on < today:
        lacks |= Lack.CLOSED
    if not job.apply_url:
        lacks |= Lack.LINK
    return [remedy for lack, remedy in REMEDIES.items() if lack in lacks]


def count_words(description_html: str | None) -> int:
    """How many words a cleaned description has; of scripts without spaces, about as many as it would have."""
    bare = _without_tags((description_html or "").encode("utf-8", "surrogatepass"))
    rest = bare.translate(None, ASCII).decode("utf-8", "surrogatepass")
    if not (_ANY_UNSPACED.search(rest) or _ANY_SPACE.search(rest)):
        return b"".join((b" ", bare.translate(_SPACES_ALIKE))).count(b" x")  # no text is made of each word
    words, text = 0, bare.decode("utf-8", "surrogatepass")
    for script, letters_a_word in _UNSPACED:
        length, text = len(text), script.sub("", text)
        words += -((len(text) - length) // letters_a_word)
    return words + len(text.split())


def _without_tags(html: bytes) -> bytes:
    """HTML with a space for each tag; what was cleaned has no bracket but theirs, and is parted at these."""
    brackets = html.translate(None, _NO_BRACKET)
    if brackets == b"<>" * (len(brackets) // 2):
        bare = b" ".join(html.replace(b"<", b">").split(b">")[::2])
    else:
        bare = _TAG.sub(b" ", html)
    return bare.replace(b"&nbsp;", b" ")


SORTED_TEXTS: Final = (
    "title",
    "department",
    "location",
    "seniority",
    "hiring_manager",
    "requisition_id",
    "tags",
)
"""Columns of text that lists are sorted by; each by the column of its name and ``_sort``."""


_text_key = lru_cache(maxsize=4_096)(sort_key)  # a board has few departments and places


def _sort_key(value: str | list[str] | None) -> str:
    return _text_key(", ".join(value) if isinstance(value, list) else value)


Sources = tuple[str, ...]

DERIVED: Mapping[str, tuple[Sources, Callable[..., Any]]] = MappingProxyType(
    {
        "search_source": (("title", "requisition_id"), search_text),
        "words": (("description_html",), count_words),
        "search_own": (("department", "location", "tags"), search_text),
        "places": (("location", "office_places"), place_keys),
        "lacks": (
            ("location", "workplace_type", "employment_type", "salary_min", "salary_max", "office_places"),
            stored_lacks,
        ),
        **{f"{name}_sort": ((name,), _sort_key) for name in SORTED_TEXTS},
    }
)
"""Each with the columns that it follows from, and how."""


def derive(name: str, row: Mapping[str, Any]) -> Any:
    """The value of one derived column; what ``row`` does not name counts as empty."""
    sources, make = DERIVED[name]
    return make(*(row.get(source) for source in sources))


def derived(written: Mapping[str, Any], stored: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """Every derived column that has to be written along with ``written``.

    Sources that are not written are read from ``stored``; raises ``KeyError`` where one is in neither.
    """
    row = {**stored, **written}
    return {
        name: derive(name, {source: row[source] for source in DERIVED[name][0]})
        for name in derived_from(written)
    }


def derived_from(columns: Collection[str]) -> tuple[str, ...]:
    """The derived columns that have to be made anew once these columns are written."""
    return _derived_from(frozenset(columns))


@lru_cache(1_000)  # who writes a job writes one of a few sets of columns
def _derived_from(columns: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name, (sources, _) in DERIVED.items() if not columns.isdisjoint(sources))

"""Text as searches compare it: without case, without accents, on one line."""

import unicodedata
from collections.abc import Iterable

from portal.domain.places import split_places

_OWN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)
"""Letters that Unicode does not take apart, though people type them as others."""


def fold(text: str) -> str:
    """The text in lower case without accents, runs of space as one: "Łódź, Straße" is "lodz, strasse"."""
    if text.isascii():
        return " ".join(text.lower().split())
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(letters.translate(_OWN_LETTERS).split())


def search_text(*values: str | Iterable[str] | None) -> str:
    """Several values (a list of tags among them) as one folded line, in which words are looked for."""
    parts = [value if isinstance(value, str) else " ".join(value) for value in values if value]
    return fold(" ".join(parts))


def place_key(place: str) -> str:
    """One place as it stands in ``place_keys``, with what sets it apart from its neighbours."""
    return f"|{fold(place)}|"


def place_keys(location: str | None) -> str:
    """A location as every place it names, and as the whole: "|berlin|lisbon|berlin; lisbon|"."""
    if not location:
        return ""
    keys = dict.fromkeys(fold(place) for place in (*split_places(location), location))
    return f"|{'|'.join(keys)}|"


def places_in(location: str) -> tuple[str, ...]:
    """The places that a location is found under; itself where it names none, such as "Remote"."""
    return split_places(location) or (location,)

"""Keys of texts: what searches look for, what makes two names the same, and what lists are sorted by."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from portal.domain.texts import TWINS, name_key, without_case

_OWN_LETTERS: Final = dict(
    zip("øłđðþæœıħŧёѐѝ", ("o", "l", "d", "d", "th", "ae", "oe", "i", "h", "t", "е", "е", "и"), strict=True)
) | {"ـ": ""}
"""Letters that Unicode does not take apart, though people type them as others. Of the Cyrillic letters that
it does take apart, only these are typed without their mark: й and ї are letters of their own. The last one
only stretches an Arabic word."""

_MARK: Final = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff]"
)
_TYPED_WITHOUT: Final = re.compile("LATIN|GREEK|HEBREW|ARABIC")
"""Accents, and the points of Hebrew and Arabic, are not typed by everybody. Nothing else is left out:
a Japanese voicing mark, the vowel sign of an Indian script or a Thai tone mark makes another word."""


class _Letters(dict[int, str]):
    """What each character is folded to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = self._fold(chr(code))
        return folded

    @staticmethod
    def _fold(letter: str) -> str:
        if letter in _OWN_LETTERS:
            return _OWN_LETTERS[letter]
        if _MARK.match(letter):
            return ""
        apart = unicodedata.normalize("NFD", letter)
        base, marks = apart[0], apart[1:]
        if not marks or not _TYPED_WITHOUT.match(unicodedata.name(base, "")):
            return letter
        return _OWN_LETTERS.get(base, base) + "".join(mark for mark in marks if not _MARK.match(mark))


_LETTERS: Final = _Letters()


def fold(text: str) -> str:
    """The text as people type it: "Łódź,  Straße" is "lodz, strasse", "Women’s – Lead" is "women's - lead".

    In lower case, without accents and without characters that cannot be seen, runs of space as one.
    """
    if text.isascii():
        return " ".join(text.lower().replace("`", "'").split())
    plain = unicodedata.normalize("NFKC", without_case(text).translate(_LETTERS))
    return " ".join(plain.split())


MOST_TERMS: Final = 8
_TERM: Final = re.compile(r'"([^"]*)"|([^\s"]+)')
_UNSEARCHED: Final = str.maketrans({"'": "", '"': "", "-": " "})


def search_text(*values: str | Iterable[str] | None) -> str:
    """Several values (a list of tags among them), each on a line of its own, in which terms are looked for.

    Apostrophes and quotes are left out, and hyphens are spaces: "womens" finds "Women’s", and "full stack"
    and "full-stack" find each other.
    """
    texts = (text for value in values if value for text in ((value,) if isinstance(value, str) else value))
    return "\n".join(filter(None, map(_searched, texts)))


def search_terms(typed: str) -> list[str]:
    """The words to look for, all of them, and each phrase in double quotes as a whole."""
    found = (_searched(quoted or word) for quoted, word in _TERM.findall(typed.translate(TWINS)))
    return [term for term in dict.fromkeys(found) if term][:MOST_TERMS]


def _searched(text: str) -> str:
    return " ".join(fold(text).translate(_UNSEARCHED).split())


_DIGITS: Final = re.compile("[0-9]+")
_BETWEEN_WORDS: Final = re.compile(
    r"[ !\"$-*,-/:-@\[-`{-~\u00a1-\u00bf\u2010-\u205e\u2190-\u2bff\u3000-\u3004\u3008-\u3020\u30fb"
    r"\U0001f000-\U0001faff]+"
)
"""Punctuation and pictures, but for the signs that make a name of their own: C++, C#."""
_SORTED_AS: Final = str.maketrans(
    {"'": "", "ґ": "г\ufffd", "є": "е\ufffd", "і": "и\ufffc", "ї": "и\ufffd", "ў": "у\ufffd"}
)
"""Letters that Unicode numbers behind the others of their alphabet."""


def sort_key(text: str | None) -> str:
    """What a column of texts is sorted by, byte by byte, alike in every database; empty without a text.

    Words count first, without case, accents and punctuation, figures by their value ("Level 2" before
    "Level 10"); then accents. The ``name_key`` follows: see ``named``.
    """
    if not text:
        return ""
    words = " ".join(_BETWEEN_WORDS.sub(" ", fold(text).translate(_SORTED_AS)).split())
    return f"{_DIGITS.sub(_by_value, words)}{named(text)}"


def named(name: str) -> str:
    """What the sort keys of all spellings of a name hold, and those of no other name."""
    return f"\t{name_key(name)}\t"


def _by_value(digits: re.Match[str]) -> str:
    """A number behind a letter for its length: capitals sort behind digits and before small letters."""
    number = digits[0].lstrip("0") or "0"
    return f"{chr(ord('A') + min(len(number), 26) - 1)}{number}"

"""Texts as people type them, and the keys by which they are searched, compared and sorted."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from html import unescape
from html.entities import html5
from typing import Final

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")

_UNSEEN: Final = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb"
)
_JOINERS: Final = "\u061c\u200c-\u200f\u202a-\u202e\u2066-\u2069\ufe00-\ufe0f\U000e0000-\U000e0fff"
"""Signs that shape or direct the letters beside them: a text can look wrong without them."""
TWINS: Final = str.maketrans(
    dict.fromkeys("’‘ʼʻʹ′‵‚‛´`ˈ＇‹›᾽᾿", "'")
    | dict.fromkeys("“”„‟″‶«»〝〞〟＂", '"')
    | dict.fromkeys("‐‑‒–—―−⁃⸺⸻﹘﹣－", "-")
    | {"×": "x", "⁄": "/", "∕": "/", "〜": "~", "∶": ":"}
)
"""Characters that stand for one that is on a keyboard."""
_INVISIBLE = re.compile(f"[{_UNSEEN}]")
_INVISIBLE_OR_JOINER = re.compile(f"[{_UNSEEN}{_JOINERS}]")
_INVISIBLE_ENDS = re.compile(rf"\A[\s{_UNSEEN}]+|[\s{_UNSEEN}]+\Z")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


class InvalidValue(ValueError):
    """A typed value that cannot be kept; ``str()`` is a sentence that says what to do."""


def one_line(text: str, max_length: int) -> str:
    """The text on one line, runs of whitespace as one space; raises ``InvalidValue``."""
    return _fitting(" ".join(without_invisible(text).split()), max_length)


def several_lines(text: str, max_length: int) -> str:
    """The text with plain line ends and without space around it; raises ``InvalidValue``."""
    return _fitting(_LINE_ENDS.sub("\n", text).strip(), max_length)


def cut_line(text: str, max_length: int) -> str:
    """What can be kept of somebody else's text, on one line; never raises."""
    start = text[: max_length * 4]
    if not start.isprintable():  # to look for what is rare takes far longer
        start = _CONTROL.sub(" ", start)
    line = " ".join(without_invisible(start).split())
    return line if len(line) <= max_length else line[: max_length - 1].rstrip() + "…"


ASCII: Final = bytes(range(128))


def beyond_ascii(text: str) -> str:
    """The characters of a text that ASCII does not have, in their order.

    To look for rare ones among these takes a twentieth of the time that it takes in a long text.
    """
    rest = text.encode("utf-8", "surrogatepass").translate(None, ASCII)
    return rest.decode("utf-8", "surrogatepass")


def without_invisible(text: str, *, with_joiners: bool = False) -> str:
    """The text without soft hyphens, zero-width spaces and the like; joiners go only ``with_joiners``."""
    if text.isascii():
        return text
    return (_INVISIBLE_OR_JOINER if with_joiners else _INVISIBLE).sub("", text)


_TURNS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def without_turns(text: str) -> str:
    """The text without signs that make letters run another way than their own: a name shows as it is."""
    return text if text.isascii() else _TURNS.sub("", text)


def trimmed(text: str) -> str:
    """The text without space and invisible characters around it; inside they stay where they are."""
    return _INVISIBLE_ENDS.sub("", text)


def decode_entities(text: str) -> str:
    """The text with its HTML entities decoded, once; an ``&`` that begins none stays as it is."""
    return _ENTITY.sub(_decoded, text) if "&" in text else text


def _decoded(entity: re.Match[str]) -> str:
    return unescape(entity[0]) if entity[0][1] == "#" or entity[0][1:] in html5 else entity[0]


def without_case(text: str) -> str:
    """Every letter in lower case, and one character where several look alike; accents stay."""
    if text.isascii():
        return text.lower().replace("`", "'")
    seen = without_invisible(text, with_joiners=True).translate(TWINS)
    for _ in range(2):  # either step can make work for the other
        seen = unicodedata.normalize("NFKC", seen).casefold()
    return unicodedata.normalize("NFKC", seen).translate(TWINS)


def name_key(text: str) -> str:
    """What spellings of one name have in common: they differ in case, space or invisible characters alone."""
    return unicodedata.normalize("NFC", "".join(without_case(text).split()))


def each_once(texts: Iterable[str]) -> list[str]:
    """The texts in their order without empty ones, and each name in its first spelling only."""
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(name_key(text), text)
    return [text for text in first.values() if text]


def _fitting(text: str, max_length: int) -> str:
    if _CONTROL.search(text):
        raise InvalidValue("This holds characters that cannot be shown. Type it instead of pasting it.")
    if len(text) > max_length:
        raise InvalidValue(f"Use at most {max_length:,} characters; this has {len(text):,}.")
    return text


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
    "Level 10"); then accents. The ``name_key`` follows: see ``name_segment``.
    """
    if not text:
        return ""
    words = " ".join(_BETWEEN_WORDS.sub(" ", fold(text).translate(_SORTED_AS)).split())
    return f"{_DIGITS.sub(_by_value, words)}{name_segment(text)}"


def name_segment(name: str) -> str:
    """What the sort keys of all spellings of a name hold, and those of no other name."""
    return f"\t{name_key(name)}\t"


def _by_value(digits: re.Match[str]) -> str:
    """A number behind a letter for its length: capitals sort behind digits and before small letters."""
    number = digits[0].lstrip("0") or "0"
    return f"{chr(ord('A') + min(len(number), 26) - 1)}{number}"


def commonest_spellings(counts: Mapping[str, int]) -> dict[str, int]:
    """Each name in the spelling met most often, with the counts of all its spellings together."""
    spellings: dict[str, Counter[str]] = {}
    for name, count in counts.items():
        spellings.setdefault(name_key(name), Counter())[name] += count
    return {
        min(found, key=lambda name: (-found[name], sort_key(name), name)): found.total()
        for found in spellings.values()
    }

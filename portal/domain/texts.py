"""Text as people type it: on one line or several, without what no page or database can hold."""

import re
import unicodedata
from collections.abc import Iterable
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
    line = " ".join(without_invisible(_CONTROL.sub(" ", text[: max_length * 4])).split())
    return line if len(line) <= max_length else line[: max_length - 1].rstrip() + "…"


def without_invisible(text: str, *, with_joiners: bool = False) -> str:
    """The text without soft hyphens, zero-width spaces and the like; joiners go only ``with_joiners``."""
    if text.isascii():
        return text
    return (_INVISIBLE_OR_JOINER if with_joiners else _INVISIBLE).sub("", text)


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

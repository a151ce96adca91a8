"""Languages as tags of BCP 47, and which way their texts run."""

import re
from functools import cache, lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError

from portal.domain.texts import beyond_ascii

_TAG = re.compile(
    r"([a-z]{2,3}(?:-[a-z]{3})?)(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?"
    r"((?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)",
    re.IGNORECASE | re.ASCII,
)
_LONGEST: Final = 35
PAGE_LANGUAGE: Final = "en"
"""The language that the portal itself speaks."""
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def language_tag(said: str | None) -> str | None:
    """A language as HTML names it: "pt_br.UTF-8" is "pt-BR"; ``None`` for what is no such name."""
    name = (said or "").strip().partition(".")[0].replace("_", "-")
    found = _TAG.fullmatch(name) if len(name) <= _LONGEST else None
    if found is None:
        return None
    language, script, region, variants = found.groups()
    parts = (language.lower(), (script or "").capitalize(), (region or "").upper())
    return "-".join(part for part in parts if part) + variants.lower()


@lru_cache(1_000)
def primary_language(said: str | None) -> str | None:
    """The language without script, region and variant: "pt" of "pt-BR"."""
    tag = language_tag(said)
    return tag.partition("-")[0] if tag else None


def language_name(said: str) -> str:
    """The English name of a language; what is none stays as it is."""
    return _english_names().get(primary_language(said) or "", said)


@cache
def _english_names() -> dict[str, str]:
    return dict(Locale("en").languages)


def direction_of(text: str, language: str | None) -> str:
    """The ``dir`` of a text: right to left by its language, or else, "auto", by its first letter.

    A text without a letter that runs so is another language's, whatever it is said to be.
    """
    is_rtl = language is not None and _runs_right_to_left(language) and holds_right_to_left(text)
    return "rtl" if is_rtl else "auto"


def holds_right_to_left(text: str) -> bool:
    """Whether a letter of the text belongs to a script that runs right to left."""
    return not text.isascii() and bool(_RIGHT_TO_LEFT.search(beyond_ascii(text)))


_SIGNED = re.compile(r'<(?:[^<>"]|"[^"]*")*+>|(?<![A-Za-z0-9&])[A-Za-z][A-Za-z0-9]{0,20}[+#]{1,3}(?![\w+#])')
_BLOCK = re.compile(r"<(p|h[2-6]|td|th|dd)>((?:(?!</?\1>).)*+)</\1>", re.DOTALL)
_LATIN = re.compile(r"[A-Za-z](?![^<>]*>)")


def with_directions(html: str) -> str:
    """Safe HTML in which names such as "C++", and blocks of one script, run as they do by themselves.

    Beside letters that run right to left, "C++" would be shown as "++C", and an English sentence would begin
    with its full stop.
    """
    if not holds_right_to_left(html):
        return html
    return _BLOCK.sub(_directed, _SIGNED.sub(_isolated, html))


def _isolated(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith("<") else f'<bdi dir="ltr">{match[0]}</bdi>'


def _directed(match: re.Match[str]) -> str:
    is_latin, is_rtl = bool(_LATIN.search(match[2])), holds_right_to_left(match[2])
    if is_latin == is_rtl:
        return match[0]
    return f'<{match[1]} dir="{"ltr" if is_latin else "rtl"}">{match[2]}</{match[1]}>'


@lru_cache(200)
def _runs_right_to_left(language: str) -> bool:
    for name in (language, language.partition("-")[0]):
        try:
            return str(Locale.parse(name, sep="-").text_direction) == "rtl"
        except (ValueError, UnknownLocaleError):
            continue
    return False

"""Clean descriptions: what of another system's HTML is safe to show, and in the shape that pages want."""

import html
import re
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Final

import nh3

from portal.domain.descriptions.attributes import (
    ALLOWED,
    cleaned_attribute,
    own_site,
    tidy_media,
    whole_address,
    without_dead_links,
)
from portal.domain.descriptions.limits import bounded
from portal.domain.descriptions.markup import (
    INLINE,
    OTHER_BLOCKS,
    TABLES,
    TEXT_BLOCKS,
    with_emphasis_tags,
    without_empty_blocks,
    without_leftovers,
    without_network_tags,
)
from portal.domain.descriptions.structure import with_breaking_spaces, with_structure
from portal.domain.languages import with_directions

_FIRST, _LAST = 2, 6
_START = re.compile(r"<[hH]([1-6])(?=[\s/>])")
_HEADING = re.compile(r"<(/?)[hH]([1-6])(?=[\s/>])")
_TABLE = re.compile(r"<table(?=[\s>])|</table>")
_BOX = '<div class="table-box" role="region" aria-label="Table" tabindex="0">'


def with_headings_in_order(text: str) -> str:
    """HTML whose first heading is an ``h2``, with no level skipped after it.

    Which heading stands above which other one stays as it was.
    """
    levels = [int(level) for level in _START.findall(text)]
    placed = _outline(levels)
    if levels == placed:
        return text
    return _renamed(text, placed)


def beneath(level: int, description_html: str) -> str:
    """A cleaned description as it stands under a page's heading of that level; its tables scroll."""
    deeper = level - _FIRST + 1

    def lowered(match: re.Match[str]) -> str:
        return f"<{match[1]}h{min(int(match[2]) + deeper, _LAST)}"

    below = _HEADING.sub(lowered, description_html) if deeper else description_html
    return with_directions(_TABLE.sub(_in_box, below) if "<table" in below else below)


def _in_box(match: re.Match[str]) -> str:
    return f"{match[0]}</div>" if match[0].startswith("</") else f"{_BOX}{match[0]}"


def _outline(levels: Iterable[int]) -> list[int]:
    above: list[int] = []
    placed = []
    for level in levels:
        while above and above[-1] >= level:
            above.pop()
        placed.append(min(_FIRST + len(above), _LAST))
        above.append(level)
    return placed


def _renamed(text: str, placed: Iterable[int]) -> str:
    levels, opened = iter(placed), list[int]()

    def rename(match: re.Match[str]) -> str:
        if not match[1]:
            opened.append(next(levels))
            return f"<h{opened[-1]}"
        return f"</h{opened.pop()}" if opened else match[0]

    return _HEADING.sub(rename, text)


PIPELINE_VERSION: int = 6
"""Grows whenever the same content would come out differently; stored beside each board's ETag."""

_TAGS = (TEXT_BLOCKS - {"h1"}) | TABLES | OTHER_BLOCKS | INLINE | {"br", "wbr", "img", "iframe"}
_DROPPED_WHOLE = {"script", "style", "title", "template", "noscript", "object", "svg", "math"}
_DROPPED_WHOLE |= {"textarea", "select", "button", "datalist"}


_PAGE = ContextVar[str | None]("page", default=None)
"""Where the text stands that is being cleaned: to make a cleaner for each page takes a fifth of its time."""

_CLEANER: Final = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=_DROPPED_WHOLE,
    attributes=ALLOWED,
    attribute_filter=cleaned_attribute,
    url_schemes={"http", "https", "mailto", "tel"},
    url_relative=lambda relative: whole_address(relative, own_site(_PAGE.get())),
    link_rel="noopener noreferrer nofollow",
)

MOST_CHARACTERS: int = 200_000
"""The longest cleaned description that is stored, markup included, so that a public page is bounded too."""

_OTHER_ENTITY = re.compile("&(?!amp;)")
_LANDMARK = re.compile(r"<[hfmnacHFMNAC](?i:eader|ooter|ain|av|side|enter)(?=[\s/>])")
_LANDMARKS = re.compile(r"(</?)(?:header|footer|main|nav|aside|center)(?=[\s/>])", re.IGNORECASE)
_TAG = re.compile(r'</?([a-z][a-z0-9]*)(?:[^<>"]|"[^"]*")*+>')


def clean_description(content: str, page_url: str | None = None) -> str:
    """A post's ``content``, its entities escaped once, as HTML that is safe to show.

    Relative addresses lead where they do on ``page_url``, if the company itself answers there. Where the HTML
    is longer than ``MOST_CHARACTERS``, only its words are left, without markup.
    """
    return clean_foreign_html(without_network_tags(_unescaped(content)), page_url)


def clean_foreign_html(foreign_html: str, page_url: str | None = None) -> str:
    """HTML of another system that is not escaped, as ``clean_description`` cleans it."""
    page = _PAGE.set(page_url)
    try:
        cleaned = _clean(foreign_html, with_structure)
    finally:
        _PAGE.reset(page)
    return (
        cleaned if len(cleaned) <= MOST_CHARACTERS else f"<p>{html.escape(text_of(cleaned), quote=False)}</p>"
    )


def is_too_long(content: str) -> bool:
    """Whether a post's ``content`` cannot be stored, because its words alone exceed ``MOST_CHARACTERS``."""
    return len(content) > MOST_CHARACTERS and len(clean_description(content)) > MOST_CHARACTERS


def clean_own_html(own_html: str) -> str:
    """HTML that is not escaped, made safe to show; cleaning the result again changes nothing."""
    cleaned = _clean(own_html)
    for _ in range(8):
        again = _clean(cleaned)
        if again == cleaned:
            break
        cleaned = again
    return cleaned


def text_of(description_html: str) -> str:
    """The words of a cleaned description on one line; where a block ends, a word ends."""
    return " ".join(html.unescape(_TAG.sub(_boundary, description_html)).split())


def _clean(unsafe: str, structured: Callable[[str], str] | None = None) -> str:
    cleaned = _CLEANER.clean(_tidied(bounded(unsafe), structured))
    for _ in range(3):
        tidied = with_headings_in_order(without_dead_links(without_leftovers(tidy_media(cleaned))))
        if tidied == cleaned:
            break
        cleaned = _CLEANER.clean(tidied)
    return cleaned


def _unescaped(content: str) -> str:
    """``html.unescape``, several times faster where only the five usual entities stand."""
    text = content.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&#39;", "'")
    if _OTHER_ENTITY.search(text):
        return html.unescape(content)
    return text.replace("&amp;", "&")


def _tidied(unsafe: str, structured: Callable[[str], str] | None) -> str:
    """The page has its landmarks already; what can be set right now spares a second cleaning."""
    tidied = with_emphasis_tags(unsafe)
    if _LANDMARK.search(tidied):
        tidied = _LANDMARKS.sub(r"\1div", tidied)
    if structured:
        tidied = structured(tidied)
    return with_headings_in_order(without_empty_blocks(with_breaking_spaces(tidied)))


def _boundary(match: re.Match[str]) -> str:
    return "" if match[1] in INLINE else " "

"""Descriptions of own jobs: written as Markdown, and kept beside the HTML that is made of it."""

import re
from typing import Any, Final

from bs4 import BeautifulSoup
from bs4.exceptions import ParserRejectedMarkup
from markdown_it import MarkdownIt
from markdownify import ATX, MarkdownConverter

from portal.domain.descriptions.clean import MOST_CHARACTERS, clean_own_html, text_of
from portal.domain.descriptions.limits import bounded
from portal.domain.descriptions.structure import with_structure
from portal.domain.texts import InvalidValue

_MARKDOWN: Final = MarkdownIt("commonmark", {"breaks": True}).enable(["table", "strikethrough"])
_MOST_TAGS: Final = 5_000
_SPECIAL = re.compile(r"[\\`*\[\]<]|~(?=~)|(?<!\w)_|_(?!\w)|&(?=#?\w+;)")
_FIRST = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+](?=\s|$)|>|[=-]+(?=\s*$)|~~~)")
_NUMBER = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)")
_HARD_SPACE = re.compile("&nbsp;|\xa0")
_HOLES = re.compile(r"\n{3,}")


def render_markdown(source: str) -> str:
    """Markdown as HTML that is safe to show. HTML in it counts as written, and is cleaned as any other.

    Raises ``InvalidValue`` where the HTML would be longer than ``MOST_CHARACTERS``.
    """
    rendered = clean_own_html(_MARKDOWN.render(source)).strip()
    if len(rendered) > MOST_CHARACTERS:
        raise InvalidValue("This is too long with its formatting. Shorten it, or format less of it.")
    return rendered


def markdown_of(description_html: str) -> str:
    """Cleaned HTML as the Markdown that says the same; what Markdown has no word for stays HTML."""
    if description_html.count("<") > _MOST_TAGS:
        return _escape(text_of(description_html))
    try:
        return _converted(_HARD_SPACE.sub(" ", description_html))
    except (RecursionError, ParserRejectedMarkup):
        return _escape(text_of(description_html))


def _converted(html: str) -> str:
    soup = BeautifulSoup(f"<div>{html}</div>", "html.parser")
    said = _Converter(heading_style=ATX, bullets="-", wrap=True, wrap_width=None).convert_soup(soup)
    lines = (line.rstrip() for line in str(said).split("\n"))
    return _HOLES.sub("\n\n", "\n".join(lines)).strip()


def _escape(text: str) -> str:
    escaped = _SPECIAL.sub(r"\\\g<0>", text)
    return _NUMBER.sub(r"\1\\\2", _FIRST.sub(r"\1\\\2", escaped))


def _as_html(converter: Any, element: Any, text: str, parent_tags: set[str]) -> str:
    return f"<{element.name}>{text}</{element.name}>" if text.strip() else text


class _Converter(MarkdownConverter):
    """Adds what would be lost or misread: videos, underlines, line ends, special characters."""

    convert_u = convert_ins = convert_mark = convert_sub = convert_sup = convert_small = _as_html

    def convert_br(self, element: Any, text: str, parent_tags: set[str]) -> str:
        return " " if "_inline" in parent_tags else "\n"

    def convert_dt(self, element: Any, text: str, parent_tags: set[str]) -> str:
        return f"\n\n**{text.strip()}**\n" if text.strip() else ""

    def convert_dd(self, element: Any, text: str, parent_tags: set[str]) -> str:
        return f"{text.strip()}\n" if text.strip() else ""

    def convert_iframe(self, element: Any, text: str, parent_tags: set[str]) -> str:
        return "" if "_inline" in parent_tags else f"\n\n{element}\n\n"

    def process_text(self, element: Any, parent_tags: set[str] | None = None) -> str:
        text = str(super().process_text(element, parent_tags))  # type: ignore[misc] # not in its stubs
        before = element.previous_sibling
        return text.lstrip(" ") if before is not None and before.name == "br" else text

    def escape(self, text: str, parent_tags: set[str]) -> str:
        escaped = _escape(text)
        return escaped.replace("|", r"\|") if parent_tags & {"td", "th"} else escaped


_START = re.compile("<!--StartFragment-->", re.IGNORECASE)
_END = re.compile("<!--EndFragment-->", re.IGNORECASE)
_NEVER_READ: Final = ("head", "style", "script", "meta", "link", "title", "xml")
MOST_PASTED: Final = 400_000
"""How many characters of HTML are converted: a word processor writes some four for each one that shows."""


def markdown_of_pasted(pasted: str) -> str:
    """What was pasted as Markdown; empty where nothing of it can be used, or it is too long."""
    html = _fragment(pasted)
    if len(html) > MOST_PASTED:
        return ""
    cleaned = clean_own_html(with_structure(_tidied(bounded(html))))
    return markdown_of(cleaned) if len(cleaned) <= MOST_CHARACTERS else ""


def _fragment(pasted: str) -> str:
    """The part between the marks that a browser puts around what was selected, or all where they lack."""
    start = _START.search(pasted)
    ends = [end.start() for end in _END.finditer(pasted, start.end())] if start else []
    return pasted[start.end() : ends[-1]] if start and ends else pasted


def _tidied(html: str) -> str:
    try:
        soup = BeautifulSoup(f"<div>{html}</div>", "html.parser")
        for tag in soup.find_all(_NEVER_READ):
            tag.decompose()
        for title in soup.find_all("p", class_="MsoTitle"):
            title.name = "h1"
        return str(soup)
    except (RecursionError, ParserRejectedMarkup):
        return html

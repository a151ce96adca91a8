"""Repair a description's markup: empty blocks, dead links, inline styles as tags, images, network tags."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement, PreformattedString
from bs4.exceptions import ParserRejectedMarkup

TEXT_BLOCKS = frozenset({"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd"})
TEXT_BLOCKS |= {"section", "article", "blockquote", "figure", "figcaption"}
"""Blocks that are nothing without a word or a picture in them."""
TABLES = frozenset({"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"})
OTHER_BLOCKS = frozenset({"pre", "hr", "details", "summary"})
INLINE = frozenset({"a", "strong", "b", "em", "i", "u", "s", "del", "ins", "mark", "small", "sub", "sup"})
INLINE |= {"code", "kbd", "samp", "var", "abbr", "cite", "q", "time"}

_LINES_GO_ON = INLINE | {"font", "span", "img", "iframe"}
_BLOCKS = "|".join(sorted(TEXT_BLOCKS))
_LOOKS = "span|strong|em|b|i|u|s|small|mark|sub|sup|font"
_BLANK = rf"(?:[\s\u200b\ufeff]|&nbsp;|</?(?:br|{_LOOKS})(?=[\s/>])[^<>]*+>)*+"
_EMPTY = rf"<(?P<NAME>{_BLOCKS})(?=[\s>])[^<>]*+>{_BLANK}</(?P=NAME)>"
_EMPTY_BLOCKS = re.compile(_EMPTY.replace("NAME", "first") + rf"(?:\s?{_EMPTY.replace('NAME', 'next')})*+\s?")
_TAG_BEFORE = re.compile(r"</?([a-z][a-z0-9]*)[^<>]*>", re.IGNORECASE)
_DEEPEST = 16
"""So many empty blocks inside one another are seen at once."""

_TOGGLES = (
    "(?:read|show|see|view|learn) (?:more|less)|continue reading|mehr (?:lesen|anzeigen)|weiterlesen"
    "|weniger anzeigen|(?:lire|voir) (?:plus|moins)|lire la suite|(?:leer|ver|mostrar) (?:más|menos)"
).replace(" ", r"(?:\s|&nbsp;)")
_HOLLOW_LINK = re.compile(
    rf"<a(?=[\s>])([^<>]*+)>({_BLANK})"
    rf"(?:[\[(.…]*+((?i:{_TOGGLES}))[\])\s.…»›→+▼▾▲▴-]*+{_BLANK})?</a>"
)
_LEADS_SOMEWHERE = re.compile(r"\shref=")


def without_leftovers(cleaned: str) -> str:
    """Cleaned HTML without empty blocks, and without links that hold nothing or that said "Read more"
    and lead nowhere.
    """
    cleaned = _HOLLOW_LINK.sub(_without_link, cleaned)
    for _ in range(_DEEPEST):
        fuller = without_empty_blocks(cleaned)
        if fuller == cleaned:
            break
        cleaned = fuller
    return cleaned


def without_empty_blocks(text: str) -> str:
    """HTML without the paragraphs, headings, list items and the like that hold no word and no picture.

    Elements that held nothing but such blocks are empty only then: they stay for the next time.
    """
    return _EMPTY_BLOCKS.sub(_nothing, text)


def _without_link(match: re.Match[str]) -> str:
    attributes, blank, toggle = match.groups()
    if not toggle:
        return str(blank)
    return match[0] if _LEADS_SOMEWHERE.search(attributes) else ""


def _nothing(match: re.Match[str]) -> str:
    # a lone </strong> in it closes something that was opened earlier: then it is left to the cleaner
    found = match[0]
    tags = found.count("<") - found.count("<br")
    if tags != 2 * found.count("</"):
        return found
    return "<br>" if _parts_a_line(match.string, match.start(), match.end()) else ""


def _parts_a_line(text: str, start: int, end: int) -> bool:
    """Whether the words before and after would run together without the block between them."""
    before = text[max(0, start - 400) : start].rstrip()
    after = text[end : end + 400].lstrip()
    if not before or not after:
        return False
    tag = _TAG_BEFORE.fullmatch(before, before.rfind("<")) if before.endswith(">") else None
    return _goes_on(tag) and _goes_on(_TAG_BEFORE.match(after))


def _goes_on(tag: re.Match[str] | None) -> bool:
    return tag is None or tag[1].lower() in _LINES_GO_ON


_PLAIN = ' style="font-weight: 400;"'
"""What Greenhouse's editor writes around most pasted words; the cleaner would take longer to drop it."""
_GIVEN = re.compile(r"font-(?:weight\s{0,9}:\s{0,9}(?:bold|[6-9]00)|style\s{0,9}:\s{0,9}(?:italic|oblique))")
_TAKEN = re.compile(r"<(?:b|strong|i|em)\s[^<>]{0,300}font-")
_TAKEN_AT_ONCE = re.compile(
    r"<(strong|b)>\s{0,9}"
    r"(<span\s[^<>]{0,300}font-weight\s{0,9}:\s{0,9}(?:normal|[1-5]00)\b[^<>]{0,300}>[^<>]*+</span>)"
    r"\s{0,9}</\1>"
)
_LANDMARKS = {"header", "footer", "main", "nav", "aside", "center"}
BLOCK_ELEMENTS = TEXT_BLOCKS | TABLES | OTHER_BLOCKS | _LANDMARKS


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of emphasis: its elements, the styles that give it and take it back, and what implies it."""

    elements: tuple[str, ...]
    given: re.Pattern[str]
    taken: re.Pattern[str]
    implied: tuple[str, ...] = ()

    def is_given(self, tag: Tag) -> bool:
        return bool(self.given.search(_style(tag)))

    def is_taken(self, tag: Tag) -> bool:
        return bool(self.taken.search(_style(tag)))


_KINDS = (
    _Kind(
        ("strong", "b"),
        re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE),
        re.compile(r"font-weight\s*:\s*(?:normal|lighter|[1-5]00)", re.IGNORECASE),
        ("h1", "h2", "h3", "h4", "h5", "h6", "th"),
    ),
    _Kind(
        ("em", "i"),
        re.compile(r"font-style\s*:\s*(?:italic|oblique)", re.IGNORECASE),
        re.compile(r"font-style\s*:\s*normal", re.IGNORECASE),
    ),
)


def with_emphasis_tags(unsafe: str) -> str:
    """HTML in which ``strong`` and ``em`` say what ``font-weight`` and ``font-style`` said."""
    if "font-" not in unsafe:
        return _with_tags(unsafe) if "FONT-" in unsafe else unsafe
    said = _TAKEN_AT_ONCE.sub(r"\2", unsafe)
    plain = said.replace(_PLAIN, "")
    if "font-" in plain and (_GIVEN.search(plain) or _TAKEN.search(plain)):
        return _with_tags(said)
    return plain


def _with_tags(unsafe: str) -> str:
    try:
        # it warns of what begins as an address or as XML
        soup = BeautifulSoup(f"<span></span>{unsafe}", "html.parser")
        for kind in _KINDS:
            _speak(soup, kind)
        return str(soup)
    except (RecursionError, ParserRejectedMarkup):
        return unsafe


def _speak(soup: BeautifulSoup, kind: _Kind) -> None:
    apart = _apart(soup, kind)
    told: set[int] = set()  # the elements within which everything is emphasised already
    for tag in soup.find_all(True):
        if kind.is_taken(tag):
            if tag.name in kind.elements:
                tag.unwrap()
        elif tag.name in kind.elements + kind.implied or id(tag.parent) in told:
            told.add(id(tag))
        elif kind.is_given(tag):
            told |= _wrap_inside(soup, tag, kind, apart)


def _apart(soup: BeautifulSoup, kind: _Kind) -> set[int]:
    """The elements that no emphasis may be put around: they are or hold a block, or take it back."""
    found: set[int] = set()
    for tag in soup.find_all(True):
        if tag.name in BLOCK_ELEMENTS or kind.is_taken(tag):
            for each in (tag, *tag.parents):
                if id(each) in found:
                    break
                found.add(id(each))
    return found


def _wrap_inside(soup: BeautifulSoup, tag: Tag, kind: _Kind, apart: set[int]) -> set[int]:
    """Emphasise what ``tag`` holds, in runs between the elements that stay apart; tell where that was."""
    told = {id(tag)}
    run: list[PageElement] = []
    for child in [*tag.children, None]:
        if child is not None and id(child) not in apart:
            run.append(child)
            continue
        if any(_lacks(each, kind) for each in run):
            told.add(id(_wrap(run, soup.new_tag(kind.elements[0]))))
        run = []
        if isinstance(child, Tag) and not kind.is_taken(child) and child.name not in kind.implied:
            told |= _wrap_inside(soup, child, kind, apart)
    return told


def _wrap(run: Sequence[PageElement], around: Tag) -> Tag:
    run[0].insert_before(around)
    for each in run:
        around.append(each.extract())
    return around


def _lacks(element: PageElement, kind: _Kind) -> bool:
    """Whether there are words in it that no element of this kind is around."""
    if isinstance(element, NavigableString):
        return bool(element.strip()) and not isinstance(element, PreformattedString)
    return (
        isinstance(element, Tag) and element.name not in kind.elements and bool(element.get_text(strip=True))
    )


def _style(tag: Tag) -> str:
    return str(tag.get("style") or "")


_NETWORK_TAG: Final = re.compile(
    r"(?:\s|(?<![\w&/\"'=?]))#\s?(?:LI|BI)(?:[-\u2010-\u2015_]|&(?:ndash|mdash|#8209|#x2011);)\s?"
    r"([a-z0-9]+(?:[-\u2010-\u2015_][a-z0-9]+)*)(?![\w-])",
    re.IGNORECASE,
)
_MAYBE_NETWORK_TAG: Final = re.compile(r"#\s?(?:LI|BI)", re.IGNORECASE)
"""A part that begins with its sign, so that a text with any other "#" is read in a tenth of the time."""
_LONGEST_TAGGED: Final = 200_000


def network_tags(content: str) -> list[str]:
    """What follows "#LI-" in a description of any markup, each once: "Hybrid", "DNI", somebody's initials."""
    found = _NETWORK_TAG.findall(content[:_LONGEST_TAGGED]) if _MAYBE_NETWORK_TAG.search(content) else ()
    return list(dict.fromkeys(tag.lower() for tag in found))


def without_network_tags(html: str) -> str:
    """HTML without the tags; what held nothing else is left empty."""
    return _NETWORK_TAG.sub("", html) if _MAYBE_NETWORK_TAG.search(html) else html

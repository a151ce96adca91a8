"""Bold and italics that only a style says, said by an element: styles do not survive the cleaning."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement, PreformattedString
from bs4.exceptions import ParserRejectedMarkup

from portal.domain.emptiness import OTHER_BLOCKS, TABLES, TEXT_BLOCKS

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
_BLOCKS = TEXT_BLOCKS | TABLES | OTHER_BLOCKS | _LANDMARKS


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


def with_spoken_emphasis(unsafe: str) -> str:
    """HTML in which ``strong`` and ``em`` say what ``font-weight`` and ``font-style`` said."""
    if "font-" not in unsafe:
        return _spoken(unsafe) if "FONT-" in unsafe else unsafe
    said = _TAKEN_AT_ONCE.sub(r"\2", unsafe)
    plain = said.replace(_PLAIN, "")
    if "font-" in plain and (_GIVEN.search(plain) or _TAKEN.search(plain)):
        return _spoken(said)
    return plain


def _spoken(unsafe: str) -> str:
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
        if tag.name in _BLOCKS or kind.is_taken(tag):
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

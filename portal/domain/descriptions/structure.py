"""Turn lists, directions and spaces that are typed or styled in a description into HTML that says so.

Word writes a list as paragraphs with a bullet typed before each, Quill writes every level into one flat list,
and editors put an inner list into an item of its own, which shows two bullets.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement, PreformattedString
from bs4.exceptions import ParserRejectedMarkup

from portal.domain.descriptions.lists import (
    LINES,
    LISTED,
    LISTS,
    Lists,
    beginning,
    classes,
    drop,
    is_blank,
    language_attributes,
    nest_by_level,
    nest_lists,
    style,
)
from portal.domain.descriptions.markers import (
    MAYBE_MARKER,
    Marker,
    item_positions,
    marker_at,
    marker_of_level,
    which_are_items,
)
from portal.domain.descriptions.markup import BLOCK_ELEMENTS

_BLOCKS: Final = tuple(BLOCK_ELEMENTS)
_MARKER = re.compile(r"mso-list:\s*Ignore", re.IGNORECASE)
_DIRECTION = re.compile(r"(?<![\w-])direction\s{0,9}:\s{0,9}(rtl|ltr)", re.IGNORECASE)
_INDENT = re.compile(r"(?:margin|padding)-left\s{0,9}:\s{0,9}(\d{1,4})", re.IGNORECASE)

_SPACE = r"(?:\s|&nbsp;|&#160;)"
_MARKED = rf"(?:{_SPACE}|<(?:span|strong|b|em|i|u|font)(?=[\s>])[^<>]*+>)*+(?:{MAYBE_MARKER})"
_MARKED += rf"(?!{_SPACE}*+</[pd])"  # a dash alone is a line between paragraphs
_WORDS: Final = ("ql-", "data-list", "mso-list", "MsoList")
_INNER_LEVEL = re.compile(r"aria-level=\W?[2-9]")
_BEGINS_MARKED = re.compile(_MARKED)
_MAY_HOLD = re.compile(
    # every alternative begins with a tag, and none ignores case: searching a description takes 0.1 ms
    rf"<(?:(?:li|LI|[uo]l|[UO]L)(?=[\s>])[^<>]*+>(?:{_SPACE}|<(?:br|div|p|span)(?=[\s/>])[^<>]*+>)*+<[uoUO][lL](?=[\s>])"
    r"|/(?:li|LI)>\s*+<[uoUO][lL](?=[\s>])"
    rf"|(?:p|P|div|DIV|br|BR|li|LI)(?=[\s/>])[^<>]*+>{_MARKED})"
)


def with_structure(unsafe: str) -> str:
    """HTML whose typed, styled and flattened lists are ``ul`` and ``ol``, and whose directions are ``dir``.

    The result is no safer than what came: it is still to be cleaned.
    """
    if not _may_hold(unsafe):
        return unsafe
    try:
        # it warns of what begins as an address or as XML
        soup = BeautifulSoup(f"<span></span>{unsafe}", "html.parser")
        _say_directions(soup)
        _part_lines(soup)
        _make_lists(soup)
        nest_by_level(soup)
        nest_lists(soup)
        return str(soup)
    except (RecursionError, ParserRejectedMarkup):
        return unsafe


def _may_hold(unsafe: str) -> bool:
    """Whether parsing may find any of it: few descriptions are worth that."""
    if any(word in unsafe for word in _WORDS):
        return True
    if "direction" in unsafe and _DIRECTION.search(unsafe):
        return True
    if "aria-level" in unsafe and _INNER_LEVEL.search(unsafe):
        return True
    return bool(_BEGINS_MARKED.match(unsafe) or _MAY_HOLD.search(unsafe))


def _say_directions(soup: BeautifulSoup) -> None:
    for tag in soup.find_all(_says_direction):
        found = _DIRECTION.search(style(tag))
        tag["dir"] = found[1].lower() if found else "rtl"


def _says_direction(tag: Tag) -> bool:
    if tag.has_attr("dir"):
        return False
    return bool(_DIRECTION.search(style(tag))) or "ql-direction-rtl" in classes(tag)


def _part_lines(soup: BeautifulSoup) -> None:
    """A paragraph whose lines bear typed bullets becomes one paragraph a line."""
    for paragraph in soup.find_all(LINES):
        if paragraph.find("br") is None or not _is_line(paragraph):
            continue
        for span in paragraph.find_all(("span", "font")):
            if span.find("br"):
                span.unwrap()
        lines = [list(line) for is_end, line in groupby(paragraph.children, _is_break) if not is_end]
        markers = [marker_at("".join(map(_text, line))) for line in lines]
        if sum(which_are_items([marker for marker in markers if marker])) < 2:
            continue
        for line, marker in zip(lines, markers, strict=True):
            _put_line(soup, paragraph, line, is_item=marker is not None)
        paragraph.decompose()


def _put_line(soup: BeautifulSoup, paragraph: Tag, line: Sequence[PageElement], *, is_item: bool) -> None:
    """Put a line before its paragraph: an item for itself, others together, as they were."""
    before = paragraph.previous_sibling
    if is_item or not isinstance(before, Tag) or not before.has_attr("data-lines"):
        before = soup.new_tag(
            paragraph.name, attrs=language_attributes(paragraph) | ({} if is_item else {"data-lines": ""})
        )
        paragraph.insert_before(before)
    else:
        before.append(soup.new_tag("br"))
    for element in line:
        before.append(element.extract())


def _make_lists(soup: BeautifulSoup) -> None:
    """Word writes a list as paragraphs that look like one, each with its bullet typed out."""
    for parent in [soup, *soup.find_all(_holds_lines)]:
        for run in _runs(parent):
            chosen = zip(run, which_are_items([marker for _, marker in run]), strict=True)
            for is_list, pairs in groupby(chosen, lambda pair: pair[1]):
                if is_list:
                    _make_list(soup, [line for line, _ in pairs])


def _holds_lines(tag: Tag) -> bool:
    return tag.name not in LISTS and any(isinstance(child, Tag) and child.name in LINES for child in tag)


_Line = tuple[Tag, Marker]


def _runs(parent: Tag) -> Iterator[list[_Line]]:
    """Runs of neighbouring paragraphs that begin with a marker; empty ones between them do not count."""
    run: list[_Line] = []
    for child in list(parent.children):
        if is_blank(child):
            continue
        marker = _marker_of(child) if isinstance(child, Tag) else None
        if marker is not None and isinstance(child, Tag):
            run.append((child, marker))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _marker_of(tag: Tag) -> Marker | None:
    """The marker that a paragraph begins with: Word says what it is, or it is typed."""
    if tag.name not in LINES or not _is_line(tag):
        return None
    listed, found = LISTED.search(style(tag)), marker_at(beginning(tag))
    if listed:
        level = max(1, int(listed[1]))
        apart = _marker_apart(tag)
        return (
            replace(found, level=level, sure=True) if found and not apart else marker_of_level(apart, level)
        )
    indent = _INDENT.search(style(tag))
    is_sure = "MsoListParagraph" in classes(tag)
    return found and replace(found, indent=int(indent[1]) if indent else 0, sure=found.sure or is_sure)


def _marker_apart(paragraph: Tag) -> str:
    """Take the typed bullet away that Word sets apart, and return it."""
    marker = paragraph.find("span", style=_MARKER)
    if not isinstance(marker, Tag):
        return ""
    said = marker.get_text().replace("\xa0", " ").strip()
    marker.decompose()
    return said


def _make_list(soup: BeautifulSoup, run: Sequence[_Line]) -> None:
    lists = Lists(soup, run[0][0])
    for (paragraph, marker), position in zip(run, item_positions([marker for _, marker in run]), strict=True):
        drop(paragraph, marker.length)
        paragraph.name, paragraph.attrs = "li", {**language_attributes(paragraph)}
        lists.add(paragraph, position)


def _is_line(tag: Tag) -> bool:
    return tag.find(_BLOCKS) is None


def _is_break(element: PageElement) -> bool:
    return isinstance(element, Tag) and element.name == "br"


def _text(element: PageElement) -> str:
    if isinstance(element, Tag):
        return element.get_text()
    is_text = isinstance(element, NavigableString) and not isinstance(element, PreformattedString)
    return str(element) if is_text else ""


_HARD_SPACES: Final = ("&nbsp;", "&#160;", "\xa0")
_HARD: Final = f"(?:{'|'.join(_HARD_SPACES)})"
_MORE: Final = rf"(?:\s|{_HARD})*+"
_RUN = re.compile(f"{_HARD}{_MORE}")
_RUNS_OF: Final = {space: re.compile(f"{space}{_MORE}") for space in _HARD_SPACES}
"""Where a text has one of the hard spaces alone; a pattern that begins with a text finds it far sooner."""
_TAG_OR_RUN = re.compile(rf"<[^<>]*+>|{_RUN.pattern}")
_REST_OF_TAG = re.compile("[^<>]*+>")
_ONE = re.compile(_HARD)
_BEFORE: Final = frozenset("0123456789«$€£¥§№#")
_AFTER: Final = frozenset("»:;!?%€$£¥°")
"""A single hard space beside one of these is typography: "10 km", "« Bonjour »", "Prix :"."""


def with_breaking_spaces(text: str) -> str:
    """HTML whose hard spaces are ordinary ones, but for those that tie a figure or sign to its neighbour."""
    spaces = [space for space in _HARD_SPACES if space in text]
    if not spaces or "<pre" in text:
        return text
    if any(_REST_OF_TAG.match(rest) for space in spaces for rest in text.split(space)[1:]):
        return _TAG_OR_RUN.sub(_breaking, text)
    return (_RUN if len(spaces) > 1 else _RUNS_OF[spaces[0]]).sub(_breaking, text)


def _breaking(match: re.Match[str]) -> str:
    if match[0].startswith("<"):
        return match[0]
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    is_typography = before in _BEFORE or after in _AFTER
    return match[0] if is_typography and _ONE.fullmatch(match[0]) else " "

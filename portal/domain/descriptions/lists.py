"""Build nested lists out of items that are separate, flat, or beside the item that they belong to."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement, PreformattedString

from portal.domain.descriptions.markers import MOST_CHARACTERS, ItemPosition, marker_at

LISTS: Final = ("ul", "ol")
LINES: Final = ("p", "div")
LISTED = re.compile(r"mso-list:\s*l\d+\s+level(\d)", re.IGNORECASE)
_SEEN: Final = (*LISTS, "img", "iframe", "video", "table", "hr", "input")
_QUILL_LEVEL = re.compile(r"ql-indent-(\d)")
_KINDS: Final = {"bullet": "ul", "checked": "ul", "unchecked": "ul", "ordered": "ol"}


class Lists:
    """Nested lists, built item by item where the first of them stood."""

    def __init__(self, soup: BeautifulSoup, first: Tag) -> None:
        self._soup = soup
        self._open: list[tuple[ItemPosition, Tag]] = []
        self._last: Tag | None = None
        self._end = soup.new_tag("span")
        first.insert_before(self._end)

    def add(self, item: Tag, position: ItemPosition) -> None:
        """Add an item to the list where it belongs."""
        while self._open and self._open[-1][0].level > position.level:
            self._open.pop()
        if self._open and self._open[-1][0].level == position.level and self._open[-1][0].key != position.key:
            self._open.pop()
        if not self._open or self._open[-1][0].level < position.level:
            self._begin(position)
        self._open[-1][1].append(item.extract())
        self._last = item

    def _begin(self, position: ItemPosition) -> None:
        begun = self._soup.new_tag(position.element, attrs=position.attributes)
        if self._open and self._last is not None:
            self._last.append(begun)  # the last item of the list above
        else:
            self._end.insert_before(begun)
        self._open.append((position, begun))


def nest_by_level(soup: BeautifulSoup) -> None:
    """Quill and others write the levels of a list as classes or attributes of its items."""
    for outer in soup.find_all(LISTS):
        items = [child for child in outer.children if isinstance(child, Tag) and child.name == "li"]
        kinds = [_KINDS.get(str(item.get("data-list")), outer.name) for item in items]
        depths = [_level_of(item) for item in items]
        if set(kinds) <= {outer.name} and len(set(depths)) < 2:
            continue
        if _holds_more_before(items[-1]):
            continue  # its text would come after the items
        lists = Lists(soup, outer)
        for item, kind, depth in zip(items, kinds, depths, strict=True):
            for guide in item.find_all("span", class_="ql-ui"):
                guide.decompose()
            lists.add(item, ItemPosition(depth, kind, kind, language_attributes(outer)))
        if all(is_blank(child) for child in outer.children):
            outer.decompose()


def _holds_more_before(item: Tag) -> bool:
    """Whether anything but items stands in a list before this one."""
    before = item.previous_siblings
    return any(not is_blank(each) for each in before if not (isinstance(each, Tag) and each.name == "li"))


def _level_of(item: Tag) -> int:
    for found in (_QUILL_LEVEL.search(classes(item)), LISTED.search(style(item))):
        if found:
            return int(found[1])
    said = str(item.get("aria-level") or "0")
    return int(said) if said.isascii() and said.isdigit() and len(said) == 1 else 0


def nest_lists(soup: BeautifulSoup) -> None:
    """An inner list beside an item, or alone in the next one, belongs to the item before it."""
    for inner in soup.find_all(LISTS):
        if inner.parent is not None and inner.parent.name in LISTS:
            _attach([inner], inner.find_previous_sibling("li"))
    for item in soup.find_all("li"):
        if (marker := marker_at(beginning(item))) and marker.sure:
            drop(item, marker.length)
        if alone := _only_lists(item):
            _put_before(item, alone)


def _put_before(item: Tag, lists: Sequence[Tag]) -> None:
    """Give the lists of an item to the one before it; without one they stand in its place."""
    before, around = item.find_previous_sibling("li"), item.parent
    if before is not None:
        _attach(lists, before)
    elif around is not None and around.name in LISTS and _is_alone(item, around):
        around.insert_before(*[each.extract() for each in lists])
    else:
        item.insert_before(*[child.extract() for each in lists for child in list(each.children)])
    item.decompose()


def _is_alone(item: Tag, around: Tag) -> bool:
    return all(child is item or is_blank(child) for child in around.children)


def _attach(inner: Iterable[Tag], item: PageElement | None) -> None:
    if not isinstance(item, Tag):
        for each in inner:
            each.unwrap()
        return
    first = item.find(True, recursive=False)
    if isinstance(first, Tag) and first.name == "p":
        first.unwrap()  # a paragraph before a list would set the items apart
    for each in inner:
        item.append(each.extract())


def _only_lists(item: Tag) -> list[Tag]:
    """The lists that are all an item holds."""
    holder = item
    while True:
        held = [child for child in holder.children if not is_blank(child)]
        lists = [child for child in held if isinstance(child, Tag) and child.name in LISTS]
        if len(lists) == len(held):
            return lists
        if len(held) != 1 or not isinstance(held[0], Tag) or held[0].name not in (*LINES, "span"):
            return []
        holder = held[0]


def beginning(tag: Tag) -> str:
    """The text that a tag begins with, as much of it as a marker can be of."""
    said = ""
    for text in tag.strings:
        said += text
        if len(said.strip()) > MOST_CHARACTERS:
            break
    return said


def drop(tag: Tag, length: int) -> None:
    """Take so many characters away from the beginning of what a tag says."""
    for text in [each for each in tag.find_all(string=True) if not isinstance(each, PreformattedString)]:
        if not length:
            return
        said, rest = str(text)[:length], str(text)[length:]
        length -= len(said)
        parent = text.parent
        text.replace_with(rest) if rest else text.extract()
        while parent is not None and parent is not tag and not parent.contents:
            emptied, parent = parent, parent.parent
            emptied.extract()


def is_blank(element: PageElement) -> bool:
    """Whether there is nothing to be seen of an element."""
    if isinstance(element, Tag):
        if element.name in _SEEN or any(text.strip() for text in element.strings):
            return False
        return element.find(_SEEN) is None
    return isinstance(element, PreformattedString) or not str(element).strip()


def language_attributes(tag: Tag) -> dict[str, str]:
    """The attributes that say a tag's language and direction."""
    return {name: str(tag[name]) for name in ("dir", "lang") if tag.has_attr(name)}


def style(tag: Tag) -> str:
    """A tag's styles."""
    return str(tag.get("style") or "")


def classes(tag: Tag) -> str:
    """A tag's classes, with spaces between."""
    found = tag.get("class") or ()
    return found if isinstance(found, str) else " ".join(found)

"""Whether a page is well-formed HTML: every element closed in its order, every id once."""

import re
from functools import lru_cache
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
IN_TABLES = {"td": ("td", "th"), "th": ("td", "th"), "tr": ("td", "th", "tr"), "tbody": ("td", "th", "tr")}
"""Elements that close others by themselves, if they are open: HTML lets these go without their end tags."""
SHAPES = {"circle", "ellipse", "line", "path", "polygon", "polyline", "rect", "use"}
_VALUE = r"""=(?:"([^"]*)"|'([^']*)'|([^\s"'<>`]+)(?=[\s>]))"""
_ATTRIBUTES = rf"(?:\s+[A-Za-z][\w:-]*(?:{_VALUE.replace('([', '(?:[')})?)*\s*"
_PLAIN = re.compile(
    rf"""[^<]+ | <!doctype\ html> | </([a-z][a-z0-9-]*)>
    | (<(script|style){_ATTRIBUTES}>)[^<]*(?:<(?!/)[^<]*)*</\3>
    | (<[a-z][a-z0-9-]*{_ATTRIBUTES}/?>)""",
    re.VERBOSE,
)
_NAME = re.compile(rf"([A-Za-z][\w:-]*)(?:{_VALUE})?")


class Checker(HTMLParser):
    """Collects what is wrong with a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, attrs)
        close_before(tag, self.open)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, attrs)
        if tag not in VOID | SHAPES:
            self.faults.append(f"<{tag}/> does not close itself in HTML")

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.open[-1:]:
            close_before(tag, self.open)
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()} closes something else")

    def _note(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        self.faults += [f"<{tag}> has {name} twice" for name in set(names) if names.count(name) > 1]
        self.faults += [f"<{tag}> has inline {name}" for name in names if name == "style" or name[:2] == "on"]
        for name, value in attrs:
            if name == "id" and (not value or value in self.ids):
                self.faults.append(f"id {value!r} stands twice or is empty")
            if name == "id" and value:
                self.ids.add(value)


def close_before(tag: str, opened: list[str]) -> None:
    """Close what a tag closes by itself."""
    while opened and opened[-1] in IN_TABLES.get(tag, ()):
        opened.pop()


def faults_of(html: str) -> list[str]:
    """Return what is wrong with a page or a piece of one, in sentences."""
    if is_plainly_sound(html):
        return []
    checker = Checker()
    checker.feed(html)
    unread = checker.rawdata.partition("<")[2]
    checker.close()
    unfinished = [f"<{unread[:40]} is never finished"] if unread else []
    return checker.faults + unfinished + [f"<{tag}> is never closed" for tag in checker.open]


def is_plainly_sound(html: str) -> bool:
    """Whether nothing is wrong with a page that is written in the plainest way, found much more quickly.

    Every page that a test gets is looked at, and most of their tags stood so on another page.
    """
    at, opened, ids = 0, list[str](), list[str]()
    for piece in _PLAIN.finditer(html):
        if piece.start() != at:
            return False
        at = piece.end()
        ended, whole, _, begun = piece.groups()
        if ended is not None:
            if ended not in opened[-1:]:
                close_before(ended, opened)
            if not opened or opened.pop() != ended:
                return False
        elif start := begun or whole:
            said = _said_by(start)
            if said is None:
                return False
            tag, stays_open, its_ids = said
            ids += its_ids
            if begun:
                close_before(tag, opened)
            if stays_open and begun:
                opened.append(tag)
    return at == len(html) and not opened and len(ids) == len(set(ids)) and "" not in ids


@lru_cache(maxsize=20_000)
def _said_by(start: str) -> tuple[str, bool, list[str]] | None:
    """What element a start tag begins, whether it stays open, and its ids; nothing where it has faults."""
    (tag, *_), *attributes = _NAME.findall(start)
    names = [name.lower() for name, *_ in attributes]
    itself = start.endswith("/>")
    if len(set(names)) < len(names) or any(name == "style" or name[:2] == "on" for name in names):
        return None
    if itself and tag not in VOID | SHAPES:
        return None
    ids = ["".join(values) for name, (_, *values) in zip(names, attributes, strict=True) if name == "id"]
    return tag, not itself and tag not in VOID, ids

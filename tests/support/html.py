"""Whether a page is well-formed HTML: every element closed in its order, every id once."""

from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
IN_TABLES = {"td": ("td", "th"), "th": ("td", "th"), "tr": ("td", "th", "tr"), "tbody": ("td", "th", "tr")}
"""Elements that close others by themselves, if they are open: HTML lets these go without their end tags."""
SHAPES = {"circle", "ellipse", "line", "path", "polygon", "polyline", "rect", "use"}


class Checker(HTMLParser):
    """Collects what is wrong with a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, attrs)
        self._close_before(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, attrs)
        if tag not in VOID | SHAPES:
            self.faults.append(f"<{tag}/> does not close itself in HTML")

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.open[-1:]:
            self._close_before(tag)
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()} closes something else")

    def _close_before(self, tag: str) -> None:
        while self.open and self.open[-1] in IN_TABLES.get(tag, ()):
            self.open.pop()

    def _note(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        self.faults += [f"<{tag}> has {name} twice" for name in set(names) if names.count(name) > 1]
        self.faults += [f"<{tag}> has inline {name}" for name in names if name == "style" or name[:2] == "on"]
        for name, value in attrs:
            if name == "id" and (not value or value in self.ids):
                self.faults.append(f"id {value!r} stands twice or is empty")
            if name == "id" and value:
                self.ids.add(value)


def faults_of(html: str) -> list[str]:
    """Return what is wrong with a page or a piece of one, in sentences."""
    checker = Checker()
    checker.feed(html)
    checker.close()
    return checker.faults + [f"<{tag}> is never closed" for tag in checker.open]

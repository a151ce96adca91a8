"""The letters that a reader of HTML sees, by the standard library's parser: spaces and markup apart."""

from html.parser import HTMLParser


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.seen.append(data)


def letters_of(markup: str) -> str:
    """Return all visible characters but white space, in order."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return "".join("".join(reader.seen).split())

"""Text as people read it: the letters of a page, and whether a sentence is plain."""

import re
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


def is_plain(sentence: str) -> bool:
    """One or two sentences without an address, a trace or a programmer's word."""
    words = re.compile(r"://|127\.0\.0\.1|Error|Exception|None|True|\bint\b|\bstr\b|0x|[{}<>\[\]_=]|/jobs")
    return sentence.endswith(".") and sentence.count(". ") <= 1 and not words.search(sentence)

"""The headings of a description: in order among themselves, and beneath those of the page around it."""

import re
from collections.abc import Iterable

_FIRST, _LAST = 2, 6
_START = re.compile(r"<[hH]([1-6])(?=[\s/>])")
_HEADING = re.compile(r"<(/?)[hH]([1-6])(?=[\s/>])")


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
    """A cleaned description as it stands under a page's heading of that level."""
    deeper = level - _FIRST + 1

    def lowered(match: re.Match[str]) -> str:
        return f"<{match[1]}h{min(int(match[2]) + deeper, _LAST)}"

    return _HEADING.sub(lowered, description_html)


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

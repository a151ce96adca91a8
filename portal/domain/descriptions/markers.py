"""Bullets and numbers that people type before the lines of a list: which lines are items of which list."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

_BULLETS: Final = "·•●▪■◦○‣⁃∙⦁\uf0b7\uf0a7\uf0d8\uf076\uf0fc"
"""Nothing but an item begins with these. The last ones are Word's, of the fonts Symbol and Wingdings."""
_DASHES: Final = "-–—−*➢➤►▶❖◆♦o§"
"""Other lines begin with these too: only several of them in a row are a list."""
_ROMAN: Final = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv")

MOST_CHARACTERS: Final = 8
"""No marker is longer, with the first letter after it."""
_NUMBER: Final = r"\(?(?:[0-9]{1,3}|[ivxIVX]{1,4}|[a-zA-Z])[.)]"
MAYBE_MARKER: Final = (
    rf"[{_BULLETS}]|&(?:middot|bull|sect|[nm]dash|minus|#183|#8226|#8211);"
    rf"|(?:[{_DASHES}]|{_NUMBER})(?:\s|&nbsp;|&#160;)"
)
"""What stands in HTML where a line may begin with a marker."""
_TYPED = re.compile(
    rf"\s*+(?:([{_BULLETS}])|([{_DASHES}])(?=\s)"
    r"|\(?([0-9]{1,3}|[ivx]{1,4}|[IVX]{1,4}|[a-zA-Z])[.)](?=\s))\s*+(?=\S)"
)
_PARAGRAPH_OF_A_LAW = re.compile(r"\s*+§\s*+[0-9]")


@dataclass(frozen=True, slots=True)
class Marker:
    """The ``sign`` of a bullet or number that a line begins with, in ``length`` characters with its spaces.

    ``level`` is 0 where nothing says it; ``indent`` is how far the line stands from the edge. ``sure`` says
    that the line is an item even where it stands alone.
    """

    sign: str
    length: int = 0
    is_number: bool = False
    level: int = 0
    indent: int = 0
    sure: bool = False


@dataclass(frozen=True, slots=True)
class ItemPosition:
    """Where an item belongs: items of one ``level`` and ``key`` in a row are of one list, an ``element``."""

    level: int
    key: object
    element: str
    attributes: dict[str, str] = field(default_factory=dict)


def marker_at(line: str) -> Marker | None:
    """The marker that a line of text begins with, if more than it stands there."""
    found = _TYPED.match(line)
    if found is None or _PARAGRAPH_OF_A_LAW.match(line):
        return None
    bullet, dash, number = found.groups()
    return Marker(bullet or dash or number, found.end(), is_number=bool(number), sure=bool(bullet))


def marker_of_level(said: str, level: int) -> Marker:
    """The marker of an item that says its own level, and apart from its text what stands before it."""
    is_number = bool(re.fullmatch(_NUMBER, said))
    return Marker(said.strip("().") if is_number else said, is_number=is_number, level=level, sure=True)


def which_are_items(run: Sequence[Marker]) -> list[bool]:
    """Which of neighbouring lines are items: numbers that go on, and signs that do not stand alone."""
    numbers, signs = _readings(run), Counter(marker.sign for marker in run)
    sure = any(marker.sure or marker in numbers for marker in run)
    return [
        marker.sure or marker in numbers or (not marker.is_number and (sure or signs[marker.sign] > 1))
        for marker in run
    ]


def item_positions(run: Sequence[Marker]) -> list[ItemPosition]:
    """The list of each of neighbouring items: another sign, or more indent, begins an inner list."""
    numbers, opened, found = _readings(run), list[_Opened](), list[ItemPosition]()
    to_come = Counter(marker.sign for marker in run if not marker.is_number)
    for marker in run:
        to_come[marker.sign] -= 1
        if marker.is_number and opened and not to_come[opened[-1].kind]:
            _end_bullets(opened, marker.indent)
        kind, value = numbers.get(marker) or _first_reading(marker)
        found.append(_position_of(marker, kind, value, opened))
    return found


@dataclass(slots=True)
class _Opened:
    """A list that the next item may go on with."""

    kind: str
    indent: int
    next: int
    is_bullets: bool
    serial: int = 0


def _end_bullets(opened: list[_Opened], indent: int) -> None:
    """Numbers after the last item with some bullet are no part of it, unless they have more indent."""
    while opened and opened[-1].is_bullets and opened[-1].indent >= indent:
        opened.pop()


def _position_of(marker: Marker, kind: str, value: int, opened: list[_Opened]) -> ItemPosition:
    element = "ol" if marker.is_number else "ul"
    if marker.level:
        return ItemPosition(marker.level, kind, element, _attributes(element, kind, value))
    at = next((n for n in reversed(range(len(opened))) if _goes_on(opened[n], marker, kind)), None)
    if at is None:
        while opened and opened[-1].indent > marker.indent:
            opened.pop()
        opened.append(_Opened(kind, marker.indent, value, not marker.is_number))
    else:
        del opened[at + 1 :]
    last = opened[-1]
    if value != last.next:
        last.serial += 1  # the numbers begin anew: another list
    last.next = value + 1 if marker.is_number else value
    return ItemPosition(len(opened), (kind, last.serial), element, _attributes(element, kind, value))


def _goes_on(opened: _Opened, marker: Marker, kind: str) -> bool:
    return opened.kind == kind and opened.indent == marker.indent


def _attributes(element: str, kind: str, value: int) -> dict[str, str]:
    if element == "ul":
        return {}
    return ({} if kind == "1" else {"type": kind}) | ({} if value == 1 else {"start": str(value)})


def _readings(run: Sequence[Marker]) -> dict[Marker, tuple[str, int]]:
    """Kind, as ``type`` names it, and number of each marker that has a neighbour in the same numbering."""
    possible = {marker: _read(marker) for marker in run if marker.is_number}
    known = {reading for readings in possible.values() for reading in readings}
    return {
        marker: min(going_on, key=lambda reading: (reading[0], reading[1] - 1) not in known)
        for marker, readings in possible.items()
        if (going_on := [each for each in readings if {(each[0], each[1] + n) for n in (-1, 1)} & known])
    }


def _first_reading(marker: Marker) -> tuple[str, int]:
    if not marker.is_number:
        return marker.sign, 0
    return (_read(marker) or [("1", 1)])[-1]


def _read(marker: Marker) -> list[tuple[str, int]]:
    if marker.sign.isdigit():
        return [("1", int(marker.sign))]
    low = marker.sign.lower()
    letter, roman = ("a", "i") if low == marker.sign else ("A", "I")
    found = [(letter, ord(low) - ord("a") + 1)] if len(low) == 1 else []
    return found + ([(roman, _ROMAN.index(low))] if low in _ROMAN[1:] else [])

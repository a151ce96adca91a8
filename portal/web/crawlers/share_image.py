"""Draw the image that other sites show beside a link to a job: 1200 × 630 pixels, as PNG.

resvg shapes the text, turns what runs right to left, and finds for each character a font that has it.
"""

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import resvg_py
from PIL import ImageFont

from portal.domain.languages import direction_of

EDITION: Final = 1
"""Grows when the drawing changes: what was cached of the last edition is out of date."""
WIDTH, HEIGHT, MARGIN = 1200, 630, 80
INNER: Final = WIDTH - 2 * MARGIN
SIZES: Final = ((80, 2), (64, 3), (52, 4))
"""How large a title is, and on how many lines it may stand at that size; what is longer still is cut."""
FAMILY: Final = "Inter"
FONTS: Final = (
    *("fontpkg_inter", "fontpkg_noto_sans_arabic", "fontpkg_heebo"),
    *("fontpkg_noto_sans_devanagari", "fontpkg_noto_sans_thai", "noto_cjk_sans_jp_bold"),
)
"""Packages that hold a font: Latin, Greek and Cyrillic, Arabic, Hebrew, Devanagari, Thai; the last one
Chinese, Japanese and Korean."""
UNNAMED: Final = "Open job"
MEASURED_AT: Final = 100
INK, SOFT, ACCENT, PAPER = "#18202c", "#556070", "#3f51c7", "#ffffff"
NOT_A_CHARACTER: Final = "\uffff"
LOGO_HEIGHT, MOST_LOGO_WIDTH = 88, 400
_SIGNED: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,20}[+#]{1,3}")
_TO_RIGHT, _TO_LEFT, _POP = "\u200e", "\u202b", "\u202c"
_JOINERS: Final = "\u200c\u200d"
_LOOSE_JOINERS: Final = re.compile(r"(?:(?<=\s)|^)[\u200c\u200d]+|[\u200c\u200d]+(?=\s|$)")
_UNDRAWN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
_ATTACHED: Final = frozenset({"Mn", "Me", "Mc"})


@dataclass(frozen=True, slots=True)
class Card:
    """What the image says; ``logo`` is a PNG of the proportions beside it."""

    title: str
    language: str | None
    organisation: str
    facts: tuple[str, ...]
    logo: bytes | None = None
    logo_size: tuple[int, int] = (0, 0)


def draw(card: Card) -> bytes:
    """Return the image. Characters for which there is no font, such as emoji, are left out."""
    svg = "".join(_svg(card))
    image = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=list(_font_files()))
    return bytes(image)


def _svg(card: Card) -> Iterator[str]:
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">'
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>'
    yield f'<rect y="{HEIGHT - 16}" width="{WIDTH}" height="16" fill="{ACCENT}"/>'
    organisation, title = drawable(card.organisation), drawable(card.title)
    yield from _head(card, organisation)
    yield from _title(title or UNNAMED, card.language)
    facts = " · ".join(filter(None, map(drawable, card.facts)))
    if facts:
        [line] = lines_of(facts, 34, 1)
        yield _line(line, MARGIN, 548, 34, 400, SOFT)
    yield "</svg>"


def _head(card: Card, organisation: str) -> Iterator[str]:
    top, left = 64, MARGIN
    if card.logo:
        width, height = card.logo_size
        scale = min(LOGO_HEIGHT / height, MOST_LOGO_WIDTH / width)
        content = b64encode(card.logo).decode()
        yield (
            f'<image x="{MARGIN}" y="{top}" width="{width * scale:.0f}" height="{LOGO_HEIGHT}"'
            f' preserveAspectRatio="xMinYMid meet" href="data:image/png;base64,{content}"/>'
        )
        left += round(width * scale) + 28
    elif organisation:
        yield f'<rect x="{left}" y="{top}" width="88" height="88" rx="20" fill="{ACCENT}"/>'
        yield _line(organisation[0].upper(), left + 44, top + 61, 48, 700, PAPER, "middle")
        left += 88 + 28
    if organisation:
        [line] = lines_of(organisation, 38, 1, WIDTH - MARGIN - left)
        yield _line(line, left, top + 57, 38, 600, INK)


def _title(title: str, language: str | None) -> Iterator[str]:
    size, most = next((fit for fit in SIZES if _reads_well(lines_of(title, *fit), fit[1])), SIZES[-1])
    lines = lines_of(title, size, most)
    to_left = direction_of(title, language) == "rtl" or _begins_right_to_left(title)
    height = round(size * 1.18)
    first = 345 - (len(lines) - 1) * height // 2 + size // 3
    for number, line in enumerate(lines):
        x, anchor = (WIDTH - MARGIN, "end") if to_left else (MARGIN, "start")
        yield _line(line, x, first + number * height, size, 700, INK, anchor, to_left=to_left)


def _reads_well(lines: Sequence[str], most: int) -> bool:
    """Whether nothing was cut, and no lone sign stands on the last line."""
    return len(lines) <= most and not lines[-1].endswith("…") and len(lines[-1]) > 2


def _line(
    text: str,
    x: int,
    y: int,
    size: int,
    weight: int,
    fill: str,
    anchor: str = "start",
    *,
    to_left: bool = False,
) -> str:
    if to_left:
        text = _TO_LEFT + _SIGNED.sub(lambda name: _TO_RIGHT + name[0] + _TO_RIGHT, text) + _POP
    return (
        f'<text x="{x}" y="{y}" font-family="{FAMILY}" font-size="{size}" font-weight="{weight}"'
        f' fill="{fill}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _begins_right_to_left(text: str) -> bool:
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L"


def drawable(text: str) -> str:
    """Return what the fonts have of a text: nothing, where less than half of its letters would be left."""
    kept = "".join(letter for letter in text if _advance(letter) is not None)
    kept = " ".join(_LOOSE_JOINERS.sub("", kept).split())
    return kept if 2 * _letters(kept) >= _letters(text) and _letters(kept) else ""


def _letters(text: str) -> int:
    return sum(letter.isalnum() for letter in text)


def lines_of(text: str, size: int, most: int, width: int = INNER) -> list[str]:
    """Break a text into lines that fit, ``most`` at most; the last one is cut with an ellipsis."""
    words = [piece for word in text.split() for piece in _fitting(word, size, width)]
    lines: list[str] = []
    for word in words:
        if lines and _width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
        if len(lines) > most:
            return [*lines[: most - 1], _cut(lines[most - 1], size, width)]
    return lines


def _fitting(word: str, size: int, width: int) -> Iterator[str]:
    """Yield a word in pieces that fit: Chinese, Japanese and Thai have no spaces between words."""
    piece = ""
    for letter in word:
        if piece and unicodedata.category(letter) not in _ATTACHED and _width(piece + letter, size) > width:
            yield piece
            piece = ""
        piece += letter
    yield piece


def _cut(text: str, size: int, width: int) -> str:
    while text and _width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip(' ,;-–')}…"


def _width(text: str, size: int) -> float:
    return sum(_advance(letter) or 0.0 for letter in text) * size / MEASURED_AT


@lru_cache(maxsize=20_000)
def _advance(letter: str) -> float | None:
    """How wide a character is drawn, by the first font that has it; ``None`` where none does."""
    category = unicodedata.category(letter)
    if letter in _JOINERS:
        return 0.0
    if category in _UNDRAWN:
        return None
    for font, missing in _fonts():
        if letter.isspace() or bytes(font.getmask(letter)) != missing:
            return 0.0 if category == "Mn" else float(font.getlength(letter))
    return None


@cache
def _fonts() -> Sequence[tuple[ImageFont.FreeTypeFont, bytes]]:
    """The fonts to measure with, each with what it draws for a character that it does not have."""
    fonts = [
        ImageFont.truetype(file, MEASURED_AT, layout_engine=ImageFont.Layout.BASIC) for file in _font_files()
    ]
    for font in fonts:
        _embolden(font)
    return [(font, bytes(font.getmask(NOT_A_CHARACTER))) for font in fonts]


def _embolden(font: ImageFont.FreeTypeFont) -> None:
    """Choose bold at display size, as resvg does for titles."""
    wanted = {b"Weight": 700, b"Optical size": 32}
    try:
        axes = font.get_variation_axes()
    except OSError:
        return  # it has one weight alone
    chosen = (wanted.get(axis["name"] or b"", axis["default"]) for axis in axes)
    font.set_variation_by_axes([value or 0 for value in chosen])


@cache
def _font_files() -> tuple[str, ...]:
    return tuple(str(file) for package in FONTS for file in _files_in(package))


def _files_in(package: str) -> list[Path]:
    """Find the upright fonts of an installed package, without importing it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise LookupError(f"The package {package} is not installed.")
    files = Path(spec.origin).parent.rglob("*.[ot]tf")
    return sorted(file for file in files if "Italic" not in file.name)

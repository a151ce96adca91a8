"""Tables of text as spreadsheets write them: bytes to text, text to cells, and cells to CSV."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

BOM: Final = "\ufeff"
MOST_CELLS: Final = 500_000
SEPARATORS: Final = (",", ";", "\t")
FALLBACK: Final = "cp1252"
"""What Excel for Windows saves as plain "CSV" in most of Europe and America."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*%?")
_FORMULA = r"\s*[=+\-@\t\r\n＝＋－＠]"  # East Asian spreadsheets take the wide signs for them, too
_IS_FORMULA = re.compile(f"'*{_FORMULA}")
_WAS_FORMULA = re.compile(f"'+{_FORMULA}")


class InvalidTable(ValueError):
    """What was sent cannot be read as a table; ``str()`` is a sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table, each as its cells; ``encoding`` is the one that its bytes were read in."""

    rows: list[list[str]]
    encoding: str = "utf-8"

    @property
    def has_lost_letters(self) -> bool:
        """Whether letters may have become question marks as the file was saved."""
        return self.encoding == FALLBACK


def read_file(data: bytes, is_known: Callable[[str], bool]) -> Table:
    """Read a CSV file of any spreadsheet; raises ``InvalidTable``.

    The separator is the one that makes most known headings of the first row.
    """
    text, encoding = _decoded(data)
    if line := _SEPARATOR_LINE.match(text):  # Excel's own way to name it
        return Table(_without_blank_rows(split_cells(text[line.end() :], line[1])), encoding)
    first = text[:20_000].lstrip()
    separator = max(SEPARATORS, key=lambda each: sum(map(is_known, next(iter(split_cells(first, each)), []))))
    return Table(_without_blank_rows(split_cells(text, separator)), encoding)


def _decoded(data: bytes) -> tuple[str, str]:
    if data.startswith(_WORKBOOKS):
        raise InvalidTable(
            "This is a workbook, not a CSV file. Save it as “CSV UTF-8” in Excel, or as CSV in Numbers."
        )
    if not data.strip():
        raise InvalidTable("This file is empty.")
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.removeprefix(BOM), encoding
    raise InvalidTable("This file is not text. Choose a CSV file.")


def _encodings(data: bytes) -> tuple[str, ...]:
    """What the bytes may be: what their mark says, or else what they look like."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return (encoding,)
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if set(data[start:8:2]) == {0}:  # every other byte of the Latin letters that headings begin with
            return (encoding,)
    return ("utf-8", FALLBACK)


def split_cells(text: str, separator: str = "\t") -> list[list[str]]:
    """Split a file's text, or a block copied from a spreadsheet, into rows; raises ``InvalidTable``.

    A quoted cell may hold separators and newlines. A quote that is never closed, or that more text follows,
    is an ordinary character: spreadsheets copy ``"so-called" senior`` as it is.
    """
    apart = re.escape(separator)
    cell = re.compile(rf'(?:"((?:[^"]|"")*+)"(?={apart}|\r|\n|\Z)|([^\r\n{apart}]*+))({apart}|\r\n|\r|\n|\Z)')
    rows: list[list[str]] = [[]]
    for number, found in enumerate(cell.finditer(text)):
        if number > MOST_CELLS:
            raise InvalidTable(f"This has more than {MOST_CELLS:,} cells. Delete the empty rows and columns.")
        quoted, plain, end = found.groups("")
        rows[-1].append(quoted.replace('""', '"') or plain)
        if end != separator:
            rows.append([])
    rows.pop()
    return rows if rows[-1] != [""] else rows[:-1]  # what follows the end of the last row


def _without_blank_rows(rows: list[list[str]]) -> list[list[str]]:
    """The rows up to the last that says something; blank ones before it count, and hold nothing."""
    filled = [row if any(map(str.strip, row)) else [] for row in rows]
    while filled and not filled[-1]:
        filled.pop()
    return filled


def csv_line(cells: Iterable[str], separator: str = ",") -> str:
    """Return one line of a CSV file as RFC 4180 has it; no cell of it is taken for a formula."""
    line = io.StringIO()
    csv.writer(line, delimiter=separator).writerow([harmless(cell) for cell in cells])
    return line.getvalue()


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe stands before it; numbers stay."""
    if not _IS_FORMULA.match(text) or _NUMBER.fullmatch(text):
        return text
    return f"'{text}"


def as_typed(cell: str) -> str:
    """Return the text that a cell of a file stands for: without the apostrophe of ``harmless``."""
    return plain(cell[1:] if _WAS_FORMULA.match(cell) else cell)


def plain(text: str) -> str:
    """Return a text with plain line ends and without space around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()

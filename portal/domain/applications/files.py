"""Files of an application: what they are by their content, and how many and how large they may be."""

import re
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from zipfile import BadZipFile, ZipFile

from portal.domain.texts import InvalidValue, cut_line

MOST_FILES: Final = 8
MOST_BYTES: Final = 10 * 2**20
"""In sum: hosts and mail systems behind Greenhouse take no more."""
LONGEST_NAME: Final = 120
MOST_ENTRIES: Final = 2_000
ACCEPTED: Final = ".pdf,.doc,.docx,.txt,.rtf"
"""What a browser's dialog offers first."""
TYPES: Final = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "txt": "text/plain",
    "rtf": "application/rtf",
}
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORD_STREAM: Final = "WordDocument".encode("utf-16-le")
_BINARY: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_WORD_ENTRY: Final = re.compile(r"word/document[^/]*\.xml")
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|]+')


@dataclass(frozen=True, slots=True)
class File:
    """A file that may be sent on: ``kind`` is a key of ``TYPES``, and its ``name`` ends with it."""

    field: str
    name: str
    kind: str
    content: bytes


def read_file(field: str, name: str, content: bytes) -> File:
    """Return a file under a name that fits its content; raises ``InvalidValue``."""
    said = cut_line(name, 60) or "The file"
    if not content:
        raise InvalidValue(f"“{said}” is empty. Choose the file again.")
    if len(content) > MOST_BYTES:
        raise InvalidValue(f"“{said}” is larger than 10 MB. Choose a smaller file.")
    kind = kind_of(content)
    if kind is None:
        raise InvalidValue(f"“{said}” is no PDF, Word, RTF or text file. Save it as one of them.")
    return File(field, file_name(name, kind), kind, content)


def kind_of(content: bytes) -> str | None:
    """Return the kind of a file, whatever it is called; ``None`` where Greenhouse takes none such."""
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.startswith(_OLE):
        return "doc" if _WORD_STREAM in content else None
    if content.startswith(b"PK\x03\x04"):
        return "docx" if _is_word(content) else None
    if content.startswith(b"{\\rtf"):
        return "rtf"
    return "txt" if _is_text(content) else None


def file_name(name: str, kind: str) -> str:
    """Return the name without a folder and without signs that break headers, ending as its kind does."""
    last = re.split(r"[/\\]", name[-4 * LONGEST_NAME :])[-1]
    plain = cut_line(_UNSAFE.sub(" ", last), 4 * LONGEST_NAME).strip(" .")
    stem = plain[: -len(kind) - 1] if plain.lower().endswith(f".{kind}") else plain
    return f"{stem[:LONGEST_NAME].strip(' .') or 'file'}.{kind}"


def _is_word(content: bytes) -> bool:
    """Whether a zip file is a Word document; only its list of entries is read."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
    except (BadZipFile, ValueError, OSError, NotImplementedError):
        return False
    return len(names) <= MOST_ENTRIES and any(map(_WORD_ENTRY.fullmatch, names))


def _is_text(content: bytes) -> bool:
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not _BINARY.search(text) and bool(text.strip("\ufeff \t\r\n"))
    return False

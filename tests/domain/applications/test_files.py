"""Files are what their content says, whatever they are called."""

import pytest

from portal.domain.applications.files import MOST_BYTES, file_name, kind_of, read_file
from portal.domain.texts import InvalidValue
from tests.support.application_files import (
    DOC,
    DOCX,
    EXCEL,
    PDF,
    PICTURE,
    PROGRAM,
    RTF,
    SHEET,
    TEXT,
    zipped,
)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "pdf"),
        (b"\xef\xbb\xbf\n" + PDF, "pdf"),
        (DOC, "doc"),
        (DOCX, "docx"),
        (RTF, "rtf"),
        (TEXT, "txt"),
        (TEXT.decode().encode("utf-16"), "txt"),
        ("Müller".encode("cp1252"), "txt"),
        (SHEET, None),
        (EXCEL, None),
        (zipped("a.exe"), None),
        (b"PK\x03\x04 broken", None),
        (PROGRAM, None),
        (PICTURE, None),
        (b" \n", None),
    ],
)
def test_a_file_is_known_by_its_content(content: bytes, kind: str | None) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("CV Ada.PDF", "pdf", "CV Ada.pdf"),
        ("C:\\Users\\ada\\cv.doc", "doc", "cv.doc"),
        ("../../etc/passwd", "txt", "passwd.txt"),
        ("cv.exe", "pdf", "cv.exe.pdf"),
        ('a"\r\nX: y.txt', "txt", "a X y.txt"),
        ("", "pdf", "file.pdf"),
        (".pdf", "pdf", "pdf.pdf"),
        ("Lebenslauf Müller.pdf", "pdf", "Lebenslauf Müller.pdf"),
        ("x" * 5000 + ".pdf", "pdf", "x" * 120 + ".pdf"),
    ],
)
def test_a_name_fits_the_content_and_breaks_no_header(name: str, kind: str, kept: str) -> None:
    assert file_name(name, kind) == kept


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"x" * (MOST_BYTES + 1), "larger than 10 MB"), (PROGRAM, "is no PDF")],
)
def test_what_cannot_be_sent_is_refused_with_its_name(content: bytes, said: str) -> None:
    with pytest.raises(InvalidValue, match=said) as refused:
        read_file("resume", "my cv", content)
    assert "“my cv”" in str(refused.value)

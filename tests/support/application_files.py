"""Files as applicants send them: the smallest of each kind, and some that are not what they are called."""

from io import BytesIO
from zipfile import ZipFile, ZipInfo

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
RTF = rb"{\rtf1\ansi I measure the wind.}"
TEXT = "I measure the wind, in Łódź and elsewhere.\n".encode()
DOC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le") + bytes(60)
SHEET = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "Workbook".encode("utf-16-le") + bytes(60)
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)


def zipped(*names: str) -> bytes:
    """A zip file with entries of these names: the same bytes whenever it is made."""
    whole = BytesIO()
    with ZipFile(whole, "w") as archive:
        for name in names:
            archive.writestr(ZipInfo(name), "<x/>")
    return whole.getvalue()


DOCX = zipped("[Content_Types].xml", "word/document.xml")
EXCEL = zipped("[Content_Types].xml", "xl/workbook.xml")

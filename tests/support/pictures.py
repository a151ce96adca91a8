"""Picture files as people upload them, and as nobody should."""

import struct
import zlib
from io import BytesIO

from PIL import Image


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 120), **saved: object) -> bytes:
    """A picture in one colour."""
    file = BytesIO()
    Image.new("RGB", size, (32, 96, 160)).save(file, kind, **saved)  # type: ignore[arg-type]
    return file.getvalue()


def png_of(width: int, height: int, content: bytes = b"") -> bytes:
    """A PNG whose head says that it is of this size, whatever its content."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(content)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks

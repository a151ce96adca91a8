"""A process's cache of rendered public pages, compressed once, each with its Last-Modified."""

import hashlib
import zlib
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from mmap import ACCESS_READ, mmap
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import Final

from flask import Response
from zlib_ng import zlib_ng

from portal.db import end_read
from portal.web.cache import LRUCache
from portal.web.responses import GZIP, LEVEL

MOST_ADDRESSES: Final = 2_000
LARGE: Final = 2**20
"""Bytes: what is larger is kept in a file, and sent piece by piece."""
PIECE: Final = 2**16
PATIENCE: Final = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page as it is sent, and since when this process has known it to look so."""

    status: int
    compressed: bytes | mmap
    etag: str
    since: datetime
    content_type: str
    length: int

    def packed(self) -> bytes | Iterator[bytes]:
        """Return the page compressed; neither so nor plain does a large one stand in memory as a whole."""
        return self.compressed if isinstance(self.compressed, bytes) else self._packed_pieces()

    def plain(self) -> bytes | Iterator[bytes]:
        """Return the page uncompressed."""
        return zlib.decompress(self.compressed, GZIP) if self.length <= LARGE else self._pieces()

    def _packed_pieces(self) -> Iterator[bytes]:
        return (self.compressed[start : start + PIECE] for start in range(0, len(self.compressed), PIECE))

    def _pieces(self) -> Iterator[bytes]:
        unpack = zlib.decompressobj(GZIP)
        for packed in self._packed_pieces():
            while packed:
                yield unpack.decompress(packed, PIECE)
                packed = unpack.unconsumed_tail
        yield unpack.flush()


class PageCache:
    """The pages of a process.

    ``since`` stands still as long as a page looks the same, whatever revision it was rendered at: a date that
    moved with every revision would tell strangers of changes to what they may not see.
    """

    def __init__(self, most_bytes: int) -> None:
        self.pages = LRUCache[Page](most_bytes, lambda page: len(page.compressed))
        self._latest = LRUCache[tuple[str, datetime]](MOST_ADDRESSES)
        self._lock = Lock()

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Wait until nobody else renders; say whether that came within ``PATIENCE``."""
        is_ours = self._lock.acquire(blocking=False)
        if not is_ours:
            end_read()  # who waits holds no connection
            is_ours = self._lock.acquire(timeout=PATIENCE)
        try:
            yield is_ours
        finally:
            if is_ours:
                self._lock.release()

    def add(self, key: bytes, address: Hashable, rendered: Response) -> Page:
        """Compress and store what was rendered, piece by piece as it is rendered."""
        etag, length, compressed = _compress(rendered.iter_encoded())
        known = self._latest.get(address)
        since = known[1] if known and known[0] == etag else datetime.now(UTC)
        self._latest.set(address, (etag, since))
        content_type = rendered.headers["Content-Type"]
        page = Page(rendered.status_code, compressed, etag, since, content_type, length)
        self.pages.set(key, page)
        return page


def _compress(pieces: Iterable[bytes]) -> tuple[str, int, bytes | mmap]:
    """Return what tells the content from others, its length, and the content compressed."""
    digest, length = hashlib.sha256(), 0
    pack = zlib_ng.compressobj(LEVEL, zlib_ng.DEFLATED, GZIP)
    with SpooledTemporaryFile(LARGE) as packed:
        for piece in pieces:
            digest.update(piece)
            length += len(piece)
            packed.write(pack.compress(piece))
        packed.write(pack.flush())
        return digest.hexdigest()[:16], length, _content(packed)


def _content(packed: SpooledTemporaryFile[bytes]) -> bytes | mmap:
    """Return what was written: of a large file that has no name any more, what is read of it."""
    if packed.tell() > LARGE:
        packed.flush()
        return mmap(packed.fileno(), 0, access=ACCESS_READ)
    packed.seek(0)
    return packed.read()

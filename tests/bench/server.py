"""A board server that costs next to nothing: answers made and zipped beforehand, ETag and 304."""

import asyncio
import gzip
import hashlib
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import cast

from tests.bench.board import board


@dataclass(frozen=True)
class Answer:
    """One version of a board, as bytes that are ready to send: whole, or that it is unchanged."""

    etag: str
    whole: bytes
    unchanged: bytes


def answer(size: int, revision: int) -> Answer:
    raw = board(size, revision)
    zipped, etag = gzip.compress(raw, 6), f'W/"{hashlib.sha256(raw).hexdigest()[:32]}"'
    kind = f"Content-Type: application/json; charset=utf-8\r\nETag: {etag}"
    length = f"Content-Encoding: gzip\r\nContent-Length: {len(zipped)}"
    whole = f"HTTP/1.1 200 OK\r\n{kind}\r\n{length}\r\n\r\n".encode() + zipped
    return Answer(etag, whole, f"HTTP/1.1 304 Not Modified\r\n{kind}\r\n\r\n".encode())


class Protocol(asyncio.Protocol):
    """One connection: ``/<revision>/<token>/jobs``, the revision stands in the base address."""

    answers: dict[str, Answer]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where answers go."""
        self._transport = cast(asyncio.Transport, transport)
        self._unread = b""

    def data_received(self, data: bytes) -> None:
        """Answer each request whose head is whole; none has a body."""
        *heads, self._unread = (self._unread + data).split(b"\r\n\r\n")
        for head in heads:
            self._transport.write(self._respond(head.decode("latin-1")))

    def _respond(self, head: str) -> bytes:
        found = self.answers[head.split("/", 2)[1]]
        if f"\r\nIf-None-Match: {found.etag}" in head:
            return found.unchanged
        return found.whole


async def _serve_forever(ready: Connection) -> None:
    server = await asyncio.get_running_loop().create_server(Protocol, "127.0.0.1", 0)
    ready.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _serve(size: int, ready: Connection) -> None:
    Protocol.answers = {str(revision): answer(size, revision) for revision in (0, 1)}
    asyncio.run(_serve_forever(ready))


class BoardServer:
    """The server in a process of its own, so that its work is not counted as anybody's."""

    def __init__(self, size: int) -> None:
        context = get_context("spawn")
        here, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(size, there), daemon=True)
        self._process.start()
        self.url = f"http://127.0.0.1:{here.recv()}"

    def __enter__(self) -> "BoardServer":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

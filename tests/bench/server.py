"""A board server that costs next to nothing: answers made and zipped beforehand, ETag and 304."""

import gzip
import hashlib
import socket
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection

from tests.bench.board import board

PATIENCE = 10.0  # seconds


@dataclass(frozen=True)
class Answer:
    """One version of a board, as bytes that are ready to send: whole, or that it is unchanged."""

    etag: str
    whole: bytes
    unchanged: bytes


def answer(size: int, revision: int) -> Answer:
    raw = board(size, revision)
    zipped, etag = gzip.compress(raw, 6), f'W/"{hashlib.sha256(raw).hexdigest()[:32]}"'
    kind = f"Connection: close\r\nContent-Type: application/json; charset=utf-8\r\nETag: {etag}"
    length = f"Content-Encoding: gzip\r\nContent-Length: {len(zipped)}"
    whole = f"HTTP/1.1 200 OK\r\n{kind}\r\n{length}\r\n\r\n".encode() + zipped
    return Answer(etag, whole, f"HTTP/1.1 304 Not Modified\r\n{kind}\r\n\r\n".encode())


def _respond(answers: dict[str, Answer], head: str) -> bytes:
    """Answer ``/<revision>/<token>/jobs``: the revision stands in the base address."""
    found = answers[head.split("/", 2)[1]]
    return found.unchanged if f"\r\nIf-None-Match: {found.etag}" in head else found.whole


def _serve(size: int, ready: Connection) -> None:
    """Answer one request after the other; none has a body, and each head comes in one piece.

    The board “slow” is never answered.
    """
    silent = []
    answers = {str(revision): answer(size, revision) for revision in (0, 1)}
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        ready.send(server.getsockname()[1])
        while True:
            client, _ = server.accept()
            with suppress(OSError):
                client.settimeout(PATIENCE)
                head = client.recv(65_536).decode("latin-1")
                if "/slow/" in head.split("\r\n", 1)[0]:
                    silent.append(client)
                    continue
                client.sendall(_respond(answers, head))
            client.close()


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

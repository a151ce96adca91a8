"""A board server that costs next to nothing: answers made and zipped beforehand, ETag and 304."""

import gzip
import hashlib
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection

from tests.bench.board import board


@dataclass(frozen=True)
class Answer:
    """One version of a board, ready to send."""

    zipped: bytes
    etag: str


def answer(size: int, revision: int) -> Answer:
    raw = board(size, revision)
    return Answer(gzip.compress(raw, 6), f'W/"{hashlib.sha256(raw).hexdigest()[:32]}"')


class Handler(BaseHTTPRequestHandler):
    """``/<revision>/<token>/jobs``: the revision stands in the base address."""

    protocol_version = "HTTP/1.1"
    answers: dict[str, Answer]

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        found = self.answers[self.path.split("/")[1]]
        known = self.headers.get("If-None-Match") == found.etag
        body = b"" if known else found.zipped
        self.send_response(304 if known else 200)
        self.send_header("ETag", found.etag)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        if not known:
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _serve(size: int, ready: Connection) -> None:
    Handler.answers = {str(revision): answer(size, revision) for revision in (0, 1)}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ready.send(server.server_port)
    server.serve_forever()


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

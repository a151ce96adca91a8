"""A web server on a port of its own for as long as a block lasts, and a browser that asks it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from socket import socket
from tempfile import TemporaryFile
from time import monotonic, perf_counter, sleep
from typing import IO
from urllib.parse import urlencode

from portal.config import REPOSITORY
from portal.process import bound_to_this_process

PATIENCE = 60.0  # seconds until a server must answer
KEPT_SECONDS = 5.0  # servers close a connection that is idle for much longer
THIS_PYTHON = Path(sys.executable)
BARE = ("--config", str(REPOSITORY / "tests" / "bench" / "plain_gunicorn.py"))


class Client:
    """A browser that keeps its connection, and takes compressed answers as every browser does."""

    def __init__(self, port: int, headers: dict[str, str] | None = None, patience: float = 30) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=patience)
        self._headers = {"Accept-Encoding": "gzip", **(headers or {})}
        self._asked_at = 0.0

    def ask(self, method: str, path: str, **form: str) -> float:
        """Return how long an answer took, in milliseconds; raises unless it is 200."""
        body = urlencode(form) if form else None
        kind = {"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"} if form else {}
        if monotonic() - self._asked_at > KEPT_SECONDS:
            self._connection.close()
        start = perf_counter()
        self._connection.request(method, path, body, {**self._headers, **kind})
        answer = self._connection.getresponse()
        content = answer.read()
        taken = (perf_counter() - start) * 1000
        self._asked_at = monotonic()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return taken


@dataclass(frozen=True)
class Server:
    """A running server: its port, and the process whose children answer."""

    port: int
    pid: int


@contextmanager
def portal_served(environ: dict[str, str], processes: int = 2) -> Iterator[Server]:
    """The portal as production serves it, with two processes if nothing else is said."""
    command = ["--config", str(REPOSITORY / "gunicorn.conf.py"), "wsgi:app"]
    with served(command, "/healthz", environ | {"WEB_WORKERS": str(processes)}) as server:
        yield server


@contextmanager
def served(
    arguments: Sequence[str], path: str, environ: dict[str, str], python: Path = THIS_PYTHON
) -> Iterator[Server]:
    """Run gunicorn, which answers at ``path`` by now, until the block or this process ends."""
    port = free_port()
    inherited = {
        name: value for name, value in os.environ.items() if name not in ("PUBLIC_URL", "DATABASE_URL")
    }
    # Asked to end, not killed: it is the one that ends its workers.
    command = bound_to_this_process(
        [str(python), "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *arguments], signal.SIGTERM
    )
    with (
        TemporaryFile() as said,
        subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={**inherited, **environ, "PORT": str(port)},
            stdout=said,
            stderr=said,
        ) as process,
    ):
        try:
            _wait_for(process, port, path, said)
            yield Server(port, process.pid)
        finally:
            process.terminate()


def free_port() -> int:
    """Return a port that nobody listened on a moment ago."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(process: subprocess.Popen[bytes], port: int, path: str, said: IO[bytes]) -> None:
    deadline = monotonic() + PATIENCE
    while True:
        try:
            Client(port).ask("GET", path)
            return
        except (OSError, RuntimeError) as error:
            if process.poll() is not None or monotonic() > deadline:
                said.seek(0)
                text = said.read().decode(errors="replace")
                raise RuntimeError(f"the server never answered:\n{text[-2000:]}") from error
            sleep(0.05)

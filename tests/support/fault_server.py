"""A Greenhouse that misbehaves on real sockets: each request meets the fault switched on for it.

    with FaultServer() as server:
        server.answer(status(503, retry_after="7"), normal(body, etag))
        ...                                  # the first request meets 503, every later one the board
        assert server.requests[0].path == "/acme/jobs?content=true"

A fault is a function of an ``Exchange``; the connection ends after it, ``normal`` excepted.
Listens on 127.0.0.1 only. Stopping wakes every fault that still waits.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Request:
    """What a client sent; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Exchange:
    """One request and the socket to answer it on."""

    def __init__(self, sock: socket.socket, request: Request, stopping: threading.Event) -> None:
        self.request = request
        self.keep_open = False
        self._sock = sock
        self._stopping = stopping

    def send(self, data: bytes) -> None:
        self._sock.sendall(data)

    def head(self, status: str = "200 OK", **headers: object) -> None:
        """Send a status line and headers (``content_length=5``), and the empty line after them."""
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        self.send(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode())

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the client leaves, the server stops (``False``) or the time is up (``True``)."""
        if seconds is not None:
            return not self._stopping.wait(seconds)
        with contextlib.suppress(OSError):
            self._sock.recv(1)
        return False

    def reset(self) -> None:
        """End the connection with a reset instead of a farewell."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()


Fault = Callable[[Exchange], None]


class FaultServer:
    """Serves until the ``with`` ends; ``url`` is what stands for ``GREENHOUSE_API_URL``."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = _bound(0)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def answer(self, *faults: Fault) -> None:
        """Meet the coming requests with these, in order; the last one stays."""
        with self._lock:
            self._faults = list(faults)

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse connections meanwhile; the port stays taken."""
        self._stop_listening()
        self._listener = _bound(self.port)
        try:
            yield
        finally:
            self._listen()

    def __enter__(self) -> Self:
        self._listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._stop_listening()
        for thread in self._threads:
            thread.join(timeout=10)

    def _listen(self) -> None:
        self._listener.listen(64)
        self._start(self._accept, self._listener)

    def _stop_listening(self) -> None:
        with self._lock:
            for sock in (self._listener, *self._open):
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _start(self, run: Callable[[socket.socket], None], sock: socket.socket) -> None:
        thread = threading.Thread(target=run, args=(sock,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.add(sock)
            self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), sock, sock.makefile("rb") as incoming:
            while request := _read_request(incoming):
                exchange = Exchange(sock, request, self._stopping)
                self._next_fault(request)(exchange)
                if not exchange.keep_open:
                    break
        with self._lock:
            self._open.discard(sock)

    def _next_fault(self, request: Request) -> Fault:
        with self._lock:
            self.requests.append(request)
            return self._faults.pop(0) if len(self._faults) > 1 else self._faults[0]


def _bound(port: int) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    return sock


def _read_request(incoming: BufferedReader) -> Request | None:
    if incoming.peek(1)[:1] == b"\x16":  # a TLS handshake may hold no line end to wait for
        return None
    line = incoming.readline().decode("latin-1").split()
    if len(line) != 3:
        return None
    headers: dict[str, str] = {}
    while (header := incoming.readline().decode("latin-1").strip()) != "":
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    return Request(line[0], line[1], headers, incoming.read(int(headers.get("content-length", 0))))


@contextlib.contextmanager
def black_hole() -> Iterator[str]:
    """The address of a host that lets nobody in and refuses nobody: connecting hangs (on Linux)."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(_bound(0))
        listener.listen(0)
        for _ in range(4):  # once its queue is full, the kernel leaves further connections unanswered
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"

"""One time limit for a whole call: past it, a watchdog shuts every socket the call holds.

A read's own timeout starts anew with each byte, so that a slow drip would last for ever. The
watchdog shuts the connection itself, which wakes a thread that waits on it anywhere: in
connecting, the TLS handshake, the headers or the body.
"""

import contextlib
import os
import queue
import socket
import threading
from time import monotonic
from types import TracebackType
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

_running = threading.local()


class Deadline:
    """``with Deadline(seconds):`` bounds every request that this thread makes inside."""

    def __init__(self, seconds: float) -> None:
        self._ends = monotonic() + seconds
        self._lock = threading.Lock()
        self._handles: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._shut_all)
        self._timer.daemon = True

    def __enter__(self) -> "Deadline":
        _running.deadline = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        _running.deadline = None
        with self._lock:
            for handle in self._handles:
                handle.close()
            self._handles.clear()

    @property
    def remaining(self) -> float:
        """Seconds left; never zero, since a socket would take that for "never block"."""
        return max(self._ends - monotonic(), 0.001)

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return monotonic() >= self._ends

    def watch(self, sock: socket.socket) -> None:
        """Shut ``sock`` when the time is up.

        It does so through a second handle, which stays valid while TLS takes the first one over or
        an answer outlives its connection.
        """
        handle = socket.socket(fileno=os.dup(sock.fileno()))
        with self._lock:
            self._handles.append(handle)
            if self.passed:
                _shut(handle)

    def _shut_all(self) -> None:
        with self._lock:
            for handle in self._handles:
                _shut(handle)


def _shut(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)


def _resolve(host: str, port: int, seconds: float) -> list[Any]:
    """``getaddrinfo`` in a thread of its own, since nothing else can interrupt it."""
    answers: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except OSError as error:
            answers.put(error)
        except UnicodeError as error:
            answers.put(socket.gaierror(socket.EAI_NONAME, str(error)))

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError("name resolution") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    failure = OSError("no address")
    for family, kind, protocol, _, address in _resolve(host, port, deadline.remaining):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(deadline.remaining)
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure


class _Watched(HTTPConnection):
    """A connection whose socket the deadline of the running call can shut."""

    def _new_conn(self) -> socket.socket:
        sock = _connect(self._dns_host, self.port or self.default_port, _running.deadline)
        _running.deadline.watch(sock)
        return sock


class _WatchedTLS(_Watched, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    """Keeps no connection open: the other end may close it just as the next request goes out."""

    ConnectionCls = _Watched

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.close()
        super()._put_conn(conn)


class _TLSPool(_Pool, HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


def watched_pools(pools: PoolManager) -> None:
    """Make ``pools`` open connections that a ``Deadline`` can shut."""
    pools.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}

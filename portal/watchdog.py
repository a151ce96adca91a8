"""Connections that are bounded in time as a whole: a watchdog shuts one when its time is up."""

from collections.abc import Callable
from contextlib import suppress
from math import inf
from queue import Empty, SimpleQueue
from socket import EAI_NONAME, IPPROTO_TCP, SHUT_RDWR, SOCK_STREAM, TCP_NODELAY, gaierror, getaddrinfo, socket
from threading import Thread, Timer
from time import monotonic
from types import TracebackType
from typing import Any, Self


class AddressRefused(OSError):
    """A host has an address that may not be connected to."""


def any_address(_address: str) -> bool:
    """Allow every address."""
    return True


class Watchdog:
    """Makes one connection, and shuts it when the time is up, whatever it is doing then.

    A socket's own timeout starts anew with each byte, so that a server that drips never meets it. Shutting
    it wakes a thread that waits on it anywhere: in the TLS handshake, in reading, in writing. ``passed`` says
    that the time was up, ``is_ready`` that whoever uses the connection may have sent something over it.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self.is_ready = False
        self._ends = monotonic() + seconds
        self._handle: socket | None = None
        self._timer: Timer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._handle is not None:
            self._handle.close()

    def connect(
        self, host: str, port: int, most: float = inf, allowed: Callable[[str], bool] = any_address
    ) -> socket:
        """Connect to a host, ``most`` seconds for each of its addresses, and watch the connection.

        The name is resolved once: what is connected to is what was ``allowed``. Raises ``OSError``:
        ``gaierror`` where the name is not found, ``TimeoutError`` where the time is up, ``AddressRefused``
        where one of the addresses is not allowed.
        """
        failure = OSError("no address")
        found = _resolve(host, port, self._remaining)
        if not all(allowed(address[0]) for *_, address in found):
            raise AddressRefused(host)
        for family, kind, protocol, _, address in found:
            sock = socket(family, kind, protocol)
            try:
                sock.settimeout(min(self._remaining, most))
                sock.connect(address)
                sock.settimeout(None)
                sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
                # through a second handle, which stays valid while TLS takes the first one over
                self._handle = sock.dup()
                self.allow(self._remaining)
            except OSError as error:
                sock.close()
                failure = error
            else:
                return sock
        raise failure

    def allow(self, seconds: float) -> None:
        """Allow so many seconds from now on, instead of what is left."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        self._timer = Timer(seconds, self._shut)
        self._timer.daemon = True
        self._timer.start()

    @property
    def _remaining(self) -> float:
        return max(self._ends - monotonic(), 0.001)  # a socket would take 0 for "do not wait"

    def _shut(self) -> None:
        self.passed = True
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(SHUT_RDWR)


def _resolve(host: str, port: int, seconds: float) -> list[Any]:
    """``getaddrinfo`` in a thread of its own, since nothing else can interrupt it."""
    answers: SimpleQueue[list[Any] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(getaddrinfo(host, port, type=SOCK_STREAM)))
        except OSError as error:
            answers.put(error)
        except UnicodeError as error:  # no host has such a name
            answers.put(gaierror(EAI_NONAME, str(error)))

    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError("name resolution") from None
    if isinstance(answer, OSError):
        raise answer
    return answer

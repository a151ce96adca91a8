"""Streams without threads: one asyncio loop per process writes to the sockets taken over from the server.

Flask authorises and answers the request as any other. Once the head and the first events are sent, the
connection changes hands, and its thread is free for pages.
"""

import asyncio
import os
import resource
import socket
import sys
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from ssl import SSLSocket
from threading import Thread
from typing import Any, cast

from portal.live.events import WAITING_EVENTS, Event, Watcher

MOST_WAITING = 256 * 1024  # bytes of one stream, beside what the kernel holds
VANISHED_AFTER_MS = 10_000
LOOK_AFTER_SECONDS = 10.0
CLOSING_SECONDS = 3.0  # at most: a stop must not wait for more
LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection that its server lets be taken over, and whether its answer comes in chunks."""

    peer: socket.socket
    chunked: bool

    def take(self) -> socket.socket:
        """Return a socket of ours on the connection, and put a dead end in the place of the server's.

        What the server still does with its own (end the answer, shut it down, close it) reaches nobody: to
        it this is a client that went.
        """
        ours = self.peer.dup()
        try:
            os.dup2(_dead_end(), self.peer.fileno(), inheritable=False)
        except BaseException:
            ours.close()
            raise
        return ours


@cache
def _dead_end() -> int:
    """The descriptor of a socket whose other end is closed; it lasts as long as the process."""
    here, there = socket.socketpair()
    there.close()
    return here.detach()


def open_files() -> int:
    """Return how many files and sockets this process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


def connection_of(environ: Mapping[str, Any]) -> Connection | None:
    """Return the connection that a request came by where it can be taken over: from gunicorn, without TLS.

    A peer that vanishes without a word gives it back within seconds, not minutes.
    """
    peer, protocol = environ.get("gunicorn.socket"), environ.get("SERVER_PROTOCOL")
    if not isinstance(peer, socket.socket):
        return None
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        with suppress(OSError):  # a unix socket has no such option, and needs none
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, VANISHED_AFTER_MS)
    if isinstance(peer, SSLSocket) or protocol not in ("HTTP/1.0", "HTTP/1.1"):
        return None
    return Connection(peer, chunked=protocol == "HTTP/1.1")


class SocketWatcher(Watcher, asyncio.Protocol):
    """A stream that the loop writes to. ``send``, ``end`` and ``wait`` may be called by any thread."""

    __slots__ = ("_chunked", "_connection", "_early", "_streams", "_transport")

    def __init__(
        self, organisation_id: int, login_id: int, streams: "SocketStreams", connection: Connection
    ) -> None:
        super().__init__(organisation_id, login_id)
        self._streams = streams
        self._connection: Connection | None = connection
        self._chunked = connection.chunked
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []

    def send(self, event: Event) -> None:
        """Let the loop write an event."""
        self._streams.post(self, event.chunk if self._chunked else event.wire)

    def end(self) -> None:
        """Let the loop end the stream."""
        self.ended = True
        self._streams.post(self, None)

    def wait(self, seconds: float) -> None:
        """Take the connection from the server at once; events that came meanwhile are written first."""
        if self._connection is not None and not self.ended:
            self._streams.adopt(self, self._connection.take())
            self._connection, self.goes_on = None, True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Write what came before the connection was ours."""
        self._transport = cast(asyncio.Transport, transport)
        self._streams.add(self)
        for data in self._early:
            self.write(data)
        self._early.clear()
        if self.ended:
            self.finish()

    def write(self, data: bytes) -> None:
        """Write, unless the reader is too far behind: then the stream ends, and its page asks again."""
        if self._transport is None:
            self._early.append(data)
            self.ended = self.ended or len(self._early) > WAITING_EVENTS
        elif self._transport.get_write_buffer_size() > MOST_WAITING:
            self._transport.abort()
        elif not self._transport.is_closing():
            self._transport.write(data)

    def finish(self) -> None:
        """End the answer as HTTP wants it; where the reader is behind, cut it off."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size():
            self._transport.abort()
            return
        if self._chunked:
            self._transport.write(LAST_CHUNK)
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Hang up on who goes on talking: a page only listens."""
        cast(asyncio.Transport, self._transport).abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        self._streams.lose(self)


class SocketStreams:
    """The loop and its thread, which starts with the first stream; ``lost`` hears of each that is over."""

    def __init__(self, lost: Callable[[Watcher], None], look_after: Callable[[], None]) -> None:
        self._lost, self._look_after = lost, look_after
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._closing = asyncio.Event()
        self._open: set[SocketWatcher] = set()
        self._accepting: set[asyncio.Task[None]] = set()
        self._posted: deque[tuple[SocketWatcher, bytes | None]] = deque()
        self._woken = False

    @property
    def is_up(self) -> bool:
        """Whether what is posted will be written; without a stream there is nothing to write."""
        return self._thread is None or self._thread.is_alive()

    def start(self) -> None:
        """Start the thread, unless it runs; whoever calls this sees to it that nobody else does meanwhile."""
        if self._thread is not None and self._thread.is_alive():
            return
        runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)  # sets none for the caller
        self._loop, self._closing, self._woken = runner.get_loop(), asyncio.Event(), False
        self._thread = Thread(target=self._run, args=(runner,), daemon=True, name="live-sockets")
        self._thread.start()

    def post(self, watcher: SocketWatcher, data: bytes | None) -> None:
        """Have data written, or the stream ended (``None``): the loop is woken once for many."""
        self._posted.append((watcher, data))
        if not self._woken:
            self._woken = True
            self._call(self._write_posted)

    def adopt(self, watcher: SocketWatcher, peer: socket.socket) -> None:
        """Write to ``peer`` what the watcher is sent, from now on."""
        peer.setblocking(False)
        if not self._call(self._begin, watcher, peer):
            peer.close()
            self._lost(watcher)

    def add(self, watcher: SocketWatcher) -> None:
        """Note that a stream has its connection."""
        self._open.add(watcher)

    def lose(self, watcher: SocketWatcher) -> None:
        """Note that a stream is over."""
        self._open.discard(watcher)
        self._lost(watcher)

    def close(self) -> None:
        """End what is open, and wait a moment for it: the process may be about to end."""
        if self._thread is not None and self._call(self._closing.set):
            self._thread.join(CLOSING_SECONDS)

    def _call(self, callback: Callable[..., object], *arguments: Any) -> bool:
        """Have the loop call something; ``False`` where it is over."""
        if self._loop is None:
            return False
        try:
            self._loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:
            return False
        return True

    def _run(self, runner: asyncio.Runner) -> None:
        with runner:
            try:
                runner.run(self._serve())
            finally:
                runner.run(self._end_all())

    async def _serve(self) -> None:
        """Go on until closed, and see now and then whether somebody still makes the events."""
        while not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), LOOK_AFTER_SECONDS)
            self._look_after()

    async def _end_all(self) -> None:
        self._write_posted()
        if self._accepting:
            await asyncio.wait(self._accepting)
        for watcher in list(self._open):
            watcher.finish()
        await asyncio.sleep(0)  # in which the connections are closed

    def _write_posted(self) -> None:
        self._woken = False  # before the first is taken: what is posted from now on wakes the loop again
        while self._posted:
            watcher, data = self._posted.popleft()
            if data is None:
                watcher.finish()
            else:
                watcher.write(data)

    def _begin(self, watcher: SocketWatcher, peer: socket.socket) -> None:
        task = asyncio.get_running_loop().create_task(self._accept(watcher, peer))
        self._accepting.add(task)
        task.add_done_callback(self._accepting.discard)

    async def _accept(self, watcher: SocketWatcher, peer: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(lambda: watcher, peer)
        except OSError:  # it went before it came
            peer.close()
            self._lost(watcher)

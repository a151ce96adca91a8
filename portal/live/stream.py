"""The iterator of bytes that serves one stream of Server-Sent Events."""

from collections import deque
from queue import Empty
from typing import Protocol

from portal.live.events import Event, Watcher


class StreamRegistry(Protocol):
    """The registry of open streams, which the hub is."""

    def leave(self, watcher: Watcher) -> None:
        """Forget a stream."""

    def restart_if_dead(self) -> None:
        """Restart the thread that makes events, if it ended."""


class Stream:
    """The bytes of one stream. Closing it unregisters its watcher, even if nothing was ever read.

    One whose connection is taken over ends for its server once the ``first`` events are sent, and goes on.
    """

    def __init__(
        self, watcher: Watcher, first: tuple[Event, ...], registry: StreamRegistry, silence: float
    ) -> None:
        self._watcher, self._first, self._registry, self._silence = watcher, deque(first), registry, silence

    def __iter__(self) -> "Stream":
        return self

    def __next__(self) -> bytes:
        event = self._first.popleft() if self._first else self._next()
        if event is None:
            self.close()
            raise StopIteration
        return event.wire

    def _next(self) -> Event | None:
        """Wait for the next event; a ``silence`` of so many seconds means that nobody makes any."""
        while True:
            try:
                return self._watcher.wait(self._silence)
            except Empty:
                self._registry.restart_if_dead()

    def close(self) -> None:
        """Unregister the watcher, unless its connection was taken over."""
        if not self._watcher.goes_on:
            self._registry.leave(self._watcher)

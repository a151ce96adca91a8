"""Server-Sent Events (WHATWG HTML, section 9.2), their watchers, and the source that they come from."""

from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, Full, Queue
from typing import Protocol

WAITING_EVENTS = 64


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``revision`` becomes its id: the place that a returning page asks to go on from.

    ``wire`` is the event as it goes over the wire, ``chunk`` the same as a chunk of HTTP/1.1: made once, and
    shared by every stream.
    """

    name: str
    data: str
    revision: int | None = None
    wire: bytes = field(init=False, repr=False, compare=False)
    chunk: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        wire = self._encoded()
        object.__setattr__(self, "wire", wire)
        object.__setattr__(self, "chunk", b"%X\r\n%b\r\n" % (len(wire), wire))

    def _encoded(self) -> bytes:
        lines = [f"event: {self.name}", *(f"data: {line}" for line in self.data.splitlines() or [""])]
        if self.revision is not None:
            lines.insert(0, f"id: {self.revision}")
        return ("\n".join(lines) + "\n\n").encode()


def heartbeat(revision: int, sent: int | None = None) -> Event:
    """Return a sign of life: the present revision, and (its id) the one up to which all was sent."""
    return Event("ping", str(revision), revision if sent is None else sent)


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that an organisation's pages are sent to be up to date with ``revision``."""

    revision: int
    events: tuple[Event, ...]


class Watcher(ABC):
    """One open stream: whose it is, and how it is sent what it shows.

    ``goes_on`` says that its connection was taken over, so that it lasts longer than its request.
    """

    __slots__ = ("ended", "goes_on", "is_admin", "login_id", "organisation_id")

    def __init__(self, organisation_id: int, login_id: int) -> None:
        self.organisation_id = organisation_id
        self.login_id = login_id
        self.is_admin = self.ended = self.goes_on = False

    @abstractmethod
    def send(self, event: Event) -> None:
        """Hand over an event; a stream too far behind ends, and its page asks again from its cursor."""

    @abstractmethod
    def end(self) -> None:
        """End the stream."""

    @abstractmethod
    def wait(self, seconds: float) -> Event | None:
        """Return what the server's thread is to write next, ``None`` if nothing more; raises ``Empty``."""


class ThreadWatcher(Watcher):
    """A stream that a thread of the server waits on. In what ``waiting`` holds, ``None`` ends it."""

    __slots__ = ("waiting",)

    def __init__(self, organisation_id: int, login_id: int) -> None:
        super().__init__(organisation_id, login_id)
        self.waiting: Queue[Event | None] = Queue(WAITING_EVENTS)

    def send(self, event: Event) -> None:
        """Let the thread write an event."""
        if self.ended:
            return
        try:
            self.waiting.put_nowait(event)
        except Full:
            self.end()

    def end(self) -> None:
        """End the stream once it has sent what fits."""
        self.ended = True
        while True:
            try:
                return self.waiting.put_nowait(None)
            except Full:
                with suppress(Empty):
                    self.waiting.get_nowait()

    def wait(self, seconds: float) -> Event | None:
        """Wait so long for an event."""
        return self.waiting.get(timeout=seconds)


class Source(Protocol):
    """What the hub asks, each within an application context: rows and their HTML come from outside."""

    def changes(self, organisation_id: int, after: int) -> Changes:
        """Return which rows changed since a revision."""

    def status(self, organisation_id: int) -> Event:
        """Return where the organisation's sync stands."""

    def revisions(self, organisation_ids: list[int]) -> dict[int, int]:
        """Return the present revision of each organisation."""

    def syncing(self, organisation_ids: list[int]) -> list[int]:
        """Return those of the organisations that have a sync under way, or one that waits."""

    def present(self, organisation_ids: list[int]) -> dict[int, Event]:
        """Return who is where in each of the organisations."""

    def allowed(self, watchers: list[Watcher]) -> set[int]:
        """Return the ids of those sign-ins among the watchers' that may still read."""

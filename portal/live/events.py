"""What goes down a stream: Server-Sent Events (WHATWG HTML, section 9.2)."""

from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, Full, Queue

WAITING_EVENTS = 64


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``revision`` becomes its id: the place that a returning page asks to go on from.

    ``wire`` is the event as it goes over the wire: made once, and shared by every stream.
    """

    name: str
    data: str
    revision: int | None = None
    wire: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "wire", self._encoded())

    def _encoded(self) -> bytes:
        lines = [f"event: {self.name}", *(f"data: {line}" for line in self.data.splitlines() or [""])]
        if self.revision is not None:
            lines.insert(0, f"id: {self.revision}")
        return ("\n".join(lines) + "\n\n").encode()


@dataclass(frozen=True, slots=True)
class Changes:
    """All that an organisation's pages must be told to stand at ``revision``."""

    revision: int
    events: tuple[Event, ...]


@dataclass(eq=False, slots=True)
class Watcher:
    """One open stream: whose it is, and what it has still to send. ``None`` ends it."""

    organisation_id: int
    login_id: int
    waiting: "Queue[Event | None]" = field(default_factory=lambda: Queue(WAITING_EVENTS))
    ended: bool = False

    def send(self, event: Event) -> None:
        """Hand over an event; a stream too far behind ends, and its page asks again from its cursor."""
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

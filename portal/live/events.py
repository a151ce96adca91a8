"""What goes down a stream: Server-Sent Events (WHATWG HTML, section 9.2)."""

from dataclasses import dataclass, field


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

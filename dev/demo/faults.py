"""What a test can make the demo board do wrong. Only Python code reaches it: no address does."""

import time
from collections import deque
from dataclasses import dataclass, field
from threading import Condition, Event


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that was answered. ``path`` carries its query string."""

    method: str
    path: str
    status: int
    if_none_match: str | None


@dataclass(slots=True)
class Failure:
    """An answer with ``status`` instead of the real one, ``times`` more times."""

    status: int
    times: int
    retry_after: str | None
    on: str


@dataclass(slots=True)
class Faults:
    """Everything off at first. ``clear()`` returns to that and lets held requests go."""

    reject_keys: bool = False
    latency: float = 0.0
    short: int | None = None
    lie_total: int | None = None
    truncations: int = 0
    failure: Failure | None = None
    asked: deque[Asked] = field(default_factory=lambda: deque(maxlen=10_000))
    _gate: Event = field(default_factory=Event)
    _changed: Condition = field(default_factory=Condition)
    _held: int = 0

    def __post_init__(self) -> None:
        self._gate.set()

    def fail(self, status: int, times: int = 1, retry_after: str | None = None, on: str = "") -> None:
        """Answer ``status`` to the next ``times`` requests whose path contains ``on``."""
        with self._changed:
            self.failure = Failure(status, times, retry_after, on)

    def take_failure(self, path: str) -> Failure | None:
        """The failure due for this request, counted down; ``None`` when it is to be answered well."""
        with self._changed:
            due = self.failure
            if due is None or due.times < 1 or due.on not in path:
                return None
            due.times -= 1
            return due

    def take_truncation(self) -> bool:
        """Whether this answer is to break off in the middle."""
        with self._changed:
            due = self.truncations > 0
            self.truncations -= due
            return due

    def hold(self) -> None:
        """Let requests wait from now on until ``release()``."""
        self._gate.clear()

    def release(self) -> None:
        """Let every held request go, and hold no more."""
        self._gate.set()

    def delay(self) -> None:
        """Called by every request: wait for as long as the faults say."""
        if not self._gate.is_set():
            self._count_held(1)
            self._gate.wait()
            self._count_held(-1)
        if self.latency:
            time.sleep(self.latency)

    def wait_held(self, count: int = 1, timeout: float = 10.0) -> bool:
        """Wait until ``count`` requests are being held; False after ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._held >= count, timeout)

    def note(self, asked: Asked) -> None:
        """Keep one answered request."""
        with self._changed:
            self.asked.append(asked)
            self._changed.notify_all()

    def wait_asked(self, count: int, on: str = "", timeout: float = 10.0) -> bool:
        """Wait until ``count`` requests whose path contains ``on`` were answered."""
        with self._changed:
            return self._changed.wait_for(lambda: sum(on in one.path for one in self.asked) >= count, timeout)

    def clear(self) -> None:
        """Switch every fault off; what was asked is kept."""
        with self._changed:
            self.reject_keys, self.latency, self.truncations = False, 0.0, 0
            self.short = self.lie_total = self.failure = None
        self.release()

    def _count_held(self, by: int) -> None:
        with self._changed:
            self._held += by
            self._changed.notify_all()

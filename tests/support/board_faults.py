"""What a test can make the demo board do wrong."""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Condition, Event

from flask import Flask, Response, request

from dev.demo import api
from tests.support.processes import PATIENCE


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
    """Everything off at first. ``clear()`` returns to that and lets held requests go.

    ``short`` lists only so many posts, with a total that agrees; ``lie_total`` gives another total.
    """

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

    def wait_held(self, count: int = 1, timeout: float = PATIENCE) -> bool:
        """Wait until ``count`` requests are being held; False after ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._held >= count, timeout)

    def note(self, asked: Asked) -> None:
        """Keep one answered request."""
        with self._changed:
            self.asked.append(asked)
            self._changed.notify_all()

    def wait_asked(self, count: int, on: str = "", timeout: float = PATIENCE) -> bool:
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

    def install(self, app: Flask) -> None:
        """Bring these faults about in the demo board ``app``."""
        app.before_request(self._misbehave)
        app.after_request(self._note)
        app.view_functions["api.list_jobs"] = self._list_jobs

    def _misbehave(self) -> Response | None:
        if request.blueprint != api.bp.name:
            return None
        self.delay()
        failure = self.take_failure(request.path)
        if failure is not None:
            headers = {"Retry-After": failure.retry_after} if failure.retry_after is not None else {}
            return Response(b"", failure.status, headers, content_type="text/plain")
        return api.deny() if self.reject_keys and request.method == "POST" else None

    def _list_jobs(self, token: str) -> Response:
        jobs = api.find_board(token).live_jobs()[: self.short]
        return api.answer_jobs(jobs, len(jobs) if self.lie_total is None else self.lie_total)

    def _note(self, response: Response) -> Response:
        if request.blueprint != api.bp.name:
            return response
        cached = request.headers.get("If-None-Match")
        self.note(Asked(request.method, request.full_path.rstrip("?"), response.status_code, cached))
        whole = request.method == "GET" and response.status_code == HTTPStatus.OK
        return _broken_off(response) if whole and self.take_truncation() else response


def _broken_off(response: Response) -> Response:
    """The same answer with the same length promised, of which only half is sent."""
    data = response.get_data()

    def half() -> Iterator[bytes]:
        yield data[: len(data) // 2]

    response.response = half()
    response.headers["Content-Length"] = str(len(data))
    return response

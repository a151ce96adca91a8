"""The boards in memory: what is listed, and every way it changes."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One post as Greenhouse would send it. ``edited`` tells it from what the files say."""

    job: Json
    live: bool = True
    edited: bool = False


@dataclass(slots=True)
class Board:
    """One board. ``version`` counts its changes."""

    token: str
    name: str
    content: str
    careers_url: str
    departments: list[Json] = field(default_factory=list)
    offices: list[Json] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    version: int = 0

    def department(self, name: str) -> Json:
        """The department of that name, or a ``LookupError``."""
        return _named(self.departments, name)

    def office(self, name: str) -> Json:
        """The office of that name, or a ``LookupError``."""
        return _named(self.offices, name)

    def live_jobs(self) -> list[Json]:
        """What the board lists. The order moves with every version, as the real one's does."""
        listed = [entry.job for entry in self.entries if entry.live]
        places = sorted(range(len(listed)), key=lambda place: _dice(self.token, self.version, place))
        return [listed[place] for place in places]


class Boards:
    """All boards behind one lock. Tokens are case-insensitive."""

    def __init__(self, boards: Mapping[str, Board], saved: Callable[["Boards"], None] | None = None) -> None:
        """``saved`` is called with this object after every change, under the lock."""
        self._boards = dict(boards)
        self._lock = RLock()
        self._saved = saved

    def all(self) -> list[Board]:
        """A snapshot of each board."""
        with self._lock:
            return [replace(board) for board in self._boards.values()]

    def find(self, token: str) -> Board | None:
        """A snapshot of the board, which later changes leave as it is."""
        with self._lock:
            board = self._boards.get(token.lower())
            return replace(board) if board else None

    def entry(self, token: str, job_id: int) -> Entry:
        """The post of that id, listed or not; raises ``KeyError``."""
        with self._lock:
            return _entry(self._boards[token], job_id)

    def change(self, token: str, job_id: int, live: bool | None = None, **fields: Any) -> None:
        """Set fields of the post (as Greenhouse names them), list or unlist it; raises ``KeyError``."""
        with self._lock:
            board = self._boards[token]
            old = _entry(board, job_id)
            new = Entry(old.job | fields, live=old.live if live is None else live, edited=True)
            self.put(board, [new if entry is old else entry for entry in board.entries])

    def add(self, token: str, job: Json) -> None:
        """List one more post."""
        with self._lock:
            board = self._boards[token]
            self.put(board, [*board.entries, Entry(job, edited=True)])

    def next_id(self, token: str) -> int:
        """An id that no post of the board has had."""
        with self._lock:
            return max((entry.job["id"] for entry in self._boards[token].entries), default=4200000) + 1

    def put(self, board: Board, entries: list[Entry]) -> None:
        """Make ``entries`` all that the board has; one that is not there yet is added."""
        with self._lock:
            self._boards[board.token] = replace(board, entries=entries, version=board.version + 1)
            if self._saved:
                self._saved(self)


def _entry(board: Board, job_id: int) -> Entry:
    for entry in board.entries:
        if entry.job.get("id") == job_id:
            return entry
    raise KeyError(job_id)


def _named(nodes: list[Json], name: str) -> Json:
    for node in nodes:
        if node["name"] == name:
            return node
    raise LookupError(name)


def _dice(token: str, version: int, place: int) -> bytes:
    return hashlib.blake2b(f"{token}/{version}/{place}".encode(), digest_size=8).digest()

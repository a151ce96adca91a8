"""``DemoBoard``: the demo Greenhouse on a real socket, for any test that needs one."""

import pickle
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from dev.demo.app import HOST, create_demo_board, make_board_server
from dev.demo.applications import Received
from dev.demo.board_files import blank_job, escape_content, read_boards
from dev.demo.boards import Board, Boards, Entry, Json
from dev.demo.organisation import BOARD_TOKEN
from tests.support.board_faults import Asked, Faults

_FILES = pickle.dumps(read_boards())
"""To parse them for each test would take as long as the application's own start."""
LOOK = 0.004
"""Seconds between two looks for the end, which every test waits for."""


class DemoBoard:
    """A context manager. ``url`` is what ``GREENHOUSE_API_URL`` is set to.

    Changes concern the board ``token`` (``northwind`` unless told); ``faults`` says what can go wrong.
    """

    def __init__(self, token: str = BOARD_TOKEN) -> None:
        self.token = token
        app = create_demo_board(read=lambda: pickle.loads(_FILES))
        self.boards: Boards = app.extensions["boards"]
        self.applications: deque[Received] = app.extensions["applications"]
        self.faults = Faults()
        self.faults.install(app)
        self._server = make_board_server(app)
        self.page_url = f"http://{HOST}:{self._server.port}/"
        self.url = f"{self.page_url}v1/boards"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(LOOK,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        self.faults.clear()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def requests(self) -> Sequence[Asked]:
        """Every API request answered so far, oldest first."""
        return list(self.faults.asked)

    @property
    def posts(self) -> list[Json]:
        """The live posts as the API sends them."""
        return self._board().live_jobs()

    def post(self, job_id: int) -> Json:
        """One post, live or not."""
        return self.boards.entry(self.token, job_id).job

    def retitle(self, job_id: int, title: str) -> None:
        self.edit(job_id, title=title)

    def edit(self, job_id: int, **fields: Any) -> None:
        """Change fields as Greenhouse names them; ``location`` and ``department`` may be plain names,
        ``description`` is HTML not yet escaped. ``updated_at`` moves unless it is given."""
        changes: Json = {"updated_at": _now()} | self._spelled(fields)
        self.boards.change(self.token, job_id, **changes)

    def close(self, job_id: int) -> None:
        self.boards.change(self.token, job_id, live=False)

    def reopen(self, job_id: int) -> None:
        self.boards.change(self.token, job_id, live=True)

    def add(self, **fields: Any) -> int:
        """List one more post, with the fields ``edit`` knows; its id."""
        job_id = int(fields.pop("id", None) or self.boards.next_id(self.token))
        told = {"title": "A new post", "description": "<p>What one does here.</p>"} | fields
        said = {"internal_job_id": job_id, "first_published": _now(), "updated_at": _now()}
        self.boards.add(self.token, blank_job(self._board(), job_id, "") | said | self._spelled(told))
        return job_id

    def set_posts(self, token: str, jobs: Iterable[Json]) -> None:
        """Make the board list exactly ``jobs``, sent as they are, however odd; makes the board if need be."""
        token = token.lower()
        board = self.boards.find(token) or Board(token, token.title(), "", f"https://{token}.example/jobs")
        self.boards.put(board, [Entry(job) for job in jobs])

    def fail(self, status: int, times: int = 1, retry_after: str | None = None, on: str = "") -> None:
        self.faults.fail(status, times, retry_after, on)

    def reject_keys(self, rejected: bool = True) -> None:
        self.faults.reject_keys = rejected

    def truncate(self, times: int = 1) -> None:
        """Break the next answers off half-way, their whole length promised."""
        self.faults.truncations = times

    def short(self, count: int | None) -> None:
        """List only ``count`` posts, with a total that agrees."""
        self.faults.short = count

    def lie_total(self, total: int | None) -> None:
        self.faults.lie_total = total

    def hold(self) -> None:
        """Let requests wait until ``release()``; ``faults.wait_held()`` waits for them to arrive."""
        self.faults.hold()

    def release(self) -> None:
        self.faults.release()

    @property
    def latency(self) -> float:
        """Seconds every request waits."""
        return self.faults.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self.faults.latency = seconds

    def _spelled(self, fields: dict[str, Any]) -> Json:
        spelled = dict(fields)
        if isinstance(fields.get("location"), str):
            spelled["location"] = {"name": fields["location"]}
        if "description" in spelled:
            spelled["content"] = escape_content(spelled.pop("description"))
        if "department" in spelled:
            spelled["departments"] = [self._board().department(spelled.pop("department"))]
        return spelled

    def _board(self) -> Board:
        board = self.boards.find(self.token)
        assert board is not None
        return board

    @property
    def entries(self) -> list[Entry]:
        """All posts, the closed ones too."""
        return self._board().entries


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

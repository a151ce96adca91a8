"""An organisation with two boards, and the model: the last answer, the acknowledged edits, what is held."""

from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import select

from portal.actions.jobs.edit import Conflict, edit_field
from portal.actions.sync.run import run_sync
from portal.actions.sync.schedule import start_sync
from portal.db import detached, end_read, session, write
from portal.domain.jobs.fields import FIELDS, Source
from portal.domain.sync.runs import Trigger
from portal.models import Connection, HeldClosing, Job, Organisation, SyncRun
from portal.store.edits import version_of
from tests.support.board_server import DemoBoard

EDITS = {
    "location": ["Faro", "Oslo", "São Paulo", ""],
    "workplace_type": ["onsite", "remote", ""],
    "salary": ["25.50 EUR per hour", "90000 USD per year", ""],
    "tags": ["sea, wind", ""],
    "closes_on": ["2031-05-04", ""],
    "visibility": ["hidden", "shown"],
    "featured": ["true", "false"],
    "summary": ["One.", "Two <b>&amp;</b> more", ""],
}
Row = dict[str, Any]
NUMBERS = count(1)


class Hold(NamedTuple):
    """A closing that is held, or that was decided and stands."""

    job_id: int
    status: str


@dataclass
class Drop:
    """Closings that were held at once."""

    held: int
    came_back: int = 0


class Bulk(NamedTuple):
    """A bulk edit that can be undone: what stood before in each job that it changed, and its versions.

    ``followed`` are the jobs in which the field followed Greenhouse before.
    """

    edit_id: int
    field: str
    before: dict[int, Row]
    versions: dict[int, int]
    followed: frozenset[int]


class World(RuleBasedStateMachine):
    """An organisation with two boards, one connected at a time, and what must be stored of them."""

    board: DemoBoard

    def __init__(self) -> None:
        super().__init__()
        number = next(NUMBERS)
        self.tokens = (f"board-{number}", f"another-{number}")
        self.token = self.tokens[0]
        self.organisation = Organisation(slug=self.token, name="Northwind")
        with write() as current:
            current.add(self.organisation)
        detached(self.organisation)
        self.posts: dict[int, dict[str, Any]] = {}
        self.home: dict[int, str] = {}
        self.lists: dict[str, list[int]] = {token: [] for token in self.tokens}
        self.served: dict[str, list[Row]] = {}
        self.unreadable: set[int] = set()
        self.prospects = False
        self.prefills = True
        self.rows_of: dict[int, int] = {}
        self.theirs: dict[int, dict[str, Any]] = {}
        self.own: dict[int, set[str]] = {}  # the fields of each job that do not follow Greenhouse
        self.said: dict[int, Row] = {}  # what Greenhouse said of each job at last
        self.drop_of: dict[int, Drop] = {}
        self.bulk: Bulk | None = None
        self.connection: Connection | None = None

    @property
    def listed(self) -> list[int]:
        """What the board lists that is connected, or was at last."""
        return self.lists[self.token]

    def may_sync(self) -> bool:
        return self.connection is not None and not self.paused

    def carry_out(self, trigger: Trigger) -> SyncRun:
        run = start_sync(self.connection, trigger)
        assert run is not None
        run_sync(run.id, run.generation)
        end_read()
        return detached(session().get_one(SyncRun, run.id, populate_existing=True))

    def serve(self, fault: str) -> bool:
        """Let Greenhouse list what it lists, with a fault; whether there is one."""
        posts = [self.posts[key] | ({"title": 7} if key in self.unreadable else {}) for key in self.listed]
        if fault == "doubled id":
            posts += posts[:1]
        elif fault == "odd id":
            posts = [sent | {"id": f"x{sent['id']}"} for sent in posts[:1]] + posts[1:]
        if posts != self.served.get(self.token):
            self.board.set_posts(self.token, [dict(sent) for sent in posts])
            self.served[self.token] = posts
        if fault == "server error":
            self.board.fail(503, on=self.token)
        elif fault == "cut":
            self.board.truncate()
        elif fault == "lying total":
            self.board.lie_total(len(posts) + 1)
        return fault not in ("none", "doubled id", "odd id") or (fault != "none" and bool(posts))

    def save(self, job_id: int, name: str, text: str, *, stale: bool) -> None:
        end_read()
        version = version_of(job_id, name) - stale
        try:
            edit_field(self.organisation.id, job_id, name, text, version, None)
        except Conflict:
            assert stale
        else:
            if name in EDITS:
                self.change(job_id, name, FIELDS[name].parse(text))

    def change(self, job_id: int, name: str, values: Row) -> None:
        """A person gave a field this value: it is the organisation's own, unless that is what it was."""
        if any(self.theirs[job_id][column] != value for column, value in values.items()):
            self.theirs[job_id] |= values
            self.own[job_id].add(name)

    def follow(self, job_id: int) -> None:
        """Every field that follows takes what Greenhouse says; one it is silent of stays."""
        for name, value in self.said[job_id].items():
            if name not in self.own[job_id]:
                self.theirs[job_id][name] = value

    def is_imported(self, job_id: int) -> bool:
        """Whether Greenhouse has a say in a job."""
        return (
            next(row for row in self.stored().values() if row["id"] == job_id)["source"] == Source.GREENHOUSE
        )

    def stored(self) -> dict[int, Row]:
        """Every row of the organisation by post id; there is one row a post."""
        end_read()
        query = select(Job.__table__).where(Job.organisation_id == self.organisation.id)
        rows = [dict(row._mapping) for row in session().execute(query)]
        assert len({row["external_id"] for row in rows}) == len(rows)
        return {row["external_id"]: row for row in rows}

    def held_closings(self) -> dict[int, Hold]:
        """What is held or was decided and stands, by post id."""
        end_read()
        query = (
            select(Job.external_id, HeldClosing.job_id, HeldClosing.status)
            .join(HeldClosing.job)
            .where(HeldClosing.organisation_id == self.organisation.id, HeldClosing.ended_at.is_(None))
        )
        return {post_id: Hold(job_id, status) for post_id, job_id, status in session().execute(query)}

    def is_job(self, post_id: int) -> bool:
        return self.prospects or self.posts[post_id]["internal_job_id"] is not None

    @staticmethod
    def pick(items: list[int], which: int) -> int:
        return items[which % len(items)]

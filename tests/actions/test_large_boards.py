"""A board of thousands of posts that changes, empties and comes back: nobody waits long for it."""

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from threading import Event, Thread, main_thread
from time import monotonic, sleep, thread_time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.actions.jobs.edit import edit_field
from portal.actions.sync import lease as lease_module
from portal.actions.sync import run as run_module
from portal.actions.sync.closings import decide_closings
from portal.actions.sync.connection import disconnect
from portal.db import db, end_read, session, write
from portal.domain.sync.plan import HoldStatus
from portal.domain.sync.runs import RunStatus
from portal.models import Connection, Job, SyncRun
from portal.prepared_rows import FEWEST_STAGED, Rows, Updates
from portal.store import people
from portal.store.jobs import changed_since
from portal.store.people import next_revision
from tests.bench.board import Post, post
from tests.support.app import Cast
from tests.support.board_server import DemoBoard
from tests.support.statements import statements_sent
from tests.support.syncs import Sync

SMALL, LARGE = 300, 1_500
SLACK = 1.6
MANY, SEVERAL = 1_000, 600
FEW = 2 * FEWEST_STAGED
SHORT = "&lt;p&gt;Climb the mast.&lt;/p&gt;"
PAUSE = 0.002  # seconds


def short_posts(count: int) -> list[Post]:
    return [post(number, content=SHORT) for number in range(count)]


def wordy_posts(count: int, revision: int = 0) -> list[Post]:
    """Posts that take as long to store as real ones, and no time to clean."""
    text = "Climb the mast, and mend what the wind took. " * 120
    return [
        post(number, revision, f"&lt;p&gt;{number}, {revision}: {text}&lt;/p&gt;") for number in range(count)
    ]


@dataclass
class Commit:
    """What the last run's commit took: seconds, of CPU and in all, and its statements."""

    cpu: float = 0.0
    wall: float = 0.0
    statements: list[str] = field(default_factory=list)
    during: AbstractContextManager[object] = field(default_factory=nullcontext)

    @property
    def under_lock(self) -> list[str]:
        """The statements from the one on that locks the organisation."""
        first = next(at for at, each in enumerate(self.statements) if each.startswith("UPDATE organisations"))
        return self.statements[first:]


@pytest.fixture
def commit(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Commit]:
    """The commit of whichever run was carried out last."""
    commit, apply = Commit(), run_module.apply

    def measured(*given: Any) -> int:
        gc.disable()  # what other tests left behind is no cost of this commit
        with commit.during:
            already = len(sent)
            cpu, wall = thread_time(), monotonic()
            try:
                return apply(*given)
            finally:
                commit.cpu, commit.wall = thread_time() - cpu, monotonic() - wall
                gc.enable()
                by_main = [each.statement for each in sent[already:] if each.by is main_thread()]
                commit.statements = by_main

    monkeypatch.setattr(run_module, "apply", measured)
    with app.app_context():
        engine = db.engine
    with statements_sent(engine) as sent:
        yield commit


@pytest.fixture
def other_context(app: Flask) -> Callable[[Callable[[], object]], object]:
    """Do something in a session of its own, as another process would in the meantime."""

    def do(what: Callable[[], object]) -> object:
        with app.app_context():
            return what()

    return do


@pytest.mark.parametrize(
    "database_url",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)],  # whose own time is not measured here
    indirect=True,
)
def test_emptying_being_held_and_coming_back_cost_by_the_number_of_posts(
    sync: Sync, board: DemoBoard, connection: Connection, commit: Commit
) -> None:
    costs: dict[int, list[float]] = {}
    for size in (SMALL, LARGE):
        posts = short_posts(size)
        for wanted in (posts, [], [], posts):
            board.set_posts(board.token, wanted)
            run = sync()
            assert (run.status, run.held) == (RunStatus.SUCCEEDED, 0 if wanted else size)
            costs.setdefault(size, []).append(commit.cpu)
    grown = [large / small for small, large in zip(costs[SMALL], costs[LARGE], strict=True)]
    assert max(grown[1:]) < SLACK * LARGE / SMALL


def test_every_part_of_a_long_commit_renews_the_lease(
    sync: Sync, board: DemoBoard, connection: Connection, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = iter(range(0, 10**9, 10**4))
    monkeypatch.setattr(lease_module, "monotonic", lambda: next(lease))  # it is always time to renew
    posts = short_posts(SEVERAL)
    changed = [each | {"title": f"{each['title']} II"} for each in posts]
    for wanted in (posts, changed, [], changed, []):
        board.set_posts(board.token, wanted)
        assert sync().status == RunStatus.SUCCEEDED
        assert renewals(commit) > SEVERAL // 500
    decide_closings(connection, HoldStatus.APPROVED, None)
    assert sync().closed == SEVERAL
    assert renewals(commit) > SEVERAL // 500


def renewals(commit: Commit) -> int:
    return sum(each.startswith("UPDATE sync_runs SET lease_until") for each in commit.statements)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_own_edit_waits_for_a_small_part_of_a_large_update(
    sync: Sync, board: DemoBoard, connection: Connection, commit: Commit, app: Flask
) -> None:
    for revision in (0, 1):
        board.set_posts(board.token, wordy_posts(MANY, revision))
        waits: list[float] = []
        commit.during = saving(app, connection.organisation_id, waits)
        assert sync().status == RunStatus.SUCCEEDED
        assert max(waits) < commit.wall / 2
        assert len(commit.under_lock) < 20


@contextmanager
def saving(app: Flask, organisation_id: int, waits: list[float]) -> Iterator[None]:
    """Somebody saves all the time, in a thread, and notes how long it took; none of it fails."""
    over, errors = Event(), []

    def save() -> None:
        with app.app_context():
            while not over.is_set():
                began = monotonic()
                try:
                    with write():
                        next_revision(organisation_id)
                except Exception as error:
                    errors.append(error)
                waits.append(monotonic() - began)
                sleep(PAUSE)

    thread = Thread(target=save)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert errors == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_on_sqlite_a_large_import_locks_for_little_more_than_its_rows_take_to_copy(
    sync: Sync, board: DemoBoard, connection: Connection, commit: Commit
) -> None:
    board.set_posts(board.token, wordy_posts(MANY))
    assert sync().status == RunStatus.SUCCEEDED
    assert commit.cpu < 3.5 * max(copying() for _ in range(3))  # the commit had one chance as well


def copying() -> float:
    """How much CPU it takes SQLite to insert the jobs anew, with the same indexes."""
    end_read()
    columns = ", ".join(column.name for column in Job.__table__.columns if column.name != "id")
    again = columns.replace("board_token", "'copied'", 1)
    current = session()
    began = thread_time()
    with write():
        current.connection().exec_driver_sql(f"INSERT INTO jobs ({columns}) SELECT {again} FROM jobs")
        took = thread_time() - began
        current.rollback()
    return took


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite's one lock is taken at once
def test_an_edit_saved_while_an_update_is_staged_waits_for_nothing_and_stays(
    sync: Sync, board: DemoBoard, connection: Connection, other_context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    organisation_id, stage, seen = connection.organisation_id, Updates.stage, []
    board.set_posts(board.token, short_posts(FEW))
    sync()
    job_id = session().scalars(select(func.min(Job.id)).where(Job.external_id.is_not(None))).one()

    def staged(updates: Updates, written: Any) -> None:
        stage(updates, written)
        other_context(lambda: edit_field(organisation_id, job_id, "seniority", "Lead", 0, None))
        seen.append(other_context(lambda: revision_of(organisation_id)))

    monkeypatch.setattr(Updates, "stage", staged)
    board.set_posts(board.token, [each | {"title": "Other"} for each in short_posts(FEW)])
    assert sync().updated == FEW
    end_read()
    jobs = session().scalars(select(Job).where(Job.external_id.is_not(None))).all()
    assert {job.title for job in jobs} == {"Other"}
    assert [job.seniority for job in jobs if job.id == job_id] == ["Lead"]
    assert {each.id for each in changed_since(organisation_id, seen[0], 10 * FEW)} == {job.id for job in jobs}


def revision_of(organisation_id: int) -> int:
    end_read()
    return people.revisions([organisation_id])[organisation_id]


@pytest.mark.parametrize("edits", [0, 3])
def test_a_page_misses_no_row_however_many_edits_were_saved_while_they_were_prepared(
    sync: Sync,
    board: DemoBoard,
    connection: Connection,
    other_context: Any,
    monkeypatch: pytest.MonkeyPatch,
    edits: int,
) -> None:
    monkeypatch.setattr(people, "RESERVED_AHEAD", 2)
    prepare, organisation_id, seen = run_module.prepare, connection.organisation_id, []

    def save() -> None:
        with write():
            next_revision(organisation_id)

    def prepared(*given: Any) -> object:
        result = prepare(*given)
        for _ in range(edits):
            other_context(save)
        seen.append(other_context(lambda: revision_of(organisation_id)))
        return result

    monkeypatch.setattr(run_module, "prepare", prepared)
    for title in ("First", "Second"):
        board.set_posts(board.token, [each | {"title": title} for each in short_posts(FEW)])
        sync()
        end_read()
        present = revision_of(organisation_id)
        stamped = session().scalars(select(Job.revision).where(Job.title == title)).all()
        assert len(stamped) == FEW
        assert all(seen[-1] < revision <= present for revision in stamped)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_disconnecting_does_not_wait_for_an_import_of_which_nothing_shows_then(
    sync: Sync, board: DemoBoard, connection: Connection, other_context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, organisation_id, done = Rows.insert, connection.organisation_id, []

    def inserted(rows: Rows, written: Any) -> None:
        insert(rows, written)
        if not done:
            done.append(True)
            other_context(lambda: disconnect(organisation_id, keep_jobs=True))

    monkeypatch.setattr(Rows, "insert", inserted)
    board.set_posts(board.token, short_posts(FEW))
    assert sync().status == RunStatus.CANCELLED
    assert done
    end_read()
    assert session().scalar(select(func.count()).where(Job.external_id.is_not(None))) == 0


@pytest.mark.nightly
def test_a_board_of_twenty_thousand_empties_is_held_and_comes_back_while_another_organisation_saves(
    sync: Sync, board: DemoBoard, connection: Connection, cast: Cast, app: Flask
) -> None:
    posts = [post(number) for number in range(20_000)]
    changed = [post(number, 1) for number in range(20_000)]
    for wanted in (posts, changed, [], [], changed):
        board.set_posts(board.token, wanted)
        with saving(app, cast.cafe.id, []):
            run: SyncRun = sync()
        assert (run.status, run.held) == (RunStatus.SUCCEEDED, 0 if wanted else 20_000)

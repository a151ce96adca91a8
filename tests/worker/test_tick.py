"""The tick: what is due starts whole batches at a time, and once an hour what is over is let go."""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from rq import Queue
from sqlalchemy import func, insert, select, text, update

from portal.actions.sync import schedule as start_sync_module
from portal.actions.sync.schedule import start_sync
from portal.config import load_settings
from portal.db import db, end_read, session, write
from portal.domain.sync.runs import Trigger, WaitingRun
from portal.models import Connection, LoginSession, Organisation, SyncRun
from portal.models.base import utc_now
from portal.queues import (
    APPLICATIONS_QUEUE,
    CHORES_QUEUE,
    SLOW_QUEUE,
    SYNC_QUEUE,
    chores_queue,
    connect_redis,
    enqueue_tidying,
)
from portal.worker import tick as ticking
from portal.worker.tick import PAUSE_SECONDS, Periods, tick
from tests.support.app import Cast
from tests.support.forked import running
from tests.support.processes import wait_until
from tests.support.statements import statements_sent
from worker import processes


@pytest.fixture(autouse=True)
def _in_app(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ticking, "application", lambda: app)
    usual = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with app.app_context():
        yield
    for number, handler in usual.items():
        signal.signal(number, handler)


def connect_many(count: int, **columns: object) -> None:
    """Make organisations whose connections are due."""
    due = utc_now() - timedelta(minutes=1)
    numbers = range(100, 100 + count)
    with write() as rows:
        organisations = [{"id": n, "slug": f"org-{n}", "name": "An organisation"} for n in numbers]
        rows.execute(insert(Organisation), organisations)
        common = {"board_name": "B", "api_key_ciphertext": b"", "api_key_last_four": "", "next_sync_at": due}
        rows.execute(
            insert(Connection),
            [
                common | {"organisation_id": n, "public_key": f"k{n}", "board_token": f"b{n}"} | columns
                for n in numbers
            ],
        )


def test_fifty_cost_as_few_statements_as_one(app: Flask) -> None:
    connect_many(50)
    with statements_sent(db.engine) as many:
        tick()
    end_read()
    assert session().scalar(select(func.count(SyncRun.id))) == 50
    assert len(Queue(SYNC_QUEUE, connection=app.extensions["redis"])) == 50
    assert len(many) <= 20
    with statements_sent(db.engine) as none:
        tick()
    assert not [each for each in none if each.statement.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_more_than_a_batch_is_started_in_one_tick(app: Flask) -> None:
    connect_many(450)
    tick()
    assert len(set(Queue(SYNC_QUEUE, connection=app.extensions["redis"]).job_ids)) == 450
    end_read()
    assert session().scalar(select(func.count()).where(Connection.next_sync_at <= utc_now())) == 0
    assert session().scalars(select(Organisation.revision).distinct()).all() == [1]


def test_paused_connections_are_passed_over() -> None:
    connect_many(3, paused_at=utc_now())
    tick()
    assert session().scalar(select(func.count(SyncRun.id))) == 0


def test_what_is_due_is_found_by_an_index(app: Flask) -> None:
    connect_many(3, next_sync_at=utc_now() + timedelta(days=1))
    due = "SELECT id FROM connections WHERE next_sync_at <= '2026-01-01' AND paused_at IS NULL"
    queued = "SELECT id FROM sync_runs WHERE status = 'queued'"
    sqlite = db.engine.dialect.name == "sqlite"
    if not sqlite:
        for way in ("seqscan", "bitmapscan"):  # which of a few rows is cheapest depends on their statistics
            session().execute(text(f"SET LOCAL enable_{way} = off"))
    for query, index in (
        (f"{due} ORDER BY next_sync_at LIMIT 50", "ix_connections_due"),
        (queued, "one_queued_sync_run_per_connection"),
    ):
        plan = session().execute(text(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{query}")).all()
        assert index in str(plan)
        assert "TEMP B-TREE" not in str(plan)
        assert "Sort" not in str(plan)


def ticking_until(app: Flask, done: Callable[[], bool]) -> None:
    """Let the tick go on until then, and ask it to stop as its supervisor does."""

    def ask_to_stop() -> None:
        with app.app_context():
            try:
                wait_until(done, "the tick to do its work")
            finally:
                os.kill(os.getpid(), signal.SIGTERM)

    asking = Thread(target=ask_to_stop)
    asking.start()
    ticking.main()
    asking.join()


@pytest.mark.usefixtures("spaced")
def test_a_run_that_must_wait_is_enqueued_when_it_is_due_and_no_sooner(app: Flask) -> None:
    connect_many(1, next_sync_at=None)
    end_read()
    run = start_sync(session().scalars(select(Connection)).one(), Trigger.WEBHOOK)
    assert run is not None
    assert run.enqueued_at is None

    def enqueued() -> bool:
        end_read()
        return session().scalars(select(SyncRun.enqueued_at)).one() is not None

    ticking_until(app, enqueued)
    end_read()
    run = session().get_one(SyncRun, run.id, populate_existing=True)
    assert run.not_before is not None
    assert run.enqueued_at is not None
    late = run.enqueued_at - run.not_before
    assert timedelta() <= late < timedelta(seconds=10 * PAUSE_SECONDS)  # a pause, and a slow machine


def test_what_is_due_is_asked_for_by_few_statements_that_write_nothing() -> None:
    connect_many(3, next_sync_at=utc_now() + timedelta(days=1))
    with statements_sent(db.engine) as none:
        tick()
    asked = [each for each in none if not each.statement.startswith("BEGIN")]
    assert len(asked) == 4
    assert all(each.statement.startswith("SELECT") for each in asked)


def test_two_ticks_at_once_enqueue_each_run_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    connect_many(100)
    enqueued: list[int] = []

    def note(runs: list[WaitingRun]) -> bool:
        enqueued.extend(run.run_id for run in runs)
        return True

    monkeypatch.setattr(start_sync_module, "enqueue_runs", note)

    def one(_: int) -> None:
        with app.app_context():
            tick()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(one, range(8)))
    assert sorted(enqueued) == sorted(set(enqueued))
    assert len(enqueued) == 100


def test_runs_of_boards_that_were_slow_last_time_go_into_a_queue_of_their_own(app: Flask) -> None:
    connect_many(6)
    with write() as rows:
        rows.execute(update(Connection).where(Connection.id % 3 == 0).values(slow=True))
    slow = set(session().scalars(select(Connection.id).where(Connection.slow)))
    tick()
    end_read()
    of = {run.id: run.connection_id for run in session().scalars(select(SyncRun))}
    for name, theirs in ((SLOW_QUEUE, slow), (SYNC_QUEUE, set(of.values()) - slow)):
        job_ids = Queue(name, connection=app.extensions["redis"]).job_ids
        assert {of[int(job_id.split("-")[2])] for job_id in job_ids} == theirs


def test_with_redis_away_it_writes_nothing_and_what_waits_goes_on_waiting(app: Flask) -> None:
    connect_many(3)
    app.extensions["redis"].close()
    app.extensions["redis"] = connect_redis("unix:///nowhere/redis.sock")
    tick()
    with statements_sent(db.engine) as sent:
        tick()
    assert not [each for each in sent if each.statement.startswith(("INSERT", "UPDATE", "DELETE"))]
    end_read()
    assert session().scalars(select(SyncRun.enqueued_at)).all() == [None] * 3


def test_an_hour_is_told_once() -> None:
    hours, at = Periods(3600), datetime(2026, 11, 3, 14, 59, tzinfo=UTC)
    told = [hours.begun(at + timedelta(minutes=minutes)) for minutes in (0, 0, 1, 59, 61)]
    assert [hour is not None for hour in told] == [True, False, True, False, True]


def test_ticks_that_ask_for_the_same_hours_tidying_ask_for_one_task(app: Flask) -> None:
    assert all(enqueue_tidying(7) for _ in range(3))
    jobs = chores_queue().jobs
    assert {(job.id, job.func_name, tuple(job.args)) for job in jobs} == {
        ("tidy-7", "portal.worker.tasks.tidy_up", (7,))
    }


class Payload:
    """What makes a file wherever it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.file),)


def test_tick_and_worker_let_go_of_what_is_over_though_an_older_version_left_pickled_tasks(
    app: Flask, cast: Cast, tmp_path: Path
) -> None:
    pickled, made = Queue(CHORES_QUEUE, connection=app.extensions["redis"]), tmp_path / "made"
    pickled.enqueue("portal.worker.tasks.tidy_up", 1, job_id="tidy-1")
    pickled.enqueue("portal.worker.tasks.tidy_up", Payload(made))
    older = Queue(SYNC_QUEUE, connection=app.extensions["redis"])
    older.enqueue("portal.worker.tasks.run_sync", 1, 0, job_id="sync-run-1-0")
    past = utc_now() - timedelta(days=1)
    with write() as rows:
        rows.add(LoginSession(token_hash="over", user_id=cast.mara.id, expires_at=past))
    settings = app.extensions["settings"]
    environ = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "INSTANCE_DIR": str(settings.instance_dir),
        "CREDENTIAL_KEYS": ",".join(settings.credential_keys),
    }

    def gone() -> bool:
        end_read()
        return session().scalar(select(func.count(LoginSession.id))) == 0

    with running("portal.worker.tick", **environ), running("portal.worker", **environ):
        wait_until(gone, "the sign-in that ran out to be deleted")
        wait_until(lambda: not pickled.job_ids and not older.job_ids, "the queues to be empty")
    assert not made.exists()


def test_chores_get_their_turn_though_syncs_never_stop_coming(tmp_path: Path) -> None:
    settings = load_settings({"INSTANCE_DIR": str(tmp_path)})
    serving = [arguments[1:] for arguments in processes(settings).values() if len(arguments) > 1]
    assert serving.count([APPLICATIONS_QUEUE, SYNC_QUEUE]) == 2
    assert [names for names in serving if CHORES_QUEUE in names] == [
        [APPLICATIONS_QUEUE, CHORES_QUEUE, SLOW_QUEUE]
    ]

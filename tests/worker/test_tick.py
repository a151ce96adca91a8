"""The tick: what is due starts whole batches at a time, and once an hour what is over is let go."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from time import monotonic, sleep

import pytest
from flask import Flask
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event, func, insert, select, text

from portal.actions.start_sync import start_sync
from portal.domain.run_states import Trigger
from portal.extensions import db, session
from portal.live.bell import listen
from portal.models import Connection, LoginSession, Organisation, SyncRun
from portal.models.base import utc_now
from portal.queue import (
    CHORES_QUEUE,
    SYNC_QUEUE,
    chores_queue,
    connect_redis,
    enqueue_tidying,
    queue_named,
)
from portal.store.transactions import end_read, write
from portal.worker import tick as ticking
from portal.worker.__main__ import CHORES_EVERY, PortalWorker
from portal.worker.stopping import StopSignals
from portal.worker.tick import Hours, tick, wait
from tests.fixtures.app import Cast
from tests.fixtures.processes import started, wait_until


@pytest.fixture(autouse=True)
def _in_app(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ticking, "application", lambda: app)
    usual = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with app.app_context():
        yield
    for number, handler in usual.items():
        signal.signal(number, handler)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect what is sent to the database."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


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
    with statements() as many:
        tick()
    end_read()
    assert session().scalar(select(func.count(SyncRun.id))) == 50
    assert len(Queue(SYNC_QUEUE, connection=app.extensions["redis"])) == 50
    assert len(many) <= 20
    with statements() as none:
        tick()
    assert not [statement for statement in none if statement.startswith(("INSERT", "UPDATE", "DELETE"))]


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
        session().execute(text("SET LOCAL enable_seqscan = off"))
    for query, index in (
        (f"{due} ORDER BY next_sync_at LIMIT 50", "ix_connections_due"),
        (queued, "one_queued_sync_run_per_connection"),
    ):
        plan = session().execute(text(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{query}")).all()
        assert index in str(plan)
        assert "TEMP B-TREE" not in str(plan)
        assert "Sort" not in str(plan)


@pytest.mark.usefixtures("spaced")
def test_a_run_that_must_wait_wakes_the_tick_when_it_is_due(app: Flask) -> None:
    connect_many(1, next_sync_at=None)
    end_read()

    def queue_one() -> None:
        with app.app_context():
            start_sync(session().scalars(select(Connection)).one(), Trigger.WEBHOOK)

    late, begun = Timer(0.3, queue_one), monotonic()
    late.start()
    wait(30.0, utc_now(), StopSignals())
    assert monotonic() - begun < 20
    late.join()
    [run] = session().scalars(select(SyncRun))
    assert run.not_before is not None
    assert run.not_before <= utc_now()


def test_a_signal_ends_what_only_waits_and_what_would_wait_then() -> None:
    stop, begun = StopSignals(), monotonic()
    Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
    stop.during(lambda: sleep(60))
    wait(60.0, utc_now(), stop)
    assert stop.asked
    assert monotonic() - begun < 20


def test_with_redis_away_it_waits_all_the_same(app: Flask) -> None:
    app.extensions["redis"].close()
    app.extensions["redis"] = connect_redis("unix:///nowhere/redis.sock")
    begun = monotonic()
    assert not listen(0.3)
    assert monotonic() - begun >= 0.3


def test_an_hour_is_told_once() -> None:
    hours, at = Hours(), datetime(2026, 11, 3, 14, 59, tzinfo=UTC)
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

    with started("-m", "portal.worker.tick", **environ), started("-m", "portal.worker", **environ):
        wait_until(gone, "the sign-in that ran out to be deleted")
        wait_until(lambda: not pickled.job_ids and not older.job_ids, "the queues to be empty")
    assert not made.exists()


def test_chores_get_their_turn_though_syncs_never_stop_coming(app: Flask) -> None:
    connection = app.extensions["redis"]
    queues = [queue_named(name, connection) for name in (SYNC_QUEUE, CHORES_QUEUE)]
    for queue in queues:
        queue.enqueue_many([Queue.prepare_data("time.time") for _ in range(CHORES_EVERY + 2)])
    worker = PortalWorker(queues, connection=connection, serializer=JSONSerializer)
    taken = [worker.dequeue_job_and_maintain_ttl(1) for _ in range(CHORES_EVERY + 2)]
    names = [each[1].name for each in taken if each]
    assert names == [SYNC_QUEUE] * CHORES_EVERY + [CHORES_QUEUE, SYNC_QUEUE]

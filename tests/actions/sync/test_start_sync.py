"""Starting a sync: every start joins the run that waits, or queues one, on both databases."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep

import pytest
from flask import Flask
from rq import Queue
from sqlalchemy import select

from portal.actions.sync.connection import disconnect
from portal.actions.sync.schedule import enqueue_waiting, start_due, start_sync
from portal.db import end_read, session, write
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Connection, SyncRun
from portal.models.base import utc_now
from portal.queues import SYNC_QUEUE, connect_redis, queue_named, redis
from portal.store.connections import connection_by_id
from portal.store.people import next_revision
from portal.store.run_steps import claim
from portal.write_limit import PATIENCE_SECONDS, WriteLimit
from tests.support.app import Cast
from tests.support.processes import PATIENCE
from tests.support.syncs import make_connection_due

MANY = 24


def runs() -> Sequence[SyncRun]:
    end_read()
    query = select(SyncRun).order_by(SyncRun.id).execution_options(populate_existing=True)
    return session().scalars(query).all()


def start_many(app: Flask, connection_id: int) -> list[int | None]:
    def start(_: int) -> int | None:
        with app.app_context():
            held = connection_by_id(connection_id)
            assert held is not None
            run = start_sync(held, Trigger.MANUAL)
            return run.id if run else None

    with ThreadPoolExecutor(6) as threads:
        return list(threads.map(start, range(MANY)))


def test_many_clicks_at_once_are_one_queued_run(app: Flask, connection: Connection) -> None:
    started = start_many(app, connection.id)
    assert len(set(started)) == 1
    assert [run.id for run in runs()] == started[:1]


def test_many_clicks_during_a_run_queue_one_behind_it(app: Flask, connection: Connection) -> None:
    first = start_sync(connection, Trigger.MANUAL)
    assert first is not None
    with write():
        assert claim(first.id, 0, utc_now(), timedelta(minutes=1))
    started = start_many(app, connection.id)
    assert len(set(started)) == 1
    assert [run.status for run in runs()] == [RunStatus.RUNNING, RunStatus.QUEUED]


def test_a_click_that_joins_a_queued_run_waits_for_no_lock(app: Flask, connection: Connection) -> None:
    queued = start_sync(connection, Trigger.MANUAL)
    assert queued is not None
    queued_id = queued.id
    with write():
        next_revision(connection.organisation_id)  # nobody else may write to the organisation now
        with ThreadPoolExecutor(1) as threads:
            assert threads.submit(start_many, app, connection.id).result(PATIENCE) == [queued_id] * MANY


def test_a_click_that_finds_no_place_to_write_joins_what_another_queued_meanwhile(
    app: Flask, connection: Connection
) -> None:
    limit: WriteLimit = app.extensions["write_limit"]
    while limit.enter(connection.organisation_id, 0):
        pass  # until every place is taken

    def click() -> int | None:
        with app.test_request_context():
            run = start_sync(connection, Trigger.MANUAL)
            return run.id if run else None

    with ThreadPoolExecutor(1) as threads:
        clicked = threads.submit(click)
        sleep(PATIENCE_SECONDS / 2)  # it has found none waiting by then, and wants a place
        queued = start_sync(connection, Trigger.MANUAL)  # outside a request: a worker's, which takes no place
        assert queued is not None
        assert clicked.result(PATIENCE) == queued.id


def test_of_many_ticks_that_see_a_connection_due_one_starts_it(app: Flask, connection: Connection) -> None:
    make_connection_due(connection)

    def tick(_: int) -> int:
        with app.app_context():
            return start_due(utc_now())

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(tick, range(MANY))) == 1
    assert [(run.trigger, run.status) for run in runs()] == [(Trigger.SCHEDULE, RunStatus.QUEUED)]


def test_a_scheduled_sync_joins_the_run_that_waits(connection: Connection) -> None:
    start_sync(connection, Trigger.MANUAL)
    make_connection_due(connection)
    assert start_due(utc_now()) == 1
    assert [run.trigger for run in runs()] == [Trigger.MANUAL]


def test_what_the_tick_starts_it_hands_over_and_once(app: Flask, connection: Connection) -> None:
    make_connection_due(connection)
    start_due(utc_now())
    assert [enqueue_waiting(utc_now()) for _ in range(2)] == [1, 0]
    queued = Queue(SYNC_QUEUE, connection=app.extensions["redis"]).job_ids
    assert queued == [f"sync-run-{run.id}-0" for run in runs()]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer
def test_a_connection_whose_organisation_is_held_is_left_and_holds_up_no_other(
    app: Flask, cast: Cast, connection: Connection
) -> None:
    other = Connection(
        organisation_id=cast.cafe.id,
        public_key="another",
        board_token="cafe",
        board_name="Café",
        api_key_ciphertext=b"",
        api_key_last_four="",
        next_sync_at=utc_now() - timedelta(minutes=2),
    )
    with write() as current:
        current.add(other)
    make_connection_due(connection)

    def tick() -> int:
        with app.app_context():
            return start_due(utc_now())

    with ThreadPoolExecutor(1) as threads:
        with write():
            next_revision(connection.organisation_id)
            assert threads.submit(tick).result(PATIENCE) == 1
        assert [run.connection_id for run in runs()] == [other.id]
        assert threads.submit(tick).result(PATIENCE) == 1


def test_the_queue_holds_ids_and_nothing_else(app: Flask, connection: Connection) -> None:
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    [job] = queue_named(SYNC_QUEUE, redis()).jobs
    assert (job.id, tuple(job.args), job.kwargs) == (f"sync-run-{run.id}-0", (run.id, 0), {})
    assert [each.enqueued_at is not None for each in runs()] == [True]


@pytest.mark.parametrize("away", ["unix:///nowhere/redis.sock", "redis://127.0.0.1:1/0"])
def test_with_redis_away_the_run_waits_in_the_database(app: Flask, connection: Connection, away: str) -> None:
    app.extensions["redis"].close()
    app.extensions["redis"] = connect_redis(away)
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    assert [(each.status, each.enqueued_at) for each in runs()] == [(RunStatus.QUEUED, None)]


def test_a_click_frees_a_run_from_its_pause(connection: Connection) -> None:
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    with write():
        session().get_one(SyncRun, run.id).not_before = utc_now() + timedelta(hours=1)
    start_sync(connection, Trigger.WEBHOOK)
    assert runs()[0].not_before is not None
    start_sync(connection, Trigger.MANUAL)
    assert [each.not_before for each in runs()] == [None]


def test_a_connection_that_ended_meanwhile_starts_nothing(connection: Connection) -> None:
    disconnect(connection.organisation_id, keep_jobs=True)
    assert start_sync(connection, Trigger.MANUAL) is None
    assert list(runs()) == []

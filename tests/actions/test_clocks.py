"""A clock that was 400 days ahead for a minute: what it wrote heals as soon as a right one looks."""

import hmac
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from rq import Queue
from sqlalchemy import func, select

from dev.demo.organisation import DEMO_API_KEY
from portal.actions.accounts.sign_in import hash_token, signed_in
from portal.actions.sync import credentials, tidy_up
from portal.actions.sync.connection import recheck_keys
from portal.actions.sync.credentials import seal
from portal.actions.sync.retry import sweep
from portal.actions.sync.run import run_sync
from portal.actions.sync.schedule import enqueue_waiting, start_due, start_sync
from portal.actions.sync.webhooks import receive_webhook
from portal.db import db, end_read, session, write
from portal.domain.sync.health import longest_interval
from portal.domain.sync.runs import RunStatus, Trigger, waits_long
from portal.models import Connection, LoginSession, SyncRun
from portal.models.base import utc_now
from portal.queues import SYNC_QUEUE
from portal.store import run_steps, runs
from portal.store.connections import any_due
from portal.web.connection.status import SyncState, sync_status
from tests.support.app import Cast
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.statements import statements_sent
from tests.support.syncs import Sync, connection_now, fail, mails, reread

JUMP = timedelta(days=400)
LEASE = timedelta(seconds=60)


@pytest.fixture
def run(connection: Connection) -> SyncRun:
    """A run that waits."""
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    return run


def queued_tasks(app: Flask) -> int:
    return len(Queue(SYNC_QUEUE, connection=app.extensions["redis"]))


def test_the_schedule_goes_on(sync: Sync, connection: Connection) -> None:
    sync()
    assert start_due(utc_now() + JUMP) == 1
    [run] = session().scalars(select(SyncRun).where(SyncRun.status == RunStatus.QUEUED))
    run_sync(run.id, run.generation)
    with write() as rows:
        rows.get_one(Connection, connection.id).next_sync_at = utc_now() + JUMP
    assert start_due(utc_now()) == 1
    assert start_due(utc_now()) == 0
    following = connection_now(connection).next_sync_at
    assert following is not None
    assert following < utc_now() + timedelta(hours=1)


def test_what_is_due_or_far_ahead_is_found_by_the_index(connection: Connection) -> None:
    with statements_sent(db.engine) as sent:
        any_due(utc_now(), longest_interval(timedelta(minutes=30)))
    [(statement, parameters, _)] = [each for each in sent if "next_sync_at" in each.statement]
    driver = session().connection()
    if db.engine.dialect.name == "sqlite":
        plan = driver.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    else:
        driver.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = driver.exec_driver_sql(f"EXPLAIN {statement}", parameters).all()
    assert "ix_connections_due" in str(plan)
    assert "SCAN" not in str(plan)  # which would read the whole index
    assert ("SEARCH" if db.engine.dialect.name == "sqlite" else "Index Cond") in str(plan)


def test_a_run_put_back_for_a_retry_in_400_days_starts_at_once(
    app: Flask, connection: Connection, run: SyncRun
) -> None:
    with write() as rows:
        rows.get_one(SyncRun, run.id).not_before = utc_now() + JUMP
    assert not waits_long(reread(run).not_before, utc_now())
    assert run_steps.any_to_enqueue(utc_now(), timedelta())
    assert sync_status(connection.organisation_id).state == SyncState.QUEUED
    run_sync(run.id, run.generation)
    assert reread(run).status == RunStatus.SUCCEEDED


@on_sqlite
def test_a_run_handed_over_in_400_days_is_handed_over_again(app: Flask, run: SyncRun) -> None:
    with write() as rows:
        waiting = rows.get_one(SyncRun, run.id)
        waiting.enqueued_at = waiting.not_before = utc_now() + JUMP
    app.extensions["redis"].flushall()
    assert enqueue_waiting(utc_now()) == 1
    assert queued_tasks(app) == 1
    assert enqueue_waiting(utc_now()) == 0


@on_sqlite
def test_a_run_claimed_until_400_days_from_now_is_taken_up_again(run: SyncRun) -> None:
    with write():
        assert run_steps.claim(run.id, run.generation, utc_now() + JUMP, LEASE) is not None
    assert sweep(utc_now()) == 1
    again = reread(run)
    assert again.status == RunStatus.QUEUED
    run_sync(run.id, again.generation)
    assert reread(run).status == RunStatus.SUCCEEDED


def test_a_worker_whose_clock_is_put_right_carries_its_run_through(run: SyncRun) -> None:
    with write():
        claimed = run_steps.claim(run.id, run.generation, utc_now() + JUMP, LEASE)
    assert claimed is not None
    with write():
        assert run_steps.renew_lease(claimed, utc_now(), LEASE)
    assert sweep(utc_now()) == 0
    with write():
        assert run_steps.finish(claimed, RunStatus.SUCCEEDED, utc_now())


@on_sqlite
def test_a_key_that_was_asked_about_in_400_days_is_asked_about(connection: Connection) -> None:
    with write() as rows:
        here = rows.get_one(Connection, connection.id)
        here.api_key_ciphertext = seal(here.public_key, DEMO_API_KEY)
        here.key_checked_at = utc_now() + JUMP
    assert recheck_keys(utc_now()) == 1
    assert recheck_keys(utc_now()) == 0


def test_the_admins_hear_of_a_failure_though_one_in_400_days_was_told(
    sync: Sync, board: DemoBoard, connection: Connection, cast: Cast
) -> None:
    sync()
    fail(sync, board, 2)
    with write() as rows:
        here = rows.get_one(Connection, connection.id)
        here.alerted_at = here.recovery_told_at = here.failing_since = utc_now() + JUMP
    fail(sync, board)
    since = connection_now(connection).failing_since
    assert since is not None
    assert since <= utc_now()
    with write() as rows:
        rows.get_one(Connection, connection.id).failing_since = utc_now() - timedelta(hours=2)
    fail(sync, board)
    assert len(mails()) == 1
    with write() as rows:
        rows.get_one(Connection, connection.id).recovery_told_at = utc_now() + JUMP
    sync()
    assert len(mails()) == 2


def signed(secret: str, body: bytes) -> str:
    """The header that Greenhouse sends."""
    return f"sha256 {hmac.new(secret.encode(), body, 'sha256').hexdigest()}"


def test_an_old_webhook_secret_does_not_last_for_400_days(connection: Connection) -> None:
    old = credentials.make_hook_secret(connection, None)
    assert old is not None
    credentials.make_hook_secret(connection, connection_now(connection).hook_secret_set_at)
    body = b'{"action": "job_post_updated"}'
    assert receive_webhook(connection.public_key, signed(old, body), None, body)
    with write() as rows:
        here = rows.get_one(Connection, connection.id)
        until = (utc_now() + JUMP + credentials.SECRET_OVERLAP).isoformat()
        here.old_hook_secrets = [each | {"until": until} for each in here.old_hook_secrets]
    assert not receive_webhook(connection.public_key, signed(old, body), None, body)


@on_sqlite
def test_a_webhook_heard_in_400_days_does_not_hide_those_of_today(connection: Connection) -> None:
    secret = credentials.make_hook_secret(connection, None)
    assert secret is not None
    with write() as rows:
        rows.get_one(Connection, connection.id).hook_heard_at = utc_now() + JUMP
    body = b'{"action": "ping"}'
    assert receive_webhook(connection.public_key, signed(secret, body), None, body)
    heard = connection_now(connection).hook_heard_at
    assert heard is not None
    assert heard <= utc_now()


@pytest.fixture
def sign_in(app: Flask, cast: Cast, in_app: None) -> Callable[..., int]:
    """Store Mara's sign-in, made or used so far ahead, and return its id."""

    def store(**ahead: timedelta) -> int:
        now = utc_now()
        times = {"created_at": now, "seen_at": now, "expires_at": now + timedelta(days=14)}
        with write() as rows:
            row = LoginSession(
                token_hash=hash_token("token"),
                user_id=cast.mara.id,
                **{name: at + ahead.get(name, timedelta(0)) for name, at in times.items()},
            )
            rows.add(row)
        return row.id

    return store


@on_sqlite
def test_a_sign_in_made_400_days_ahead_does_not_last_as_long(app: Flask, sign_in: Callable[..., int]) -> None:
    sign_in(created_at=JUMP, seen_at=JUMP, expires_at=JUMP)
    assert signed_in("token", utc_now()) is None


def test_a_sign_in_used_400_days_ahead_lasts_and_is_prolonged_by_the_right_clock(
    sign_in: Callable[..., int],
) -> None:
    sign_in(seen_at=JUMP, expires_at=timedelta(days=15))
    assert signed_in("token", utc_now()) is not None
    end_read()
    row = session().scalars(select(LoginSession)).one()
    assert row.seen_at <= utc_now()
    assert row.expires_at <= utc_now() + timedelta(days=14)


@on_sqlite
def test_tidying_with_a_clock_that_is_ahead_leaves_the_history(
    app: Flask, sync: Sync, connection: Connection, sign_in: Callable[..., int]
) -> None:
    for _ in range(3):
        sync()
    sign_in()

    def tidy(ahead: timedelta = timedelta(0)) -> int:
        return tidy_up.tidy_up(tidy_up.bounded(utc_now() + ahead))

    assert tidy() == 0
    assert tidy(JUMP) == 0
    assert tidy() == 0
    for hours in range(1, 49):
        tidy(timedelta(hours=hours))
    assert session().scalar(select(func.count(SyncRun.id))) == 2, "two days later it goes on as always"


@on_sqlite
def test_the_figures_of_the_last_hour_hold_nothing_of_a_year_to_come(sync: Sync) -> None:
    run = sync()
    with write() as rows:
        rows.get_one(SyncRun, run.id).finished_at = utc_now() + JUMP
    assert runs.runs_by_status(utc_now())[RunStatus.SUCCEEDED] == 0

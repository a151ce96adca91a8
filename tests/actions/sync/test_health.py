"""How a connection's health is kept: widening attempts, mails left with the run's end, recovery."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update

from portal.actions.accounts import people
from portal.actions.sync.connection import disconnect
from portal.actions.sync.retry import sweep
from portal.actions.sync.run import run_sync
from portal.actions.sync.schedule import start_sync
from portal.db import end_read, session, write
from portal.domain.mails import MailText
from portal.domain.people import Role
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Connection, Job, Mail, SyncRun
from portal.models.base import utc_now
from portal.store.mails import add_mails
from portal.store.people import admins_of
from tests.support.app import Cast
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.processes import PATIENCE
from tests.support.syncs import Sync, connection_now, fail, mails, reread

INTERVAL = timedelta(minutes=30)


def age_failure(connection: Connection, age: timedelta) -> None:
    with write():
        past = utc_now() - age
        session().execute(update(Connection).where(Connection.id == connection.id).values(failing_since=past))


def intervals_ahead(connection: Connection) -> int:
    """In how many intervals the schedule tries again."""
    ahead = connection_now(connection).next_sync_at
    assert ahead is not None
    return round((ahead - utc_now()) / INTERVAL)


@on_sqlite
def test_a_board_that_is_gone_is_asked_ever_more_rarely_and_its_jobs_stay(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    jobs = session().scalars(select(Job.id).where(Job.listed)).all()
    pauses = []
    for _ in range(7):
        fail(sync, board, trigger=Trigger.SCHEDULE)
        pauses.append(intervals_ahead(connection))
    assert pauses == [1, 1, 1, 2, 4, 8, 8]
    assert connection_now(connection).last_error_kind == "board_not_found"
    end_read()
    assert session().scalars(select(Job.id).where(Job.listed)).all() == jobs


@on_sqlite
def test_clicks_that_fail_do_not_make_the_schedule_slower(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    fail(sync, board, 6)
    assert intervals_ahead(connection) == 1
    fail(sync, board, 6, Trigger.SCHEDULE)
    assert intervals_ahead(connection) == 8
    soon = utc_now() + timedelta(minutes=5)
    with write():
        session().get_one(Connection, connection.id).next_sync_at = soon
    fail(sync, board)
    assert connection_now(connection).next_sync_at == soon
    assert (connection_now(connection).failures, connection_now(connection).scheduled_failures) == (13, 6)


@on_sqlite
def test_a_preview_that_fails_says_so_and_nothing_of_the_connection(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    fail(sync, board, 3, Trigger.PREVIEW)
    assert (connection_now(connection).failures, connection_now(connection).failing_since) == (0, None)


@on_sqlite
def test_it_recovers_by_itself(sync: Sync, board: DemoBoard, connection: Connection) -> None:
    sync()
    fail(sync, board, 3)
    sync()
    well = connection_now(connection)
    assert (well.failing_since, well.failures, well.last_error, well.last_error_kind) == (None, 0, None, None)
    assert well.next_sync_at is not None
    assert well.next_sync_at - utc_now() <= INTERVAL


@on_sqlite
def test_what_passes_is_asked_as_often_as_always(board: DemoBoard, connection: Connection) -> None:
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    with write():
        session().get_one(Connection, connection.id).failures = 7
        session().get_one(SyncRun, run.id).attempt = 2
    board.fail(503)
    run_sync(run.id, run.generation)
    assert reread(run).status == RunStatus.FAILED
    found = connection_now(connection)
    assert found.next_sync_at is not None
    assert (found.failures, found.last_error_kind) == (8, "unavailable")
    assert found.next_sync_at - utc_now() <= INTERVAL


@on_sqlite
def test_admins_are_told_once_and_once_more_when_it_works_again(
    sync: Sync, board: DemoBoard, connection: Connection, cast: Cast
) -> None:
    people.set_role("sasha@example.com", "northwind", Role.ADMIN)
    sync()
    fail(sync, board, 3)
    assert mails() == [], "it has not failed for an hour"
    age_failure(connection, timedelta(hours=1))
    fail(sync, board, 3)
    admins = ["mara@example.com", "sasha@example.com"]
    failing = [(email, "Northwind Labs is not synced with Greenhouse") for email in admins]
    assert mails() == failing
    sync()
    sync()
    assert mails() == failing + [
        (email, "Northwind Labs is synced with Greenhouse again") for email in admins
    ]
    age_failure(connection, timedelta(hours=5))
    fail(sync, board, 3)
    assert len(mails()) == 4, "not twice within a day"


@on_sqlite
def test_a_mail_says_what_is_wrong_and_where_to_look(
    sync: Sync, board: DemoBoard, connection: Connection, cast: Cast
) -> None:
    sync()
    fail(sync, board)
    age_failure(connection, timedelta(hours=2))
    fail(sync, board, 2)
    body = session().scalars(select(Mail.body)).one()
    for words in (
        "Greenhouse has no job board “northwind”.",
        "Your jobs stay as they are",
        "http://127.0.0.1:8000/orgs/northwind/greenhouse\n",
        "http://127.0.0.1:8000/orgs/northwind/sync-runs\n",
    ):
        assert words in body
    assert connection.public_key not in body


def test_runs_whose_worker_vanished_count_as_failures_too(connection: Connection, cast: Cast) -> None:
    with write():
        session().get_one(Connection, connection.id).failures = 2
        session().get_one(Connection, connection.id).failing_since = utc_now() - timedelta(hours=2)
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    with write():
        lost = {"status": RunStatus.RUNNING, "attempt": 3, "lease_until": utc_now() - timedelta(minutes=1)}
        session().execute(update(SyncRun).where(SyncRun.id == run.id).values(**lost))
    assert sweep(utc_now()) == 1
    assert [email for email, _ in mails()] == ["mara@example.com"]


@on_sqlite
def test_a_mail_that_waits_is_not_sent_after_a_disconnect(
    sync: Sync, board: DemoBoard, connection: Connection, cast: Cast
) -> None:
    sync()
    fail(sync, board, 2)
    age_failure(connection, timedelta(hours=2))
    fail(sync, board)
    assert mails()
    with write():
        admins = admins_of(connection.organisation_id)
        add_mails(connection.organisation_id, admins, MailText("Of a webhook", ""), utc_now())
    disconnect(connection.organisation_id, keep_jobs=True)
    assert [subject for _, subject in mails()] == ["Of a webhook"], "it tells of something else"


def test_a_run_that_lost_its_lease_leaves_no_mail(
    app: Flask, sync: Sync, board: DemoBoard, connection: Connection, cast: Cast
) -> None:
    sync()
    fail(sync, board, 2)
    age_failure(connection, timedelta(hours=2))
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    board.hold()

    def carry_out() -> None:
        with app.app_context():
            run_sync(run.id, run.generation)

    board.fail(404)
    with ThreadPoolExecutor(1) as threads:
        late = threads.submit(carry_out)
        assert board.faults.wait_held()
        with write():
            session().execute(update(SyncRun).where(SyncRun.id == run.id).values(generation=9))
        board.release()
        late.result(PATIENCE)
    assert mails() == []
    assert connection_now(connection).failures == 2

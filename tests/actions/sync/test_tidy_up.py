"""What is over leaves, in batches; what tells how a connection does stays."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, text

from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.own_jobs import add_job, delete_job
from portal.actions.jobs.undo import undo_edit
from portal.actions.sync import tidy_up as tidying
from portal.actions.sync.connection import disconnect
from portal.actions.sync.tidy_up import tidy_up
from portal.db import end_read, session, write
from portal.domain.people import LinkKind
from portal.domain.sync.runs import RunStatus
from portal.models import Connection, Edit, Job, LoginSession, Mail, OneTimeLink, SyncChange, SyncRun
from portal.models.base import utc_now
from portal.store.accounts.links import add_link
from portal.store.runs import days_of
from tests.support.app import Cast
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.syncs import Sync

DAY, YEAR = timedelta(days=1, minutes=1), timedelta(days=365, minutes=1)


def runs() -> list[int]:
    end_read()
    return list(session().scalars(select(SyncRun.id).order_by(SyncRun.id)))


@on_sqlite
def test_runs_that_changed_nothing_leave_after_a_day_and_the_newest_stays(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    first, *uneventful, newest = [sync().id for _ in range(4)]
    assert tidy_up(utc_now()) == 0
    assert tidy_up(utc_now() + DAY) == len(uneventful)
    assert runs() == [first, newest]
    assert tidy_up(utc_now() + DAY) == 0
    later = sync().id
    assert tidy_up(utc_now() + 3 * DAY) == 1
    assert runs() == [first, later]


@on_sqlite
def test_what_changed_something_or_failed_or_set_a_post_aside_stays_a_year(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    imported = sync().id
    board.fail(404)
    failed = sync().id
    board.edit(board.posts[0]["id"], title=None)
    aside = sync().id
    newest = sync().id
    assert tidy_up(utc_now() + DAY) == 0
    assert session().scalar(select(func.count(SyncChange.id)))
    assert tidy_up(utc_now() + YEAR) == 2
    assert runs() == [aside, newest], "one tells how many jobs were open, one how the connection does"
    assert {imported, failed}.isdisjoint(runs())
    assert session().scalar(select(func.count(SyncChange.id))) == 0


def test_a_board_quiet_for_a_year_keeps_its_figure(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    first = sync()
    newest = sync()
    assert (first.open_jobs is None, newest.open_jobs) == (False, None)
    for _ in range(2):
        tidy_up(utc_now() + YEAR)
    assert runs() == [first.id, newest.id]
    later = utc_now() + YEAR
    [today] = days_of(connection.organisation_id, [later.date()], UTC)
    assert today.open_jobs == first.open_jobs
    board.edit(board.posts[0]["id"], title="Another")
    changed = sync().id
    tidy_up(utc_now() + YEAR + YEAR)
    assert runs() == [changed]


@on_sqlite
def test_a_connection_that_ended_keeps_no_last_run(sync: Sync, connection: Connection) -> None:
    sync()
    disconnect(connection.organisation_id, keep_jobs=True)
    assert tidy_up(utc_now() + YEAR) == 1
    assert runs() == []


@on_sqlite
def test_a_run_that_waits_or_runs_stays_however_old(connection: Connection) -> None:
    with write() as current:
        current.add(_run(connection, utc_now() - 2 * YEAR, status=RunStatus.QUEUED, finished_at=None))
    assert tidy_up(utc_now() + YEAR) == 0


@pytest.mark.parametrize("count", [1, 9, 10, 25])
@on_sqlite
def test_many_leave_in_batches(connection: Connection, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(tidying, "BATCH", 10)
    past = utc_now() - YEAR
    with write() as current:
        current.add_all([_run(connection, past, forget_at=past) for _ in range(count)])
        current.flush()
        current.add(_run(connection, utc_now()))
    assert tidy_up(utc_now()) == count
    assert len(runs()) == 1


def test_sign_ins_that_ran_out_and_mails_that_were_given_up_leave(cast: Cast, in_app: None) -> None:
    now = utc_now()
    common = {"user_id": cast.mara.id, "created_at": now, "seen_at": now}
    with write() as current:
        for number, ends in enumerate((now - DAY, now + DAY)):
            row = common | {"token_hash": str(number), "expires_at": ends}
            current.execute(insert(LoginSession), [row])
        for age in (timedelta(days=8), timedelta(days=6)):
            current.add(
                Mail(
                    organisation_id=cast.northwind.id,
                    user_id=cast.mara.id,
                    subject="s",
                    body="b",
                    created_at=now - age,
                )
            )
    assert tidy_up(now) == 2
    end_read()
    assert session().scalars(select(LoginSession.token_hash)).all() == ["1"]
    assert session().scalar(select(func.count(Mail.id))) == 1


def test_links_that_ran_out_leave_and_those_that_admins_see_do_so_a_week_later(
    cast: Cast, in_app: None
) -> None:
    with write():
        for kind in LinkKind:
            add_link(kind, kind, utc_now(), organisation_id=cast.northwind.id)
    tidy_up(utc_now() + timedelta(minutes=6))
    assert links().isdisjoint({LinkKind.PASSKEY, LinkKind.PASSKEY_NEW, LinkKind.SECOND_STEP})
    assert links() >= {LinkKind.RESET, LinkKind.EMAIL}
    tidy_up(utc_now() + timedelta(days=8))
    assert links() == {LinkKind.INVITATION, LinkKind.COLLEAGUE}
    tidy_up(utc_now() + timedelta(days=15))
    assert links() == set()


def links() -> set[str]:
    end_read()
    return set(session().scalars(select(OneTimeLink.kind)))


@on_sqlite
def test_what_cannot_be_deleted_keeps_nothing_else(
    cast: Cast, in_app: None, caplog: pytest.LogCaptureFixture
) -> None:
    over = {"user_id": cast.mara.id, "token_hash": "x", "seen_at": utc_now(), "expires_at": utc_now() - DAY}
    mail = {"address": "a@example.com", "subject": "s", "body": "b", "created_at": utc_now() - YEAR}
    with write() as current:
        current.execute(insert(LoginSession), [over])
        current.execute(insert(Mail), [mail])
        stuck = "CREATE TRIGGER stuck BEFORE DELETE ON sessions BEGIN SELECT RAISE(ABORT, 'stuck'); END"
        current.execute(text(stuck))
    assert tidy_up(utc_now()) == 1
    assert session().scalars(select(Mail.id)).all() == []
    assert "delete_ended_sign_ins" in caplog.text


def test_a_deleted_job_goes_for_good_after_a_month_with_all_that_was_part_of_it(
    cast: Cast, in_app: None
) -> None:
    org, now = cast.northwind.id, utc_now()
    gone, restored, kept = [add_job(org, {"title": title}).id for title in ("Gone", "Restored", "Kept")]
    parts = [add_job(org, {"title": "Part", "merged_into_id": gone}).id]
    parts.append(add_job(org, {"title": "Part of that", "merged_into_id": parts[0]}).id)
    edit_field(org, gone, "location", "Faro", 0, None)
    deletions = [delete_job(org, job_id, cast.mara.id) for job_id in (gone, restored)]
    assert deletions[1] is not None
    assert deletions[1].edit_id is not None
    undo_edit(org, deletions[1].edit_id, None)
    assert tidy_up(now + timedelta(days=29)) == 0
    assert tidy_up(now + timedelta(days=30, minutes=1)) == 3
    end_read()
    assert session().scalars(select(Job.id).order_by(Job.id)).all() == [restored, kept]
    assert set(session().scalars(select(Edit.job_id))) == {restored}
    assert deletions[0] is not None
    assert deletions[0].edit_id is not None
    assert undo_edit(org, deletions[0].edit_id, None) is None


def _run(connection: Connection, at: datetime, **columns: object) -> SyncRun:
    values = {"status": RunStatus.SUCCEEDED, "finished_at": at, "queued_at": at} | columns
    return SyncRun(
        organisation_id=connection.organisation_id,
        connection_id=connection.id,
        board_token="northwind",
        trigger="schedule",
        **values,
    )

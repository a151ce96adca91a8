"""Closings that are too many wait for a person, or for the posts to come back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.actions.sync.closings import decide_closings
from portal.actions.sync.tidy_up import tidy_up
from portal.db import end_read, session
from portal.domain.sync.plan import ChangeKind, HoldStatus
from portal.domain.sync.runs import RunStatus
from portal.models import Connection, HeldClosing, Job, SyncChange, SyncRun
from portal.models.base import utc_now
from portal.store.closings import held_closings
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.syncs import Sync

DAY, YEAR = timedelta(days=1), timedelta(days=365)


def stays(run: SyncRun) -> timedelta:
    """How long the history keeps a run."""
    assert run.forget_at is not None
    assert run.finished_at is not None
    return run.forget_at - run.finished_at


def open_jobs() -> int:
    end_read()
    return len(session().scalars(select(Job.id).where(Job.listed)).all())


def holds() -> list[str]:
    end_read()
    return sorted(session().scalars(select(HeldClosing.status)).all())


def test_a_short_answer_closes_nothing_and_is_shown(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    before = sync().created
    board.short(5)
    run = sync()
    assert (run.status, run.closed, open_jobs()) == (RunStatus.SUCCEEDED, 0, before)
    assert run.held == len(held_closings(connection.id)) > before / 2


@on_sqlite
def test_what_is_created_and_updated_in_the_same_answer_is_applied(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    first = board.posts[0]
    board.set_posts(board.token, [first | {"title": "Changed"}, first | {"id": 77, "title": "New"}])
    run = sync()
    assert (run.created, run.updated, run.closed) == (1, 1, 0)
    assert run.held > 0


@on_sqlite
def test_held_closings_are_withdrawn_when_the_posts_are_listed_again(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    before = sync().created
    board.short(5)
    held = sync().held
    board.short(None)
    run = sync()
    assert (run.held, run.closed, open_jobs()) == (0, 0, before)
    assert holds() == [HoldStatus.WITHDRAWN] * held


@on_sqlite
def test_the_same_short_answer_again_holds_the_same_jobs_once(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    board.short(5)
    held = sync().held
    assert sync().held == held
    assert holds() == [HoldStatus.PENDING] * held
    assert board.requests[-1].status == 200


@on_sqlite
def test_a_drop_that_goes_on_is_written_down_once(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    board.short(5)
    first, *later = [sync() for _ in range(4)]
    end_read()
    told = session().scalars(select(SyncChange.run_id).where(SyncChange.kind == ChangeKind.HELD)).all()
    assert set(told) == {first.id}
    assert len(told) == first.held
    assert [stays(run) for run in (first, *later)] == [YEAR, DAY, DAY, DAY]


@on_sqlite
def test_a_drop_that_grows_or_shrinks_is_news(sync: Sync, board: DemoBoard, connection: Connection) -> None:
    sync()
    kept, posts = [], [post for post in board.posts if post["internal_job_id"]]
    for listed in (4, 2, 4, 4):
        board.set_posts(board.token, posts[:listed])
        kept.append(stays(sync()))
    assert kept == [YEAR, YEAR, YEAR, DAY]


@on_sqlite
def test_what_was_decided_leaves_after_a_year_and_a_drop_that_waits_stays_whole(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    board.short(5)
    sync()
    board.short(7)
    sync()
    held = holds()
    assert set(held) == {HoldStatus.PENDING, HoldStatus.WITHDRAWN}
    tidy_up(utc_now() + 2 * YEAR)
    assert holds() == held
    board.short(None)
    sync()
    tidy_up(utc_now() + timedelta(days=364))
    assert holds() == [HoldStatus.WITHDRAWN] * len(held)
    tidy_up(utc_now() + timedelta(days=366))
    assert holds() == []


@on_sqlite
def test_approved_closings_close_those_that_are_still_not_listed(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    before = sync().created
    posts = board.posts
    board.set_posts(board.token, posts[:4])
    held = sync().held
    assert decide_closings(connection, HoldStatus.APPROVED, None) == held
    board.set_posts(board.token, posts[:6])
    back = sum(post["internal_job_id"] is not None for post in posts[4:6])
    run = sync()
    assert (run.closed, run.held, open_jobs()) == (held - back, 0, before - held + back)
    board.set_posts(board.token, posts)
    assert sync().reopened == held - back


@on_sqlite
def test_an_approval_holds_for_one_closing_only(sync: Sync, board: DemoBoard, connection: Connection) -> None:
    sync()
    posts = board.posts
    board.set_posts(board.token, posts[:4])
    sync()
    decide_closings(connection, HoldStatus.APPROVED, None)
    sync()
    board.set_posts(board.token, posts)
    sync()
    board.set_posts(board.token, posts[:4])
    assert (sync().held > 0, open_jobs() > 4) == (True, True)


@on_sqlite
def test_discarded_closings_stay_open_until_the_post_was_listed_again(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    before = sync().created
    posts = board.posts
    board.set_posts(board.token, posts[:4])
    held = sync().held
    decide_closings(connection, HoldStatus.DISCARDED, None)
    run = sync()
    assert (run.held, run.closed, open_jobs()) == (0, 0, before)
    board.set_posts(board.token, posts)
    sync()
    board.set_posts(board.token, posts[:4])
    assert sync().held == held


@on_sqlite
def test_one_of_many_closes_at_once(sync: Sync, board: DemoBoard, connection: Connection) -> None:
    sync()
    gone = next(post for post in board.posts if post["internal_job_id"])
    board.close(gone["id"])
    assert sync().closed == 1


@on_sqlite
def test_a_run_tells_what_changed_before_and_after(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    first = sync()
    post = next(post for post in board.posts if post["internal_job_id"])
    board.edit(post["id"], title="Keeper", location="Oslo", description="<p>New words.</p>")
    run = sync()
    end_read()
    created = session().scalars(select(SyncChange).where(SyncChange.run_id == first.id)).all()
    assert {(change.kind, len(change.fields)) for change in created} == {(ChangeKind.CREATED, 0)}
    assert len(created) == first.created
    (change,) = session().scalars(select(SyncChange).where(SyncChange.run_id == run.id)).all()
    told = {field["field"]: field for field in change.fields}
    assert told["title"] == {"field": "title", "before": post["title"], "after": "Keeper"}
    assert told["location"]["after"] == "Oslo"
    assert "after" not in told["description"]


@on_sqlite
def test_a_difference_that_nobody_sees_is_no_change(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    end_read()
    post = next(post for post in board.posts if post["internal_job_id"])
    before = session().scalars(select(Job.revision).where(Job.external_id == post["id"])).one()
    metadata = [{"id": 9, "name": "Cost centre", "value": "4711", "value_type": "short_text"}]
    board.edit(post["id"], metadata=(post["metadata"] or []) + metadata)
    run = sync()
    end_read()
    after = session().scalars(select(Job.revision).where(Job.external_id == post["id"])).one()
    assert (run.updated, after) == (0, before)


@on_sqlite
def test_jobs_that_others_took_the_place_of_close_at_once(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    posts = [post for post in board.posts if post["internal_job_id"]]
    assert len(posts) >= 10
    new = [
        post | {"id": 90_000 + number, "internal_job_id": 90_000 + number}
        for number, post in enumerate(posts)
    ]
    board.set_posts(board.token, posts[:2] + new[2:])
    run = sync()
    assert (run.closed, run.held, run.created) == (len(posts) - 2, 0, len(posts) - 2)


@on_sqlite
def test_half_of_the_jobs_gone_is_too_many(sync: Sync, board: DemoBoard, connection: Connection) -> None:
    posts = [post for post in board.posts if post["internal_job_id"]][:10]
    board.set_posts(board.token, posts)
    sync()
    board.set_posts(board.token, posts[:5])
    run = sync()
    assert (run.closed, run.held) == (0, 5)


@on_sqlite
def test_a_decision_on_some_lets_the_others_wait(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    board.short(5)
    sync()
    waiting = [hold.job_id for hold in held_closings(connection.id)]
    decide_closings(connection, HoldStatus.APPROVED, None, waiting[::2])
    assert sync().closed == len(waiting[::2])
    decide_closings(connection, HoldStatus.DISCARDED, None, waiting[1:4:2])
    for _ in range(2):
        run = sync()
        assert (run.closed, run.held) == (0, len(waiting[1::2]) - 2)


@on_sqlite
def test_new_jobs_let_no_held_closing_pass_as_one_of_few(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    posts = board.posts
    jobs = [post for post in posts if post["internal_job_id"]]
    few = [post | {"id": 90 + number, "internal_job_id": 90 + number} for number, post in enumerate(jobs)]
    board.set_posts(board.token, posts[:5])
    held = sync().held
    assert held > 0
    board.set_posts(board.token, posts[:5] + few)
    for _ in range(2):
        run = sync()
        assert (run.closed, run.held) == (0, held)


@on_sqlite
def test_the_rest_of_a_drop_closes_once_most_of_it_came_back(
    sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    sync()
    posts = board.posts
    board.set_posts(board.token, posts[:5])
    held = sync().held
    board.set_posts(board.token, posts[:-2])
    run = sync()
    gone = sum(post["internal_job_id"] is not None for post in posts[-2:])
    assert (run.closed, run.held) == (gone, 0)
    assert holds() == [HoldStatus.WITHDRAWN] * held


@on_sqlite
@pytest.mark.parametrize("status", [HoldStatus.APPROVED, HoldStatus.DISCARDED])
def test_a_decision_on_a_drop_lets_no_worse_one_pass(
    sync: Sync, board: DemoBoard, connection: Connection, status: HoldStatus
) -> None:
    before = sync().created
    board.set_posts(board.token, board.posts[:8])
    decided = decide_closings(connection, status, None) if sync().held else 0
    board.set_posts(board.token, [])
    run = sync()
    assert run.held == before - decided > 2
    assert run.closed == (decided if status == HoldStatus.APPROVED else 0)

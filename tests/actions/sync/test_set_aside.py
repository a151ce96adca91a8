"""Posts that cannot be read: told until they are mended, also by answers that say "nothing changed"."""

from datetime import timedelta

import pytest

from portal.actions.sync.schedule import pause
from portal.db import session
from portal.domain.sync.runs import Trigger
from portal.models import Connection, Job
from portal.web.connection.status import SyncStatus, sync_status
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.syncs import Sync

DAY, YEAR = timedelta(days=1), timedelta(days=365)


@pytest.fixture
def odd(sync: Sync, board: DemoBoard) -> int:
    """A post whose title became a number after the first import."""
    sync()
    post_id = next(post["id"] for post in board.posts if post["internal_job_id"])
    board.edit(post_id, title=7)
    return int(post_id)


def told(connection: Connection) -> SyncStatus:
    return sync_status(connection.organisation_id)


@on_sqlite
def test_they_are_told_of_until_they_are_mended(
    sync: Sync, board: DemoBoard, connection: Connection, odd: int
) -> None:
    runs = []
    for status in (200, 304, 304):
        runs.append(sync())
        assert board.requests[-1].status == status
        assert (told(connection).set_aside, told(connection).set_aside_run_id) == (1, runs[-1].id)
        assert [post["id"] for post in runs[-1].set_aside] == [odd]
    assert [run.forget_at - run.finished_at for run in runs] == [YEAR, DAY, DAY]  # type: ignore[operator]
    board.edit(odd, title="Seven")
    assert (sync().set_aside, told(connection).set_aside) == ([], 0)


@on_sqlite
def test_a_permanently_unreadable_post_is_news_only_once(
    sync: Sync, board: DemoBoard, connection: Connection, odd: int
) -> None:
    lengths = []
    for number in range(3):
        board.edit(board.posts[-1]["id"], education=f"no field of ours, {number}")
        run = sync()
        assert (board.requests[-1].status, len(run.set_aside)) == (200, 1)
        assert run.forget_at is not None
        assert run.finished_at is not None
        lengths.append(run.forget_at - run.finished_at)
    assert lengths == [YEAR, DAY, DAY]


@pytest.mark.parametrize("what", ["preview", "failure", "pause"])
def test_what_happens_meanwhile_does_not_silence_it(
    sync: Sync, board: DemoBoard, connection: Connection, odd: int, what: str
) -> None:
    run = sync()
    if what == "pause":
        pause(connection)
    elif what == "preview":
        assert len(sync(Trigger.PREVIEW).set_aside) == 1
    else:
        board.fail(404)
        sync()
    assert (told(connection).set_aside, told(connection).set_aside_run_id) == (1, run.id)


def test_a_description_that_is_too_long_to_be_stored_leaves_its_job_as_it_was(
    sync: Sync, board: DemoBoard
) -> None:
    sync()
    post_id = next(post["id"] for post in board.posts if post["internal_job_id"])
    before = described(post_id)
    board.edit(post_id, description="<p>" + "far too long " * 20_000)
    [post] = sync().set_aside
    assert (post["id"], "longer than 200,000 characters" in post["reason"]) == (post_id, True)
    assert described(post_id) == before


@on_sqlite
def test_a_description_that_a_parser_would_expand_is_stored_at_about_its_length(
    sync: Sync, board: DemoBoard
) -> None:
    sync()
    post_id = next(post["id"] for post in board.posts if post["internal_job_id"])
    bomb = "<p>" + "".join(f"<b a{n}>" for n in range(400)) + "<p>x" * 400
    board.edit(post_id, description=bomb)
    assert sync().set_aside == []
    assert len(described(post_id)) < 4 * len(bomb)
    assert described(post_id).count("x") == 400


def described(post_id: int) -> str:
    """The stored description of a post's job."""
    return str(session().query(Job.description_html).filter_by(external_id=post_id).scalar())

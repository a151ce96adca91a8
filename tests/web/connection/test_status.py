"""Where the sync stands, on the page and in the stream: the same pieces, for everybody alike."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from portal.actions.sync.schedule import start_sync
from portal.db import session, write
from portal.domain.sync.runs import Trigger
from portal.live.publish import Phase, Progress, publish_progress
from portal.models import Connection, SyncRun
from portal.models.base import utc_now
from portal.store.run_steps import claim
from portal.store.runs import queued_run
from portal.web.connection.status import SyncState, SyncStatus, render_status, sync_status
from tests.support.app import HTMX, Cast, PortalClient
from tests.support.board_server import DemoBoard

MANAGE = "/orgs/northwind/jobs/manage"
SYNC = "/orgs/northwind/greenhouse/sync"
Work = Callable[[Connection], None]


def status_of(app: Flask, cast: Cast) -> SyncStatus:
    with app.app_context():
        return sync_status(cast.northwind.id)


def rendered(app: Flask, cast: Cast) -> str:
    with app.test_request_context():
        return render_status(cast.northwind.id)


def change_run(app: Flask, connection: Connection, **columns: object) -> None:
    with app.app_context(), write() as writing:
        writing.execute(update(SyncRun).where(SyncRun.connection_id == connection.id).values(**columns))


def begin(app: Flask, connection: Connection) -> SyncRun:
    with app.app_context():
        waiting = queued_run(connection.id)
        assert waiting is not None
        with write():
            run = claim(waiting.id, waiting.generation, utc_now(), timedelta(minutes=1))
        assert run is not None
        session().expunge(run)
        return run


def test_a_run_that_no_worker_takes_up_says_so_after_a_lease(
    app: Flask, cast: Cast, connection: Connection
) -> None:
    with app.app_context():
        start_sync(connection, Trigger.MANUAL)
    assert status_of(app, cast).state is SyncState.QUEUED
    change_run(app, connection, queued_at=utc_now() - timedelta(seconds=61))
    assert status_of(app, cast).state is SyncState.WAITING_FOR_WORKER
    assert "nothing has taken up the sync yet" in rendered(app, cast)
    begin(app, connection)
    assert status_of(app, cast).state is SyncState.RUNNING


def test_without_a_connection_there_is_nothing_to_be_in_step_with(
    app: Flask, cast: Cast, mara: PortalClient
) -> None:
    assert status_of(app, cast).state is SyncState.NOT_CONNECTED
    page = mara.get(MANAGE).text
    assert "Greenhouse is not connected" in page
    assert 'aria-label="Sync now"' not in page


def test_a_first_import_is_announced_before_it_begins(
    app: Flask, cast: Cast, mara: PortalClient, connection: Connection
) -> None:
    assert status_of(app, cast).state is SyncState.QUEUED
    page = mara.get(MANAGE).text
    assert "Importing your jobs from Northwind Labs." in page
    assert re.search(r'<progress class="meter sync-line" aria-label="Sync" ?>', page)


@pytest.mark.parametrize(
    ("progress", "words", "bar"),
    [
        (None, "They appear here together when it is done", ""),
        (Progress(Phase.FETCHING, 1234), "1,234 KB so far", ""),
        (Progress(Phase.READING, 20, 201), "20 of 201 jobs read", 'max="201" value="20"'),
        (Progress(Phase.WRITING, 120, 201), "120 of 201 jobs written", 'max="201" value="120"'),
    ],
)
def test_a_running_sync_tells_its_numbers(
    app: Flask, cast: Cast, connection: Connection, progress: Progress | None, words: str, bar: str
) -> None:
    run = begin(app, connection)
    if progress is not None:
        with app.app_context():
            publish_progress(cast.northwind.id, run.id, progress)
    status, html = status_of(app, cast), rendered(app, cast)
    assert (status.state, status.run_id) == (SyncState.RUNNING, run.id)
    assert words in html
    assert bar in html
    assert ("value=" in html) is bool(bar)


def test_in_step_says_since_when_and_what_the_last_sync_brought(
    app: Flask, cast: Cast, mara: PortalClient, imported: Connection, board: DemoBoard, work: Work
) -> None:
    new = len([post for post in board.posts if post["internal_job_id"]])
    status = status_of(app, cast)
    assert (status.state, status.outcome) == (SyncState.SYNCED, f"{new} new")
    board.retitle(board.posts[0]["id"], "Another title altogether")
    closed = next(post["id"] for post in board.posts[1:] if post["internal_job_id"])
    board.close(closed)
    board.add(title="Somebody new")
    mara.post(SYNC, headers=HTMX)
    work(imported)
    page = mara.get(MANAGE).text
    status = status_of(app, cast)
    assert status.outcome == "1 updated, 1 new, 1 closed"
    assert f'data-announce="1 updated, 1 new, 1 closed" data-run="{status.run_id}"' in page
    mara.post(SYNC, headers=HTMX)
    work(imported)
    assert status_of(app, cast).outcome == "Nothing changed"


def test_a_retry_says_what_happened_and_when_it_goes_on(
    app: Flask, cast: Cast, mara: PortalClient, synced: Connection, board: DemoBoard, work: Work
) -> None:
    board.fail(503)
    mara.post(SYNC)
    work(synced)
    status = status_of(app, cast)
    assert (status.state, status.error) == (
        SyncState.RETRYING,
        "Greenhouse is busy.",
    )
    assert status.next_attempt is not None
    page = mara.get(MANAGE).text
    assert "Greenhouse is busy." in page
    assert "Your jobs stay as they are." in page
    assert "Next try <time" in page
    mara.post(SYNC)
    assert status_of(app, cast).state is SyncState.QUEUED, "a click starts the waiting run at once"


def test_a_failing_connection_says_what_to_do_and_when_it_is_tried_again(
    app: Flask, cast: Cast, mara: PortalClient, synced: Connection, board: DemoBoard, work: Work
) -> None:
    board.fail(404)
    mara.post(SYNC)
    work(synced)
    status = status_of(app, cast)
    assert status.state is SyncState.FAILING
    page = mara.get(MANAGE).text
    assert "Greenhouse has no job board “northwind”." in page
    assert "Your jobs stay as they are." in page
    assert 'href="/help/greenhouse">Help</a>' in page
    assert 'enters its new token in <a href="/orgs/northwind/greenhouse">Greenhouse settings</a>. ' in page
    assert f"/orgs/northwind/sync-runs/{status.run_id}" in page
    mara.post(SYNC)
    work(synced)
    assert status_of(app, cast).state is SyncState.SYNCED


@pytest.mark.parametrize("fault", [503, 404])
def test_what_fails_says_once_when_it_goes_on_and_can_be_tried_now(
    app: Flask, cast: Cast, mara: PortalClient, synced: Connection, board: DemoBoard, work: Work, fault: int
) -> None:
    board.fail(fault)
    mara.post(SYNC)
    work(synced)
    run_page = f"/orgs/northwind/sync-runs/{status_of(app, cast).run_id}"
    for path in (MANAGE, "/orgs/northwind/greenhouse", run_page):
        page = mara.get(path).text
        assert page.count("Next try <time") == 1, path
        assert not re.search("try again|in a few minutes", page, re.IGNORECASE), path
        assert page.count(">Try now</button>") == 1, path
    page = mara.get(MANAGE).text
    form = re.search(r'type="submit" form="([^"]+)">Try now', page)
    assert form
    assert f'<form class="sync-arrow" id="{form[1]}" method="post" action="{SYNC}"' in page


def test_a_post_that_cannot_be_read_is_spoken_of(
    app: Flask, cast: Cast, mara: PortalClient, synced: Connection, board: DemoBoard, work: Work
) -> None:
    board.edit(board.posts[0]["id"], title=None)
    mara.post(SYNC)
    work(synced)
    page = mara.get(MANAGE).text
    assert "1 post could not be read." in page
    assert "Its job stays as it is" in page


def test_a_run_that_was_long_not_handed_over_waits_for_the_queue(
    app: Flask, cast: Cast, connection: Connection
) -> None:
    change_run(app, connection, enqueued_at=None)
    assert status_of(app, cast).state is SyncState.QUEUED, "handing over takes a moment"
    change_run(app, connection, queued_at=utc_now() - timedelta(minutes=1))
    assert status_of(app, cast).state is SyncState.WAITING_FOR_QUEUE
    assert "Queued. The sync starts when the queue is back." in rendered(app, cast)


def test_what_is_shared_holds_no_form_no_token_and_no_relative_time(
    app: Flask, cast: Cast, mara: PortalClient, noor: PortalClient, synced: Connection
) -> None:
    html = rendered(app, cast)
    assert html.count('id="sync-status"') == html.count('id="sync-notices"') == 1
    for secret in ("<form", "csrf", "<button", "ago", "hx-"):
        assert secret not in html
    for browser in (mara, noor):
        page = browser.get(MANAGE).text
        for piece in re.findall(r'<div class="sync-\w+" id="sync-\w+".*?\n</div>', html, re.DOTALL):
            assert piece in page


@pytest.mark.usefixtures("spaced")
def test_a_run_that_keeps_its_distance_is_on_its_way_and_not_in_trouble(
    app: Flask, cast: Cast, imported: Connection, mara: PortalClient
) -> None:
    with app.app_context():
        run = start_sync(imported, Trigger.MANUAL)
    assert run is not None
    assert run.not_before is not None
    assert status_of(app, cast).state is SyncState.QUEUED
    page = mara.get(f"/orgs/northwind/sync-runs/{run.id}").text
    assert "It did not work yet" not in page
    assert "Queued." in page


@pytest.mark.usefixtures("spaced")
def test_a_click_on_a_retry_shows_it_on_its_way_though_it_keeps_its_distance(
    app: Flask, cast: Cast, mara: PortalClient, connection: Connection, board: DemoBoard, work: Work
) -> None:
    board.fail(503)
    work(connection)
    assert status_of(app, cast).state is SyncState.RETRYING
    mara.post(SYNC)
    assert status_of(app, cast).state is SyncState.QUEUED

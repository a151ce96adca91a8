"""Sync history."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.actions.accounts.tokens import make_token
from portal.actions.sync.schedule import pause, start_sync
from portal.db import session, write
from portal.domain.accounts.tokens import Scope
from portal.domain.sync.runs import DISCONNECTED, Trigger
from portal.models import Connection, SyncRun
from portal.models.base import utc_now
from tests.support.app import Cast, PortalClient
from tests.support.board_server import DemoBoard

HISTORY = "/orgs/northwind/sync-runs"
Work = Callable[[Connection], None]


@pytest.fixture
def make_run(app: Flask, cast: Cast) -> Callable[..., int]:
    """Store a run that ended, and return its id."""

    def make(**columns: object) -> int:
        now = utc_now()
        told = {
            "organisation_id": cast.northwind.id,
            "board_token": "northwind",
            "trigger": "schedule",
            "status": "succeeded",
            "started_at": now - timedelta(seconds=185),
            "finished_at": now,
        }
        run = SyncRun(**{**told, **columns})
        with app.app_context(), write() as rows:
            rows.add(run)
        return run.id

    return make


def shown(page: str) -> list[int]:
    return [int(run_id) for run_id in re.findall(rf'class="title" href="{HISTORY}/(\d+)"', page)]


def test_before_the_first_sync_the_history_says_what_will_stand_there(
    mara: PortalClient, noor: PortalClient
) -> None:
    page = mara.get(HISTORY).text
    assert "No sync yet" in page
    assert "/orgs/northwind/greenhouse/connect" in page
    assert "/orgs/northwind/greenhouse/connect" not in noor.get(HISTORY).text.partition("No sync yet")[2]


def test_a_run_says_what_began_it_how_it_ended_and_what_it_brought(
    mara: PortalClient, cast: Cast, make_run: Callable[..., int]
) -> None:
    make_run(trigger="manual", started_by_id=cast.mara.id, updated=3, created=1, closed=1, reopened=2)
    make_run(status="failed", error="Greenhouse is busy. Try again in a few minutes.")
    make_run(status="cancelled", error=DISCONNECTED)
    make_run()
    page = mara.get(HISTORY).text
    for words in ("Sync now", "mara@example.com", "3 updated, 1 new, 2 reopened, 1 closed", "3 min 5 s"):
        assert words in page
    assert "Greenhouse is busy." in page
    assert "Greenhouse was disconnected before it ended." in page
    assert "Nothing changed" in page


def test_the_latest_runs_come_first_and_the_others_on_pages(
    mara: PortalClient, make_run: Callable[..., int]
) -> None:
    made = [make_run() for _ in range(30)]
    first, second = (mara.get(f"{HISTORY}?page={number}").text for number in (1, 2))
    assert shown(first) + shown(second) == made[::-1]
    assert f'rel="next" href="{HISTORY}?page=2"' in first
    assert f'rel="prev" href="{HISTORY}?page=1"' in second
    assert 'rel="next"' not in second


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "9" * 30])
def test_nonsense_for_a_page_is_a_page_all_the_same(
    mara: PortalClient, make_run: Callable[..., int], page: str
) -> None:
    make_run()
    assert len(shown(mara.get(f"{HISTORY}?page={page}").text)) == 1


def test_one_run_names_the_posts_it_could_not_read(
    mara: PortalClient, board: DemoBoard, connection: Connection, work: Callable[[Connection], None]
) -> None:
    odd = board.posts[0]["id"]
    board.edit(odd, title=None)
    work(connection)
    [run_id] = shown(mara.get(HISTORY).text)
    page = mara.get(f"{HISTORY}/{run_id}").text
    assert "1 post set aside" in page
    assert str(odd) in page
    assert "First import" in page


def test_a_run_in_progress_is_in_the_history(mara: PortalClient, connection: Connection) -> None:
    page = mara.get(HISTORY).text
    assert "Queued" in page
    assert mara.get(f"{HISTORY}/{shown(page)[0]}").status_code == 200


def test_members_read_the_history_and_nobody_else(
    client: PortalClient, noor: PortalClient, otto: PortalClient, make_run: Callable[..., int]
) -> None:
    run_id = make_run()
    for path in (HISTORY, f"{HISTORY}/{run_id}"):
        assert [browser.get(path).status_code for browser in (noor, otto, client)] == [200, 404, 303]
    assert otto.get(f"/orgs/cafe-nord/sync-runs/{run_id}").status_code == 404
    assert noor.get(f"{HISTORY}/{run_id + 1}").status_code == 404


def test_a_preview_while_syncing_is_paused_says_why_nothing_is_applied(
    app: Flask, mara: PortalClient, synced: Connection, board: DemoBoard, work: Work
) -> None:
    board.retitle(board.posts[0]["id"], "Another title")
    with app.app_context():
        pause(synced)
        run = start_sync(synced, Trigger.PREVIEW)
    assert run is not None
    work(synced)
    page = mara.get(f"/orgs/northwind/sync-runs/{run.id}").text
    assert "Syncing is paused, so none of it is applied until an admin resumes it." in page
    assert "Sync now" not in page


def test_a_sync_that_a_program_started_names_its_api_token(
    app: Flask, cast: Cast, mara: PortalClient, client: PortalClient, synced: Connection
) -> None:
    with app.app_context():
        _, sent = make_token(cast.mara.id, cast.northwind.id, "Nightly <b>", [Scope.SYNC], 7)
    asked = client.post("/api/v1/orgs/northwind/sync", headers={"Authorization": f"Bearer {sent}"})
    assert asked.status_code == 202
    [run_id] = shown(mara.get(HISTORY).text)[:1]
    assert "by the API token “<bdi>Nightly &lt;b&gt;</bdi>”" in mara.get(f"{HISTORY}/{run_id}").text
    assert "API token “Nightly &lt;b&gt;”" in mara.get("/orgs/northwind/audit?kind=syncs").text
    assert "Nightly" in mara.get("/orgs/northwind/audit.csv").text.partition("Started a sync")[2]


def test_a_preview_that_a_program_s_sync_joins_is_that_program_s(
    app: Flask, cast: Cast, mara: PortalClient, client: PortalClient, synced: Connection
) -> None:
    with app.app_context():
        start_sync(synced, Trigger.PREVIEW, cast.mara.id)
        _, sent = make_token(cast.mara.id, cast.northwind.id, "Nightly", [Scope.SYNC], 7)
    client.post("/api/v1/orgs/northwind/sync", headers={"Authorization": f"Bearer {sent}"})
    with app.app_context():
        last = session().scalars(select(SyncRun).order_by(SyncRun.id.desc()).limit(1)).one()
        assert (last.trigger, last.token_name) == (Trigger.MANUAL, "Nightly")

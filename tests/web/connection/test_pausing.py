"""Pausing and resuming, as the pages show it; and a board that needs somebody's attention."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.actions.sync.schedule import start_sync
from portal.db import session, write
from portal.domain.sync.runs import Trigger
from portal.models import Connection, SyncRun
from portal.models.base import utc_now
from portal.store.run_steps import claim
from portal.web.connection.status import SyncState, render_status, sync_status
from tests.support.app import HTMX, Cast, PortalClient
from tests.support.board_server import DemoBoard

SETTINGS = "/orgs/northwind/greenhouse"
MANAGE = "/orgs/northwind/jobs/manage"
PAUSED = "Syncing is paused"
Work = Callable[[Connection], None]


def runs(app: Flask) -> list[str]:
    with app.app_context():
        return list(session().scalars(select(SyncRun.status).order_by(SyncRun.id)))


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_pausing_is_said_wherever_the_sync_is_spoken_of(
    app: Flask,
    cast: Cast,
    mara: PortalClient,
    noor: PortalClient,
    synced: Connection,
    headers: dict[str, str],
) -> None:
    answer = mara.post(f"{SETTINGS}/pause", headers=headers)
    page = answer.text if headers else mara.get(answer.location).text
    assert "Syncing is paused. Your jobs stay as they are." in page
    assert "Resume syncing" in page
    assert "Next sync" not in page
    for browser in (mara, noor):
        assert PAUSED in browser.get(MANAGE).text
    with app.test_request_context():
        assert sync_status(cast.northwind.id).state is SyncState.PAUSED
        assert "<form" not in render_status(cast.northwind.id)


@pytest.mark.parametrize(("trigger", "brings"), [(Trigger.MANUAL, True), (Trigger.PREVIEW, False)])
def test_a_sync_that_is_running_is_said_to_bring_its_changes_still(
    app: Flask, mara: PortalClient, synced: Connection, trigger: Trigger, brings: bool
) -> None:
    with app.app_context():
        run = start_sync(synced, trigger)
        assert run is not None
        with write():
            assert claim(run.id, 0, utc_now() + timedelta(minutes=1), timedelta(minutes=5))
    page = mara.post(f"{SETTINGS}/pause", headers=HTMX).text
    assert ("The sync that is running still brings its changes." in page) == brings
    assert ("Your jobs stay as they are." in page) != brings


def test_the_arrow_says_so_and_starts_nothing(app: Flask, mara: PortalClient, synced: Connection) -> None:
    mara.post(f"{SETTINGS}/pause")
    answer = mara.post(f"{SETTINGS}/sync", headers=HTMX)
    assert answer.status_code == 200
    assert PAUSED in answer.text
    assert mara.post(f"{SETTINGS}/sync").status_code == 303
    assert "Syncing is paused. Resume it to sync." in mara.get(MANAGE).text
    assert runs(app) == ["succeeded"]


@pytest.mark.parametrize(
    ("headers", "shows"),
    [({}, "Syncing again."), (HTMX, "Queued"), (HTMX | {"HX-Target": "settings"}, "Pause syncing")],
)
def test_resuming_syncs_at_once(
    app: Flask, mara: PortalClient, synced: Connection, headers: dict[str, str], shows: str
) -> None:
    mara.post(f"{SETTINGS}/pause", headers=HTMX)
    answer = mara.post(f"{SETTINGS}/resume", headers=headers)
    assert shows in (answer.text if headers else mara.get(answer.location).text)
    assert PAUSED not in mara.get(MANAGE).text
    assert runs(app) == ["succeeded", "queued"]


def test_only_admins_see_a_button_to_resume(
    mara: PortalClient, noor: PortalClient, synced: Connection
) -> None:
    mara.post(f"{SETTINGS}/pause")
    assert f'action="{SETTINGS}/resume"' in mara.get(MANAGE).text
    assert f'action="{SETTINGS}/resume"' not in noor.get(MANAGE).text


@pytest.mark.parametrize("verb", ["pause", "resume", "check-key", "hook-secret"])
def test_without_a_connection_there_is_nothing_to_change(mara: PortalClient, verb: str) -> None:
    assert mara.post(f"{SETTINGS}/{verb}").status_code == 404


def test_a_board_that_is_gone_needs_attention_until_it_is_back(
    mara: PortalClient, synced: Connection, board: DemoBoard, work: Work
) -> None:
    board.fail(404)
    mara.post(f"{SETTINGS}/sync")
    work(synced)
    page = mara.get(MANAGE).text
    assert "Greenhouse needs attention." in page
    assert "Your jobs stay as they are." in page
    settings = mara.get(SETTINGS).text
    for words in ("Needs attention", "Failing since", "Next try", "Last synced", "Not rejected"):
        assert words in settings
    assert mara.application.test_client().get("/orgs/northwind/jobs").text.count("/jobs/")
    mara.post(f"{SETTINGS}/sync")
    work(synced)
    assert "Greenhouse needs attention." not in mara.get(MANAGE).text
    assert ">Synced<" in mara.get(SETTINGS).text


def test_what_passes_does_not_ask_for_attention(
    mara: PortalClient, synced: Connection, board: DemoBoard, work: Work
) -> None:
    board.fail(503, times=3)
    for _ in range(3):
        mara.post(f"{SETTINGS}/sync")
        work(synced)
    page = mara.get(MANAGE).text
    assert "The last sync did not work." in page
    assert "needs attention" not in page
    assert ">Sync failing<" in mara.get(SETTINGS).text


@pytest.mark.parametrize("verb", ["sync", "pause"])
def test_what_ails_the_board_is_told_also_while_a_sync_waits_or_none_may(
    mara: PortalClient, synced: Connection, board: DemoBoard, work: Work, verb: str
) -> None:
    board.fail(404)
    mara.post(f"{SETTINGS}/sync")
    work(synced)
    mara.post(f"{SETTINGS}/{verb}")
    settings = mara.get(SETTINGS).text
    for words in ("Needs attention", "Greenhouse has no job board", "Failing since"):
        assert words in settings


def test_a_look_that_is_tried_again_does_not_hide_that_syncing_is_paused(
    app: Flask, mara: PortalClient, synced: Connection, board: DemoBoard, work: Work
) -> None:
    mara.post(f"{SETTINGS}/pause")
    board.fail(503, retry_after="600")
    mara.post(f"{SETTINGS}/preview")
    work(synced)
    assert runs(app)[-1] == "queued"
    page = mara.get(MANAGE).text
    assert PAUSED in page
    assert "did not work" not in page

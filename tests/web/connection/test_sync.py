"""The arrow."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest
from flask import Flask
from rq import Queue
from sqlalchemy import select, update

from portal.db import session, write
from portal.models import Connection, SyncRun
from portal.models.base import utc_now
from portal.queues import SYNC_QUEUE, connect_redis
from tests.support.app import HTMX, PortalClient

MANAGE = "/orgs/northwind/jobs/manage"
SYNC = "/orgs/northwind/greenhouse/sync"
QUEUED = "Queued. The sync starts when the queue is back."
LATE = 30  # times what a plain page takes: as much later a noisy machine may be


def runs(app: Flask) -> list[SyncRun]:
    with app.app_context():
        return list(session().scalars(select(SyncRun).order_by(SyncRun.id)))


def test_a_second_click_joins_the_queued_run(app: Flask, mara: PortalClient, synced: Connection) -> None:
    first, second = (mara.post(SYNC, headers=HTMX) for _ in range(2))
    assert first.status_code == 200
    assert first.text == second.text
    assert [run.status for run in runs(app)] == ["succeeded", "queued"]
    queued = Queue(SYNC_QUEUE, connection=app.extensions["redis"]).job_ids
    assert f"sync-run-{runs(app)[-1].id}-0" in queued


def test_without_javascript_the_arrow_leads_back_and_says_so(mara: PortalClient, synced: Connection) -> None:
    response = mara.post(SYNC)
    assert (response.status_code, response.location) == (303, MANAGE)
    assert "Queued. Reload the page in a moment" in mara.get(MANAGE).text


def test_the_run_names_who_clicked(app: Flask, mara: PortalClient, synced: Connection) -> None:
    mara.post(SYNC)
    assert "mara@example.com" in mara.get("/orgs/northwind/sync-runs").text
    assert runs(app)[-1].trigger == "manual"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_without_a_connection_there_is_nothing_to_sync(mara: PortalClient, headers: dict[str, str]) -> None:
    response = mara.post(SYNC, headers=headers)
    assert response.status_code == 404
    assert "Greenhouse is not connected." in response.text


def test_only_admins_may_click_it(
    noor: PortalClient, otto: PortalClient, synced: Connection, app: Flask
) -> None:
    assert [browser.post(SYNC).status_code for browser in (noor, otto)] == [403, 404]
    assert "Sync now" not in noor.get(MANAGE).text
    assert [run.status for run in runs(app)] == ["succeeded"]


@pytest.fixture(params=["refused", "silent"])
def redis_away(
    request: pytest.FixtureRequest, app: Flask, connection: Connection, tmp_path: Path
) -> Iterator[None]:
    """A socket that nobody listens at; or a server that takes connections and never answers."""
    app.extensions["redis"].close()
    with socket.create_server(("127.0.0.1", 0)) as server:
        silent = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        url = silent if request.param == "silent" else f"unix://{tmp_path}/nobody.sock"
        app.extensions["redis"] = connect_redis(url)
        yield


@pytest.mark.usefixtures("redis_away")
def test_with_redis_away_the_arrow_says_within_three_seconds_that_the_sync_is_queued(
    app: Flask, mara: PortalClient, connection: Connection
) -> None:
    with app.app_context(), write() as writing:
        writing.execute(update(SyncRun).values(status="failed", finished_at=utc_now()))
    for headers in (HTMX, {}):
        began = monotonic()
        assert mara.get("/help/greenhouse").status_code == 200
        plain = monotonic() - began
        began = monotonic()
        response = mara.post(SYNC, headers=headers)
        page = response if headers else mara.get(MANAGE)
        assert monotonic() - began < 3.0 + LATE * plain
        assert response.status_code == (200 if headers else 303)
        assert QUEUED in page.text
    assert [(run.status, run.enqueued_at) for run in runs(app)][1:] == [("queued", None)]


def test_the_queue_coming_back_is_noticed(
    app: Flask, mara: PortalClient, synced: Connection, redis_url: str, work: Callable[[Connection], None]
) -> None:
    pool = app.extensions["redis"].connection_pool
    pool.note_away()
    assert QUEUED in mara.post(SYNC, headers=HTMX).text
    pool._ask_again_at = 0.0  # a second later
    assert QUEUED not in mara.post(SYNC, headers=HTMX).text
    assert runs(app)[-1].enqueued_at is not None

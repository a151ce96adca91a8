"""What a newer version has stored, which this one knows nothing of, is shown somehow and breaks no page."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import text

from portal.config import Settings
from portal.db import session, write
from portal.live.publish import Phase, Progress, progress_of, publish_progress
from portal.models import Connection
from tests.support.app import Cast, PortalClient
from tests.support.board_server import DemoBoard

UNKNOWN = "unheard"
COLUMNS = [
    ("jobs", ("workplace_type", "employment_type", "salary_period")),
    ("jobs", ("visibility", "source")),
    ("sync_runs", ("trigger", "status")),
    ("sync_changes", ("kind",)),
    ("connections", ("last_error_kind",)),
]


@pytest.fixture
def settings(settings: Settings, board: DemoBoard) -> Settings:
    """The settings of the application under test, whose Greenhouse is the demo board."""
    return replace(settings, greenhouse_api_url=board.url)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is read does not depend on the engine."""
    return sqlite_url


@pytest.mark.parametrize(("table", "columns"), COLUMNS)
def test_a_value_that_only_a_newer_version_knows_breaks_no_page(
    app: Flask,
    mara: PortalClient,
    cast: Cast,
    imported: Connection,
    make_job: Callable[..., int],
    table: str,
    columns: tuple[str, ...],
) -> None:
    job_id = make_job(
        salary_min=85_000_00, salary_max=85_000_00, salary_currency="EUR", salary_period="year",
        workplace_type="remote", employment_type="contract",
    )  # fmt: skip
    with app.app_context(), write() as writing:
        for column in columns:
            writing.execute(text(f"UPDATE {table} SET {column} = '{UNKNOWN}'"))
        [run_id] = writing.execute(text("SELECT MAX(id) FROM sync_runs")).one()
    org, manage = "/orgs/northwind", "/orgs/northwind/jobs/manage"
    fields = [f"{org}/jobs/{job_id}/fields/{name}" for name in ("salary", "workplace_type", "visibility")]
    pages = (
        manage, f"{manage}?job={job_id}", f"{org}/jobs", f"{org}/sync-runs", f"{org}/sync-runs/{run_id}",
        f"{org}/closings", f"{org}/pairs", f"{org}/greenhouse", *fields,
    )  # fmt: skip
    for address in pages:
        assert mara.get(address).status_code in (200, 303), address
    assert mara.get(f"{org}/jobs/{job_id}").status_code in (200, 404)
    changes = mara.get(f"{org}/events?after=0", headers={"Accept": "text/html"})
    assert changes.status_code == 200


@pytest.mark.parametrize(
    ("column", "shown"), [("workplace_type", "Unheard"), ("salary_period", "€85k / unheard")]
)
def test_what_a_newer_version_knows_is_shown_as_it_is_stored(
    app: Flask, mara: PortalClient, make_job: Callable[..., int], column: str, shown: str
) -> None:
    columns = {"salary_min": 85_000_00, "salary_max": 85_000_00, "salary_currency": "EUR"}
    job_id = make_job(**columns | {column: UNKNOWN})
    for address in ("/orgs/northwind/jobs/manage", "/orgs/northwind/jobs", f"/orgs/northwind/jobs/{job_id}"):
        assert shown in mara.get(address).text


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ('{"phase": "unheard", "done": 3, "total": 9}', Progress(None, 3, 9)),
        ('{"phase": "writing", "done": 3, "total": 9, "more": 1}', Progress(Phase.WRITING, 3, 9)),
        ('{"phase": [], "done": 3, "total": 9}', Progress(None, 3, 9)),
        ('{"done": 3}', None),
        ('{"phase": "writing", "done": null, "total": 9}', None),
        ("[1]", None),
        ("nonsense", None),
    ],
)
def test_progress_that_a_newer_worker_reports_is_read_as_far_as_it_is_known(
    app: Flask, cast: Cast, redis_url: str, stored: str, expected: Progress | None
) -> None:
    with app.app_context(), Redis.from_url(redis_url) as redis:
        publish_progress(cast.northwind.id, 7, Progress(Phase.FETCHING))
        redis.set("portal:progress:7", stored)
        assert progress_of(7) == expected
        session().rollback()

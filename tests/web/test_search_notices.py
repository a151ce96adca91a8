"""What admins and search engines see of the notices: answers in a job's panel, and IndexNow's key."""

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask

from portal.db import write
from portal.models import SearchNotice
from tests.support.app import Cast, MakeJob, PortalClient

KEY = "a-key-of-8-or-more"


@pytest.fixture(autouse=True)
def _given_a_key(app: Flask) -> None:
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, public_url="https://jobs.example", indexnow_key=KEY)


def test_answers_stand_in_the_panel_for_admins(
    app: Flask, cast: Cast, make_job: MakeJob, mara: PortalClient, noor: PortalClient
) -> None:
    job, now = make_job(), datetime.now(UTC)
    panel = f"/orgs/northwind/jobs/manage?job={job}"

    def put(engine: str, **values: Any) -> None:
        notice = SearchNotice(organisation_id=cast.northwind.id, job_id=job, engine=engine, **values)
        with app.app_context(), write() as session:
            session.add(notice)

    assert "IndexNow" not in mara.get(panel).text
    put("indexnow", is_there=True, answer="refused: <why>", answered_at=now)
    put("google", is_there=False, not_before=now)
    page = mara.get(panel).text
    assert "<dt>IndexNow</dt><dd>Told that it is open <time" in page
    assert "refused: &lt;why&gt;" in page
    assert "<dt>Google</dt><dd>Not told yet that it is gone</dd>" in page
    assert "IndexNow" not in noor.get(panel).text


def test_the_key_stands_where_indexnow_looks_for_it(app: Flask, client: PortalClient) -> None:
    answer = client.get(f"/{KEY}.txt")
    assert (answer.status_code, answer.text, answer.mimetype) == (HTTPStatus.OK, KEY, "text/plain")
    for other in ("/other.txt", "/%C3%A4.txt", "/.txt"):
        assert client.get(other).status_code == HTTPStatus.NOT_FOUND
    app.extensions["settings"] = replace(app.extensions["settings"], indexnow_key=None)
    for path in (f"/{KEY}.txt", "/None.txt"):
        assert client.get(path).status_code == HTTPStatus.NOT_FOUND

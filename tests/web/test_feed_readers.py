"""Admins see who fetched which version of which feed when."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select

from portal.actions.public.counting import fetches_of
from portal.db import session
from portal.models import FeedFetch
from tests.support.app import PortalClient

FEED = "/orgs/northwind/jobs"
MakeJob = Callable[..., int]


def stored(app: Flask) -> dict[tuple[str, str, str], FeedFetch]:
    fetches_of(app).flush()
    with app.app_context():
        rows = session().scalars(select(FeedFetch)).all()
        return {(row.name, row.feed, row.filters): row for row in rows}


def test_who_fetched_a_feed_and_which_version_they_hold_is_listed(
    app: Flask, client: PortalClient, mara: PortalClient, noor: PortalClient, make_job: MakeJob
) -> None:
    make_job(department="Data", changed_at=datetime.now(UTC) - timedelta(days=1))
    indeed = {"User-Agent": "IndeedBot 1.1"}
    first = client.get(f"{FEED}.xml", headers=indeed)
    etag = first.headers["ETag"]
    again = client.get(f"{FEED}.xml?for=indeed&gh_src=x", headers=indeed | {"If-None-Match": etag})
    assert again.status_code == 200  # with a source it is another feed, and the same to whoever looks
    fetches_of(app).flush()
    for _ in range(2):
        same = client.get(f"{FEED}.xml", headers=indeed | {"If-None-Match": etag})
        assert same.status_code == 304
    client.get(f"{FEED}.atom?department=Data&page=3", headers={"User-Agent": "Feedly/1.0"})
    client.head(f"{FEED}.atom", headers={"User-Agent": "curl/8"})
    client.get(f"{FEED}.xml?for=nobody", headers=indeed)
    client.get("/orgs/nowhere/jobs.atom", headers=indeed)
    rows = stored(app)
    assert rows.keys() == {("Indeed", "indeed", ""), ("Feedly", "atom", "department=Data")}
    row = rows["Indeed", "indeed", ""]
    assert (row.fetches, row.etag) == (4, etag.strip('"').removesuffix("-gzip"))
    assert row.since_at
    assert row.first_at <= row.since_at < row.last_at
    page = mara.get("/orgs/northwind/feeds").text
    assert re.findall(r'<th scope="row">([^<]+)', page) == ["Feedly", "Indeed"]
    assert "Department: Data" in page
    assert page.count("All changes") == 2
    make_job(department="Yard", changed_at=datetime.now(UTC) + timedelta(seconds=1))
    page = mara.get("/orgs/northwind/feeds").text
    assert (page.count("All changes"), page.count(">Not the latest</span>")) == (1, 1)
    assert "http://localhost/orgs/northwind/jobs.xml?for=jooble" in page
    assert noor.get("/orgs/northwind/feeds").status_code == 403

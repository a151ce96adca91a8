"""What crawlers are told: the sitemap, robots.txt, and which of several addresses of a page counts."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from http import HTTPStatus
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import update

from portal.actions.jobs.edit import edit_field
from portal.db import write
from portal.models import Job, Organisation
from portal.store.edits import version_of
from portal.web.crawlers import sitemap
from portal.web.permissions import POLICIES, Policy
from tests.support.app import Cast, PortalClient

ORG = "/orgs/northwind"
JOBS = f"{ORG}/jobs"
HOST = "http://localhost"
OF_CAFE = {"/orgs/cafe-nord"}
MakeJob = Callable[..., int]
LONG_AGO = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def listed(client: PortalClient, path: str = "/sitemap.xml") -> dict[str, str]:
    """Each address of a sitemap without its host, with when it changed last."""
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    root = ElementTree.fromstring(answer.data)
    assert root.tag == f"{SITEMAP}urlset"
    found = {url[0].text: url[1].text for url in root}
    assert len(found) == len(root)
    return {str(place).removeprefix(HOST): str(moment) for place, moment in found.items()}


def let_all_be_old(app: Flask) -> None:
    """Let everything have changed long ago."""
    with app.app_context(), write() as session:
        session.execute(update(Job).values(changed_at=LONG_AGO, page_changed_at=LONG_AGO))
        session.execute(
            update(Organisation).values(
                created_at=LONG_AGO, profile_changed_at=None, revision=Organisation.revision + 1
            )
        )


def edit(app: Flask, cast: Cast, job: int, field: str, text: str) -> None:
    with app.app_context():
        edit_field(cast.northwind.id, job, field, text, version_of(job, field), cast.mara.id)


def test_it_lists_what_everybody_may_read_and_nothing_else(
    client: PortalClient, mara: PortalClient, make_job: MakeJob
) -> None:
    job, last_day = make_job(), make_job(closes_on=date(2999, 1, 1))
    make_job(listed=False)
    make_job(closes_on=date(2026, 1, 1))
    for visibility in ("hidden", "members", "new"):
        make_job(visibility=visibility)
    make_job(merged_into_id=job)
    make_job(deleted_at=LONG_AGO)
    pages = {ORG, JOBS, f"{JOBS}/{job}", f"{JOBS}/{last_day}"}
    for asker in (client, mara):
        assert listed(asker).keys() == pages | OF_CAFE
    for page in pages:
        assert client.get(page).status_code == HTTPStatus.OK
        assert f'<link rel="canonical" href="{HOST}{page}">' in client.get(page).text
        assert "noindex" not in client.get(page).text


def test_a_job_that_closes_is_gone_at_once_and_the_list_changed_then(
    app: Flask, client: PortalClient, mara: PortalClient, make_job: MakeJob
) -> None:
    job, other = make_job(), make_job()
    let_all_be_old(app)
    before = listed(client)
    mara.post(f"{JOBS}/{job}/close")
    after = listed(client)
    assert before.keys() - after.keys() == {f"{JOBS}/{job}"}
    assert after[JOBS] == after[ORG] > before[JOBS]
    assert after[f"{JOBS}/{other}"] == before[f"{JOBS}/{other}"] == "2026-01-02T03:04:05Z"


def test_a_page_changed_when_what_it_shows_did(
    app: Flask, client: PortalClient, cast: Cast, make_job: MakeJob
) -> None:
    job, other = make_job(location="Porto", follows=1, source_values={"location": "Porto"}), make_job()
    let_all_be_old(app)
    with app.app_context(), write() as session:
        session.execute(update(Job).values(changed_at=datetime.now(UTC)))  # as a renamed board does
    assert listed(client)[f"{JOBS}/{job}"] == "2026-01-02T03:04:05Z"
    edit(app, cast, job, "location", "Lisbon")
    found = listed(client)
    assert found[JOBS] == found[f"{JOBS}/{job}"] > found[f"{JOBS}/{other}"]


def test_a_profile_that_changes_changes_all_pages(
    app: Flask, client: PortalClient, mara: PortalClient, make_job: MakeJob
) -> None:
    job = make_job()
    let_all_be_old(app)
    before = listed(client)
    mara.post(f"{ORG}/profile", data={"name": "Southwind"})
    after = listed(client)
    assert {path for path in after if after[path] > before[path]} == {ORG, JOBS, f"{JOBS}/{job}"}


def test_a_last_day_that_is_over_changed_the_list_at_midnight(
    app: Flask, client: PortalClient, mara: PortalClient, make_job: MakeJob
) -> None:
    make_job()
    make_job(closes_on=date(2026, 3, 1))
    let_all_be_old(app)
    mara.post(f"{ORG}/profile", data={"time_zone": "Asia/Tokyo"})
    with app.app_context(), write() as session:
        session.execute(update(Organisation).values(profile_changed_at=LONG_AGO, revision=99))
    assert listed(client)[JOBS] == "2026-03-01T15:00:00Z"


def test_it_is_rendered_once_until_something_changes(
    client: PortalClient, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_job()
    rendered: list[int] = []
    usual = sitemap.Sitemap.entries
    monkeypatch.setattr(
        sitemap.Sitemap,
        "entries",
        lambda self, part: rendered.append(part) or usual(self, part),  # type: ignore[func-returns-value]
    )
    first = client.get("/sitemap.xml")
    assert first.headers["Cache-Control"].startswith("public, max-age=60")
    assert "Set-Cookie" not in first.headers
    again = client.get("/sitemap.xml", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == HTTPStatus.NOT_MODIFIED
    make_job()
    assert client.get("/sitemap.xml").data != first.data
    assert rendered == [1, 1]


def test_more_addresses_than_a_file_may_hold_stand_in_several(
    client: PortalClient, cast: Cast, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    for org in (cast.northwind, cast.northwind, cast.cafe, cast.cafe, cast.northwind):
        make_job(organisation_id=org.id)
    whole = listed(client)
    assert len(whole) == 9
    for most in (1, 2, 3, 4, 5, 8):
        monkeypatch.setattr(sitemap, "MOST_ADDRESSES", most)
        make_job(listed=False)  # what was cached is out of date
        root = ElementTree.fromstring(client.get("/sitemap.xml").data)
        assert root.tag == f"{SITEMAP}sitemapindex"
        files = [str(part[0].text).removeprefix(HOST) for part in root]
        parts = [listed(client, file) for file in files]
        assert [len(part) for part in parts[:-1]] == [most] * (len(parts) - 1)
        assert sum(map(len, parts)) == 9
        assert set().union(*parts) == whole.keys()
        beyond = client.get(f"/sitemaps/{len(files) + 1}.xml")
        assert beyond.status_code == HTTPStatus.NOT_FOUND
    assert client.get("/sitemaps/0.xml").status_code == HTTPStatus.NOT_FOUND


def matches(pattern: str, path: str) -> bool:
    """Whether a rule of robots.txt is about an address, as RFC 9309 says."""
    end = r"\Z" if pattern.endswith("$") else ""
    return re.match(".*".join(map(re.escape, pattern.rstrip("$").split("*"))) + end, path) is not None


def test_robots_are_kept_from_what_needs_a_sign_in_and_from_nothing_else(
    app: Flask, client: PortalClient
) -> None:
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    assert f"Sitemap: {HOST}/sitemap.xml" in lines
    closed = [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow: ")]
    assert len(closed) < 30
    for rule in app.url_map.iter_rules():
        path = re.sub("<[^>]*>", "7", rule.rule)
        is_closed = any(matches(pattern, path) for pattern in closed)
        policy = POLICIES.get(rule.endpoint)
        if policy in (Policy.MEMBER, Policy.ADMIN, Policy.SIGNED_IN) and "GET" in (rule.methods or ()):
            assert is_closed, path
        elif policy is Policy.PUBLIC and not path.startswith(("/login", "/logout")):
            assert not is_closed, path
    assert not any(matches(pattern, "/orgs/newcomers/jobs") for pattern in closed)


def test_filtered_lists_are_no_pages_of_their_own(client: PortalClient, make_job: MakeJob) -> None:
    make_job(department="Data")
    for query in ("?q=weld", "?department=Data", "?view=list", "?language=de&q=x"):
        assert '<meta name="robots" content="noindex">' in client.get(JOBS + query).text
    page = client.get(f"{JOBS}?gh_src=fair&utm_source=x").text
    assert f'<link rel="canonical" href="{HOST}{JOBS}">' in page


def test_a_public_address_is_what_everybody_is_told(
    app: Flask, client: PortalClient, make_job: MakeJob
) -> None:
    job = make_job()
    app.extensions["settings"] = replace(app.extensions["settings"], public_url="https://jobs.example")
    for path in (ORG, JOBS, f"{JOBS}/{job}"):
        page = client.get(path).text
        assert f'<link rel="canonical" href="https://jobs.example{path}">' in page
        assert f'property="og:url" content="https://jobs.example{path}"' in page
    assert f'property="og:image" content="https://jobs.example{JOBS}/{job}/card.png?v=' in page
    assert "Sitemap: https://jobs.example/sitemap.xml" in client.get("/robots.txt").text
    assert f"<loc>https://jobs.example{JOBS}/{job}</loc>" in client.get("/sitemap.xml").text

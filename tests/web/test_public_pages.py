"""Public pages are the same bytes for everybody who is not signed in, until something changes."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from email.utils import format_datetime
from http import HTTPStatus
from urllib.parse import quote_plus

import pytest
from flask import Flask, template_rendered
from sqlalchemy import update
from werkzeug.test import TestResponse

from portal.actions.jobs.edit import edit_field
from portal.db import write
from portal.models import Organisation
from portal.web.public import pages, tab
from portal.web.public.page_cache import PageCache
from tests.support.app import Cast, PortalClient

ORG = "/orgs/northwind"
JOBS = f"{ORG}/jobs"
MakeJob = Callable[..., int]
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def rendered(app: Flask) -> Iterator[list[str]]:
    """The names of the pages that were rendered."""
    names: list[str] = []

    def note(_: Flask, template: object, **__: object) -> None:
        names.append(str(getattr(template, "name", "")))

    with template_rendered.connected_to(note, app):
        yield names


@pytest.mark.parametrize("path", [ORG, JOBS, f"{JOBS}?q=weld&department=Data", f"{JOBS}/1"])
def test_a_page_is_rendered_once_until_something_changes(
    app: Flask, client: PortalClient, cast: Cast, make_job: MakeJob, rendered: list[str], path: str
) -> None:
    job = make_job(title="Welder", department="Data")
    first, again = client.get(path), client.get(path)
    assert len(rendered) == 1
    assert first.data == again.data
    with app.app_context():
        edit_field(cast.northwind.id, job, "location", "Porto", 0, cast.mara.id)
    changed = client.get(path)
    assert len(rendered) == 2
    assert "Porto" in changed.text
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_a_page_that_was_begun_on_one_day_is_not_kept_as_the_next_days(
    app: Flask,
    client: PortalClient,
    make_job: MakeJob,
    rendered: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = f"{JOBS}/{make_job()}"

    def let_midnight_pass(*_: object, **__: object) -> None:
        monkeypatch.setattr(pages, "today_in", lambda _: date(2030, 1, 2))

    monkeypatch.setattr(pages, "today_in", lambda _: date(2030, 1, 1))
    with template_rendered.connected_to(let_midnight_pass, app):
        client.get(page)
    client.get(page)
    client.get(page)
    assert rendered == ["pages/jobs/show.html"] * 2


def test_what_stands_in_no_revision_is_no_less_public_at_once(
    app: Flask, client: PortalClient, cast: Cast
) -> None:
    assert "Northwind Labs" in client.get(ORG).text
    with app.app_context(), write() as session:
        session.execute(update(Organisation).where(Organisation.slug == "northwind").values(name="Southwind"))
    assert "Southwind" in client.get(ORG).text


@pytest.mark.parametrize("path", [ORG, JOBS, f"{JOBS}/1"])
def test_everybody_may_keep_it_for_a_minute_and_nobody_gets_a_cookie(
    client: PortalClient, make_job: MakeJob, path: str
) -> None:
    make_job()
    for _ in range(2):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=60, stale-while-revalidate=60"
        assert {"Cookie", "Accept-Encoding"} <= set(answer.headers["Vary"].split(", "))
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Content-Security-Policy"]


def test_a_page_for_somebody_who_is_signed_in_is_nobody_elses(
    client: PortalClient, mara: PortalClient, otto: PortalClient, make_job: MakeJob
) -> None:
    make_job(title="Open")
    make_job(title="Insider", visibility="members")
    for path in (ORG, JOBS):
        mine = mara.get(path)
        assert "Insider" in mine.text
        assert mine.headers["Cache-Control"] == otto.get(path).headers["Cache-Control"] == "no-store"
        for stranger in (client, otto):
            assert "Insider" not in stranger.get(path).text
        assert "Insider" in mara.get(path).text


def test_a_closed_job_is_gone_for_whoever_asks_next(
    app: Flask, client: PortalClient, mara: PortalClient, make_job: MakeJob
) -> None:
    path = f"{JOBS}/{make_job()}"
    copy = client.get(path).headers["ETag"]
    mara.post(f"{path}/close")
    answer = client.get(path, headers={"If-None-Match": copy})
    assert answer.status_code == HTTPStatus.GONE
    again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == HTTPStatus.GONE


def revalidate(client: PortalClient, path: str, **headers: str) -> TestResponse:
    return client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_good_copy_is_not_sent_again(app: Flask, client: PortalClient, make_job: MakeJob) -> None:
    make_job()
    client.get(JOBS)
    look_back(app, datetime(2026, 11, 3, 14, 2, 7, tzinfo=UTC))
    answer = client.get(JOBS)
    etag, changed = answer.headers["ETag"], answer.headers["Last-Modified"]
    assert changed == "Tue, 03 Nov 2026 14:02:07 GMT"
    for headers in (
        {"If_None_Match": etag},
        {"If_None_Match": f"W/{etag}, x"},
        {"If_Modified_Since": changed},
    ):
        answer = revalidate(client, JOBS, **headers)
        assert (answer.status_code, answer.data) == (HTTPStatus.NOT_MODIFIED, b""), headers
        assert answer.headers["ETag"] == etag
        assert answer.headers["Cache-Control"].startswith("public")
    earlier = format_datetime(datetime(2026, 11, 3, 14, 2, 6, tzinfo=UTC), usegmt=True)
    for headers in (
        {"If_None_Match": '"other"', "If_Modified_Since": changed},
        {"If_Modified_Since": earlier},
        {"If_None_Match": "\xff" * 5_000},
        {"If_Modified_Since": "yesterday"},
        {"Range": "bytes=0-3"},
    ):
        assert revalidate(client, JOBS, **headers).status_code == HTTPStatus.OK, headers


def look_back(app: Flask, since: datetime) -> None:
    """Let every page have looked as it does since then."""
    cache: PageCache = app.extensions["public_pages"]
    for key, page in cache.pages._values.copy().items():
        cache.pages.set(key, replace(page, since=since))
    for address, (etag, _) in cache._latest._values.copy().items():
        cache._latest.set(address, (etag, since))


def test_its_date_stands_still_while_it_looks_the_same(
    app: Flask, client: PortalClient, cast: Cast, make_job: MakeJob, rendered: list[str]
) -> None:
    make_job()
    secret = make_job(visibility="members")
    first = client.get(JOBS)
    look_back(app, LONG_AGO)
    for number, changed in enumerate((secret, secret - 1)):
        with app.app_context():
            edit_field(cast.northwind.id, changed, "location", "Porto", 0, cast.mara.id)
        again = client.get(JOBS)
        assert len(rendered) == number + 2
        is_same = again.headers["ETag"] == first.headers["ETag"]
        is_old = again.headers.get("Last-Modified") == "Thu, 01 Jan 2026 00:00:00 GMT"
        assert (is_same, is_old) == (changed == secret,) * 2


def test_it_is_sent_compressed_to_who_takes_that(client: PortalClient, make_job: MakeJob) -> None:
    make_job()
    plain = client.get(JOBS)
    headers = {"Accept-Encoding": "br, gzip"}
    packed = super(PortalClient, client).open(JOBS, headers=headers)  # its HTML is not looked at
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    head = client.head(JOBS)
    assert (head.data, head.headers["ETag"]) == (b"", plain.headers["ETag"])
    assert head.headers["Content-Length"] == str(len(plain.data))


def test_what_says_nothing_is_no_other_page_and_what_does_is_one(
    client: PortalClient, make_job: MakeJob, rendered: list[str]
) -> None:
    make_job()
    for query in ("", "?utm_sources=x", "?department=&page=1", "?page=x", "?gh_src="):
        client.get(f"{JOBS}{query}")
    assert len(rendered) == 1
    for query in ("?gh_src=fair", "?utm_source=x", "?view=list", "?page=2", "?q=x"):
        client.get(f"{JOBS}{query}")
    assert len(rendered) == 6


def test_a_row_that_was_rendered_leads_each_reader_on_with_their_own_source(
    client: PortalClient, make_job: MakeJob
) -> None:
    job = make_job(title='"><b>Hostile</b>', department="Data", location="\u2067Faro")
    for source in ("fair", "a&b=%22>", "fair"):
        page = client.get(JOBS, query_string={"gh_src": source, "view": "list"}).text
        address = f"{JOBS}/{job}?gh_src={quote_plus(source)}"
        assert f'<a href="{address}">&#34;&gt;&lt;b&gt;Hostile' in page
    assert f'<a href="{JOBS}/{job}">' in client.get(JOBS).text


def test_a_list_says_the_same_of_its_jobs_whoever_sent_its_reader(
    client: PortalClient, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_job(title="Welder", department="Data")
    client.get(JOBS, query_string={"gh_src": "fair"})
    monkeypatch.delattr(tab, "list_public_jobs")
    monkeypatch.delattr(tab, "count_groups")
    assert "Welder" in client.get(JOBS, query_string={"gh_src": "other"}).text


def test_a_walk_through_all_filters_leaves_no_more_than_so_many_bytes(
    app: Flask, client: PortalClient, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_BYTES", 20_000)
    pages.init_app(app)
    make_job()
    for number in range(30):
        client.get(f"{JOBS}?department={number}")
    kept = app.extensions["public_pages"].pages
    weight = sum(len(page.compressed) for page in kept._values.values())
    assert 0 < weight <= 20_000
    assert weight == kept._weight


def test_a_stranger_hears_nothing_of_what_is_not_there(client: PortalClient, make_job: MakeJob) -> None:
    hidden = make_job(visibility="hidden")
    for path in (f"{JOBS}/{hidden}", f"{JOBS}/99999", "/orgs/nowhere/jobs"):
        answer = client.get(path)
        assert answer.status_code == HTTPStatus.NOT_FOUND
        assert "public" not in answer.headers["Cache-Control"]

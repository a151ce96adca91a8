"""Feeds list every public job of an organisation, whole or filtered, for feed readers and job sites."""

import gzip
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from http import HTTPStatus
from itertools import product
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.actions.jobs.edit import edit_field
from portal.db import db
from portal.models import Job
from portal.store.public import jobs as stored
from portal.web.public import page_cache
from tests.support.app import Cast, PortalClient

JOBS = "/orgs/northwind/jobs"
ATOM, JSON, XML = f"{JOBS}.atom", f"{JOBS}.json", f"{JOBS}.xml"
SITES = tuple(f"{XML}?for={site}" for site in ("indeed", "linkedin", "jooble"))
FEEDS = (ATOM, JSON, *SITES)
OPENED, CHANGED = datetime(2026, 11, 3, 23, 30, tzinfo=UTC), datetime(2026, 11, 5, 8, 0, 1, tzinfo=UTC)
MakeJob = Callable[..., int]
WORST = "A\x01B\x0b <b>&amp;</b> ]]> \ufffe\uffff 👩‍🚀 שלום \u202e עולם \"'"
"""Of this XML cannot hold the control characters and the last two of the plane, as a reference neither."""
WORST_IN_XML = "AB <b>&amp;</b> ]]>  👩‍🚀 שלום \u202e עולם \"'"


def read(client: PortalClient, path: str) -> list[dict[str, Any]]:
    """The jobs of a feed by title, read by a parser that knows nothing of the portal."""
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK, path
    kind = urlsplit(path).path.rpartition(".")[2]
    if kind == "json":
        return list(json.loads(answer.data)["items"])
    if kind == "atom":
        ElementTree.fromstring(answer.data)
        found = feedparser.parse(answer.data, sanitize_html=False)
        assert not found.bozo, found.get("bozo_exception")
        return [dict(entry) for entry in found.entries]
    return [fields(job) for job in ElementTree.fromstring(answer.data).iter("job")]


def fields(element: ElementTree.Element) -> dict[str, Any]:
    """The children of an element; each name is there once."""
    found = {child.tag: fields(child) if len(child) else child.text for child in element}
    assert len(found) == len(element), [child.tag for child in element]
    return {**element.attrib, **found}


def titles(client: PortalClient, path: str) -> list[str]:
    return [job.get("title") or job["name"] for job in read(client, path)]


@pytest.fixture
def welder(make_job: MakeJob) -> int:
    """A job of which everything is said."""
    return make_job(
        title="Welder & Fitter",
        language="de",
        description_html="<p>Weld &amp; <strong>fit</strong>.</p>",
        summary="Heavy metal.",
        department="Workshop",
        tags=["steel", "Workshop"],
        location="Austin, TX; Berlin",
        workplace_type="hybrid",
        employment_type="part_time",
        requisition_id="R-7",
        salary_min=4_000_000,
        salary_max=5_250_050,
        salary_currency="USD",
        salary_period="year",
        hiring_manager="Nobody's Business",
        apply_url="https://boards.example/apply?gh_src=own&a=1",
        opened_at=OPENED,
        changed_at=CHANGED,
        closes_on=date(2036, 2, 29),
    )


def test_the_atom_feed_says_what_the_page_says(client: PortalClient, welder: int) -> None:
    answer = client.get(ATOM)
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = feedparser.parse(answer.data).feed
    assert (feed.title, feed.subtitle, feed.author) == (
        "Jobs at Northwind Labs",
        "Instruments.",
        "Northwind Labs",
    )
    assert feed.updated == "2026-11-05T08:00:01Z"
    assert {link.rel: link.href for link in feed.links} == {
        "self": f"http://localhost{ATOM}",
        "alternate": f"http://localhost{JOBS}",
    }
    [entry] = read(client, ATOM)
    assert entry["id"] == entry["link"] == f"http://localhost{JOBS}/{welder}"
    assert entry["title"] == "Welder & Fitter"
    assert (entry["published"], entry["updated"]) == ("2026-11-03T23:30:00Z", "2026-11-05T08:00:01Z")
    assert [tag["term"] for tag in entry["tags"]] == ["Workshop", "steel"]
    assert entry["summary"] == "Heavy metal."
    [content] = entry["content"]
    assert (content["type"], content["language"]) == ("text/html", "de")
    assert content["value"].startswith(
        "<p>Workshop · Austin, TX; Berlin · Hybrid · Part-time · in German · $"
    )
    assert content["value"].endswith("</p><p>Weld &amp; <strong>fit</strong>.</p>")
    assert "https://boards.example/apply?gh_src=own&a=1" in [link["href"] for link in entry["links"]]


def test_the_json_feed_says_the_same(client: PortalClient, welder: int) -> None:
    answer = client.get(JSON)
    assert answer.headers["Content-Type"] == "application/feed+json; charset=utf-8"
    feed = json.loads(answer.data)
    [item] = feed.pop("items")
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Jobs at Northwind Labs",
        "home_page_url": f"http://localhost{JOBS}",
        "feed_url": f"http://localhost{JSON}",
        "description": "Instruments.",
        "language": "en",
        "authors": [{"name": "Northwind Labs"}],
    }
    assert item.pop("content_html").endswith("</p><p>Weld &amp; <strong>fit</strong>.</p>")
    assert item == {
        "id": f"http://localhost{JOBS}/{welder}",
        "url": f"http://localhost{JOBS}/{welder}",
        "external_url": "https://boards.example/apply?gh_src=own&a=1",
        "title": "Welder & Fitter",
        "summary": "Heavy metal.",
        "date_published": "2026-11-03T23:30:00Z",
        "date_modified": "2026-11-05T08:00:01Z",
        "tags": ["Workshop", "steel"],
        "language": "de",
    }


def test_indeed_is_told_what_it_asks_for(client: PortalClient, welder: int) -> None:
    answer = client.get(SITES[0])
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    source = ElementTree.fromstring(answer.data)
    assert (source.tag, source.findtext("publisher")) == ("source", "The Org")
    assert source.findtext("publisherurl") == "http://localhost"
    assert read(client, SITES[0]) == [
        {
            "title": "Welder & Fitter",
            "date": "2026-11-03T23:30:00Z",
            "referencenumber": str(welder),
            "requisitionid": "R-7",
            "url": f"http://localhost{JOBS}/{welder}",
            "company": "Northwind Labs",
            "sourcename": "Northwind Labs",
            "city": "Austin",
            "state": "TX",
            "country": "US",
            "description": "<p>Weld &amp; <strong>fit</strong>.</p>",
            "salary": "40000 - 52500.50 USD per year",
            "jobtype": "parttime",
            "category": "Workshop",
            "remotetype": "Hybrid remote",
            "expirationdate": "2036-02-29",
            "lastactivitydate": "2026-11-05T08:00:01Z",
        }
    ]
    assert client.get(XML).data == answer.data


def test_linkedin_is_told_what_it_asks_for(client: PortalClient, welder: int) -> None:
    source = ElementTree.fromstring(client.get(SITES[1]).data)
    assert source.findtext("expectedJobCount") == "1"
    assert read(client, SITES[1]) == [
        {
            "partnerJobId": str(welder),
            "company": "Northwind Labs",
            "title": "Welder & Fitter",
            "description": "<p>Weld &amp; <strong>fit</strong>.</p>",
            "applyUrl": "https://boards.example/apply?gh_src=own&a=1",
            "posterEmail": "contact@theorg.com",
            "location": "Austin, TX, United States",
            "alternateLocations": {"alternateLocation": "Berlin, Germany"},
            "city": "Austin",
            "state": "TX",
            "country": "US",
            "workplaceTypes": "Hybrid",
            "jobtype": "PART_TIME",
            "salaries": {
                "salary": {
                    "highEnd": {"amount": "52500.50", "currencyCode": "USD"},
                    "lowEnd": {"amount": "40000", "currencyCode": "USD"},
                    "period": "YEARLY",
                    "type": "BASE_SALARY",
                }
            },
            "listDate": "11/03/2026",
            "expirationDate": "02/29/2036",
        }
    ]


def test_the_address_that_linkedin_is_given_names_poster_and_company(
    client: PortalClient, welder: int
) -> None:
    usual = ("contact@theorg.com", None)
    for asked, said in (
        ("poster_email=jobs%40northwind.example&company_id=12345", ("jobs@northwind.example", "12345")),
        ("poster_email=nobody&company_id=x", usual),
        ("poster_email=nobody%40b.example%0D%0A<x>&company_id=%D9%A3", usual),
    ):
        [job] = read(client, f"{SITES[1]}&{asked}")
        assert (job["posterEmail"], job.get("companyId")) == said
        assert "nobody" not in client.get(f"{ATOM}?{asked}").text


def test_jooble_is_told_what_it_asks_for(client: PortalClient, welder: int) -> None:
    assert read(client, SITES[2]) == [
        {
            "id": str(welder),
            "link": f"http://localhost{JOBS}/{welder}",
            "name": "Welder & Fitter",
            "region": "Austin, TX, United States; Berlin, Germany",
            "description": "<p>Weld &amp; <strong>fit</strong>.</p>",
            "pubdate": "03.11.2026",
            "updated": "05.11.2026",
            "salary": "40000 - 52500.50 USD per year",
            "company": "Northwind Labs",
            "expire": "29.02.2036",
            "jobtype": "Part-time",
        }
    ]


def test_a_feed_is_valid_whatever_a_job_holds(client: PortalClient, make_job: MakeJob) -> None:
    texts = ("title", "summary", "department", "location", "requisition_id")
    worst = dict.fromkeys(texts, WORST) | {"language": "he", "salary_currency": "X<&", "salary_min": 1}
    make_job(**worst, tags=[WORST], description_html=WORST)
    make_job(title="Bare", apply_url=None, opened_at=OPENED, workplace_type="future", employment_type="<")
    for path in FEEDS:
        jobs = read(client, path)
        said = json.dumps(jobs[0].get("content_html") or jobs[0].get("content") or jobs[0]["description"])
        assert "]]>" in said
        title = jobs[0].get("title") or jobs[0]["name"]
        assert title == (WORST if path == JSON else WORST_IN_XML)
        assert len(jobs) == 2


def test_a_feed_lists_what_strangers_see_whoever_asks(
    client: PortalClient, mara: PortalClient, noor: PortalClient, make_job: MakeJob, cast: Cast
) -> None:
    assert [titles(client, path) for path in FEEDS] == [[]] * len(FEEDS)
    make_job(title="Old", opened_at=OPENED)
    make_job(title="New", hiring_manager="Mx. Secret")
    for columns in (
        {"visibility": "members"},
        {"visibility": "hidden"},
        {"visibility": "new"},
        {"listed": False},
        {"closes_on": date(2026, 1, 1)},
        {"deleted_at": OPENED},
        {"organisation_id": cast.cafe.id},
    ):
        make_job(title="Secret", **columns)
    for person, path in product((noor, client, mara), FEEDS):
        answer = person.get(path)
        assert titles(person, path) == ["New", "Old"]
        assert "Secret" not in answer.text
        assert answer.headers["Cache-Control"] == "public, max-age=60, stale-while-revalidate=60"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in answer.headers


def test_a_feed_takes_the_filters_of_the_tab(client: PortalClient, make_job: MakeJob) -> None:
    make_job(title="Analyst", department="Data", location="Austin, TX")
    make_job(title="Engineer", department="Data", location="Remote (US)", workplace_type="remote")
    make_job(title="Agent", department="Sales", location="Porto")
    for query, found in (
        ("location=United+States", {"Analyst", "Engineer"}),
        ("department=Data&department=sales&workplace_type=remote", {"Engineer"}),
        ("q=porto&view=list&page=2", {"Agent"}),
        ("department=Nothing", set()),
    ):
        for path in (f"{ATOM}?", f"{JSON}?", f"{SITES[1]}&"):
            assert set(titles(client, path + query)) == found
    assert b"<expectedJobCount>0<" in client.get(f"{SITES[1]}&department=Nothing").data


def test_the_source_stays_on_the_way_to_the_application(client: PortalClient, welder: int) -> None:
    for path in FEEDS:
        text = json.dumps(read(client, f"{path}{'&' if '?' in path else '?'}gh_src=a%26b"))
        addresses = set(re.findall(r'"(https?://[^"]+)"', text))
        followed = {each for each in addresses if urlsplit(each).query or "boards" in each}
        assert followed
        assert {tuple(parse_qs(urlsplit(each).query)["gh_src"]) for each in followed} == {("a&b",)}


def test_the_tab_leads_to_the_feeds_of_what_it_lists(client: PortalClient, make_job: MakeJob) -> None:
    make_job(title="Analyst", department="R&D")
    page = client.get(f"{JOBS}?department=R%26D&q=a&view=list&gh_src=fair&page=1").text
    links = re.findall(
        r'<link rel="alternate" type="([^"]+)" title="Jobs at Northwind Labs · [^"]+" href="([^"]+)">', page
    )
    query = "q=a&amp;department=R%26D&amp;gh_src=fair"
    assert links == [
        ("application/atom+xml", f"{ATOM}?{query}"),
        ("application/feed+json", f"{JSON}?{query}"),
    ]
    address = f"{ATOM}?{query}".replace("&amp;", "&")
    feed = feedparser.parse(client.get(address).data).feed
    assert [link.href for link in feed.links] == [
        f"http://localhost{address}",
        f"http://localhost{JOBS}?q=a&department=R%26D&gh_src=fair",
    ]


def test_a_filtered_feed_has_a_name_of_its_own(client: PortalClient, cast: Cast) -> None:
    query = "?q=a&department=R%26D&department=Sales&workplace_type=onsite&language=de"
    title = "Jobs at Northwind Labs · “a” · Department: R&D, Sales · Workplace: On site · Language: German"
    assert feedparser.parse(client.get(ATOM + query).data).feed.title == title
    assert json.loads(client.get(JSON + query).data)["title"] == title


def test_addresses_are_those_that_people_reach_the_portal_at(
    app: Flask, client: PortalClient, welder: int
) -> None:
    settings = app.extensions["settings"]
    object.__setattr__(settings, "public_url", "https://jobs.example.com")
    for path in FEEDS:
        text = client.get(path).text
        assert "localhost" not in text
        assert f"https://jobs.example.com{JOBS}" in text or "linkedin" in path


def test_there_is_no_feed_for_other_sites(client: PortalClient, cast: Cast) -> None:
    for site in ("monster", "", "Indeed", "indeed%00", "%FF"):
        answer = client.get(f"{XML}?for={site}")
        assert answer.status_code == HTTPStatus.NOT_FOUND
        assert "indeed, linkedin, jooble" in answer.text
        assert "public" not in answer.headers["Cache-Control"]


def test_a_good_copy_is_not_sent_again_and_a_changed_feed_is(
    app: Flask, client: PortalClient, cast: Cast, welder: int
) -> None:
    copies = {}
    for path in FEEDS:
        first = client.get(path)
        copies[path] = first.headers["ETag"]
        again = client.get(path, headers={"If-None-Match": copies[path]})
        assert (again.status_code, again.data) == (HTTPStatus.NOT_MODIFIED, b"")
        head = client.head(path)
        assert (head.data, head.headers["ETag"]) == (b"", copies[path])
        assert head.headers["Content-Length"] == str(len(first.data))
    with app.app_context():
        edit_field(cast.northwind.id, welder, "location", "Porto", 0, cast.mara.id)
        updated = db.session.get_one(Job, welder).changed_at
    assert updated > CHANGED
    for path, etag in copies.items():
        changed = client.get(path, headers={"If-None-Match": etag})
        assert changed.status_code == HTTPStatus.OK
        assert "Porto" in changed.text
    assert read(client, ATOM)[0]["updated"] == f"{updated:%Y-%m-%dT%H:%M:%S}Z"


def test_a_feed_changes_when_a_job_closes(mara: PortalClient, make_job: MakeJob) -> None:
    make_job(opened_at=OPENED, changed_at=OPENED)
    closing = make_job(title="Closing", opened_at=OPENED, changed_at=OPENED)
    assert feedparser.parse(mara.get(ATOM).data).feed.updated == "2026-11-03T23:30:00Z"
    mara.post(f"{JOBS}/{closing}/close")
    assert titles(mara, ATOM) == ["Welder"]
    assert feedparser.parse(mara.get(ATOM).data).feed.updated > "2026-11-03T23:30:00Z"


@pytest.mark.parametrize("large", [10_000, 200])
def test_a_large_feed_is_whole_and_sent_piece_by_piece(
    client: PortalClient, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    monkeypatch.setattr(stored, "FEED_BATCH", 2)
    monkeypatch.setattr(page_cache, "LARGE", large)
    monkeypatch.setattr(page_cache, "PIECE", 100)
    for number in range(7):
        make_job(title=f"Job {number}", description_html=f"<p>{'x' * 9_000}</p>", opened_at=OPENED)
    for path in FEEDS:
        assert titles(client, path) == [f"Job {number}" for number in reversed(range(7))]
        plain = client.get(path)
        packed = super(PortalClient, client).open(path, headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(packed.data) == plain.data
        assert int(plain.headers["Content-Length"]) == len(plain.data) > 60_000
        copy = client.get(path, headers={"If-None-Match": plain.headers["ETag"]})
        assert (copy.status_code, copy.data) == (HTTPStatus.NOT_MODIFIED, b"")


def test_who_waits_too_long_for_a_feed_is_asked_to_come_back(
    app: Flask, client: PortalClient, welder: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_cache, "PATIENCE", 0.01)
    with app.app_context(), app.extensions["public_feeds"].turn() as is_ours:
        assert is_ours
        answer: TestResponse = client.get(ATOM)
        assert (answer.status_code, answer.headers["Retry-After"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "5")
    assert client.get(ATOM).status_code == HTTPStatus.OK

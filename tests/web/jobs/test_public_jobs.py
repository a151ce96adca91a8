"""What anybody sees of an organisation and its jobs."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from portal.db import db
from portal.models import Organisation
from portal.web.public import tab
from tests.support.app import Cast, PortalClient

JOBS = "/orgs/northwind/jobs"
MakeJob = Callable[..., int]


def titles(page: str) -> list[str]:
    return [unescape(title) for title in re.findall(r"<h3[^>]*><a[^>]*>(.*?)</a></h3>", page)]


def test_open_jobs_are_listed_with_what_matters_the_newest_first(
    client: PortalClient, make_job: MakeJob
) -> None:
    now = datetime.now(UTC)
    make_job(title="Older", opened_at=now - timedelta(days=2))
    make_job(
        title="Newer & better",
        opened_at=now,
        department="Data",
        location="Lisbon",
        workplace_type="hybrid",
        employment_type="full_time",
        salary_min=85_000_00,
        salary_max=110_000_00,
        salary_currency="EUR",
        salary_period="year",
    )
    page = client.get(JOBS).text
    assert titles(page) == ["Newer & better", "Older"]
    assert "Lisbon · Hybrid · Full-time" in page
    assert '<p class="pay">€85k – 110k</p>' in page
    assert "2 open jobs" in page


@pytest.mark.parametrize(
    "hidden_by",
    [{"visibility": "hidden"}, {"listed": False}, {"closes_on": date(2020, 1, 1)}],
    ids=["hidden", "closed", "past its day"],
)
def test_what_is_not_public_is_in_no_public_byte(
    client: PortalClient, make_job: MakeJob, hidden_by: dict[str, object]
) -> None:
    job_id = make_job(title="Unspeakable", description_html="<p>Whisper</p>", **hidden_by)
    for path in ("/orgs/northwind", JOBS, f"{JOBS}/{job_id}"):
        page = client.get(path).text
        assert "Unspeakable" not in page
        assert "Whisper" not in page


def test_a_salary_that_is_not_shown_is_not_there(client: PortalClient, make_job: MakeJob) -> None:
    salary = {"salary_min": 5_000_000, "salary_currency": "EUR", "salary_period": "year"}
    job_id = make_job(salary_visible=False, **salary)
    for path in (JOBS, f"{JOBS}/{job_id}"):
        page = client.get(path).text
        assert "€" not in page
        assert "baseSalary" not in page


def test_the_last_day_is_the_organisations_own(app: Flask, client: PortalClient, make_job: MakeJob) -> None:
    make_job(title="Until today", closes_on=datetime.now(UTC).date())
    for time_zone, shift in (("Etc/GMT+12", -12), ("Pacific/Kiritimati", 14)):
        with app.app_context():
            db.session.execute(update(Organisation).values(time_zone=time_zone))
            db.session.commit()
        passed = (datetime.now(UTC) + timedelta(hours=shift)).date() > datetime.now(UTC).date()
        assert titles(client.get(JOBS).text) == ([] if passed else ["Until today"])


def test_pages_link_to_each_other(
    client: PortalClient, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    monkeypatch.setattr(tab, "PER_PAGE", 20)
    for number in range(51):
        make_job(title=f"Job {number}", opened_at=now - timedelta(hours=number))
    seen: list[str] = []
    path, back = JOBS, 0
    while path:
        page = client.get(path).text
        seen += titles(page)
        back += len(re.findall(r'<a [^>]*rel="prev"', page))
        following = re.search(r'<a [^>]*rel="next" href="([^"]+)"', page)
        path = unescape(following[1]) if following else ""
    assert seen == [f"Job {number}" for number in range(51)]
    assert back == 2


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "2", "１"])
def test_a_page_that_is_not_there_is_the_nearest_that_is(
    client: PortalClient, make_job: MakeJob, page: str
) -> None:
    make_job(title="Only")
    assert titles(client.get(JOBS, query_string={"page": page}).text) == ["Only"]


def test_an_organisation_without_jobs_says_so(client: PortalClient, cast: Cast) -> None:
    assert "No open jobs right now" in client.get(JOBS).text
    assert "No open jobs right now" in client.get("/orgs/northwind").text


def test_members_find_manage_jobs_and_others_do_not(
    client: PortalClient, noor: PortalClient, mara: PortalClient, otto: PortalClient
) -> None:
    link = 'href="/orgs/northwind/jobs/manage"'
    assert [link in person.get(JOBS).text for person in (client, otto, noor, mara)] == [
        False, False, True, True,
    ]  # fmt: skip


def test_a_job_has_a_page_with_its_whole_description(client: PortalClient, make_job: MakeJob) -> None:
    job_id = make_job(title="Welder <3", description_html="<h2>Tasks</h2><p>Weld &amp; wait.</p>")
    page = client.get(f"{JOBS}/{job_id}").text
    assert '<h1 dir="auto">Welder &lt;3</h1>' in page
    assert "<h2>Tasks</h2><p>Weld &amp; wait.</p>" in page  # beneath the title


def test_a_closed_job_is_gone_and_leads_to_the_open_ones(client: PortalClient, make_job: MakeJob) -> None:
    answer = client.get(f"{JOBS}/{make_job(listed=False)}")
    assert answer.status_code == 410
    assert f'href="{JOBS}"' in answer.text


def test_a_hidden_job_is_there_for_its_admins_alone_and_marked(
    client: PortalClient, mara: PortalClient, noor: PortalClient, otto: PortalClient, make_job: MakeJob
) -> None:
    path = f"{JOBS}/{make_job(visibility='hidden')}"
    assert [person.get(path).status_code for person in (client, otto, noor, mara)] == [404, 404, 404, 200]
    assert "<strong>Hidden.</strong> Only admins of Northwind Labs see this page." in mara.get(path).text


def test_a_job_of_another_organisation_is_not_at_this_one(
    client: PortalClient, cast: Cast, make_job: MakeJob
) -> None:
    job_id = make_job(organisation_id=cast.cafe.id)
    assert client.get(f"{JOBS}/{job_id}").status_code == 404
    assert client.get(f"/orgs/cafe-nord/jobs/{job_id}").status_code == 200


def test_search_engines_read_a_posting_that_cannot_break_out(client: PortalClient, make_job: MakeJob) -> None:
    breakout = "</script><script>alert(1)</script>"
    description = '<p>"Weld" \\n – C:\\u003c &amp; &lt;/script&gt;</p>\n\t<p>a\u2028b\x1fc</p>'
    job_id = make_job(
        title=breakout, description_html=description, location="Lisbon", employment_type="full_time"
    )
    page = client.get(f"{JOBS}/{job_id}").text
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    assert not set("<>&\u2028") & set(block[1])
    posting = json.loads(block[1])
    assert posting["title"] == breakout
    assert posting["description"] == description
    assert posting["employmentType"] == "FULL_TIME"
    assert "alert(1)</script>" not in page


def posting_of(page: str) -> dict[str, Any]:
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    posting: dict[str, Any] = json.loads(block[1])
    return posting


def address(locality: str | None, region: str | None, country: str) -> dict[str, Any]:
    said = {"addressLocality": locality, "addressRegion": region, "addressCountry": country}
    postal = {"@type": "PostalAddress"} | {name: value for name, value in said.items() if value}
    return {"@type": "Place", "address": postal}


def country(name: str) -> dict[str, str]:
    return {"@type": "Country", "name": name}


@pytest.mark.parametrize(
    ("location", "workplace", "said"),
    [
        ("Lisbon", None, {"jobLocation": address("Lisbon", None, "PT")}),
        ("Reykjavík, Ísland", "onsite", {"jobLocation": address("Reykjavík", None, "IS")}),
        ("Springfield, IL", None, {"jobLocation": address("Springfield", "IL", "US")}),
        ("Munich, Bayern", "hybrid", {"jobLocation": address("Munich", "Bavaria", "DE")}),
        ("South Africa", None, {"jobLocation": address(None, None, "ZA")}),
        (
            "Berlin or Lisbon, Portugal; Hybrid",
            "hybrid",
            {"jobLocation": [address("Berlin", None, "DE"), address("Lisbon", None, "PT")]},
        ),
        ("UK / EMEA", None, {"jobLocation": address(None, None, "GB")}),
        (
            "New York, NY, United States (or Remote in the United States)",
            None,
            {"jobLocation": address("New York", "NY", "US")},
        ),
        (
            "Remote in the US",
            "remote",
            {"jobLocationType": "TELECOMMUTE", "applicantLocationRequirements": country("United States")},
        ),
        (
            "Remote - United States, Canada",
            "remote",
            {
                "jobLocationType": "TELECOMMUTE",
                "applicantLocationRequirements": [country("United States"), country("Canada")],
            },
        ),
        (
            "Remote, OR",
            "remote",
            {
                "jobLocationType": "TELECOMMUTE",
                "applicantLocationRequirements": {"@type": "State", "name": "Oregon, United States"},
            },
        ),
        (
            "Remote, Benelux",
            "remote",
            {
                "jobLocationType": "TELECOMMUTE",
                "applicantLocationRequirements": [*map(country, ("Belgium", "Netherlands", "Luxembourg"))],
            },
        ),
        (
            "Remote (within 50 miles of Denver, CO)",
            "remote",
            {"jobLocationType": "TELECOMMUTE", "jobLocation": address("Denver", "CO", "US")},
        ),
        (
            "Remote: Berlin or Poland",
            "remote",
            {
                "jobLocationType": "TELECOMMUTE",
                "jobLocation": address("Berlin", None, "DE"),
                "applicantLocationRequirements": [country("Poland"), country("Germany")],
            },
        ),
    ],
)
def test_search_engines_read_where_the_work_is_and_where_people_may_apply_from(
    client: PortalClient, make_job: MakeJob, location: str, workplace: str | None, said: dict[str, Any]
) -> None:
    job = make_job(location=location, workplace_type=workplace, description_html="<p>Weld.</p>")
    posting = posting_of(client.get(f"{JOBS}/{job}").text)
    about_places = ("jobLocation", "jobLocationType", "applicantLocationRequirements")
    assert {name: posting[name] for name in about_places if name in posting} == said


@pytest.mark.parametrize(
    "columns",
    [
        {"location": None},
        {"location": "Cambridge"},
        {"location": "EMEA"},
        {"location": None, "workplace_type": "remote"},
        {"location": "Worldwide", "workplace_type": "remote"},
        {"location": "Remote EMEA", "workplace_type": "remote"},
        {"location": "Lisbon", "description_html": ""},
    ],
)
def test_search_engines_are_given_nothing_that_they_would_refuse(
    client: PortalClient, make_job: MakeJob, columns: dict[str, Any]
) -> None:
    job = make_job(**{"description_html": "<p>Weld.</p>"} | columns)
    assert "application/ld+json" not in client.get(f"{JOBS}/{job}").text


def test_the_help_page_tells_how_to_connect(client: PortalClient, cast: Cast) -> None:
    page = client.get("/help/greenhouse").text
    for words in ("Create New API Key", "Job Board", "TheOrg", "Configure → Job Boards", "every 30 minutes"):
        assert words in page
    assert page.count("<figure>") == 4


@pytest.mark.parametrize("path", ["/orgs/northwind", JOBS])
def test_members_find_manage_jobs_on_the_organisation_page_and_nobody_else_does(
    client: PortalClient, mara: PortalClient, path: str
) -> None:
    assert 'href="/orgs/northwind/jobs/manage">Manage jobs</a>' in mara.get(path).text
    assert "Manage jobs" not in client.get(path).text

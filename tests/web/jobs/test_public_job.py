"""The page of one job: what it says, where it leads, and what takes its place once it is closed."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from html import unescape
from urllib.parse import parse_qsl

import pytest
from flask import Flask

from portal.actions.changing import changing
from portal.models import Organisation
from tests.support.app import Cast, PortalClient

JOBS = "/orgs/northwind/jobs"
MakeJob = Callable[..., int]


def titles(page: str) -> list[str]:
    return [unescape(title) for title in re.findall(r"<h3[^>]*><a[^>]*>(.*?)</a></h3>", page)]


def test_it_says_the_facts_and_where_the_form_opens(client: PortalClient, make_job: MakeJob) -> None:
    page = client.get(
        f"{JOBS}/"
        + str(
            make_job(
                title="Welder",
                department="R&D",
                location="Porto",
                workplace_type="hybrid",
                employment_type="part_time",
                seniority="Senior",
                language="de",
                closes_on=date(2100, 12, 31),
                requisition_id="R-7",
                apply_url="https://boards.greenhouse.io/northwind/jobs/1",
            )
        )
    ).text
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", page))
    assert facts == {
        "Department": "R&amp;D",
        "Seniority": "Senior",
        "Language": "German",
        "Apply by": "31 Dec 2100",
        "Reference": "R-7",
    }
    glance = re.findall(r'<span class="visually-hidden">(\w+): </span><span[^>]*>(.*?)</span>', page)
    assert glance == [("Location", "Porto"), ("Workplace", "Hybrid"), ("Type", "Part-time")]
    assert "The form opens on Greenhouse" in page
    assert page.count("Apply for this job") == 1
    assert f'href="{JOBS}?department=R%26D"' in page


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://job-boards.eu.greenhouse.io/x", "Greenhouse"),
        ("https://www.example.com/apply", "example.com"),
        ("https://notgreenhouse.io/x", "notgreenhouse.io"),
    ],
)
def test_it_names_the_host_of_a_form_that_is_not_greenhouses(
    client: PortalClient, make_job: MakeJob, address: str, said: str
) -> None:
    page = client.get(f"{JOBS}/{make_job(apply_url=address)}").text
    assert f"The form opens on {said}<" in page


def test_it_is_shared_by_its_address_without_the_source_of_who_shares(
    client: PortalClient, make_job: MakeJob
) -> None:
    job = f"{JOBS}/{make_job(title='Welder & Co')}"
    page = unescape(client.get(f"{job}?gh_src=fair").text)
    assert re.findall(r'data-share="([^"]+)"', page) == [f"http://localhost{job}"] * 2
    mail = re.search(r'href="mailto:\?([^"]+)"', page)
    assert mail is not None
    assert dict(parse_qsl(mail[1])) == {
        "subject": "Welder & Co at Northwind Labs",
        "body": f"http://localhost{job}",
    }
    assert "+" not in mail[1]


def test_the_hiring_manager_stands_beside_the_department_where_the_organisation_shows_them(
    app: Flask, cast: Cast, client: PortalClient, make_job: MakeJob
) -> None:
    job = f"{JOBS}/{make_job(department='Yard', hiring_manager='Rosa Lind', seniority='Senior')}"
    assert "Rosa Lind" not in client.get(job).text
    with app.app_context(), changing(cast.northwind.id) as change:
        change.session.get_one(Organisation, cast.northwind.id).shows_hiring_managers = True
        change.raise_revision()
    facts = re.findall(r"<dt>([^<]+)</dt><dd[^>]*>([^<]+)</dd>", client.get(job).text)
    assert facts[:3] == [("Department", "Yard"), ("Hiring manager", "Rosa Lind"), ("Seniority", "Senior")]


def test_it_ends_with_similar_jobs(client: PortalClient, make_job: MakeJob) -> None:
    job = make_job(title="Asked", department="Data", location="Porto")
    make_job(title="Alike", department="Data", location="Lisbon")
    make_job(title="Other", department="Sales", location="Berlin")
    make_job(title="For members", department="Data", visibility="members")
    page = client.get(f"{JOBS}/{job}").text
    assert titles(page) == ["Alike"]
    assert "More in Data" in page
    assert "similar" not in client.get(f"{JOBS}/{make_job(title='Alone', department='Law')}").text


def test_a_closed_job_says_when_it_closed_and_offers_what_is_open_and_near(
    client: PortalClient, make_job: MakeJob
) -> None:
    secret = {"title": "Unspeakable", "location": "Porto", "description_html": "<p>Whisper</p>"}
    closed = make_job(**secret, listed=False, closed_at=datetime(2026, 11, 9, 12, tzinfo=UTC))
    passed = make_job(**secret, closes_on=date(2026, 11, 8))
    make_job(title="Near", location="Porto, Portugal")
    make_job(title="Far", location="Berlin")
    for job, day in ((closed, "9 Nov 2026"), (passed, "8 Nov 2026")):
        answer = client.get(f"{JOBS}/{job}")
        assert answer.status_code == 410
        assert f"closed on {day}" in answer.text
        assert titles(answer.text) == ["Near"]
        assert "See all 2 open jobs" in answer.text
        assert '<meta name="robots" content="noindex">' in answer.text
        assert not {word for word in ("Unspeakable", "Whisper") if word in answer.text}


def test_texts_of_another_language_bear_it_and_their_direction(
    client: PortalClient, make_job: MakeJob
) -> None:
    job = make_job(title="מפתח", description_html="<p>שלום</p>", language="he", location="תל אביב")
    page = client.get(f"{JOBS}/{job}").text
    assert '<h1 lang="he" dir="rtl">' in page
    assert '<span lang="he" dir="rtl">תל אביב</span>' in page
    assert '<div class="description" lang="he" dir="rtl"' in page


def meta(page: str) -> dict[str, str]:
    found = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', page)
    return {name: unescape(content) for name, content in found}


def test_other_sites_are_told_what_a_link_leads_to(client: PortalClient, make_job: MakeJob) -> None:
    words = "<h2>You &amp; us</h2><p>Weld<br>things.</p>" + "<p>More words.</p>" * 50
    job = make_job(title='Welder "A"', description_html=words)
    page = client.get(f"{JOBS}/{job}?gh_src=fair").text
    said = meta(page)
    assert said["og:title"] == 'Welder "A" at Northwind Labs'
    assert said["description"].startswith("You & us Weld things. More words.")
    assert len(said["description"]) == 200
    assert f'<link rel="canonical" href="http://localhost{JOBS}/{job}">' in page
    assert said["og:url"] == f"http://localhost{JOBS}/{job}"
    tab = client.get(JOBS).text
    assert meta(tab)["description"] == "1 open job at Northwind Labs. Instruments."
    assert f'<link rel="canonical" href="http://localhost{JOBS}">' in tab
    assert "canonical" not in client.get(f"{JOBS}?q=welder").text


@pytest.mark.parametrize("visibility", ["hidden", "members"])
def test_of_a_job_that_is_not_public_no_site_is_told(
    mara: PortalClient, make_job: MakeJob, visibility: str
) -> None:
    page = mara.get(f"{JOBS}/{make_job(visibility=visibility)}").text
    assert "og:title" not in page
    assert "canonical" not in page

"""A job for members only: members see it, and for everybody else it does not exist."""

import re
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import delete

from portal.db import session, write
from portal.models import Job, Membership
from tests.support.app import HTMX, Cast, MakeJob, PortalClient

ORG = "/orgs/northwind"
JOBS = f"{ORG}/jobs"
SECRET = {
    "title": "Unspeakable",
    "description_html": "<p>Whisper</p>",
    "department": "Backroom",
    "location": "Hideaway, Portugal",
    "visibility": "members",
}


def stable(page: str) -> str:
    """A page without what every answer makes anew."""
    return re.sub(r'(csrf_token" value=|X-CSRFToken": )"[^"]+"', "", page)


@pytest.mark.parametrize("browser", ["client", "otto"])
def test_for_strangers_and_members_of_others_it_does_not_exist(
    request: pytest.FixtureRequest, make_job: MakeJob, browser: str
) -> None:
    other: PortalClient = request.getfixturevalue(browser)
    known = make_job(title="Known", internal_job_id=1, board_token="b", external_id=1)
    paths = (ORG, JOBS, f"{JOBS}?page=2", f"{JOBS}/99999", f"{JOBS}/{known}")
    before = {path: other.get(path) for path in paths}
    make_job(**SECRET, internal_job_id=1, board_token="b", external_id=2)
    closed = make_job(**SECRET, closes_on=date(2020, 1, 1))
    gone = make_job(**SECRET, listed=False)
    secret = closed - 1
    for path, answer in before.items():
        again = other.get(path)
        assert (again.status_code, stable(again.text)) == (answer.status_code, stable(answer.text)), path
        dated = {"Last-Modified"}  # only once a page is older than a second
        assert {*again.headers.keys()} - dated == {*answer.headers.keys()} - dated
        assert again.headers.get("ETag") == answer.headers.get("ETag")
    unknown = before[f"{JOBS}/99999"]
    for job in (secret, closed, gone):
        answer = other.get(f"{JOBS}/{job}")
        page = re.sub(
            rf"jobs(/|%2F){job}\b", r"jobs\g<1>99999", answer.text
        )  # where to return after a sign-in
        assert (answer.status_code, stable(page)) == (404, stable(unknown.text))
        assert other.get(f"{JOBS}/{job}", headers=HTMX).status_code == 404


def test_members_of_every_role_find_it_marked_in_the_tab_and_at_its_page(
    mara: PortalClient, noor: PortalClient, make_job: MakeJob
) -> None:
    make_job(title="Known", internal_job_id=1, board_token="b", external_id=1)
    job = make_job(**SECRET, internal_job_id=1, board_token="b", external_id=2)
    for member in (mara, noor):
        for path in (ORG, JOBS):
            listed = member.get(path)
            assert "2 open jobs" in listed.text
            assert re.search(r"Unspeakable</a></h3>\s*<p[^>]*>.*Members only<", listed.text)
        page = member.get(f"{JOBS}/{job}")
        assert page.status_code == 200
        for words in ("Members only.", "Whisper", "Apply"):
            assert words in page.text
        assert "application/ld+json" not in page.text  # no search engine is to know of it
        assert '<meta name="robots" content="noindex">' in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert "Hideaway" in member.get(f"{JOBS}/{job - 1}").text  # among the other posts of that job


def test_no_cache_hands_a_members_page_to_others(client: PortalClient, noor: PortalClient) -> None:
    for answer in (noor.get(JOBS), client.get(JOBS), client.get(f"{JOBS}/1"), noor.get(f"{JOBS}/1")):
        is_anybodys = answer.headers["Cache-Control"].startswith("public")
        assert is_anybodys == (answer.request.path == JOBS and "Sign in" in answer.text)
        assert {"Cookie", "HX-Request"} <= set(answer.headers["Vary"].split(", "))


def test_a_closed_one_is_gone_for_members_alone(
    client: PortalClient, noor: PortalClient, make_job: MakeJob
) -> None:
    for ended in ({"listed": False}, {"closes_on": date(2020, 1, 1)}):
        job = make_job(**SECRET, **ended)
        assert (noor.get(f"{JOBS}/{job}").status_code, client.get(f"{JOBS}/{job}").status_code) == (410, 404)


def test_an_address_that_was_paired_into_one_leads_members_alone_there(
    app: Flask, client: PortalClient, noor: PortalClient, make_job: MakeJob
) -> None:
    job = make_job(**SECRET)
    paired = make_job(title="Before", merged_into_id=job)
    assert noor.get(f"{JOBS}/{paired}").location == f"{JOBS}/{job}"
    assert client.get(f"{JOBS}/{paired}").status_code == 404


def test_who_is_no_member_any_more_sees_it_no_longer(
    app: Flask, cast: Cast, noor: PortalClient, make_job: MakeJob
) -> None:
    job = make_job(**SECRET)
    assert noor.get(f"{JOBS}/{job}").status_code == 200
    with app.app_context(), write() as current:
        current.execute(delete(Membership).where(Membership.user_id == cast.noor.id))
    assert noor.get(f"{JOBS}/{job}").status_code == 404
    assert "Unspeakable" not in noor.get(JOBS).text


def test_it_is_edited_like_every_field_listed_in_its_view_and_written_to_tables(
    app: Flask, mara: PortalClient, make_job: MakeJob
) -> None:
    job = make_job(title="Welder")
    address = f"{JOBS}/{job}/fields/visibility"
    assert '<option value="members"' in mara.get(address).text
    saved = mara.post(address, data={"value": "members only", "version": 0}, headers=HTMX)
    assert "Saved. Visibility: Members only" in saved.text
    listed = mara.get(f"{JOBS}/manage?status=members").text
    assert re.search(r"Members only<b>1</b>", listed)
    assert f'data-job-id="{job}"' in listed
    assert f'data-job-id="{job}"' not in mara.get(f"{JOBS}/manage?status=hidden").text
    table = mara.get(f"{JOBS}/manage.csv?fields=all").text
    assert "Members only" in table
    bulk = {"job_id": job, "how": "set", "field": "visibility", "value": "shown"}
    assert "1 job is shown." in mara.post(f"{JOBS}/bulk", data=bulk, headers=HTMX).text
    undo = re.search(
        r'action="(/orgs/northwind/edits/\d+/undo)"',
        mara.post(f"{JOBS}/{job}/members-only", headers=HTMX).text,
    )
    assert undo
    mara.post(undo[1])
    with app.app_context():
        assert session().get_one(Job, job).visibility == "shown"


@pytest.mark.parametrize("value", ["new", "New"])
def test_nobody_can_choose_that_a_job_waits_for_a_decision(
    mara: PortalClient, make_job: MakeJob, value: str
) -> None:
    job = make_job()
    answer = mara.post(f"{JOBS}/{job}/fields/visibility", data={"value": value, "version": 0}, headers=HTMX)
    assert answer.status_code == 422
    assert "Choose one of: Shown, Members only, Hidden." in answer.text


def test_a_job_can_be_added_for_members_only(client: PortalClient, mara: PortalClient) -> None:
    added = mara.post(f"{JOBS}/new", data={"title": "Welder", "visibility": "members"}, follow_redirects=True)
    assert "Your members see it now, and nobody else." in added.text
    assert ("Welder" in mara.get(JOBS).text, "Welder" in client.get(JOBS).text) == (True, False)

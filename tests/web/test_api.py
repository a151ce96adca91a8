"""The JSON API answers as its description says, to everybody alike."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from portal.actions.jobs.edit import edit_field
from portal.db import write
from portal.models import Job
from tests.support.app import Cast, PortalClient

API = "/api/v1"
JOBS = f"{API}/orgs/northwind/jobs"
PAGE = "/orgs/northwind/jobs"
OPENED = datetime(2026, 11, 3, 23, 30, tzinfo=UTC)
MakeJob = Callable[..., int]


def read(client: PortalClient, path: str) -> dict[str, Any]:
    """What an address answers, which is what its description says."""
    return checked(client, client.get(path))


def checked(client: PortalClient, answer: TestResponse) -> dict[str, Any]:
    """The JSON of an answer, once the description has been compared with it."""
    described = json.loads(client.get(f"{API}/openapi.json").data)
    template = f"{API}/orgs/{{org}}/jobs"
    template += "/{job_id}" if answer.request.path.count("/") > 5 else ""
    said = described["paths"][template]["get"]["responses"][str(answer.status_code)]
    if "$ref" in said:
        said = described["components"]["responses"][said["$ref"].rpartition("/")[2]]
    schema = said["content"][answer.mimetype]["schema"] | {"components": described["components"]}
    content: dict[str, Any] = json.loads(answer.data)
    checker = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert not list(checker.iter_errors(content))
    return content


def titles(client: PortalClient, query: str = "") -> list[str]:
    return [job["title"] for job in read(client, f"{JOBS}?{query}")["jobs"]]


@pytest.fixture
def welder(make_job: MakeJob) -> int:
    """A job of which everything is said."""
    return make_job(
        title="Welder",
        language="de",
        description_html="<p>Weld.</p>",
        summary="Heavy metal.",
        department="Workshop",
        seniority="Senior",
        tags=["steel"],
        location="Austin, TX; Berlin",
        workplace_type="hybrid",
        employment_type="part_time",
        requisition_id="R-7",
        salary_min=4_000_000,
        salary_currency="USD",
        salary_period="year",
        hiring_manager="Nobody's Business",
        apply_url="https://boards.example/apply?gh_src=own",
        opened_at=OPENED,
        changed_at=OPENED,
        closes_on=date(2036, 2, 29),
    )


def test_the_description_is_valid_openapi(app: Flask, client: PortalClient, cast: Cast) -> None:
    answer = client.get(f"{API}/openapi.json")
    described = json.loads(answer.data)
    validate(described)
    served = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")}
    of_rule = {
        path.replace("{org}", "<org>").replace("{job_id}", "<int:job_id>") for path in described["paths"]
    }
    assert served - of_rule == {f"{API}/openapi.json"}
    assert described["servers"] == [{"url": "http://localhost"}]
    again = client.get(f"{API}/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == HTTPStatus.NOT_MODIFIED


def test_a_job_is_told_with_all_that_its_page_shows(client: PortalClient, welder: int) -> None:
    [listed] = read(client, JOBS)["jobs"]
    assert listed == {
        "id": welder,
        "url": f"http://localhost{PAGE}/{welder}",
        "apply_url": "https://boards.example/apply?gh_src=own",
        "title": "Welder",
        "summary": "Heavy metal.",
        "language": "de",
        "department": "Workshop",
        "seniority": "Senior",
        "location": "Austin, TX; Berlin",
        "places": [
            {"town": "Austin", "region": "TX", "country": "US"},
            {"town": "Berlin", "region": None, "country": "DE"},
        ],
        "workplace_type": "hybrid",
        "employment_type": "part_time",
        "salary": {"min": 40_000, "max": None, "currency": "USD", "period": "year"},
        "tags": ["steel"],
        "featured": False,
        "reference": "R-7",
        "published_at": "2026-11-03T23:30:00Z",
        "updated_at": "2026-11-03T23:30:00Z",
        "closes_on": "2036-02-29",
    }
    assert read(client, f"{JOBS}/{welder}") == listed | {"description_html": "<p>Weld.</p>"}
    carried = read(client, f"{JOBS}/{welder}?gh_src=fair")
    assert carried["apply_url"] == "https://boards.example/apply?gh_src=fair"
    assert carried["url"] == f"http://localhost{PAGE}/{welder}?gh_src=fair"
    assert read(client, f"{JOBS}?gh_src={'x' * 201}")["jobs"] == [listed]


def test_a_list_is_filtered_as_the_tab_is(client: PortalClient, make_job: MakeJob) -> None:
    make_job(title="Analyst", department="Data", location="Austin, TX", opened_at=OPENED)
    make_job(title="Engineer", department="Data", location="Remote (US)", workplace_type="remote")
    make_job(title="Agent", department="Sales", location="Porto", opened_at=OPENED - timedelta(days=1))
    for query, found in (
        ("", ["Engineer", "Analyst", "Agent"]),
        ("location=United+States", ["Engineer", "Analyst"]),
        ("department=data&department=Sales&q=porto", ["Agent"]),
        ("workplace_type=remote&workplace_type=hybrid", ["Engineer"]),
        ("employment_type=other&view=list&nonsense=1", []),
    ):
        assert titles(client, query) == found


def test_pages_lead_to_each_other_and_keep_the_filters(client: PortalClient, make_job: MakeJob) -> None:
    for number in range(5):
        make_job(title=f"Job {number}", department="R&D", opened_at=OPENED + timedelta(days=number))
    path, found = f"{JOBS}?department=R%26D&limit=2&gh_src=fair", []
    while path:
        page = read(client, path)
        assert (page["total"], page["limit"]) == (5, 2)
        found += [job["title"] for job in page["jobs"]]
        path = page["next"]
    assert found == ["Job 4", "Job 3", "Job 2", "Job 1", "Job 0"]
    assert page["previous"] == f"http://localhost{JOBS}?department=R%26D&gh_src=fair&page=2&limit=2"
    beyond = read(client, f"{JOBS}?limit=2&page=100000")
    assert (beyond["jobs"], beyond["next"]) == ([], None)
    assert beyond["previous"] == f"http://localhost{JOBS}?page=3&limit=2"


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("page=0", "page is a whole number from 1 to 100000."),
        ("page=-1&limit=5", "page is a whole number from 1 to 100000."),
        ("page=99999999999999999999999", "page is a whole number from 1 to 100000."),
        ("limit=201", "limit is a whole number from 1 to 200."),
        ("limit=", "limit is a whole number from 1 to 200."),
        ("limit=%D9%A3", "limit is a whole number from 1 to 200."),
        ("workplace_type=moon", "workplace_type is one of onsite, hybrid, remote."),
    ],
)
def test_what_cannot_be_meant_is_refused(client: PortalClient, cast: Cast, query: str, detail: str) -> None:
    answer = client.get(f"{JOBS}?{query}", headers={"HX-Request": "true"})
    problem = checked(client, answer)
    assert (problem["status"], problem["detail"]) == (answer.status_code, detail) == (400, detail)


def test_the_worst_of_texts_are_answered_as_json(client: PortalClient, make_job: MakeJob) -> None:
    worst = "\x01\u2028 </script> 👩‍🚀 \u202e שלום \"'"
    job = make_job(title=worst, location=worst, description_html=worst, workplace_type="future", tags=[worst])
    assert titles(client) == [worst]
    assert read(client, f"{JOBS}/{job}")["workplace_type"] is None
    for query in (
        "q=%00&department=%00&location=%FF",
        "location=" + "x" * 50_000,
        "language=%25&q=%22%22%22",
    ):
        assert titles(client, query) == []


def test_everybody_is_told_what_strangers_see(
    client: PortalClient, mara: PortalClient, noor: PortalClient, make_job: MakeJob, cast: Cast
) -> None:
    shown = make_job(title="Shown", hiring_manager="Mx. Secret")
    unseen = [
        make_job(title="Secret", **columns)
        for columns in (
            {"visibility": "members"},
            {"visibility": "hidden"},
            {"visibility": "new", "listed": False},
            {"deleted_at": OPENED},
            {"organisation_id": cast.cafe.id},
        )
    ]
    for person in (noor, client, mara):
        answer = person.get(JOBS)
        assert [job["title"] for job in json.loads(answer.data)["jobs"]] == ["Shown"]
        assert "Secret" not in answer.text
        assert answer.headers["Cache-Control"].startswith("public, max-age=60")
        assert "Set-Cookie" not in answer.headers
        assert person.get(f"{JOBS}/{shown}").status_code == HTTPStatus.OK
        for job in (*unseen, 99_999):
            assert checked(person, person.get(f"{JOBS}/{job}"))["status"] == HTTPStatus.NOT_FOUND


def test_a_closed_job_is_gone_and_one_that_was_paired_leads_on(
    app: Flask, client: PortalClient, make_job: MakeJob
) -> None:
    for columns in ({"listed": False}, {"closes_on": date(2026, 1, 1)}):
        assert checked(client, client.get(f"{JOBS}/{make_job(**columns)}"))["status"] == HTTPStatus.GONE
    heir, paired = make_job(), make_job()
    with app.app_context(), write() as session:
        session.get_one(Job, paired).merged_into_id = heir
    answer = client.get(f"{JOBS}/{paired}?gh_src=fair")
    assert answer.status_code == HTTPStatus.MOVED_PERMANENTLY
    assert answer.location == f"{JOBS}/{heir}?gh_src=fair"


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", f"{API}/orgs/nowhere/jobs", 404),
        ("GET", f"{JOBS}/x", 404),
        ("GET", f"{JOBS}/{2**70}", 404),
        ("GET", f"{API}/nothing", 404),
        ("POST", JOBS, 405),
        ("DELETE", f"{JOBS}/1", 405),
    ],
)
def test_every_error_is_a_problem_that_scripts_can_read(
    client: PortalClient, cast: Cast, verb: str, path: str, status: int
) -> None:
    answer = client.with_csrf_token().open(path, method=verb)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    problem = json.loads(answer.data)
    assert problem["status"] == status
    assert problem.keys() == {"type", "title", "status", "detail"}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert ("Allow" in answer.headers) == (status == 405)


def test_scripts_of_other_sites_may_read_it_and_revalidate(client: PortalClient, welder: int) -> None:
    for path in (JOBS, f"{JOBS}/{welder}", f"{API}/openapi.json"):
        answer = client.get(path)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        asked = client.options(path, headers={"Access-Control-Request-Headers": "if-none-match"})
        assert "If-None-Match" in asked.headers["Access-Control-Allow-Headers"]


def test_a_good_copy_is_not_sent_again_and_a_changed_answer_is(
    app: Flask, client: PortalClient, cast: Cast, welder: int
) -> None:
    paths = (JOBS, f"{JOBS}/{welder}")
    copies = {path: client.get(path).headers["ETag"] for path in paths}
    for path, etag in copies.items():
        again = client.get(path, headers={"If-None-Match": etag})
        assert (again.status_code, again.data) == (HTTPStatus.NOT_MODIFIED, b"")
        assert client.head(path).headers["ETag"] == etag
    with app.app_context():
        edit_field(cast.northwind.id, welder, "location", "Porto", 0, cast.mara.id)
    for path, etag in copies.items():
        assert "Porto" in client.get(path, headers={"If-None-Match": etag}).text

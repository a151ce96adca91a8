"""The script of ``<org-jobs>``, what it asks the API, and the page that explains it."""

import json
import re
from collections.abc import Callable
from html import unescape

import pytest

from tests.support.app import Cast, PortalClient

JOBS = "/api/v1/orgs/northwind/jobs"
PAGE = "/orgs/northwind/embed"
MakeJob = Callable[..., int]


@pytest.fixture
def jobs(make_job: MakeJob) -> None:
    make_job(title="Old", department="Yard", location="Porto", workplace_type="onsite")
    make_job(title="Welder", department="Yard", location="Porto", workplace_type="onsite")
    make_job(title="Star", department="Zoo", location="Austin, TX", featured=True)
    make_job(title="Analyst", department="Data", location="Remote (US)", workplace_type="remote")
    make_job(title="Anybody", location="Berlin")
    make_job(title="Secret", department="Members", visibility="members")


def test_the_script_may_be_loaded_by_any_site_and_is_asked_for_anew_after_an_hour(
    client: PortalClient,
) -> None:
    answer = client.get("/embed/jobs.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"].startswith("public, max-age=3600")
    assert "Set-Cookie" not in answer.headers
    again = client.get("/embed/jobs.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    packed = client.get("/embed/jobs.js", headers={"Accept-Encoding": "gzip"})
    assert len(packed.data) < 12_000
    assert client.get(PAGE).headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_api_lists_by_department_and_says_what_to_filter_by(client: PortalClient, jobs: None) -> None:
    answer = json.loads(client.get(f"{JOBS}?sort=department&filters=true&limit=3").data)
    assert [job["title"] for job in answer["jobs"]] == ["Star", "Analyst", "Welder"]
    assert "sort=department&filters=true" in answer["next"]
    following = json.loads(client.get(answer["next"]).data)
    assert [job["title"] for job in following["jobs"]] == ["Old", "Anybody"]
    said = {
        each["name"]: {choice["value"]: choice["count"] for choice in each["choices"]}
        for each in answer["filters"]
    }
    assert said["department"] == {"Data": 1, "Yard": 2, "Zoo": 1}
    assert said["location"]["United States"] == 2
    assert "language" not in said
    chosen = json.loads(client.get(f"{JOBS}?filters=true&department=Data&location=United+States").data)
    counts = {each["name"]: each["choices"] for each in chosen["filters"]}["department"]
    assert [(each["value"], each["count"]) for each in counts] == [("Data", 1), ("Zoo", 1)]
    assert "filters" not in json.loads(client.get(JOBS).data)


@pytest.mark.parametrize("query", ["sort=title", "filters=yes", "sort=", "filters=1"])
def test_an_order_that_there_is_none_of_is_refused(client: PortalClient, cast: Cast, query: str) -> None:
    assert client.get(f"{JOBS}?{query}").status_code == 400


def test_the_page_offers_a_snippet_of_what_was_chosen_and_shows_it(
    client: PortalClient, mara: PortalClient, jobs: None
) -> None:
    query = {"department": 'A "B" <c>', "group": "none", "limit": "20", "lang": "de"}
    for person in (client, mara):
        page = person.get(PAGE, query_string=query).text
        [copied] = re.findall(r'data-share="([^"]*)"', page)
        snippet = unescape(copied)
        assert '<script src="http://localhost/embed/jobs.js" async></script>' in snippet
        attributes = 'org="northwind" department="A &#34;B&#34; &lt;c&gt;" group="none" limit="20" lang="de"'
        assert f"<org-jobs {attributes}>" in snippet
        assert f"<org-jobs {attributes}>" in page
        assert '<a href="http://localhost/orgs/northwind/jobs">Open jobs at Northwind Labs</a>' in snippet
        assert '<option value="Yard"' in page
        assert "Members" not in page


@pytest.mark.parametrize("query", ["group=x&lang=x&limit=0", "limit=1e9&lang=%00", "department=%00"])
def test_what_cannot_be_chosen_is_left_out(client: PortalClient, jobs: None, query: str) -> None:
    page = client.get(f"{PAGE}?{query}").text
    assert '<org-jobs org="northwind">' in page


def test_members_find_the_way_back_to_manage_jobs(
    client: PortalClient, mara: PortalClient, jobs: None
) -> None:
    assert '<p class="back"><a href="/orgs/northwind/jobs/manage">' in mara.get(PAGE).text
    assert 'class="back"' not in client.get(PAGE).text

"""The Jobs tab is searched and filtered by its address, and says what an empty list could do without."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest

from portal.web.public import tab
from tests.support.app import Cast, PortalClient

JOBS = "/orgs/northwind/jobs"
REMOTE = {"workplace_type": "remote"}
MakeJob = Callable[..., int]


def titles(page: str) -> list[str]:
    return [unescape(title) for title in re.findall(r"<h3[^>]*><a[^>]*>(.*?)</a></h3>", page)]


def links(page: str, words: str) -> list[str]:
    found = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', page, re.DOTALL)
    return [unescape(address) for address, text in found if words in re.sub("<[^>]+>", "", text)]


@pytest.fixture
def jobs(make_job: MakeJob) -> None:
    """Five jobs; in the order in which they were posted, the newest first."""
    now = datetime.now(UTC)
    for days, values in enumerate(
        (
            {"title": "Analyst", "department": "Data", "location": "Austin, TX", "workplace_type": "hybrid"},
            {
                "title": "Engineer",
                "department": "Data",
                "location": "Remote (US)",
                "workplace_type": "remote",
            },
            {"title": "Verkäufer", "department": "Sales", "location": "Berlin", "language": "de"},
            {"title": "Agent", "department": "Sales", "location": "Porto", "workplace_type": "onsite"},
            {"title": "Chief", "location": "Porto", "employment_type": "full_time", "featured": True},
        )
    ):
        make_job(**{"language": "en", **values}, opened_at=now - timedelta(days=days))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("location=United+States", ["Analyst", "Engineer"]),
        ("location=Texas&location=Porto", ["Chief", "Analyst", "Agent"]),
        ("department=Sales&location=Porto", ["Agent"]),
        ("department=data&department=SALES&workplace_type=remote", ["Engineer"]),
        ("language=de", ["Verkäufer"]),
        ("employment_type=full_time", ["Chief"]),
        ("q=verkaufer", ["Verkäufer"]),
        ("q=porto&department=Sales", ["Agent"]),
        ("view=list", ["Chief", "Analyst", "Engineer", "Verkäufer", "Agent"]),
        ("", ["Chief", "Analyst", "Engineer", "Verkäufer", "Agent"]),
        ("department=&q=&nonsense=1&page=x", ["Chief", "Analyst", "Engineer", "Verkäufer", "Agent"]),
    ],
)
def test_the_address_says_which_jobs_are_listed(
    client: PortalClient, jobs: None, query: str, found: list[str]
) -> None:
    assert titles(client.get(f"{JOBS}?{query}").text) == found


def test_jobs_stand_by_department_and_each_heading_counts_them(client: PortalClient, jobs: None) -> None:
    headings = re.findall(
        r'<h2 class="group">.*?<span dir="auto">(.*?)</span> <small>(\d+)', client.get(JOBS).text
    )
    assert headings == [("Featured", "1"), ("Data", "2"), ("Sales", "2")]


def test_every_choice_says_how_many_jobs_it_leaves(client: PortalClient, jobs: None) -> None:
    page = client.get(f"{JOBS}?department=Data&language=en").text
    choices = re.findall(
        r'name="(\w+)" value="([^"]*)"( checked)?><span dir="auto">(.*?)</span> <b>(\d+)</b>', page
    )
    said = {(name, label): (bool(checked), int(count)) for name, _, checked, label, count in choices}
    assert said["department", "Data"] == (True, 2)
    assert said["department", "Sales"] == (False, 1)
    assert said["location", "United States"] == (False, 2)
    assert said["workplace_type", "Remote"] == (False, 1)
    assert said["language", "English"] == (True, 2)
    assert "<strong>2 jobs</strong> of 5" in page


def test_a_row_says_when_the_job_was_posted_and_in_which_language(client: PortalClient, jobs: None) -> None:
    page = client.get(JOBS).text
    assert re.findall(r"posted <time[^>]*>(.*?)</time>", page) == [
        *("4 days ago", "today", "yesterday", "2 days ago", "3 days ago")
    ]
    assert '<bdi lang="de" dir="auto">Berlin</bdi> · in German' in page
    assert "Remote (US)</p>" in page  # not "Remote (US) · Remote"


def test_an_empty_list_says_which_filter_to_remove_and_offers_it(client: PortalClient, jobs: None) -> None:
    page = client.get(f"{JOBS}?department=Data&workplace_type=onsite").text
    assert "No job matches all of this" in page
    ways = {words: links(page, words) for words in ("Department: Data", "Workplace: On site")}
    assert ways == {
        "Department: Data": [f"{JOBS}?workplace_type=onsite"],
        "Workplace: On site": [f"{JOBS}?department=Data"],
    }
    assert "<bdi>Workplace: On site</bdi>: 2 jobs" in page
    page = client.get(f"{JOBS}?q=zebra&department=Data").text
    assert links(page, "“zebra”") == [f"{JOBS}?department=Data"]
    assert links(client.get(f"{JOBS}?q=zebra").text, "See all 5 open jobs") == [JOBS]


def test_lists_that_are_filtered_are_not_indexed_and_links_among_them_not_followed(
    client: PortalClient, jobs: None
) -> None:
    noindex = '<meta name="robots" content="noindex">'
    assert noindex not in client.get(JOBS).text
    for query in ("department=Data", "q=x", "view=list"):
        page = client.get(f"{JOBS}?{query}").text
        assert noindex in page
        for attributes in re.findall(rf'<a ([^>]*href="{JOBS}\?[^>]*)>', page):
            assert 'rel="nofollow"' in attributes


def test_pages_of_a_filtered_list_keep_its_filters_and_the_source(
    client: PortalClient, jobs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tab, "PER_PAGE", 1)
    page = client.get(f"{JOBS}?location=Porto&q=o&department=Sales&department=Data&view=list").text
    assert titles(page) == ["Agent"]
    page = client.get(f"{JOBS}?location=United+States&gh_src=fair").text
    (following,) = links(page, "Next")
    assert dict(parse_qsl(urlsplit(following).query)) == {
        "location": "United States",
        "gh_src": "fair",
        "page": "2",
    }
    assert titles(client.get(following).text) == ["Engineer"]
    assert '<input type="hidden" name="gh_src" value="fair">' in page
    assert re.search(r'<a href="/orgs/northwind/jobs/\d+\?gh_src=fair">Analyst</a>', page)


def test_what_is_typed_and_ticked_stays_whatever_it_is(client: PortalClient, jobs: None) -> None:
    page = client.get(JOBS, query_string={"q": '"><script>', "department": "<b>Gone", "language": "xx"}).text
    assert 'name="q" value="&#34;&gt;&lt;script&gt;"' in page
    assert 'value="&lt;b&gt;Gone" checked' in page
    assert '"><script>' not in page


@pytest.mark.parametrize(
    "query",
    [
        "q=%00&department=%00&location=%00&page=%00",
        "&".join(f"department={number}" for number in range(3_000)),
        "location=" + "x" * 50_000,
        "language=%25&language=%FF&workplace_type=%27",
        "q=%22%22%22&page=99999999999999999999",
    ],
)
def test_no_address_breaks_the_list(client: PortalClient, jobs: None, query: str) -> None:
    assert client.get(f"{JOBS}?{query}").status_code == 200


def test_members_find_and_count_what_is_for_members_and_nobody_else_does(
    client: PortalClient, noor: PortalClient, otto: PortalClient, jobs: None, make_job: MakeJob
) -> None:
    make_job(title="Insider", department="Secret", visibility="members", location="Oslo")
    make_job(title="Unseen", department="Hidden place", visibility="new")
    for person, counted in ((client, False), (otto, False), (noor, True)):
        page = person.get(JOBS).text
        assert ("Insider" in page, "Secret" in page, "Norway" in page) == (counted,) * 3
        assert "Hidden place" not in page
        assert titles(person.get(f"{JOBS}?department=Secret").text) == (["Insider"] if counted else [])


def test_who_is_not_signed_in_loads_no_htmx_and_nothing_of_the_admins(
    client: PortalClient, otto: PortalClient, jobs: None, cast: Cast
) -> None:
    page = client.get(JOBS).text
    assert re.findall(r'src="/assets/\w+/([^"]+)"', page) == ["theme.js", "js/public.js"]
    assert "csrf" not in page
    assert "htmx.js" in otto.get(JOBS).text

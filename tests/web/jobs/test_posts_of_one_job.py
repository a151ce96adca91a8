"""Several posts of one job are shown as belonging together, on the panel and on the public page."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask import Flask

from portal.db import session
from portal.models import Job
from portal.store.jobs import siblings_of
from tests.support.app import HTMX, Cast, PortalClient

JOBS = "/orgs/northwind/jobs"
MANAGE = f"{JOBS}/manage"
MakeJob = Callable[..., int]
Post = Callable[..., int]


@pytest.fixture
def post(make_job: MakeJob) -> Post:
    """List a post of job 7 on the board "n", or of another."""
    numbers = iter(range(1, 100))

    def make(location: str | None, **columns: Any) -> int:
        said = {"source": "greenhouse", "board_token": "n", "internal_job_id": 7, "title": "Welder"}
        return make_job(**{**said, "external_id": next(numbers), "location": location, **columns})

    return make


def also_in(page: str) -> list[tuple[str, str]]:
    """Address and words of each link behind "Also in:"."""
    found = re.search(r"Also in: (.*?)</p>", page)
    return (
        [(unescape(href), text) for href, text in re.findall(r'href="([^"]+)">([^<]+)<', found[1])]
        if found
        else []
    )


def test_the_panel_leads_to_each_of_the_others(mara: PortalClient, noor: PortalClient, post: Post) -> None:
    berlin, lisbon = post("Berlin"), post("Lisbon", title="Welder (m/f/x)")
    closed, nowhere = post("Aarhus", listed=False), post(None, visibility="hidden")
    for client in (mara, noor):
        panel = client.get(f"{MANAGE}?job={berlin}", headers={**HTMX, "HX-Target": "panel"}).text
        links = re.findall(r'<div data-job="(\d+)"><a class="title" href="([^"]+)"[^>]*>([^<]+)</a>', panel)
        assert sorted((int(job), text) for job, _, text in links) == [
            (lisbon, "Welder (m/f/x) · Lisbon"),
            (closed, "Welder · Aarhus · Closed"),
            (nowhere, "Welder · Hidden"),
        ]
        assert [href for _, href, _ in links] == [f"{MANAGE}?job={job}" for job, *_ in links]


def test_the_public_page_leads_to_what_is_public_of_them(
    client: PortalClient, mara: PortalClient, post: Post
) -> None:
    berlin, lisbon, porto = post("Berlin"), post("Lisbon"), post("Porto")
    for columns in ({"listed": False}, {"visibility": "hidden"}, {"closes_on": date(2020, 1, 1)}):
        post("Unspeakable", title="Whisper", **columns)
    for browser in (client, mara):
        page = browser.get(f"{JOBS}/{berlin}?gh_src=abc").text
        assert also_in(page) == [
            (f"{JOBS}/{lisbon}?gh_src=abc", "Lisbon"),
            (f"{JOBS}/{porto}?gh_src=abc", "Porto"),
        ]
        assert "Unspeakable" not in page
        assert "Whisper" not in page


def test_a_place_that_several_have_is_told_with_the_title(client: PortalClient, post: Post) -> None:
    job = post("Berlin")
    post("Berlin", title="Schweißer")
    post(None, title="Soldador")
    post("Lisbon")
    page = client.get(f"{JOBS}/{job}").text
    assert sorted(text for _, text in also_in(page)) == ["Lisbon", "Schweißer (Berlin)", "Soldador"]


def test_what_is_of_another_job_is_no_sibling(
    app: Flask, client: PortalClient, mara: PortalClient, post: Post, make_job: MakeJob, cast: Cast
) -> None:
    job = post("Berlin")
    post("Other job", internal_job_id=8)
    post("Other board", board_token="m")
    post("Other house", organisation_id=cast.cafe.id)
    post("Merged", merged_into_id=job)
    own, prospect = make_job(), post("Prospect", internal_job_id=None)
    post("Another prospect", internal_job_id=None)
    for number in (job, own, prospect):
        assert also_in(client.get(f"{JOBS}/{number}").text) == []
        assert "Also posted as" not in mara.get(f"{MANAGE}?job={number}").text
        with app.app_context():
            assert list(siblings_of(session().get_one(Job, number))) == []

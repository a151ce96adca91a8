"""What boards write in titles, names and links, through an import to the list and the public page."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from portal.config import Settings
from portal.db import session
from portal.models import Connection, Job
from tests.support.app import PortalClient
from tests.support.board_server import DemoBoard

JOBS = "/orgs/northwind/jobs"
Work = Callable[[Connection], None]


@pytest.fixture
def board() -> Iterator[DemoBoard]:
    """A board without posts."""
    with DemoBoard("empty") as board:
        yield board


@pytest.fixture
def settings(settings: Settings, board: DemoBoard) -> Settings:
    return replace(settings, greenhouse_api_url=board.url)


def job_ids(app: Flask) -> dict[int, int]:
    """The job of each post."""
    with app.app_context():
        rows = session().execute(select(Job.external_id, Job.id))
        return {int(post_id): job_id for post_id, job_id in rows if post_id is not None}


def found(client: PortalClient, **query: str) -> list[int]:
    page = client.get(f"{JOBS}/manage", query_string=query | {"sort": "title"}).text
    return [int(job_id) for job_id in re.findall(r'<tr data-job-id="(\d+)"', page)]


def apply_links(page: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'<a class="btn-main large" href="([^"]*)"', page)]


def test_every_post_can_be_applied_for(
    app: Flask, board: DemoBoard, connection: Connection, work: Work, client: PortalClient, mara: PortalClient
) -> None:
    links = {
        "http://your.co/careers?gh_jid=1": "https://your.co/careers?gh_jid=1&gh_src=ad",
        "https://careers.acme.example:8443/?gh_jid=1": "https://careers.acme.example:8443/?gh_jid=1&gh_src=ad",
        "https://acme.example/a?t=Sr Manager | Ops#now": "https://acme.example/a?t=Sr%20Manager%20%7C%20Ops&gh_src=ad#now",
        "https://karriere.müller.example/{id}": "https://karriere.xn--mller-kva.example/%7Bid%7D?gh_src=ad",
        "javascript:alert(1)": "https://boards.greenhouse.io/empty/jobs/{id}?gh_src=ad",
        None: "https://boards.greenhouse.io/empty/jobs/{id}?gh_src=ad",
    }
    posts = {board.add(absolute_url=said): link for said, link in links.items()}
    work(connection)
    jobs = job_ids(app)
    for post_id, link in posts.items():
        page = client.get(f"{JOBS}/{jobs[post_id]}", query_string={"gh_src": "ad"}).text
        assert apply_links(page) == [link.format(id=post_id)]
    assert "No link to apply" not in mara.get(f"{JOBS}/manage").text


def test_titles_and_names_are_shown_found_counted_and_sorted_as_people_read_them(
    app: Flask, board: DemoBoard, connection: Connection, work: Work, client: PortalClient, mara: PortalClient
) -> None:
    posts = {
        title: board.add(title=title, departments=[{"id": 1, "name": department}])
        for title, department in (
            ("Ärztin – Nights", "Engineering"),
            ("Zoo Keeper", "ENGINEERING"),
            ("apprentice 10", "Engineering\u200b"),
            ("Apprentice 2", "Engineering"),
            ("Women’s Health &amp; Care", "R&amp;D"),
            ("Full‑Stack Engineer", "R&D"),
            ("Software\u00adentwickler:in", "r & d"),
        )
    }
    work(connection)
    jobs = job_ids(app)
    page = client.get(f"{JOBS}/{jobs[posts['Women’s Health &amp; Care']]}").text
    assert "<h1>Women’s Health &amp; Care</h1>" in page.replace(' dir="auto"', "").replace(' lang="en"', "")
    for q, title in (
        ("women's", "Women’s Health &amp; Care"),
        ('"health & care"', "Women’s Health &amp; Care"),
        ("arztin - nights", "Ärztin – Nights"),
        ("full-stack", "Full‑Stack Engineer"),
        ("softwareentwickler", "Software\u00adentwickler:in"),
    ):
        assert found(mara, q=q) == [jobs[posts[title]]]
    order = ["Apprentice 2", "apprentice 10", "Ärztin – Nights", "Full‑Stack Engineer"]
    assert found(mara)[:4] == [jobs[posts[title]] for title in order]
    choices = mara.get(f"{JOBS}/manage?choices=all&department=engineering").text
    assert re.findall(r'checkbox name=department value="([^"]*)"( checked)?>', choices) == [
        ("Engineering", " checked"),
        ("R&amp;D", ""),
    ]
    assert len(found(mara, department="engineering")) == 4
    assert len(found(mara, department="R&D")) == 3

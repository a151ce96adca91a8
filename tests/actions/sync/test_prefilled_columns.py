"""What is prefilled of type, work model and seniority, from the board to the row and the public page."""

import json
import re
from collections.abc import Callable
from typing import Any

from flask import Flask

from portal.models import Job
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.syncs import Sync

Row = tuple[str | None, str | None, str | None]


def field(name: str, value: Any, value_type: str = "single_select") -> dict[str, Any]:
    return {"id": 1, "name": name, "value_type": value_type, "value": value}


def post(title: str, *metadata: dict[str, Any], content: str = "<p>We bake.</p>") -> dict[str, Any]:
    return {
        "title": title,
        "internal_job_id": 1,
        "absolute_url": "https://bakery.example/jobs/1",
        "location": {"name": "Leeds, UK"},
        "content": content,
        "metadata": list(metadata),
    }


SAID: list[tuple[dict[str, Any], Row]] = [
    (
        post("Baker", field("Time Type", "Full time"), field("Worker Sub-Type", "Intern")),
        ("internship", None, None),
    ),
    (post("Baker", field("Employment Type", "Unlimited Contract")), (None, None, None)),
    (post("Baker", field("Full Time", True, "yes_no")), ("full_time", None, None)),
    (
        post("Baker", field("Job type", ["Full-time", "Fixed term"], "multi_select")),
        ("temporary", None, None),
    ),
    (post("Baker", field("Scheduled Weekly Hours", "20.0", "number")), ("part_time", None, None)),
    (post("Baker (Part-Time)"), ("part_time", None, None)),
    (post("Design Intern, Summer"), ("internship", None, None)),
    (post("Contract Manager"), (None, None, None)),
    (post("Baker", field("Work Arrangement", "3 days/week in office")), (None, "hybrid", None)),
    (post("Baker", field("Work Style", "In Office")), (None, "onsite", None)),
    (post("Baker", field("Work Schedule", "Hybrid")), (None, "hybrid", None)),
    (post("Baker", field("Careers Page - Open to Remote", True, "yes_no")), (None, None, None)),
    (post("Senior Baker (Remote) - UK"), (None, "remote", None)),
    (post("Baker", content="<p>We bake.</p><p>#LI-Hybrid</p>"), (None, "hybrid", None)),
    (post("Remote Operations Engineer"), (None, None, None)),
    (post("Baker", field("Seniority", "IC4 - Senior")), (None, None, "Senior")),
    (post("Baker", field("Seniority", "Lv. 6-II")), (None, None, None)),
    (post("Baker", field("Seniority", "Select an Option")), (None, None, None)),
]


def test_what_a_board_says_stands_in_its_rows(
    sync: Sync, board: DemoBoard, job: Callable[[int], Job]
) -> None:
    posts = {number: said | {"id": number} for number, (said, _) in enumerate(SAID, 1)}
    board.set_posts(board.token, posts.values())
    sync()
    rows = {number: job(number) for number in posts}
    read = {n: (row.employment_type, row.workplace_type, row.seniority) for n, row in rows.items()}
    assert read == {number: row for number, (_, row) in enumerate(SAID, 1)}


@on_sqlite
def test_the_public_page_says_it_and_shows_no_tag_for_networks(
    app: Flask, sync: Sync, board: DemoBoard, job: Callable[[int], Job]
) -> None:
    said = post(
        "Baker (Remote)", field("Worker Sub-Type", "Per Diem"), content="<p>Hello</p><p>#LI-Remote</p>"
    )
    board.set_posts(board.token, [said | {"id": 1}])
    sync()
    page = app.test_client().get(f"/orgs/northwind/jobs/{job(1).id}").text
    [markup] = re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert json.loads(markup)["employmentType"] == "TEMPORARY"
    assert json.loads(markup)["jobLocationType"] == "TELECOMMUTE"
    assert "#LI" not in page
    assert "Temporary" in page

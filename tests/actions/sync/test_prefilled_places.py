"""Places and remote work, from the board to the row, the list of what a job lacks, and the markup."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from portal.domain.jobs.derived import Lack
from portal.models import Job
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.postings import address, said_of_places
from tests.support.syncs import Sync

US = {"@type": "Country", "name": "United States"}


def remote(areas: Any) -> dict[str, Any]:
    return {"jobLocationType": "TELECOMMUTE", "applicantLocationRequirements": areas}


TELECOMMUTE = {"jobLocationType": "TELECOMMUTE"}
FAIRVIEW = ({"id": 3, "name": "Fairview", "location": "Lisbon, Portugal"},)
SPRINGFIELD = ({"id": 4, "name": "Springfield", "location": "Springfield, Illinois, United States"},)
SAID: list[tuple[str, tuple[dict[str, Any], ...], tuple[str | None, str | None], dict[str, Any] | None]] = [
    ("Remote within the US", (), ("Remote within the US", "remote"), remote(US)),
    ("United States (Remote)", (), ("United States (Remote)", "remote"), remote(US)),
    ("Remote, TX", (), ("Remote, TX", "remote"), remote({"@type": "State", "name": "Texas, United States"})),
    ("Worldwide - Remote", (), ("Worldwide - Remote", "remote"), None),
    ("Fully remote", (), (None, "remote"), None),
    ("Remote", FAIRVIEW, ("Lisbon, Portugal", "remote"), TELECOMMUTE | address("Lisbon", None, "PT")),
    ("Hybrid", FAIRVIEW, ("Lisbon, Portugal", "hybrid"), address("Lisbon", None, "PT")),
    ("Various", (), (None, None), None),
    ("Oslo or Remote", (), ("Oslo or Remote", None), address("Oslo", None, "NO")),
    ("Toulouse ou télétravail", (), ("Toulouse ou télétravail", None), address("Toulouse", None, "FR")),
    (
        "Remote (within 30 miles of Boise, ID)",
        (),
        ("Remote (within 30 miles of Boise, ID)", "remote"),
        TELECOMMUTE | address("Boise", "ID", "US"),
    ),
    ("Portugal - Porto", (), ("Portugal - Porto", None), address("Porto", None, "PT")),
    (
        "Nantes (on site 2 days per week)",
        (),
        ("Nantes (on site 2 days per week)", "hybrid"),
        address("Nantes", None, "FR"),
    ),
    ("Peoria, IL", (), ("Peoria, IL", None), address("Peoria", "IL", "US")),
    ("Springfield, IL", SPRINGFIELD, ("Springfield, IL", None), address("Springfield", "IL", "US")),
    ("Springfield", SPRINGFIELD, ("Springfield", None), address("Springfield", "IL", "US")),
]


@on_sqlite
def test_what_a_board_says_of_places_stands_in_row_and_markup(
    app: Flask, sync: Sync, board: DemoBoard, job: Callable[[int], Job]
) -> None:
    posts = [
        {
            "id": number,
            "internal_job_id": number,
            "title": "Baker",
            "absolute_url": "https://bakery.example/jobs/1",
            "content": "<p>We bake.</p>",
            "location": {"name": location},
            "offices": [office | {"parent_id": None, "child_ids": []} for office in offices],
        }
        for number, (location, offices, _, _) in enumerate(SAID, 1)
    ]
    board.set_posts(board.token, posts)
    sync()
    client = app.test_client()
    for number, (_, _, row, markup) in enumerate(SAID, 1):
        stored = job(number)
        assert (stored.location, stored.workplace_type) == row
        page = client.get(f"/orgs/northwind/jobs/{stored.id}").text
        assert said_of_places(page) == markup
        is_lacking = stored.lacks & (Lack.LOCATION | Lack.COUNTRY | Lack.FROM_WHERE)
        assert bool(is_lacking) == (markup is None)

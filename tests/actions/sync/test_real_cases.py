"""What real boards write, imported: the columns of the row, and the markup of its page."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

from portal.models import Job
from tests.support.app import PortalClient
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.faults import post
from tests.support.real_cases import CASES, IGNORED
from tests.support.syncs import Sync

ORDINARY: dict[str, Any] = {"metadata": [], "departments": [], "offices": [], "pay_input_ranges": []}
KEPT = ("jobLocation", "jobLocationType", "applicantLocationRequirements")


def markup_of(client: PortalClient, job_id: int) -> dict[str, Any] | None:
    """What a job's page tells search engines of its places; nothing where they are told nothing at all."""
    page = client.get(f"/orgs/northwind/jobs/{job_id}").text
    found = re.search(r"application/ld\+json[^>]*>(.*?)</script>", page, re.DOTALL)
    if found is None:
        return None
    said = json.loads(unescape(found[1]))
    return {name: said[name] for name in KEPT if name in said}


@on_sqlite
def test_posts_are_read_as_boards_mean_them(
    sync: Sync, board: DemoBoard, client: PortalClient, job: Callable[[int], Job]
) -> None:
    posts = [
        post(1000 + number, internal_job_id=5000 + number, **{"title": f"Job {number}", **ORDINARY, **fields})
        for number, (fields, _, _) in enumerate(CASES.values())
    ]
    board.set_posts(board.token, posts)
    assert sync().created == len(posts)
    found, right = {}, {}
    for number, (name, (_, columns, markup)) in enumerate(CASES.items()):
        row = job(1000 + number)
        found[name] = ({column: getattr(row, column) for column in columns}, markup)
        right[name] = (columns, markup)
        if markup is not IGNORED:
            found[name] = (found[name][0], markup_of(client, row.id))
    assert found == right

"""Recorded answers of real boards, replayed state by state with an edit on every row."""

import json
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from portal.actions.decide_closings import approve_closings
from portal.actions.edit_field import edit_field
from portal.domain.run_states import RunStatus
from portal.extensions import session
from portal.models import Connection, Job
from portal.store.transactions import end_read, write
from tests.actions.conftest import Sync
from tests.demo.board_server import DemoBoard
from tests.support.words import letters_of

BOARDS = Path(__file__).parents[3] / "shared" / "boards"
SERIES = ("canonical", "takealotgroup", "bashdotcom", "greenhouse")


def states(name: str) -> list[list[dict[str, Any]]]:
    """The recorded answers of one board, oldest first."""
    answers = [json.loads(path.read_bytes()) for path in sorted((BOARDS / name).glob("*.json"))]
    return [answer["jobs"] for answer in answers if "jobs" in answer]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One engine is enough here: what is tried is the reading of real answers."""
    return sqlite_url


@pytest.mark.skipif(not BOARDS.is_dir(), reason="the recorded boards are not here")
@pytest.mark.parametrize("name", SERIES)
def test_what_is_stored_equals_each_recorded_answer_and_every_edit_stands(
    name: str, sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    with write() as current:
        current.get_one(Connection, connection.id).include_prospects = True
    edited: dict[int, str] = {}
    for posts in states(name):
        board.set_posts(board.token, posts)
        run = sync()
        if run.held:  # years lie between some of the answers
            approve_closings(connection, None)
            run = sync()
        assert (run.status, run.set_aside) == (RunStatus.SUCCEEDED, [])
        rows = _listed()
        assert {key: job.title for key, job in rows.items()} == {
            post["id"]: " ".join(post["title"].split()) for post in posts
        }
        for post in posts:
            assert letters_of(rows[post["id"]].description_html) == letters_of(unescape(post["content"]))
        for key, job in rows.items():
            if key not in edited:
                edited[key] = f"Place {key}"
                edit_field(connection.organisation_id, job.id, "location", edited[key], 0, None)
    end_read()
    stands = session().execute(select(Job.external_id, Job.location))
    assert {row.external_id: row.location for row in stands} == edited


def _listed() -> dict[int, Job]:
    end_read()
    query = select(Job).where(Job.listed).options(undefer(Job.description_html))
    return {job.external_id: job for job in session().scalars(query) if job.external_id}

"""Series of answers of one board, replayed state by state with an edit on every row."""

from functools import cache
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from portal.actions.jobs.bulk_edit import Selection, bulk_edit, checked_change
from portal.actions.jobs.edit import edit_field
from portal.actions.sync.closings import decide_closings
from portal.db import end_read, session, write
from portal.domain.descriptions.markup import without_network_tags
from portal.domain.jobs.bulk import How
from portal.domain.jobs.fields import FIELDS
from portal.domain.sync.plan import HoldStatus
from portal.domain.sync.runs import RunStatus
from portal.models import Connection, Job
from tests.support.board_server import DemoBoard
from tests.support.boards import series_names, states
from tests.support.syncs import Sync
from tests.support.words import letters_of

_letters = cache(letters_of)  # most posts stay as they are from one answer to the next
WRITTEN = {
    "location": ["Faro"],
    "workplace_type": ["onsite", "hybrid", "remote"],
    "employment_type": ["temporary", "volunteer"],
    "department": ["Rigging", "Sails"],
    "seniority": ["Senior", "Lead"],
    "salary": ["25.50 EUR per hour", "90000 - 95000 USD per year"],
    "salary_visible": ["false"],
    "hiring_manager": ["Mara", "Noor"],
    "summary": ["One.", "Two <b>&amp;</b> more"],
    "tags": ["sea, wind", "mast"],
    "featured": ["true"],
    "visibility": ["hidden", "shown"],
    "closes_on": ["2031-05-04", "2032-01-31"],
}


def series_by_database() -> list[tuple[str, str]]:
    """All of them on PostgreSQL, which is the stricter one: it refuses values that do not fit their column.

    On SQLite the made-up ones, which have every shape of the recorded ones.
    """
    names = series_names()
    made_up = [name for name in names if name.startswith("made-up")]
    return [*(("postgresql", name) for name in names), *(("sqlite", name) for name in made_up)]


@pytest.mark.parametrize(("database_url", "series"), series_by_database(), indirect=["database_url"])
def test_what_is_stored_equals_each_answer_of_a_series_and_every_edit_stands(
    series: str, sync: Sync, board: DemoBoard, connection: Connection
) -> None:
    with write() as current:
        current.get_one(Connection, connection.id).include_prospects = True
    edited: dict[int, dict[str, Any]] = {}
    for number, posts in enumerate(states(series)):
        board.set_posts(board.token, posts)
        run = sync()
        if run.held:  # years lie between some of the answers
            decide_closings(connection, HoldStatus.APPROVED, None)
            run = sync()
        assert (run.status, run.set_aside) == (RunStatus.SUCCEEDED, [])
        rows = _listed()
        assert {key: job.title for key, job in rows.items()} == {
            post["id"]: " ".join(unescape(post["title"]).split()) for post in posts
        }
        for post in posts:
            assert _letters(rows[post["id"]].description_html) == _letters(
                without_network_tags(unescape(post["content"]))
            )
        fresh = {key: job.id for key, job in rows.items() if key not in edited}
        written = _write_all(connection.organisation_id, list(fresh.values()), number)
        for key, job_id in fresh.items():
            place = f"Place {key}"
            edit_field(connection.organisation_id, job_id, "location", place, 1, None)
            edited[key] = written | {"location": place}
    assert _columns() == edited


def _write_all(organisation_id: int, job_ids: list[int], number: int) -> dict[str, Any]:
    """Edit every field of these jobs that is the organisation's; the columns as they should stay."""
    expected: dict[str, Any] = {}
    jobs = Selection(tuple(job_ids))
    for name, texts in WRITTEN.items():
        other, change = (
            checked_change(organisation_id, name, How.SET, texts[place % len(texts)])
            for place in (number + 1, number)
        )
        if bulk_edit(organisation_id, jobs, change, None).same and other != change:
            # a value that is saved as it was goes on following
            bulk_edit(organisation_id, jobs, other, None)
            bulk_edit(organisation_id, jobs, change, None)
        expected |= change.values
    return expected


def _columns() -> dict[int, dict[str, Any]]:
    """The organisation's columns of every job, by post."""
    end_read()
    names = sorted({column for field in FIELDS.values() for column in field.columns})
    query = select(Job.external_id, *(getattr(Job, name) for name in names))
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in session().execute(query) if row[0]}


def test_every_field_of_the_organisation_is_written() -> None:
    assert WRITTEN.keys() == FIELDS.keys()


def _listed() -> dict[int, Job]:
    end_read()
    query = select(Job).where(Job.listed).options(undefer(Job.description_html))
    return {job.external_id: job for job in session().scalars(query) if job.external_id}

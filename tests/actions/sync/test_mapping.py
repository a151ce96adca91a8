"""Another mapping of custom fields, or another default type: previewed, synced, and in nobody's way."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.undo import undo_edit
from portal.actions.sync.mapping import board_fields, new_mapping, preview_mapping, save_mapping
from portal.db import end_read, session
from portal.domain.jobs.fields import EmploymentType
from portal.domain.sync.metadata import Column
from portal.models import BoardSnapshot, Connection, Job, SyncRun
from portal.store.sync_changes import changes_of
from tests.support.app import Cast
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.syncs import Sync, connection_now, job_writes

FindJob = Callable[[int], Job]


@pytest.fixture
def posts(board: DemoBoard) -> list[int]:
    """Three posts that name their type nowhere, and whose custom fields have names that no rule knows."""
    jobs = [post["id"] for post in board.posts if post["internal_job_id"]]
    for post_id in jobs[3:]:
        board.close(post_id)
    for number, post_id in enumerate(jobs[:3]):
        crew = {
            "id": 1,
            "name": "Crew Grade",
            "value_type": "single_select",
            "value": "Lead" if number else None,
        }
        skills = {"id": 2, "name": "Skills", "value_type": "multi_select", "value": ["Rope", "Mast"]}
        board.edit(post_id, title=f"Keeper {number}", metadata=[crew, skills])
    return jobs[:3]


def choose(connection: Connection, default: EmploymentType | None = None, **columns: Column | None) -> Any:
    """The mapping with these columns, and what it would change, job by job."""
    held = connection_now(connection)
    sent = {name.replace("_", " "): column for name, column in columns.items()}
    mapping = new_mapping(held, sent, default)
    preview = preview_mapping(held, mapping)
    return mapping, {job.job_id: job.fields for job in preview.jobs}


def followed(run: SyncRun) -> dict[int | None, list[dict[str, Any]]]:
    """The changes of a run in fields that follow, by job."""
    found = {
        each.job_id: [field for field in each.fields if field.get("followed")]
        for each in changes_of(run.id, limit=99)
    }
    return {job_id: fields for job_id, fields in found.items() if fields}


@on_sqlite
def test_a_sync_changes_what_the_preview_said_and_nothing_that_somebody_edited(
    sync: Sync, posts: list[int], job: FindJob, connection: Connection, cast: Cast
) -> None:
    sync()
    edit_field(connection.organisation_id, job(posts[2]).id, "seniority", "Bosun", 0, cast.mara.id)
    edit_field(connection.organisation_id, job(posts[2]).id, "employment_type", "part_time", 0, cast.mara.id)
    mapping, foreseen = choose(
        connection, EmploymentType.FULL_TIME, crew_grade=Column.SENIORITY, skills=Column.TAGS
    )
    assert save_mapping(connection_now(connection), mapping, cast.mara.id)
    run = sync()
    assert followed(run) == foreseen
    assert [(j.seniority, j.employment_type, j.tags) for j in map(job, posts)] == [
        (None, "full_time", ["Rope", "Mast"]),
        ("Lead", "full_time", ["Rope", "Mast"]),
        ("Bosun", "part_time", ["Rope", "Mast"]),
    ]
    back, foreseen = choose(connection, None, crew_grade=None, skills=None)
    assert save_mapping(connection_now(connection), back, cast.mara.id)
    run = sync()
    assert followed(run) == foreseen
    assert [(j.seniority, j.employment_type, j.tags) for j in map(job, posts)] == [
        (None, None, []),
        (None, None, []),
        ("Bosun", "part_time", []),
    ]
    with job_writes() as writes:
        assert sync().updated == 0
    assert writes == []


def test_a_preview_counts_from_what_the_jobs_hold_though_another_choice_is_still_to_be_synced(
    sync: Sync, posts: list[int], job: FindJob, connection: Connection
) -> None:
    sync()
    mapping, _ = choose(connection, EmploymentType.VOLUNTEER, skills=Column.TAGS)
    save_mapping(connection_now(connection), mapping, None)
    mapping, foreseen = choose(connection, EmploymentType.CONTRACT, crew_grade=Column.SENIORITY)
    save_mapping(connection_now(connection), mapping, None)
    assert followed(sync()) == foreseen
    assert [(j.seniority, j.employment_type, j.tags) for j in map(job, posts)] == [
        (grade, "contract", ["Rope", "Mast"]) for grade in (None, "Lead", "Lead")
    ]


@on_sqlite
def test_a_board_too_large_to_keep_is_listed_and_its_jobs_are_said_to_be_left_out(
    sync: Sync, posts: list[int], connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.actions.sync.mapping.MOST_BYTES", 100)
    sync()
    preview = preview_mapping(
        connection_now(connection), new_mapping(connection, {}, EmploymentType.CONTRACT)
    )
    assert (preview.changed, preview.unread) == (0, 3)
    known = board_fields(connection)
    assert known is not None
    assert [each.name for each in known.fields] == ["Skills", "Crew Grade"]


@on_sqlite
def test_undoing_an_edit_gives_the_default_type_that_was_chosen_since(
    sync: Sync, posts: list[int], job: FindJob, connection: Connection, cast: Cast
) -> None:
    sync()
    org = connection.organisation_id
    saved = edit_field(org, job(posts[0]).id, "employment_type", "part_time", 0, cast.mara.id)
    mapping, _ = choose(connection, EmploymentType.CONTRACT)
    save_mapping(connection_now(connection), mapping, cast.mara.id)
    sync()
    assert job(posts[0]).employment_type == "part_time"
    assert saved.edit_id is not None
    undo_edit(org, saved.edit_id, cast.mara.id)
    assert job(posts[0]).employment_type == "contract"


@on_sqlite
def test_the_custom_fields_are_those_of_the_last_complete_answer_and_stored_once(
    sync: Sync, board: DemoBoard, posts: list[int], connection: Connection
) -> None:
    sync()

    def stored() -> tuple[str, list[tuple[str, int]]]:
        end_read()
        digest = session().scalars(select(BoardSnapshot.digest)).one()
        known = board_fields(connection)
        return digest, [(each.name, each.posts) for each in known.fields] if known else []

    first = stored()
    assert first[1] == [("Skills", 3), ("Crew Grade", 2)]
    board.edit(posts[0], description="<p>Another text.</p>")
    sync()
    assert stored() == first
    board.fail(503)
    sync()
    assert stored() == first
    board.edit(posts[0], metadata=[])
    sync()
    assert stored()[1] == [("Crew Grade", 2), ("Skills", 2)]


@on_sqlite
def test_with_prefill_switched_off_a_mapping_changes_no_value(
    sync: Sync, posts: list[int], job: FindJob, connection: Connection, app: Flask
) -> None:
    held = connection_now(connection)
    held.prefill = False
    session().commit()
    mapping, _ = choose(connection, EmploymentType.FULL_TIME, skills=Column.TAGS)
    save_mapping(connection_now(connection), mapping, None)
    sync()
    sync()
    assert {(each.employment_type, tuple(each.tags)) for each in map(job, posts)} == {(None, ())}

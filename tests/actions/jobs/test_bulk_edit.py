"""One field of many jobs changed at once, on both databases."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from portal.actions.jobs import bulk_edit as bulk_edits
from portal.actions.jobs.bulk_edit import (
    EditedOneByOne,
    NoSuchField,
    Selection,
    bulk_edit,
    checked_change,
    preview_bulk,
)
from portal.actions.jobs.edit import Conflict, edit_field, take_greenhouse_value
from portal.db import db, session, write
from portal.domain.audit import Action
from portal.domain.jobs.bulk import How
from portal.domain.jobs.fields import FIELDS
from portal.models import AuditEntry, Job
from portal.store.edits import version_of
from portal.store.job_lists import JobFilter
from tests.support.app import Cast
from tests.support.databases import on_sqlite
from tests.support.derived_columns import wrong_columns
from tests.support.office import TODAY, Office
from tests.support.statements import statements_sent


@on_sqlite
def test_a_bulk_edit_is_one_revision_and_one_edit_for_each_job_that_changed(
    office: Office, three: list[int]
) -> None:
    before = office.revision()
    done = office.bulk(three, "location", "Lisbon")
    assert (done.changed, done.same, done.unfit) == (2, 1, 0)
    assert office.stored("location") == {"Welder": "Lisbon", "Rigger": "Lisbon", "Diver": "Lisbon"}
    assert office.revision() == before + 1
    assert [(edit.job_id, edit.version, edit.before["location"]) for edit in office.edits()] == [
        (three[0], 1, "Porto"),
        (three[2], 1, None),
    ]
    assert {edit.batch_id for edit in office.edits()} == {before + 1}
    assert office.stored("revision") == {"Welder": before + 1, "Rigger": 0, "Diver": before + 1}
    assert wrong_columns() == []


def test_an_editor_opened_before_a_bulk_edit_conflicts_after_it(office: Office, three: list[int]) -> None:
    office.bulk(three, "location", "Lisbon")
    with pytest.raises(Conflict):
        edit_field(office.org, three[0], "location", "Faro", 0, office.mara)


@pytest.mark.parametrize(
    ("name", "text", "column"),
    [
        ("salary", "25.50 EUR per hour", "salary_min"),
        ("closes_on", "2031-02-03", "closes_on"),
        ("tags", "a, b", "tags"),
        ("featured", "true", "featured"),
        ("visibility", "hidden", "visibility"),
        ("hiring_manager", "Ada", "hiring_manager"),
        ("summary", "One\nTwo", "summary"),
    ],
)
def test_every_kind_of_field_is_set_and_given_back(
    office: Office, three: list[int], name: str, text: str, column: str
) -> None:
    before = office.stored(column)
    done = office.bulk(three, name, text)
    assert done.changed == 3
    assert office.stored(column) != before
    office.undo(done.edit_id)
    assert office.stored(column) == before


@on_sqlite
def test_tags_are_added_and_removed_beside_those_that_are_there(office: Office, three: list[int]) -> None:
    assert office.bulk(three, "tags", "night, Sea", How.ADD).changed == 3
    assert office.stored("tags") == {
        "Welder": ["sea", "night"],
        "Rigger": ["night", "Sea"],
        "Diver": ["night", "Sea"],
    }
    removed = office.bulk(three, "tags", "SEA", How.REMOVE)
    assert set(map(tuple, office.stored("tags").values())) == {("night",)}
    office.undo(removed.edit_id)
    assert office.stored("tags")["Welder"] == ["sea", "night"]
    assert wrong_columns() == []


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(
    ("name", "column", "taken"),
    [
        ("location", "location", "Berlin"),
        ("closes_on", "closes_on", date(2031, 5, 4)),
        ("salary", "salary_max", 200),
    ],
)
def test_greenhouses_value_is_taken_and_given_back(
    office: Office, three: list[int], name: str, column: str, taken: object, at_once: bool
) -> None:
    before = office.stored(column)
    if at_once:
        done = office.bulk(three, name, how=How.TAKE)
        assert (done.changed, done.unfit) == (1, 2)
        edit_id = done.edit_id
    else:
        edit_id = take_greenhouse_value(office.org, three[2], name, office.mara).edit_id
    assert office.stored(column) == {**before, "Diver": taken}
    [taken_by] = session().scalars(select(AuditEntry).where(AuditEntry.action == Action.GREENHOUSE_TAKEN))
    assert (taken_by.user_id, taken_by.about) == (
        office.mara,
        f"{FIELDS[name].label}, {'1 job' if at_once else 'Diver'}",
    )
    office.undo(edit_id)
    assert office.stored(column) == before


def test_all_that_a_filter_finds_is_changed_and_nothing_else(
    office: Office, three: list[int], make_job: Callable[..., int], cast: Cast
) -> None:
    make_job(title="Elsewhere", location="Lisbon", organisation_id=cast.cafe.id)
    done = office.bulk(JobFilter(exact=(("location", "lisbon"),)), "department", "Yard")
    assert done.changed == 1
    assert office.stored("department") == {
        "Welder": None,
        "Rigger": "Yard",
        "Diver": None,
        "Elsewhere": None,
    }
    assert office.bulk(JobFilter(q="nobody"), "department", "Yard").total == 0


@on_sqlite
def test_strangers_jobs_and_paired_ones_are_passed_over(
    office: Office, three: list[int], make_job: Callable[..., int], cast: Cast
) -> None:
    foreign = make_job(title="Elsewhere", organisation_id=cast.cafe.id)
    merged = make_job(title="Merged", merged_into_id=three[2])
    done = office.bulk([*three, foreign, merged, 10**9], "department", "Yard")
    assert done.total == 3
    assert office.stored("department")["Elsewhere"] is None
    assert office.stored("department")["Merged"] is None


@on_sqlite
def test_what_is_greenhouses_or_no_field_is_not_changed_in_bulk(office: Office) -> None:
    for name in ("title", "description", "apply_url"):
        with pytest.raises(EditedOneByOne):
            checked_change(office.org, name, How.SET, "x")
    with pytest.raises(NoSuchField):
        checked_change(office.org, "listed", How.SET, "x")


@on_sqlite
def test_foreseeing_writes_nothing(office: Office, three: list[int]) -> None:
    change = checked_change(office.org, "location", How.SET, "Lisbon")
    plan = preview_bulk(office.org, Selection(job_ids=tuple(three)), change)
    assert (len(plan.steps), plan.same, plan.total) == (2, 1, 3)
    assert office.edits() == []


def test_edits_and_bulk_edits_at_once_lose_none(app: Flask, office: Office, three: list[int]) -> None:
    """Each acknowledged edit is a version of its own, whichever came first."""
    start, refused = Barrier(3), []

    def bulk(place: str) -> None:
        with app.app_context():
            start.wait()
            for number in range(4):
                office.bulk(three, "location", f"{place} {number}")

    def single() -> None:
        with app.app_context():
            start.wait()
            for number in range(8):
                version = version_of(three[0], "location")
                try:
                    edit_field(office.org, three[0], "location", f"Faro {number}", version, office.mara)
                except Conflict:
                    refused.append(number)

    workers = [Thread(target=bulk, args=("A",)), Thread(target=bulk, args=("B",)), Thread(target=single)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    chain = [edit for edit in office.edits() if edit.job_id == three[0]]
    assert [edit.version for edit in chain] == list(range(1, len(chain) + 1))
    assert len(chain) == 8 + 8 - len(refused)
    for earlier, later in pairwise(chain):
        assert later.before == earlier.after
    assert office.stored("location")["Welder"] == chain[-1].after["location"]


def test_how_far_it_is_is_told_as_it_is_written_and_nobody_sees_it_before_the_end(
    app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_edits, "PROGRESS_BATCH", 100)
    with write() as writing:
        shared = {"organisation_id": office.org, "source": "own", "tags": []}
        writing.execute(Job.__table__.insert(), [{**shared, "title": f"Job {n}"} for n in range(230)])
    told: list[tuple[int, int]] = []
    seen: set[object] = set()

    def tell(done: int, total: int) -> None:
        told.append((done, total))
        with app.app_context():
            seen.update(office.stored("location").values())

    change = checked_change(office.org, "location", How.SET, "Lisbon")
    total = len(office.stored("location"))
    done = bulk_edit(office.org, Selection(wanted=JobFilter(), today=TODAY), change, office.mara, tell)
    assert told == [(100, total), (200, total), (total, total)]
    assert "Lisbon" not in seen
    assert set(office.stored("location").values()) == {"Lisbon"}
    assert office.undo(done.edit_id).restored == total


def test_thousands_of_jobs_are_a_matter_of_few_statements(app: Flask, office: Office) -> None:
    thousands = 2
    with write() as writing:
        shared = {"organisation_id": office.org, "source": "own", "tags": []}
        writing.execute(
            Job.__table__.insert(),
            [{**shared, "title": f"Job {n}", "external_id": n} for n in range(thousands * 1_000)],
        )
    with statements_sent(db.engine) as statements:
        done = office.bulk(JobFilter(), "location", "Lisbon")
    assert done.changed == thousands * 1_000
    assert len(statements) < thousands * 12
    undone = office.undo(done.edit_id)
    assert undone.restored == thousands * 1_000
    assert set(office.stored("location").values()) == {None}

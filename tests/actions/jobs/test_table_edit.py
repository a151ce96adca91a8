"""Many fields of many jobs changed by a file at once, and taken back at once, on both databases."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.actions.jobs import table_edit
from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.table_edit import (
    IMPORT_LIFE,
    MOST_IMPORTS,
    Applied,
    ConflictsChanged,
    Import,
    apply_import,
    find_import,
    upload_table,
)
from portal.actions.jobs.undo import Left, Undone, undo_edit
from portal.actions.sync.tidy_up import tidy_up
from portal.db import db, end_read, session, write
from portal.models import Edit, Job, JobImport, Organisation
from portal.models.base import utc_now
from portal.store.edits import version_of
from tests.support.app import Cast
from tests.support.databases import on_sqlite
from tests.support.derived_columns import wrong_columns

MakeJob = Callable[..., int]


class Office:
    """Northwind at work with files, in this process."""

    def __init__(self, cast: Cast) -> None:
        self.org, self.mara = cast.northwind.id, cast.mara.id

    def upload(self, text: str) -> int:
        return upload_table(self.org, self.mara, "jobs.csv", text.encode())

    def find(self, upload: int) -> Import:
        found = find_import(self.org, self.mara, upload)
        assert found is not None
        return found

    def apply(self, upload: int, overwrite: str | None = None) -> Applied:
        done = apply_import(self.org, self.mara, upload, overwrite=overwrite)
        assert done is not None
        return done

    def undo(self, edit_id: int | None) -> Undone:
        assert edit_id is not None
        undone = undo_edit(self.org, edit_id, self.mara)
        assert undone is not None
        return undone

    def edit(self, job: int, name: str, text: str) -> None:
        edit_field(self.org, job, name, text, version_of(job, name), self.mara)

    def stored(self, *columns: str) -> dict[int, Any]:
        end_read()
        query = select(Job.id, *(getattr(Job, name) for name in columns))
        return {row[0]: tuple(row[1:]) for row in session().execute(query)}

    def revision(self) -> int:
        end_read()
        return session().scalars(select(Organisation.revision).where(Organisation.id == self.org)).one()


@pytest.fixture
def office(app: Flask, cast: Cast) -> Iterator[Office]:
    with app.app_context():
        yield Office(cast)


@pytest.fixture
def jobs(make_job: MakeJob) -> list[int]:
    """An own job, and one of Greenhouse whose place and type follow it."""
    said = {"location": "Berlin", "employment_type": "full_time"}
    imported = {"source": "greenhouse", "board_token": "n", "external_id": 1, "source_values": said}
    return [
        make_job(title="Welder", location="Porto", tags=["sea"]),
        make_job(title="Diver", location="Berlin", employment_type="full_time", follows=511, **imported),
    ]


def test_a_file_is_one_revision_of_all_its_fields_and_one_undo_gives_all_of_it_back(
    office: Office, jobs: list[int]
) -> None:
    names = ("location", "employment_type", "title", "follows", "tags")
    before, revision = office.stored(*names), office.revision()
    welder, diver = jobs
    text = f"Job ID,Title,Location,Type,Tags\n{welder},Rigger,Faro,,\n{diver},Diver,Faro,Contract,sea"
    done = office.apply(office.upload(text))
    assert (done.values, done.jobs, done.left) == (6, 2, 0)
    after = office.stored(*names)
    assert after[welder] == ("Faro", None, "Rigger", 0, [])
    assert (after[diver][:3], after[diver][4]) == (("Faro", "contract", "Diver"), ["sea"])
    assert after[diver][3] & 0b100000101 == 0, "what a person changed is no longer Greenhouse's"
    assert office.revision() == revision + 1
    assert {edit.batch_id for edit in session().scalars(select(Edit))} == {revision + 1}
    assert wrong_columns() == []
    undone = office.undo(done.edit_id)
    assert (undone.restored, undone.left, undone.fields) == (6, {}, 4)
    assert office.stored(*names) == before
    assert office.revision() == revision + 2
    assert wrong_columns() == []
    assert office.undo(undone.edit_id).restored == 6
    assert office.stored(*names) == after


@on_sqlite
def test_an_undo_leaves_just_the_fields_that_were_edited_since(office: Office, jobs: list[int]) -> None:
    done = office.apply(office.upload(f"Job ID,Location,Department\n{jobs[0]},Faro,Sea\n{jobs[1]},Faro,Sea"))
    office.edit(jobs[0], "department", "Air")
    undone = office.undo(done.edit_id)
    assert (undone.restored, undone.left) == (3, {Left.EDITED: 1})
    assert office.stored("location", "department") == {jobs[0]: ("Porto", "Air"), jobs[1]: ("Berlin", None)}


def test_what_another_admin_saves_between_preview_and_apply_is_not_overwritten_unasked(
    office: Office, jobs: list[int]
) -> None:
    text = f"Job ID,Location,Department\n{jobs[0]},Faro,Sea\n{jobs[1]},Faro,Sea"
    first, second = office.upload(text), office.upload(text)
    office.edit(jobs[0], "location", "Braga")
    shown = office.find(first)
    assert [each.proposal.job_id for each in shown.plan.conflicts] == [jobs[0]]
    done = office.apply(first)
    assert (done.values, done.left) == (3, 1)
    assert office.stored("location")[jobs[0]] == ("Braga",)
    with pytest.raises(ConflictsChanged):
        office.apply(second, shown.conflicts_version + "x")
    done = office.apply(second, office.find(second).conflicts_version)
    assert (done.values, done.left) == (1, 0)
    assert office.stored("location")[jobs[0]] == ("Faro",)


def test_conflicts_that_nobody_saw_are_not_overwritten_with_those_that_were_seen(
    office: Office, jobs: list[int]
) -> None:
    upload = office.upload(f"Job ID,Location\n{jobs[0]},Faro\n{jobs[1]},Faro")
    office.edit(jobs[0], "location", "Braga")
    seen = office.find(upload).conflicts_version
    office.edit(jobs[1], "location", "Évora")
    with pytest.raises(ConflictsChanged):
        office.apply(upload, seen)
    assert office.stored("location") == {jobs[0]: ("Braga",), jobs[1]: ("Évora",)}


def test_a_file_is_applied_once_however_often_it_is_asked_for(
    app: Flask, office: Office, jobs: list[int]
) -> None:
    upload = office.upload(f"Job ID,Location\n{jobs[0]},Faro")
    end_read()
    together, done = Barrier(2), []

    def click() -> None:
        with app.app_context():
            together.wait()
            done.append(office.apply(upload))
            db.session.remove()

    clicks = [Thread(target=click) for _ in range(2)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()
    assert done[0] == done[1]
    assert done[0].values == 1
    assert len(list(session().scalars(select(Edit.id)))) == 1
    assert office.find(upload).applied == done[0]


@on_sqlite
def test_jobs_of_others_and_deleted_ones_are_refused_like_unknown_ones(
    office: Office, cast: Cast, jobs: list[int], make_job: MakeJob
) -> None:
    theirs = make_job(organisation_id=cast.cafe.id, location="Oslo")
    gone = make_job(location="Oslo", deleted_at=utc_now())
    upload = office.upload(f"Job ID,Location\n{theirs},Faro\n{gone},Faro\n{gone + 100},Faro\n{jobs[0]},Faro")
    refused = office.find(upload).plan.refused
    assert [each.reason for each in refused] == [
        f"There is no job {job} here." for job in (theirs, gone, gone + 100)
    ]
    assert office.apply(upload).values == 1
    assert office.stored("location")[theirs] == ("Oslo",)


@on_sqlite
def test_a_job_that_is_deleted_after_the_preview_is_left_out(office: Office, jobs: list[int]) -> None:
    upload = office.upload(f"Job ID,Location\n{jobs[0]},Faro\n{jobs[1]},Faro")
    with write() as current:
        current.execute(update(Job).where(Job.id == jobs[0]).values(deleted_at=utc_now()))
    assert office.apply(upload).values == 1
    assert office.stored("location")[jobs[0]] == ("Porto",)


def test_an_upload_is_for_one_person_in_one_organisation_and_for_a_while(
    office: Office, cast: Cast, jobs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = office.upload(f"Job ID,Location\n{jobs[0]},Faro")
    for org, user in ((cast.cafe.id, cast.mara.id), (cast.northwind.id, cast.noor.id)):
        assert find_import(org, user, upload) is None
        assert apply_import(org, user, upload) is None
    with write() as current:
        current.execute(update(JobImport).values(created_at=utc_now() - IMPORT_LIFE))
    assert find_import(office.org, office.mara, upload) is None
    assert apply_import(office.org, office.mara, upload) is None
    tidy_up(utc_now() + timedelta(seconds=1))
    assert list(session().scalars(select(JobImport.id))) == []


def test_of_one_persons_uploads_the_latest_are_kept(office: Office, jobs: list[int]) -> None:
    uploads = [office.upload(f"Job ID,Location\n{jobs[0]},Faro") for _ in range(MOST_IMPORTS + 2)]
    end_read()
    assert list(session().scalars(select(JobImport.id).order_by(JobImport.id))) == uploads[2:]


@on_sqlite
def test_of_very_many_refusals_the_first_are_kept_and_the_others_counted(
    office: Office, jobs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_edit, "MOST_REFUSED", 2)
    found = office.find(office.upload(f"Job ID,Location\n{jobs[0]},Faro\na,\nb,\nc,\n"))
    assert [each.row for each in found.plan.refused] == [3, 4]
    assert (found.more_refused, len(found.plan.changes)) == (1, 1)


@on_sqlite
def test_a_file_that_changes_nothing_raises_no_revision(office: Office, jobs: list[int]) -> None:
    revision = office.revision()
    done = office.apply(office.upload(f"Job ID,Location\n{jobs[0]},Porto"))
    assert done == replace(done, values=0, jobs=0, edit_id=None)
    assert office.revision() == revision


@on_sqlite
def test_it_is_told_how_many_jobs_are_written(office: Office, make_job: MakeJob) -> None:
    ids = [make_job(location="Porto") for _ in range(3)]
    upload = office.upload("Job ID,Location\n" + "".join(f"{job},Faro\n" for job in ids))
    told: list[tuple[int, int]] = []
    apply_import(office.org, office.mara, upload, report_progress=lambda *so_far: told.append(so_far))
    assert told == [(3, 3)]

"""An organisation whose jobs are edited in bulk and undone, in the process of a test."""

from datetime import date
from typing import Any

from sqlalchemy import select

from portal.actions.jobs.bulk_edit import BulkResult, Selection, bulk_edit, checked_change
from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.undo import Undone, undo_edit
from portal.db import end_read, session
from portal.domain.jobs.bulk import How
from portal.models import Edit, Job, Organisation
from portal.store.edits import version_of
from portal.store.job_lists import JobFilter
from tests.support.app import Cast

TODAY = date(2031, 1, 1)


class Office:
    """Northwind at work, in this process."""

    def __init__(self, cast: Cast) -> None:
        self.org, self.mara = cast.northwind.id, cast.mara.id

    def bulk(self, jobs: list[int] | JobFilter, name: str, text: str = "", how: How = How.SET) -> BulkResult:
        if isinstance(jobs, JobFilter):
            selection = Selection(wanted=jobs, today=TODAY)
        else:
            selection = Selection(job_ids=tuple(jobs))
        return bulk_edit(self.org, selection, checked_change(self.org, name, how, text), self.mara)

    def edit(self, job: int, name: str, text: str) -> int:
        saved = edit_field(self.org, job, name, text, version_of(job, name), self.mara)
        assert saved.edit_id is not None
        return saved.edit_id

    def undo(self, edit_id: int | None) -> Undone:
        assert edit_id is not None
        undone = undo_edit(self.org, edit_id, self.mara)
        assert undone is not None
        return undone

    def stored(self, column: str) -> dict[str, Any]:
        """A column by the titles of the jobs."""
        end_read()
        return dict(session().execute(select(Job.title, getattr(Job, column))).all())

    def revision(self) -> int:
        end_read()
        return session().scalars(select(Organisation.revision).where(Organisation.id == self.org)).one()

    def edits(self) -> list[Edit]:
        end_read()
        return list(session().scalars(select(Edit).order_by(Edit.id)))


SALARY = {"salary_min": 100, "salary_max": 200, "salary_currency": "EUR", "salary_period": "hour"}

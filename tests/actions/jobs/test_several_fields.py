"""Several fields of one job saved at once: what one of them writes, the next one starts from."""

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.actions.jobs.edit import Wanted, edit_fields
from portal.db import end_read, session
from portal.domain.sync.following import ALL_FOLLOW, is_following
from portal.models import Job
from portal.store.edits import last_edits
from tests.support.app import Cast, MakeJob
from tests.support.derived_columns import wrong_columns


@pytest.fixture(autouse=True)
def _context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def test_fields_that_are_saved_at_once_are_all_the_organisation_s_own(cast: Cast, make_job: MakeJob) -> None:
    job = make_job(source="greenhouse", board_token="n", external_id=1, follows=ALL_FOLLOW, location="Porto")
    typed = {"location": "Remote", "workplace_type": "remote", "department": "Sea", "summary": "Weld."}
    edit_fields(cast.northwind.id, job, {name: Wanted(text) for name, text in typed.items()}, cast.mara.id)
    end_read()
    stored = session().get_one(Job, job)
    assert {name: getattr(stored, name) for name in typed} == typed
    assert [name for name in typed if is_following(stored.follows, name)] == []
    assert {name: edit.followed for name, edit in last_edits(job).items()} == {
        "location": True,
        "workplace_type": True,
        "department": True,
        "summary": False,
    }
    assert wrong_columns() == []

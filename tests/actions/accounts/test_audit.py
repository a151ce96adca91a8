"""API tokens and the audit list, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from portal.actions.accounts import people
from portal.actions.accounts.tokens import make_token, program_of_token
from portal.actions.audit import record_alone
from portal.actions.jobs.edit import Wanted, edit_fields
from portal.db import session, write
from portal.domain.accounts.tokens import Scope
from portal.domain.audit import Action, Kind
from portal.domain.people import Role
from portal.models import ApiToken, Edit, SyncRun
from portal.store.accounts.audit import AuditFilter, count_keys, keys_of, sizes_of
from tests.support.app import Cast, MakeJob

pytestmark = pytest.mark.usefixtures("in_app")


def test_a_token_goes_with_the_membership_and_does_not_come_back_with_it(cast: Cast) -> None:
    _, sent = make_token(cast.noor.id, cast.northwind.id, "export", [Scope.READ], 7)
    now = datetime.now(UTC)
    program = program_of_token(sent, now)
    assert program is not None
    assert (program.user_id, program.scopes) == (cast.noor.id, {Scope.READ})
    people.remove_member("noor@example.com", "northwind")
    assert session().scalar(select(ApiToken.id)) is None
    people.set_role("noor@example.com", "northwind", Role.MEMBER)
    assert program_of_token(sent, now) is None


def test_edits_runs_and_entries_are_one_list_by_time(cast: Cast, make_job: MakeJob) -> None:
    org, job = cast.northwind.id, make_job()
    edit_fields(org, job, {"location": Wanted("Porto"), "summary": Wanted("Weld.")}, cast.mara.id)
    before = datetime.now(UTC)
    with write() as writing:
        writing.add(SyncRun(organisation_id=org, board_token="acme", trigger="schedule"))
        for number in (1, 2):
            shared = {"organisation_id": org, "job_id": job, "field": "department", "version": number}
            writing.add(Edit(**shared, before={"department": None}, after={"department": "R"}, batch_id=9))
    record_alone(org, Action.PAUSED)
    record_alone(cast.cafe.id, Action.PAUSED)
    sources = [key.source for key in keys_of(org, AuditFilter())]
    assert (sources[0], sorted(sources)) == ("entry", ["edit", "edit", "edit", "entry", "run"])
    assert keys_of(org, AuditFilter(), limit=2, offset=1) == keys_of(org, AuditFilter())[1:3]
    assert sizes_of(org, {9}) == {9: (2, 1)}
    for wanted, count in (
        (AuditFilter(user_id=cast.mara.id), 2),
        (AuditFilter(kind=Kind.EDITS), 3),
        (AuditFilter(kind=Kind.CONNECTION), 1),
        (AuditFilter(since=before), 3),
        (AuditFilter(until=before - timedelta(days=1)), 0),
    ):
        assert count_keys(org, wanted) == len(keys_of(org, wanted)) == count

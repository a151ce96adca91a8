"""A mail of an alert that waits is checked before it goes, and an address that takes none is deleted."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from portal.actions import mails as mailing
from portal.actions.alerts import subscribe
from portal.actions.alerts.sending import send_alerts
from portal.actions.mails import claim_mail, due_mails
from portal.db import session, write
from portal.models import AlertReader, Organisation
from portal.store.public.alerts import due_organisations
from tests.support.alert_mails import DAY, change, told
from tests.support.alerts import LEA, MORNING, NOTHING, ask, follow, mails, stored_rows
from tests.support.app import MakeJob
from tests.support.databases import on_sqlite

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.mark.parametrize(
    "columns", [{"visibility": "hidden"}, {"visibility": "members"}, {"listed": False}], ids=str
)
@on_sqlite
def test_a_mail_that_waits_tells_of_no_job_that_is_not_public_any_more(
    org: Organisation, make_job: MakeJob, columns: dict[str, Any]
) -> None:
    follow(org)
    secret = make_job(title="A")
    make_job(title="B")
    send_alerts(org.id, MORNING)
    change(secret, **columns)
    assert [claim_mail(due) for due in due_mails(MORNING)] == [None]
    assert mails() == []
    [due] = due_organisations(datetime.now(UTC), 9)
    send_alerts(due, MORNING + 6 * DAY)
    assert told() == [{"B"}]
    [mail] = [claim_mail(due) for due in due_mails(MORNING + 6 * DAY)]
    assert mail is not None
    assert mail.to == LEA


@on_sqlite
def test_later_mails_that_wait_are_written_anew_with_one_that_was_withdrawn(
    org: Organisation, make_job: MakeJob
) -> None:
    follow(org)
    secret = make_job(title="A")
    for day, title in enumerate("BC"):
        make_job(title=title)
        send_alerts(org.id, MORNING + day * DAY)
    change(secret, visibility="hidden")
    for due in due_mails(MORNING + DAY):
        claim_mail(due)
    send_alerts(org.id, MORNING + 6 * DAY)
    assert told() == [{"B", "C"}]


@on_sqlite
def test_a_stopped_alert_takes_its_waiting_mails_along(org: Organisation, make_job: MakeJob) -> None:
    reader = follow(org)
    make_job(title="A")
    send_alerts(org.id, MORNING)
    assert subscribe.stop(reader.id)
    assert stored_rows() == NOTHING


def refuse(cause: str, address: str = LEA) -> None:
    """Let the mail server refuse what waits for an address."""
    due = {each.id: each for each in due_mails(MORNING + 9 * DAY)}
    for mail in mails(address):
        if mail.not_before is None:  # given up before
            continue
        claimed = claim_mail(due[mail.id])
        assert claimed is not None
        mailing.note_not_sent(claimed, cause, permanent=True)


def test_an_address_that_the_mail_server_does_not_know_is_deleted_in_the_end(
    org: Organisation, make_job: MakeJob
) -> None:
    follow(org)
    for day in range(2):
        make_job(title="A")
        send_alerts(org.id, MORNING + day * DAY)
        refuse("RCPT answered 550 5.1.1")
    assert stored_rows()["alerts"] == 1
    make_job(title="A")
    send_alerts(org.id, MORNING + 2 * DAY)
    refuse("RCPT answered 550")
    assert stored_rows() == NOTHING


@on_sqlite
def test_a_refusal_for_another_reason_ends_nothing(org: Organisation, make_job: MakeJob) -> None:
    follow(org)
    for day in range(4):
        make_job(title="A")
        send_alerts(org.id, MORNING + day * DAY)
        refuse("RCPT answered 554 5.7.1" if day % 2 else "DATA answered 550")
    assert stored_rows()["alerts"] == 1


@on_sqlite
def test_one_mail_that_arrives_forgives_the_refusals_before(org: Organisation, make_job: MakeJob) -> None:
    follow(org)
    for day in range(5):
        make_job(title="A")
        send_alerts(org.id, MORNING + day * DAY)
        if day == 2:
            [claimed] = [claim_mail(due) for due in due_mails(MORNING + 9 * DAY)]
            assert claimed is not None
            mailing.note_sent(claimed)
        else:
            refuse("RCPT answered 550 5.1.1")
            with write() as current:
                current.delete(mails()[0])
    assert session().scalars(select(AlertReader.refusals)).one() == 2


@on_sqlite
def test_a_question_that_is_refused_leaves_nothing(org: Organisation) -> None:
    ask(org)
    refuse("RCPT answered 550 5.1.1")
    assert stored_rows() == NOTHING

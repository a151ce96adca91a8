"""New jobs are mailed to those who follow them: once each, in the morning, and only while they are public."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.actions.alerts import sending, subscribe
from portal.actions.alerts.sending import send_alerts
from portal.config import current_settings
from portal.db import db, session, write
from portal.domain.alerts.schedule import Cadence
from portal.models import Alert, AlertReader, Job, Mail, Organisation
from portal.store.public.alerts import due_organisations
from tests.support.alert_mails import DAY, change, told
from tests.support.alerts import MORNING, NOON, ask, at_once, every_id, follow, link, mails
from tests.support.app import MakeJob
from tests.support.databases import on_sqlite
from tests.support.statements import statements_sent

pytestmark = pytest.mark.usefixtures("in_app")


@on_sqlite
def test_a_mail_has_the_jobs_that_are_new_and_match(org: Organisation, make_job: MakeJob) -> None:
    make_job(title="O", department="Data")
    follow(org, q="porto", department=["Data", "Sales"], source="newsletter")
    opened_at = MORNING - timedelta(hours=3)
    pay = {"salary_min": 7_000_000, "salary_max": 9_200_000, "salary_currency": "EUR"}
    place = {"department": "Data", "location": "Porto", "salary_period": "year"}
    job_id = make_job(title="A", opened_at=opened_at, **place, **pay)
    make_job(title="B", department="Sales", opened_at=opened_at)
    make_job(title="C", department="Yard", location="Porto", opened_at=opened_at)
    assert send_alerts(org.id, MORNING) == 1
    [mail] = mails()
    assert mail.subject == "1 new job at Northwind Labs: A"
    address = f"{current_settings().address}/orgs/northwind/jobs/{job_id}?gh_src=newsletter"
    assert f"A\nData · Porto\n€70k – 92k · posted today\n{address}" in mail.body
    assert "You asked for: “porto”; Department: Data, Sales." in mail.body
    assert "/orgs/northwind/jobs?q=porto&department=Data&department=Sales&gh_src=newsletter" in mail.body
    assert "At most one mail a day, sent to lea@example.com since 25 November 2026." in mail.body
    assert mail.unsubscribe_url in mail.body
    assert mail.html is not None
    assert "1 new job for you" in mail.html


@on_sqlite
def test_a_job_is_told_once_whatever_becomes_of_it(org: Organisation, make_job: MakeJob) -> None:
    follow(org)
    job_id = make_job(title="A")
    for day in range(4):
        send_alerts(org.id, MORNING + day * DAY)
        change(job_id, listed=day == 1, visibility="shown")
    assert told() == [{"A"}]


@pytest.mark.parametrize("locked", [False, True])
@on_sqlite
def test_new_is_what_came_since_somebody_asked(
    org: Organisation, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    make_job(title="A")
    with monkeypatch.context() as patch:
        if locked:  # by a sync: who asks does not wait for it
            patch.setattr(subscribe, "lock_organisation", lambda _, wait: wait)
        ask(org)
    make_job(title="B")
    subscribe.confirm(link(mails()[0], "/alerts/confirm"), every_id(), NOON)
    with write() as current:
        current.delete(mails()[0])
    make_job(title="C")
    send_alerts(org.id, MORNING)
    assert told() == [{"C"} if locked else {"B", "C"}]


@on_sqlite
def test_a_job_that_becomes_public_later_is_new_then(org: Organisation, make_job: MakeJob) -> None:
    hidden = make_job(title="A", visibility="new", opened_at=NOON - 99 * DAY)
    members = make_job(title="B", visibility="members")
    follow(org)
    send_alerts(org.id, MORNING)
    assert told() == []
    change(hidden, visibility="shown")
    change(members, visibility="shown")
    send_alerts(org.id, MORNING + DAY)
    assert told() == [{"A", "B"}]


@on_sqlite
def test_a_job_that_another_was_paired_into_is_no_newer_than_that(
    org: Organisation, make_job: MakeJob
) -> None:
    own = make_job(title="A")
    follow(org)
    change(own, merged_into_id=make_job(title="B"))
    send_alerts(org.id, MORNING)
    assert told() == []


@on_sqlite
def test_the_newest_job_may_be_deleted_without_hiding_the_next(org: Organisation, make_job: MakeJob) -> None:
    follow(org)
    job_id = make_job(title="A")
    send_alerts(org.id, MORNING)
    with write() as current:
        current.delete(current.get_one(Job, job_id))
    make_job(title="B")
    send_alerts(org.id, MORNING + DAY)
    assert told() == [{"A"}, {"B"}]


@on_sqlite
def test_each_comes_when_it_was_asked_for(org: Organisation, make_job: MakeJob) -> None:
    follow(org, cadence=Cadence.WEEKLY)
    follow(org, "daily@example.com")
    for day, title in enumerate("ABCDE"):
        make_job(title=title)
        send_alerts(org.id, MORNING + day * DAY)
    assert told("daily@example.com") == [{"A"}, {"B"}, {"C"}, {"D"}, {"E"}]
    assert told() == [{"A", "B", "C", "D", "E"}]  # on Monday


@on_sqlite
def test_what_is_late_waits_for_the_morning(org: Organisation, make_job: MakeJob) -> None:
    follow(org)
    make_job(title="A")
    night = MORNING + timedelta(hours=14)
    assert due_organisations(MORNING - timedelta(seconds=6), 9) == []
    assert due_organisations(night, 9) == [org.id]
    assert send_alerts(org.id, night) == 0
    assert due_organisations(night, 9) == []
    assert send_alerts(org.id, MORNING + DAY) == 1


@on_sqlite
def test_a_clock_that_was_far_ahead_holds_nothing_up(org: Organisation, make_job: MakeJob) -> None:
    follow(org)
    with write() as current:
        current.execute(update(Alert).values(next_at=NOON + 400 * DAY))
    make_job(title="A")
    assert due_organisations(MORNING, 9) == [org.id]
    assert send_alerts(org.id, MORNING) == 1


def test_a_process_that_is_killed_on_the_way_leaves_nothing_out_and_nothing_twice(
    org: Organisation, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = [f"{number}@example.com" for number in range(3)]
    for reader in readers:
        follow(org, reader)
    make_job(title="A")
    monkeypatch.setattr(sending, "BATCH", 1)
    write_mail, written = sending._mail, []

    def die_at_the_second(*args: Any) -> Mail:
        written.append(args)
        if len(written) == 2:
            raise KeyboardInterrupt
        return write_mail(*args)

    monkeypatch.setattr(sending, "_mail", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        send_alerts(org.id, MORNING)
    make_job(title="B")
    assert send_alerts(org.id, MORNING) == 2
    first, *others = readers
    assert told(first) == [{"A"}]
    assert [told(reader) for reader in others] == [[{"A", "B"}]] * 2
    send_alerts(org.id, MORNING + DAY)
    assert told(first) == [{"A"}, {"B"}]


def test_processes_that_send_at_once_write_each_mail_once(
    app: Flask, org: Organisation, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BATCH", 2)
    add_readers(org, 12)
    make_job(title="A")
    others = [lambda: follow(org), lambda: follow(org, "else@example.com")]
    at_once(app, [*[lambda: send_alerts(org.id, MORNING)] * 3, *others])
    send_alerts(org.id, MORNING)
    assert [told(f"{number}@example.com") for number in range(12)] == [[{"A"}]] * 12


@on_sqlite
def test_no_more_is_written_than_can_be_sent_soon(
    org: Organisation, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        follow(org, f"{name}@example.com")
    make_job(title="A")
    monkeypatch.setattr(sending, "BATCH", 1)
    monkeypatch.setattr(sending, "MOST_WAITING", 2)
    assert send_alerts(org.id, MORNING) == 2
    assert send_alerts(org.id, MORNING) == 0
    session().delete(mails("a@example.com")[0])
    session().commit()
    assert send_alerts(org.id, MORNING) == 1


@on_sqlite
def test_many_alerts_cost_few_statements(
    org: Organisation, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribe, "MOST_UNCONFIRMED_OF_ONE", 100)
    costs: list[tuple[int, int]] = []
    for count in (5, 45):
        add_readers(org, count)
        make_job(title="A", department="Data")
        with statements_sent(db.engine) as statements:
            sent = send_alerts(org.id, MORNING + len(costs) * DAY)
        costs.append((sent, len([each for each in statements if "INTO mails" not in each.statement])))
    (few, cost_of_few), (many, cost_of_many) = costs
    assert (few, many) == (5, 50)
    assert cost_of_many <= cost_of_few + 1


def add_readers(org: Organisation, count: int) -> None:
    """Let so many more addresses follow."""
    with write() as current:
        there = len(current.scalars(select(AlertReader.id)).all())
        for number in range(there, there + count):
            reader = AlertReader(organisation_id=org.id, address=f"{number}@example.com", key=str(number))
            current.add(reader)
            current.flush()
            current.add(
                Alert(
                    organisation_id=org.id,
                    reader_id=reader.id,
                    wanted={"q": "a"},
                    search_key=str(number % 3),
                    confirmed_at=NOON,
                    next_at=NOON,
                )
            )


@on_sqlite
def test_a_mail_lists_the_first_of_many_and_counts_the_rest(org: Organisation, make_job: MakeJob) -> None:
    follow(org)
    for _ in range(23):
        make_job(title="A")
    send_alerts(org.id, MORNING)
    [mail] = mails()
    assert mail.subject == "23 new jobs at Northwind Labs: A and 22 more"
    assert mail.body.splitlines().count("A") == 20
    assert "3 more new jobs fit too." in mail.body
    assert link(mail, "/alerts/stop")

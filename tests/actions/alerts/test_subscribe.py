"""An alert is on once its address confirmed it, and nothing of an address outlives its last alert."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from portal.actions.alerts import subscribe
from portal.actions.alerts.subscribe import MOST_OF_ONE, MOST_UNCONFIRMED_OF_ONE, TooManyAlerts
from portal.actions.sync.tidy_up import tidy_up
from portal.db import db, end_read, session, write
from portal.domain.alerts.schedule import Cadence
from portal.models import Alert, AlertReader, Organisation, PublishedJob
from portal.store.mails import delete_mails_of_connection, due_mails
from portal.store.people import lock_organisation
from portal.store.public.alerts import note_published
from tests.support.alerts import LEA, NOON, NOTHING, ask, at_once, every_id, follow, link, mails, stored_rows
from tests.support.app import Cast, MakeJob
from tests.support.databases import on_sqlite
from tests.support.processes import wait_until

pytestmark = pytest.mark.usefixtures("in_app")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def confirm(token: str, now: object = NOON) -> AlertReader | None:
    return subscribe.confirm(token, every_id(), now)  # type: ignore[arg-type]


def alerts() -> list[Alert]:
    end_read()
    return list(session().scalars(select(Alert).order_by(Alert.id).execution_options(populate_existing=True)))


@on_sqlite
def test_an_alert_waits_until_the_link_that_was_mailed_is_used(org: Organisation) -> None:
    ask(org, department=["Data"])
    [alert] = alerts()
    assert (alert.confirmed_at, alert.next_at) == (None, None)
    [mail] = mails()
    assert mail.organisation_id == org.id
    assert (mail.user_id, mail.unsubscribe_url) == (None, None)
    token = link(mail, "/alerts/confirm")
    assert confirm(token) is not None
    [alert] = alerts()
    assert alert.confirmed_at == NOON
    assert alert.next_at is not None
    assert alert.next_at - NOON == timedelta(hours=20)


@on_sqlite
def test_what_the_database_holds_makes_no_link(org: Organisation) -> None:
    ask(org)
    token = link(mails()[0], "/alerts/confirm")
    reader = session().scalars(select(AlertReader)).one()
    assert token not in (reader.key, reader.confirm_hash)
    assert confirm(str(reader.confirm_hash)) is None
    assert confirm(reader.key) is None


@on_sqlite
def test_a_link_confirms_once_and_for_three_days(org: Organisation) -> None:
    ask(org)
    token = link(mails()[0], "/alerts/confirm")
    assert confirm(token, NOON + 3 * DAY + MINUTE) is None
    assert confirm(token) is not None
    assert confirm(token, NOON + MINUTE) is not None  # a double click is answered
    assert confirm(token, NOON + HOUR) is None
    ask(org, q="later")
    assert confirm(token, NOON + MINUTE) is None
    assert [alert.confirmed_at is not None for alert in alerts()] == [True, False]
    assert confirm("made up") is None


def test_an_address_gets_one_question_an_hour_whose_link_confirms_all(org: Organisation) -> None:
    ask(org, q="first")
    ask(org, q="second", now=NOON + 59 * MINUTE)
    ask(org, q="second", now=NOON + 59 * MINUTE, cadence=Cadence.WEEKLY)
    [mail] = mails()
    reader = subscribe.reader_to_confirm(link(mail, "/alerts/confirm"), NOON + HOUR)
    assert reader is not None
    second = alerts()[1]
    assert subscribe.confirm(link(mail, "/alerts/confirm"), [second.id], NOON + HOUR) is not None
    [left] = alerts()  # what was not ticked is gone
    assert (left.wanted, left.cadence) == ({"q": "second"}, "weekly")


def test_an_address_that_is_entered_twice_at_once_is_stored_once(app: Flask, org: Organisation) -> None:
    at_once(app, [lambda: ask(org, q="first"), lambda: ask(org, q="second"), lambda: ask(org, q="first")])
    assert len(alerts()) == 2
    assert len(mails()) == 1
    assert stored_rows()["alert_readers"] == 1


@on_sqlite
def test_a_newer_question_takes_the_place_of_one_that_waits(org: Organisation) -> None:
    ask(org)
    old = link(mails()[0], "/alerts/confirm")
    ask(org, now=NOON + 2 * HOUR)
    [mail] = mails()
    assert confirm(old, NOON + 2 * HOUR) is None
    assert confirm(link(mail, "/alerts/confirm"), NOON + 2 * HOUR) is not None


@on_sqlite
def test_other_organisations_questions_to_an_address_wait_for_their_hour(cast: Cast) -> None:
    for organisation in (cast.northwind, cast.cafe):
        ask(organisation)
    first, second = mails()
    assert first.not_before == NOON
    assert second.not_before == second.created_at == NOON + HOUR
    assert [due.id for due in due_mails(NOON, 9 * HOUR, 9)] == [first.id]
    assert confirm(link(second, "/alerts/confirm"), NOON + HOUR + 3 * DAY) is not None


@on_sqlite
def test_who_confirmed_may_ask_for_more_at_once(org: Organisation) -> None:
    follow(org)
    ask(org, q="more", now=NOON + MINUTE)
    assert len(mails()) == 1


@on_sqlite
def test_asking_again_for_what_one_gets_is_answered_by_mail_alone(org: Organisation) -> None:
    reader = follow(org, department=["Data"])
    ask(org, department=["DATA"])
    ask(org, department=["data"])
    assert len(alerts()) == 1
    [mail] = mails()
    assert "already get" in mail.body
    assert subscribe.manage_url(reader) in mail.body


@on_sqlite
def test_there_is_an_end_to_what_one_address_may_ask_for(org: Organisation) -> None:
    for number in range(MOST_UNCONFIRMED_OF_ONE + 1):
        ask(org, q=str(number))
    assert len(alerts()) == MOST_UNCONFIRMED_OF_ONE
    confirm(link(mails()[0], "/alerts/confirm"))
    for number in range(MOST_UNCONFIRMED_OF_ONE, MOST_OF_ONE):
        ask(org, q=str(number))
    confirm(link(mails()[-1], "/alerts/confirm"))
    ask(org, q="one too many")
    assert len(alerts()) == MOST_OF_ONE
    assert f"there may be: {MOST_OF_ONE}" in mails()[-1].body


@on_sqlite
def test_an_address_that_may_ask_for_no_more_is_not_stored_elsewhere(cast: Cast) -> None:
    for number in range(MOST_UNCONFIRMED_OF_ONE):
        ask(cast.northwind, q=str(number))
    stored = stored_rows()
    ask(cast.cafe)
    assert stored_rows() == stored


def test_an_address_without_an_alert_leaves(org: Organisation) -> None:
    follow(org, "other@example.com")
    with write() as current:
        current.add(AlertReader(organisation_id=org.id, address=LEA, key="k"))
    tidy_up(NOON)
    assert stored_rows() == NOTHING | {"alert_readers": 1, "alerts": 1}


@on_sqlite
def test_there_is_an_end_to_what_one_organisation_stores(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscribe, "MOST_UNCONFIRMED", 2)
    for name in ("a", "b"):
        ask(cast.northwind, f"{name}@example.com")
    with pytest.raises(TooManyAlerts):
        ask(cast.northwind, "c@example.com")
    assert stored_rows()["alert_readers"] == 2
    ask(cast.cafe, "c@example.com")


@on_sqlite
def test_a_mail_to_a_stranger_repeats_nothing_that_somebody_made_up(
    org: Organisation, make_job: MakeJob
) -> None:
    make_job(department="Data")
    ask(org, q="WIN at evil.example", department=["data", "see evil.example"], source="evil.example")
    [mail] = mails()
    assert "Department: Data; the words you searched for" in mail.body
    assert "evil" not in f"{mail.subject} {mail.body} {mail.html}"


@on_sqlite
def test_with_the_last_alert_goes_all_that_is_stored_of_an_address(org: Organisation) -> None:
    reader_id = follow(org).id
    ask(org, q="another")
    confirm(link(mails()[0], "/alerts/confirm"))
    ask(org, q="never confirmed")
    first, second, third = (alert.id for alert in alerts())
    assert not subscribe.stop(reader_id, [first])
    assert not subscribe.stop(reader_id, [first, 2**62])
    assert not subscribe.stop(reader_id, [second])
    assert subscribe.stop(reader_id, [third])
    assert stored_rows() == NOTHING
    assert subscribe.stop(reader_id)  # a second click


@on_sqlite
def test_nobody_stops_what_is_anothers(org: Organisation) -> None:
    reader, other = follow(org), follow(org, "other@example.com")
    theirs = next(alert for alert in alerts() if alert.reader_id == other.id)
    assert not subscribe.stop(reader.id, [theirs.id])
    assert not subscribe.change_cadence(reader.id, theirs.id, Cadence.WEEKLY, NOON)
    assert len(alerts()) == 2
    assert subscribe.stop(reader.id)
    assert [alert.id for alert in alerts()] == [theirs.id]


@on_sqlite
def test_how_often_it_comes_can_be_changed(org: Organisation) -> None:
    reader = follow(org)
    [alert] = alerts()
    assert subscribe.change_cadence(reader.id, alert.id, Cadence.WEEKLY, NOON)
    [alert] = alerts()
    assert (alert.cadence, alert.next_at) == ("weekly", NOON + timedelta(days=4, hours=20))


@on_sqlite
def test_what_nobody_confirms_is_deleted_after_some_days(org: Organisation, make_job: MakeJob) -> None:
    make_job()
    follow(org, "other@example.com")
    ask(org)
    tidy_up(NOON + 3 * DAY)
    assert stored_rows()["alert_readers"] == 2
    tidy_up(NOON + 4 * DAY + HOUR)
    assert mails() == []
    assert stored_rows() == NOTHING | {"alert_readers": 1, "alerts": 1}
    assert count_published() == 1
    subscribe.stop(session().scalars(select(AlertReader.id)).one())
    tidy_up(NOON + 4 * DAY)
    assert count_published() == 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # on SQLite only one writes
def test_what_was_published_stays_known_where_the_first_alert_is_asked_for_meanwhile(
    app: Flask, org: Organisation, make_job: MakeJob
) -> None:
    make_job()
    subscribe.stop(follow(org).id)

    def tidy() -> None:
        with app.app_context():
            tidy_up(NOON)
            db.session.remove()

    with ThreadPoolExecutor(1) as thread:
        with write() as current:
            lock_organisation(org.id)
            reader = AlertReader(organisation_id=org.id, address=LEA, key="k")
            told = note_published(org.id, NOON.date())
            asked = Alert(organisation_id=org.id, reader=reader, wanted={}, search_key="k", told=told)
            current.add(asked)
            current.flush()
            tidying = thread.submit(tidy)
            wait_until(lambda: tidying.done() or waits_for_a_lock(), "the tidying to end, or to wait")
        tidying.result()
    assert count_published() == 1


def waits_for_a_lock() -> bool:
    here = "datname = current_database() AND wait_event_type = 'Lock'"
    with db.engine.connect() as another:
        return another.execute(text(f"SELECT count(*) FROM pg_stat_activity WHERE {here}")).scalar_one() > 0


@on_sqlite
def test_what_was_published_is_forgotten_of_each_organisation_that_nobody_follows(
    cast: Cast, make_job: MakeJob
) -> None:
    for org in (cast.northwind, cast.cafe):
        make_job(organisation_id=org.id)
        subscribe.stop(follow(org).id)
    assert count_published() == 2
    tidy_up(NOON)
    assert count_published() == 0


def count_published() -> int:
    end_read()
    return session().scalar(select(func.count()).select_from(PublishedJob)) or 0


@on_sqlite
def test_disconnecting_a_board_takes_no_mail_from_those_who_follow_jobs(org: Organisation) -> None:
    ask(org)
    delete_mails_of_connection(org.id)
    session().commit()
    assert len(mails()) == 1
    assert mails("somebody@example.com") == []
    assert mails()[0].reader == LEA

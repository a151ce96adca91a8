"""Deliveries: at least once, signed, tried again for a day, and never twice at a time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest
from flask import Flask

from portal.actions.outgoing import deliver as delivering
from portal.actions.outgoing import endpoints
from portal.actions.outgoing.endpoints import InvalidField, Wanted
from portal.actions.sync.tidy_up import tidy_up
from portal.config import current_settings
from portal.db import db, session, write
from portal.domain.outgoing.deliveries import LONGEST_REST, MOST_ATTEMPTS
from portal.domain.outgoing.events import Format
from portal.models import Mail, WebhookDelivery
from portal.models.base import utc_now
from portal.store.outgoing.deliveries import add_deliveries
from portal.worker.outgoing import Deliveries
from tests.support.app import Cast, MakeJob
from tests.support.databases import on_sqlite
from tests.support.fault_server import Exchange, Fault, FaultServer
from tests.support.faults import status
from tests.support.receivers import PATIENCE, add, age, deliver, endpoint, make_due, messages, tell, verified
from tests.support.syncs import mails

TAKEN = status(204, body=b"")


@on_sqlite
def test_what_does_not_arrive_is_tried_again_with_the_same_id_and_body(
    hook: tuple[int, str], receiver: FaultServer, make_job: MakeJob
) -> None:
    make_job()
    tell()
    receiver.answer(status(500), Exchange.reset, TAKEN)
    for _ in range(3):
        assert deliver() == 1
        assert deliver() == 0  # it waits
        make_due()
    assert len({(each.headers["webhook-id"], each.body) for each in receiver.requests}) == 1
    [message] = messages()
    assert (message.status, message.attempt, message.error) == ("delivered", 3, None)


def test_what_was_due_as_its_receiver_was_paused_waits(
    cast: Cast, hook: tuple[int, str], make_job: MakeJob
) -> None:
    make_job()
    tell()
    [message] = delivering.due(utc_now(), (), 10)
    endpoints.pause(cast.northwind.id, hook[0])
    assert delivering.claim(message) is None
    endpoints.resume(cast.northwind.id, hook[0])
    assert delivering.claim(message) is not None


@on_sqlite
@pytest.mark.parametrize("fault", [status(500), status(404), status(302)])
def test_after_a_day_a_message_is_given_up_and_the_admins_get_one_mail(
    hook: tuple[int, str], receiver: FaultServer, make_job: MakeJob, fault: Fault
) -> None:
    make_job(title="First")
    make_job(title="Second")
    tell()
    receiver.answer(fault)
    for _ in range(MOST_ATTEMPTS):
        deliver()
        make_due()
    assert [each.status for each in messages()] == ["failed", "failed"]
    assert mails() == [("mara@example.com", "A webhook of Northwind Labs fails")]
    assert endpoint(hook[0]).failing_since is not None
    body = session().query(Mail).one().body
    assert f"/orgs/northwind/webhooks/{hook[0]}" in body
    receiver.answer(TAKEN)
    make_job(title="Third")
    tell()
    deliver()
    assert endpoint(hook[0]).failing_since is None


@on_sqlite
def test_what_waited_for_a_day_for_a_receiver_that_is_away_is_given_up_with_the_first(
    hook: tuple[int, str], receiver: FaultServer, make_job: MakeJob
) -> None:
    for _ in range(4):
        make_job()
    tell()
    receiver.answer(Exchange.reset)
    assert deliver() == 1  # the others wait with it
    age(hours=27)
    make_due()
    assert deliver() == 1
    assert {each.status for each in messages()} == {"failed"}
    assert len(mails()) == 1


@on_sqlite
def test_a_receiver_that_is_away_is_asked_ever_more_rarely(
    hook: tuple[int, str], receiver: FaultServer, make_job: MakeJob
) -> None:
    make_job()
    tell()
    receiver.answer(Exchange.reset)
    rests = []
    for _ in range(7):
        deliver()
        until = endpoint(hook[0]).rests_until
        assert until is not None
        rests.append(until - utc_now())
        make_due()
    assert rests[0] < rests[1] < rests[2] < rests[3]
    assert max(rests) <= LONGEST_REST


def test_410_switches_a_receiver_off(
    cast: Cast, hook: tuple[int, str], receiver: FaultServer, make_job: MakeJob
) -> None:
    make_job()
    make_job()
    tell()
    receiver.answer(status(410))
    deliver()
    assert endpoint(hook[0]).off_reason == "gone"
    assert [each.status for each in messages()] == ["failed", "failed"]
    assert mails() == [("mara@example.com", "A webhook of Northwind Labs is switched off")]
    make_job()
    assert tell() == 0
    assert len(receiver.requests) == 1
    endpoints.resume(cast.northwind.id, hook[0])
    receiver.answer(TAKEN)
    make_job()
    tell()
    assert deliver() == 1


@on_sqlite
def test_a_receiver_may_ask_for_a_longer_pause(
    hook: tuple[int, str], receiver: FaultServer, make_job: MakeJob
) -> None:
    make_job()
    tell()
    receiver.answer(status(429, retry_after="3000"))
    deliver()
    [message] = messages()
    assert message.not_before is not None
    assert (message.not_before - utc_now()).total_seconds() > 2000


def test_a_message_that_a_killed_process_was_sending_is_sent_again(
    app: Flask, hook: tuple[int, str], receiver: FaultServer, make_job: MakeJob
) -> None:
    make_job()
    tell()
    [due] = delivering.due(utc_now(), [], 10)
    killed = delivering.claim(due)
    assert killed is not None
    delivering.send(killed)  # it arrives, and nobody notes it
    assert deliver() == 0  # the lease
    make_due()
    assert deliver() == 1
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    delivering.note(killed.endpoint_id, killed.id, killed.generation, delivering.Outcome(500, 1, "late"))
    assert messages()[0].status == "delivered"  # the late word of whoever was taken for killed


def test_several_processes_send_each_message_once(
    app: Flask, hook: tuple[int, str], receiver: FaultServer, make_job: MakeJob
) -> None:
    for _ in range(6):
        make_job()
    tell()

    def work() -> None:
        with app.app_context():
            deliver()
            db.session.remove()

    with ThreadPoolExecutor(3) as pool:
        for each in [pool.submit(work) for _ in range(3)]:
            each.result()
    ids = [each.headers["webhook-id"] for each in receiver.requests]
    assert len(ids) == len(set(ids)) == 6


@on_sqlite
def test_a_receiver_that_does_not_answer_holds_up_nobody_else(
    cast: Cast, hook: tuple[int, str], receiver: FaultServer, make_job: MakeJob
) -> None:
    go_on = Event()
    with FaultServer() as slow:

        def wait(to: Exchange) -> None:
            go_on.wait(PATIENCE)
            to.head("204 No Content")

        slow.answer(wait)
        add(cast.northwind, cast.mara, slow.url)
        for _ in range(3):
            make_job()
        tell()
        sending = Deliveries(seconds=PATIENCE)
        while len(receiver.requests) < 3 or not slow.requests:
            sending.begin()
            sending.note(0.1)
        assert len(slow.requests) == 1  # one at a time
        go_on.set()
        sending.end(PATIENCE)


@on_sqlite
def test_a_test_is_sent_once_and_says_nothing_of_failing(
    cast: Cast, hook: tuple[int, str], receiver: FaultServer
) -> None:
    receiver.answer(status(500))
    assert endpoints.send_test(cast.northwind, hook[0])
    deliver()
    assert messages()[0].status == "failed"
    assert endpoint(hook[0]).failing_since is None
    assert verified(receiver.requests[0], hook[1])["type"] == "webhook.test"
    assert mails() == []


@on_sqlite
def test_a_message_can_be_sent_again_once_a_click(
    cast: Cast, hook: tuple[int, str], receiver: FaultServer, make_job: MakeJob
) -> None:
    make_job()
    tell()
    deliver()
    [message] = messages()
    again = (cast.northwind.id, hook[0], message.id, message.generation)
    assert endpoints.send_again(*again) is True
    assert endpoints.send_again(*again) is False
    assert endpoints.send_again(cast.cafe.id, *again[1:]) is None
    assert deliver() == 1
    first, second = receiver.requests
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)


@on_sqlite
def test_without_the_operators_word_nothing_goes_to_a_private_address(
    app: Flask, hook: tuple[int, str], receiver: FaultServer, make_job: MakeJob, cast: Cast
) -> None:
    make_job()
    tell()
    app.extensions["settings"] = replace(current_settings(), webhooks_to_private_addresses=False)
    with pytest.raises(InvalidField):
        endpoints.add_endpoint(cast.northwind, Format.WEBHOOK, Wanted("", receiver.url, ["job.opened"]), 1)
    deliver()
    assert receiver.connections == 0
    assert "internet" in (messages()[0].error or "")


@on_sqlite
def test_the_log_keeps_the_last_messages_for_a_month(hook: tuple[int, str]) -> None:
    rows = [
        endpoints.message_to(hook[0], endpoints.EventType.TEST, "Test", "{}", utc_now()) for _ in range(230)
    ]
    with write() as current:
        add_deliveries(rows)
        current.query(WebhookDelivery).update({"not_before": None})
    tidy_up(utc_now())
    assert len(messages()) == 200
    assert messages()[-1].id == 230

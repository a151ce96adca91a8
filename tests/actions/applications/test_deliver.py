"""Each application is delivered once or listed, through refusals, timeouts and kills."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.actions.applications import deliver as delivering
from portal.actions.applications.decide import applicant_of, mark_delivered, send_again
from portal.actions.applications.deliver import deliver, enqueue_applications_waiting, sweep_applications
from portal.actions.applications.receive import hold_files
from portal.actions.sync.connection import disconnect, rename_board
from portal.actions.sync.credentials import seal
from portal.db import end_read, session, write
from portal.domain.applications.files import read_file
from portal.domain.applications.states import MOST_ATTEMPTS, ApplicationStatus
from portal.domain.sync.board_tokens import BoardToken
from portal.models import Connection, Job, Mail
from portal.models.base import utc_now
from portal.store.applications import files
from tests.support.app import Cast
from tests.support.application_files import PDF
from tests.support.databases import on_sqlite
from tests.support.delivering import (
    TAKEN,
    contents,
    form_of,
    let_lapse,
    make_due,
    move_to_post,
    now_of,
    posted,
)
from tests.support.fault_server import Fault, FaultServer
from tests.support.faults import board, html, plain, post, reset_at, silence, status
from tests.support.syncs import connection_now, mails


def test_a_delivered_application_leaves_nothing_but_the_trace_of_its_form(
    apply: Callable[..., int], greenhouse: FaultServer
) -> None:
    application_id = apply()
    stored = now_of(application_id)
    assert b"Ada" not in (stored.answers or b"") + (stored.applicant or b"")
    deliver(application_id, 0)
    deliver(application_id, 0)  # RQ may carry out a task twice
    delivered = now_of(application_id)
    assert delivered.status == ApplicationStatus.DELIVERED
    assert (delivered.answers, delivered.applicant, contents()) == (None, None, 0)
    (request,) = greenhouse.requests
    assert request.body.count(b'name="question_1[]"') == 2
    assert PDF in request.body


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("fault", "ends", "said"),
    [
        (status(404), ApplicationStatus.FAILED, "closed"),
        (status(422, body=b'{"error":"phone of Ada is odd"}'), ApplicationStatus.FAILED, "refused"),
        (status(500), ApplicationStatus.UNCERTAIN, "500"),
        (html, ApplicationStatus.UNCERTAIN, "200"),
        (silence, ApplicationStatus.UNCERTAIN, "in time"),
        (reset_at(-1, b""), ApplicationStatus.UNCERTAIN, "broke the connection"),
    ],
)
def test_what_is_not_taken_for_certain_is_listed_and_sent_once(
    apply: Callable[..., int], greenhouse: FaultServer, fault: Fault, ends: ApplicationStatus, said: str
) -> None:
    greenhouse.answer(fault)
    application_id = apply()
    deliver(application_id, 0)
    listed = now_of(application_id)
    assert listed.status == ends
    assert said in (listed.reason or "")
    assert "Ada" not in (listed.reason or "")
    for _ in range(2):  # whatever time brings about
        enqueue_applications_waiting(utc_now() + timedelta(days=1))
        deliver(application_id, listed.generation)
    assert posted(greenhouse) == 1
    assert contents() == 2


@on_sqlite
def test_greenhouses_words_stand_encrypted_beside_who_applied(
    apply: Callable[..., int], greenhouse: FaultServer
) -> None:
    greenhouse.answer(status(422, body=b'{"error":"phone of Ada is odd"}'))
    application_id = apply()
    deliver(application_id, 0)
    who = applicant_of(now_of(application_id))
    assert (who.name, who.email, who.said) == ("Ada", "ada@example.com", "phone of Ada is odd")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_not_sent_is_tried_again_after_a_pause_and_listed_in_the_end(
    apply: Callable[..., int], greenhouse: FaultServer
) -> None:
    greenhouse.answer(status(429, retry_after="90"))
    application_id = apply()
    for attempt in range(MOST_ATTEMPTS):
        waiting = now_of(application_id)
        assert waiting.status == ApplicationStatus.QUEUED
        assert (waiting.not_before is None) == (attempt == 0)
        make_due(application_id)
        deliver(application_id, waiting.generation)
    listed = now_of(application_id)
    assert listed.status == ApplicationStatus.FAILED
    assert "Nothing was sent" in (listed.reason or "")
    assert posted(greenhouse) == MOST_ATTEMPTS


@on_sqlite
def test_greenhouse_that_is_out_of_reach_gets_it_once_it_is_back(
    apply: Callable[..., int], greenhouse: FaultServer
) -> None:
    application_id = apply()
    with greenhouse.refusing():
        deliver(application_id, 0)
    waiting = now_of(application_id)
    assert waiting.status == ApplicationStatus.QUEUED
    make_due(application_id)
    assert enqueue_applications_waiting(utc_now()) == 1
    deliver(application_id, waiting.generation)
    assert now_of(application_id).status == ApplicationStatus.DELIVERED
    assert posted(greenhouse) == 1


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("phase", ["before the claim", "after the claim", "after the answer"])
def test_a_worker_that_is_killed_leaves_it_queued_or_listed_and_never_doubled(
    apply: Callable[..., int], greenhouse: FaultServer, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    name = {"before the claim": "_claim", "after the claim": "_send", "after the answer": "_finish"}[phase]

    def end(*_: object, **__: object) -> None:
        raise Killed

    application_id = apply()
    with monkeypatch.context() as patch:
        patch.setattr(delivering, name, end)
        with pytest.raises(Killed):
            deliver(application_id, 0)
    end_read()
    assert sweep_applications(utc_now()) == 0
    if phase == "before the claim":
        assert enqueue_applications_waiting(utc_now() + timedelta(hours=1)) == 1
        deliver(application_id, 0)
        assert now_of(application_id).status == ApplicationStatus.DELIVERED
        assert posted(greenhouse) == 1
        return
    let_lapse(application_id)
    assert sweep_applications(utc_now()) == 1
    listed = now_of(application_id)
    assert listed.status == ApplicationStatus.UNCERTAIN
    assert posted(greenhouse) == (phase == "after the answer")
    assert len(mails()) == 1


@on_sqlite
@pytest.mark.parametrize("decided", [False, True])
def test_a_worker_that_was_thought_dead_still_brings_its_answer_unless_it_is_sent_anew(
    apply: Callable[..., int],
    greenhouse: FaultServer,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    decided: bool,
) -> None:
    finish = delivering._finish
    application_id = apply()

    def late(*arguments: object) -> None:
        let_lapse(application_id)
        assert sweep_applications(utc_now()) == 1
        if decided:
            assert send_again(cast.northwind.id, application_id, 1, cast.mara.id)
        finish(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(delivering, "_finish", late)
        deliver(application_id, 0)
    deliver(application_id, now_of(application_id).generation)
    assert now_of(application_id).status == ApplicationStatus.DELIVERED
    assert posted(greenhouse) == 1


def test_of_two_decisions_about_one_application_the_first_counts(
    apply: Callable[..., int], greenhouse: FaultServer, cast: Cast
) -> None:
    greenhouse.answer(status(500), TAKEN)
    application_id = apply()
    deliver(application_id, 0)
    assert not send_again(cast.cafe.id, application_id, 1, cast.otto.id)
    assert not mark_delivered(cast.northwind.id, application_id, 0, cast.mara.id)
    assert mark_delivered(cast.northwind.id, application_id, 1, cast.mara.id)
    assert not send_again(cast.northwind.id, application_id, 1, cast.mara.id)
    assert contents() == 0
    deliver(application_id, 1)
    assert posted(greenhouse) == 1


def test_of_a_form_that_is_sent_twice_at_once_each_file_is_sent_once(
    apply: Callable[..., int], greenhouse: FaultServer, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "drop_files", lambda *_: None)  # neither saw what the other kept
    hold_files(cast.northwind.id, "form", [read_file("resume", "cv.pdf", PDF)], ())
    deliver(apply("form"), 0)
    (request,) = greenhouse.requests
    assert request.body.count(b"%PDF-") == 1


@on_sqlite
def test_without_its_board_it_is_listed_and_not_sent(
    apply: Callable[..., int], greenhouse: FaultServer, cast: Cast
) -> None:
    application_id = apply()
    disconnect(cast.northwind.id, keep_jobs=True)
    deliver(application_id, 0)
    listed = now_of(application_id)
    assert (listed.status, listed.reason) == (ApplicationStatus.FAILED, delivering.DISCONNECTED)
    assert len(mails()) == 1
    assert posted(greenhouse) == 0


@pytest.mark.parametrize("happens", ["disconnected", "replaced"])
def test_a_key_that_is_given_up_while_it_is_prepared_sends_nothing(
    apply: Callable[..., int],
    greenhouse: FaultServer,
    connection: Connection,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    happens: str,
) -> None:
    claim = delivering._claim
    application_id = apply()

    def late(*arguments: object) -> object:
        if happens == "disconnected":
            disconnect(cast.northwind.id, keep_jobs=True)
        else:
            with write() as current:
                held = current.get_one(Connection, connection.id)
                held.api_key_ciphertext = seal(held.public_key, "another-key-of-thirty-characters")
        return claim(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(delivering, "_claim", late)
        deliver(application_id, 0)
    assert now_of(application_id).status == ApplicationStatus.QUEUED
    assert posted(greenhouse) == 0
    assert enqueue_applications_waiting(utc_now() + timedelta(hours=1)) == 1
    deliver(application_id, 0)
    ends = {"disconnected": ApplicationStatus.FAILED, "replaced": ApplicationStatus.DELIVERED}
    assert now_of(application_id).status == ends[happens]


@on_sqlite
def test_after_its_board_was_renamed_it_is_sent_to_the_board_by_its_new_name(
    apply: Callable[..., int], greenhouse: FaultServer, connection: Connection, cast: Cast
) -> None:
    application_id = apply()
    listing = plain(board(post(7)))
    greenhouse.answer(plain(b'{"name": "Northwind"}'), listing, TAKEN)
    rename_board(connection_now(connection), BoardToken("renamed"), cast.mara.id)
    deliver(application_id, 0)
    assert now_of(application_id).status == ApplicationStatus.DELIVERED
    assert greenhouse.requests[-1].path == "/renamed/jobs/7"


@on_sqlite
@pytest.mark.parametrize("paired", [False, True])
def test_an_application_goes_to_the_post_that_its_job_has_by_now(
    apply: Callable[..., int], greenhouse: FaultServer, job: Job, paired: bool
) -> None:
    greenhouse.answer(plain(form_of(77, "question_1[]")), TAKEN)
    application_id = apply()
    move_to_post(job, 77, paired=paired)
    deliver(application_id, 0)
    assert now_of(application_id).status == ApplicationStatus.DELIVERED
    assert [request.method for request in greenhouse.requests] == ["GET", "POST"]
    assert greenhouse.requests[-1].path.endswith("/jobs/77")


@on_sqlite
@pytest.mark.parametrize(
    ("fault", "ends", "said"),
    [
        (plain(form_of(77, "question_2[]")), ApplicationStatus.FAILED, delivering.OTHER_QUESTIONS),
        (status(404), ApplicationStatus.FAILED, delivering.CLOSED),
        (reset_at(-1, b""), ApplicationStatus.QUEUED, "broke the connection"),
    ],
)
def test_nothing_is_sent_to_a_new_post_whose_form_is_unknown_or_drops_an_answer(
    apply: Callable[..., int],
    greenhouse: FaultServer,
    job: Job,
    fault: Fault,
    ends: ApplicationStatus,
    said: str,
) -> None:
    greenhouse.answer(fault)
    application_id = apply()
    move_to_post(job, 77)
    deliver(application_id, 0)
    stands = now_of(application_id)
    assert stands.status == ends
    assert said in (stands.reason or "")
    assert [request.method for request in greenhouse.requests] == ["GET"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_its_admins_are_told_at_most_once_a_day_and_not_who_applied(
    apply: Callable[..., int], greenhouse: FaultServer
) -> None:
    greenhouse.answer(status(500))
    for form in ("one", "two"):
        deliver(apply(form), 0)
    end_read()
    (mail,) = session().scalars(select(Mail)).all()
    assert "could not be delivered" in mail.subject
    assert "Ada" not in mail.body + (mail.html or "")
    assert "/orgs/northwind/applications" in mail.body


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_tick_hands_over_what_could_not_be_enqueued(
    app: Flask, apply: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(delivering, "enqueue_applications", lambda _: False)
        application_id = apply()
    assert now_of(application_id).enqueued_at is None
    assert enqueue_applications_waiting(utc_now()) == 1
    assert enqueue_applications_waiting(utc_now()) == 0

"""Each application is delivered once or listed, through refusals, timeouts and kills."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import undefer

from portal.actions.applications import deliver as delivering
from portal.actions.applications.decide import applicant_of, mark_delivered, send_again
from portal.actions.applications.deliver import deliver, enqueue_applications_waiting, sweep_applications
from portal.actions.applications.receive import Sender, held_files, hold_files, receive
from portal.actions.applications.sealing import UnreadableApplication, Use, rotate_applications, unseal
from portal.actions.applications.switch import switch_apply_here
from portal.actions.sync.connection import check_key, disconnect
from portal.actions.sync.credentials import seal
from portal.actions.sync.tidy_up import tidy_up
from portal.config import Settings
from portal.db import end_read, session, write
from portal.domain.applications.files import read_file
from portal.domain.applications.states import KEPT, MOST_ATTEMPTS, TRACE, ApplicationStatus
from portal.models import Application, ApplicationFile, Connection, Job, Mail
from portal.models.base import utc_now
from portal.queues import APPLICATIONS_QUEUE, queue_named, redis
from portal.store.applications import files, steps
from tests.support.app import Cast
from tests.support.application_files import PDF
from tests.support.fault_server import Fault, FaultServer
from tests.support.faults import html, plain, reset_at, silence, status
from tests.support.staff import revision_of
from tests.support.syncs import connection_now, mails

TAKEN = plain(b'{"success":"Candidate saved successfully"}')
KEY = "a-key-of-some-thirty-characters"
PARTS = [("first_name", "Ada"), ("email", "ada@example.com"), ("question_1[]", "1"), ("question_1[]", "2")]


@pytest.fixture
def greenhouse() -> Iterator[FaultServer]:
    """A Greenhouse that does as it is told."""
    with FaultServer() as server:
        server.answer(TAKEN)
        yield server


@pytest.fixture
def settings(settings: Settings, greenhouse: FaultServer) -> Settings:
    """Settings that know it, and do not wait for it long."""
    return replace(settings, greenhouse_api_url=greenhouse.url, greenhouse_timeout_seconds=1)


@pytest.fixture
def job(connection: Connection, cast: Cast) -> Job:
    """An imported job, for which people apply here."""
    job = Job(
        organisation_id=cast.northwind.id,
        source="greenhouse",
        board_token=connection.board_token,
        external_id=7,
        title="Welder",
    )
    with write() as current:
        held = current.get_one(Connection, connection.id)
        held.api_key_ciphertext, held.apply_here = seal(held.public_key, KEY), True
        current.add(job)
    return job


@pytest.fixture
def apply(connection: Connection, job: Job) -> Callable[..., int]:
    """Have somebody apply, with a file; the application's id."""

    def send(form: str = "form") -> int:
        hold_files(job.organisation_id, form, [read_file("resume", "cv.pdf", PDF)], ())
        application = receive(
            connection, job, form, PARTS, held_files(form), Sender("Ada", "ada@example.com")
        )
        end_read()
        return application.id

    return send


def now_of(application_id: int) -> Application:
    end_read()
    query = select(Application).where(Application.id == application_id).options(undefer(Application.answers))
    found = session().scalar(query.execution_options(populate_existing=True))
    assert found is not None
    session().expunge(found)
    end_read()
    return found


def contents() -> int:
    """How many answers and files are stored."""
    end_read()
    files = session().scalar(select(func.count(ApplicationFile.id))) or 0
    answers = session().scalar(select(func.count(Application.answers))) or 0
    end_read()
    return files + answers


def posted(greenhouse: FaultServer) -> int:
    return len([request for request in greenhouse.requests if request.path.endswith("/jobs/7")])


def make_due(application_id: int) -> None:
    with write() as current:
        current.execute(update(Application).where(Application.id == application_id).values(not_before=None))


def let_lapse(application_id: int) -> None:
    past = utc_now() - timedelta(seconds=1)
    with write() as current:
        current.execute(update(Application).where(Application.id == application_id).values(lease_until=past))


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


def test_a_rejected_key_ends_applying_here_and_tells_the_admins_once(
    apply: Callable[..., int], greenhouse: FaultServer, connection: Connection, cast: Cast
) -> None:
    greenhouse.answer(status(401, body=b"HTTP Basic: Access denied."), TAKEN)
    first, second = apply("one"), apply("two")
    deliver(first, 0)
    deliver(second, 0)
    held = connection_now(connection)
    assert (held.apply_here, held.key_rejected_at is None) == (False, False)
    assert [now_of(each).status for each in (first, second)] == [ApplicationStatus.FAILED] * 2
    assert posted(greenhouse) == 1, "an application never tests a key"
    assert [to for to, _ in mails()] == ["mara@example.com"]
    assert "rejects the API key" in mails()[0][1]
    with write() as current:
        current.get_one(Connection, connection.id).key_rejected_at = None
    assert send_again(cast.northwind.id, first, now_of(first).generation, cast.mara.id)
    deliver(first, now_of(first).generation)
    assert now_of(first).status == ApplicationStatus.DELIVERED


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_rejection_of_a_key_that_was_replaced_meanwhile_leaves_the_switch_on(
    apply: Callable[..., int],
    greenhouse: FaultServer,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def replace_first(*arguments: object) -> None:
        with write() as current:
            held = current.get_one(Connection, connection.id)
            held.api_key_ciphertext = seal(held.public_key, "another-key-of-thirty-characters")
        reject(*arguments)  # type: ignore[arg-type]

    reject = delivering._reject_key
    monkeypatch.setattr(delivering, "_reject_key", replace_first)
    greenhouse.answer(status(401))
    deliver(apply(), 0)
    assert connection_now(connection).apply_here


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_key_that_a_daily_question_finds_rejected_ends_it_as_well(
    apply: Callable[..., int], greenhouse: FaultServer, connection: Connection
) -> None:
    greenhouse.answer(status(401))
    assert check_key(connection_now(connection))
    assert not connection_now(connection).apply_here
    assert len(mails()) == 1


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


def test_a_form_that_is_sent_twice_is_one_application(
    apply: Callable[..., int], greenhouse: FaultServer
) -> None:
    assert apply("form") == apply("form")
    deliver(apply("form"), 0)
    assert apply("form") == apply("form")
    assert session().scalar(select(func.count(Application.id))) == 1
    assert posted(greenhouse) == 1


def test_of_a_form_that_is_sent_twice_at_once_each_file_is_sent_once(
    apply: Callable[..., int], greenhouse: FaultServer, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "drop_files", lambda *_: None)  # neither saw what the other kept
    hold_files(cast.northwind.id, "form", [read_file("resume", "cv.pdf", PDF)], ())
    deliver(apply("form"), 0)
    (request,) = greenhouse.requests
    assert request.body.count(b"%PDF-") == 1


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
def test_what_is_queued_names_ids_alone(apply: Callable[..., int]) -> None:
    application_id = apply()
    (job,) = queue_named(APPLICATIONS_QUEUE, redis()).jobs
    assert tuple(job.args) == (application_id, 0)


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


def test_what_waits_survives_a_new_key_and_is_bound_to_its_row(
    app: Flask, apply: Callable[..., int], greenhouse: FaultServer
) -> None:
    one, other = apply("one"), apply("two")
    first, second = now_of(one), now_of(other)
    with pytest.raises(UnreadableApplication):
        unseal(second.key, Use.ANSWERS, first.answers)
    with pytest.raises(UnreadableApplication):
        unseal(first.key, Use.APPLICANT, first.answers)
    before = app.extensions["settings"]
    new = Fernet.generate_key().decode()
    app.extensions["settings"] = replace(before, credential_keys=(new, *before.credential_keys))
    assert rotate_applications() == 0
    app.extensions["settings"] = replace(before, credential_keys=(new,))
    assert json.loads(unseal(first.key, Use.ANSWERS, now_of(one).answers)) == [list(part) for part in PARTS]
    assert rotate_applications() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_application_that_no_key_opens_is_listed(
    app: Flask, apply: Callable[..., int], greenhouse: FaultServer, connection: Connection
) -> None:
    application_id = apply()
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, credential_keys=(Fernet.generate_key().decode(),))
    deliver(application_id, 0)
    assert now_of(application_id).reason == delivering.KEY_UNREADABLE
    with write() as current:
        held = current.get_one(Connection, connection.id)
        held.api_key_ciphertext = seal(held.public_key, KEY)
        current.execute(update(Application).values(status=ApplicationStatus.QUEUED))
    deliver(application_id, 0)
    assert "cannot be read any more" in (now_of(application_id).reason or "")
    assert applicant_of(now_of(application_id)).name == ""
    assert rotate_applications() == 2
    assert posted(greenhouse) == 0


def test_time_deletes_what_is_over_and_files_that_were_never_sent(
    apply: Callable[..., int], greenhouse: FaultServer, cast: Cast
) -> None:
    greenhouse.answer(TAKEN, status(500))
    delivered, listed = apply("one"), apply("two")
    deliver(delivered, 0)
    deliver(listed, 0)
    hold_files(cast.northwind.id, "three", [read_file("resume", "cv.pdf", PDF)], ())
    tidy_up(utc_now() + timedelta(minutes=50))
    assert contents() == 3
    tidy_up(utc_now() + TRACE + timedelta(minutes=1))
    end_read()
    assert session().scalars(select(Application.id)).all() == [listed]
    tidy_up(utc_now() + KEPT + timedelta(minutes=1))
    assert contents() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_files_of_one_form_are_no_other_forms(apply: Callable[..., int], cast: Cast) -> None:
    hold_files(cast.northwind.id, "one", [read_file("resume", "cv.pdf", PDF)], ())
    assert held_files("two") == {}
    hold_files(cast.northwind.id, "one", [read_file("resume", "better.pdf", PDF)], ())
    assert [file.name for file in held_files("one").values()] == ["better.pdf"]
    hold_files(cast.northwind.id, "one", [], ["resume"])
    assert held_files("one") == {}


def test_an_address_that_can_be_no_applications_is_looked_for_in_no_database(
    in_app: None, cast: Cast
) -> None:
    for key in ("\0", "a\0b", "é", "x" * 44, ""):
        assert steps.application_by_key(cast.northwind.id, key) is None


def test_the_switch_raises_the_revision(connection: Connection, job: Job, cast: Cast) -> None:
    before = revision_of(cast.northwind.id)
    switch_apply_here(connection, on=False)
    switch_apply_here(connection, on=False)
    assert revision_of(cast.northwind.id) == before + 1

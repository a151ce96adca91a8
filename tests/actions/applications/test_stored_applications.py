"""What is stored of applications: encrypted, bound to its row, and deleted in time."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import func, select, update

from portal.actions.applications import deliver as delivering
from portal.actions.applications.decide import applicant_of
from portal.actions.applications.deliver import deliver
from portal.actions.applications.receive import held_files, hold_files
from portal.actions.applications.sealing import UnreadableApplication, Use, rotate_applications, unseal
from portal.actions.sync.credentials import seal
from portal.actions.sync.tidy_up import tidy_up
from portal.db import end_read, session, write
from portal.domain.applications.files import read_file
from portal.domain.applications.states import KEPT, TRACE, ApplicationStatus
from portal.models import Application, Connection
from portal.models.base import utc_now
from portal.queues import APPLICATIONS_QUEUE, queue_named, redis
from portal.store.applications import steps
from tests.support.app import Cast
from tests.support.application_files import PDF
from tests.support.databases import on_sqlite
from tests.support.delivering import KEY, PARTS, TAKEN, contents, now_of, posted
from tests.support.fault_server import FaultServer
from tests.support.faults import status


def test_a_form_that_is_sent_twice_is_one_application(
    apply: Callable[..., int], greenhouse: FaultServer
) -> None:
    assert apply("form") == apply("form")
    deliver(apply("form"), 0)
    assert apply("form") == apply("form")
    assert session().scalar(select(func.count(Application.id))) == 1
    assert posted(greenhouse) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_queued_names_ids_alone(apply: Callable[..., int]) -> None:
    application_id = apply()
    (job,) = queue_named(APPLICATIONS_QUEUE, redis()).jobs
    assert tuple(job.args) == (application_id, 0)


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


@on_sqlite
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

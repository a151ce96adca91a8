"""Workers that are killed while they deliver applications: each is there once, or listed; none is lost."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.actions.applications.decide import mark_delivered
from portal.actions.applications.receive import Sender, held_files, hold_files, receive
from portal.actions.applications.switch import switch_apply_here
from portal.config import Settings
from portal.db import end_read, session
from portal.domain.applications.files import read_file
from portal.models import Application, Connection, Job
from tests.support.app import Cast
from tests.support.application_files import PDF
from tests.support.applying import LEAST, SHORT, connect, received
from tests.support.board_server import DemoBoard
from tests.support.processes import wait_until
from tests.support.staff import LEASE, Staff


@pytest.fixture
def lease_seconds() -> int:
    """Short: whoever was killed loses it soon."""
    return LEASE


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Greenhouse is not waited for long either: a lease lasts as much longer."""
    return replace(settings, greenhouse_timeout_seconds=2)


def apply(connection: Connection, form: str) -> None:
    job = session().scalars(select(Job).where(Job.external_id == SHORT)).one()
    hold_files(job.organisation_id, form, [read_file("resume", "cv.pdf", PDF)], ())
    parts = [*LEAST.items(), ("question_1", form)]
    receive(connection, job, form, parts, held_files(form), Sender("Ada Lovelace", "ada@example.com"))


def states() -> list[str]:
    end_read()
    found = list(session().scalars(select(Application.status).order_by(Application.id)))
    end_read()
    return found


@pytest.mark.usefixtures("in_app")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_worker_killed_while_greenhouse_reads_leaves_it_uncertain_and_the_others_arrive(
    staff: Staff, cast: Cast, board: DemoBoard
) -> None:
    connection = connect(cast.northwind.id, board)
    switch_apply_here(connection, on=True)
    board.hold()
    staff.tick()
    worker = staff.worker("applications")
    apply(connection, "one")
    assert board.faults.wait_held()
    staff.kill(worker)
    for form in ("two", "three"):
        apply(connection, form)
    board.release()
    wait_until(lambda: states() == ["uncertain", "delivered", "delivered"], "the others to be delivered")
    forms = sorted(dict(each.parts)["question_1"] for each in received(board))
    assert [form for form in forms if form != "one"] == ["three", "two"]
    assert forms.count("one") <= 1, "the worker may have been killed before its whole body was there"
    first = session().scalars(select(Application).order_by(Application.id)).first()
    assert first is not None
    assert mark_delivered(cast.northwind.id, first.id, first.generation, cast.mara.id)
    assert states() == ["delivered"] * 3
    assert len(received(board)) == len(forms)

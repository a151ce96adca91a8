"""A Greenhouse that takes applications, a job that people apply for here, and somebody who applies."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from portal.actions.applications.receive import Sender, held_files, hold_files, receive
from portal.actions.sync.credentials import seal
from portal.config import Settings
from portal.db import end_read, write
from portal.domain.applications.files import read_file
from portal.models import Connection, Job
from tests.support.app import Cast
from tests.support.application_files import PDF
from tests.support.delivering import KEY, PARTS, TAKEN
from tests.support.fault_server import FaultServer


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

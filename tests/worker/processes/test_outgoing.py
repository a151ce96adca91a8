"""The process that tells receivers: it may be killed at any moment, and there may be several."""

from dataclasses import replace

import pytest

from portal.config import Settings
from tests.support.app import Cast, MakeJob
from tests.support.fault_server import Exchange, FaultServer
from tests.support.faults import status
from tests.support.processes import PATIENCE, wait_until
from tests.support.receivers import add, make_due, messages, verified
from tests.support.staff import Staff

pytestmark = pytest.mark.usefixtures("in_app")
JOBS = 12


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, webhooks_to_private_addresses=True)


def silent(to: Exchange) -> None:
    to.wait()


def test_what_a_killed_process_was_sending_arrives_by_another_with_the_same_id(
    staff: Staff, cast: Cast, make_job: MakeJob
) -> None:
    with FaultServer() as receiver:
        receiver.answer(silent, status(204, body=b""))
        _, secret = add(cast.northwind, cast.mara, receiver.url)
        killed = staff.outgoing()
        make_job(title="Welder")
        wait_until(lambda: receiver.requests, "the message to be sent")
        killed.kill()
        killed.wait()
        make_due()  # as when its lease is over
        others = [staff.outgoing(), staff.outgoing()]
        for number in range(JOBS):
            make_job(title=f"Job {number}")
        wait_until(lambda: {each.status for each in messages()} == {"delivered"}, "every message to arrive")
        wait_until(lambda: len(messages()) == 1 + JOBS, "every job to be told")
        wait_until(lambda: {each.status for each in messages()} == {"delivered"}, "every message to arrive")
        first, *rest = receiver.requests
        assert [each for each in rest if each.headers["webhook-id"] == first.headers["webhook-id"]]
        assert len(rest) == len({each.headers["webhook-id"] for each in rest}) == 1 + JOBS
        said = [verified(each, secret)["data"]["job"]["title"] for each in rest]
        assert sorted(said) == sorted(["Welder", *(f"Job {number}" for number in range(JOBS))])
        for other in others:
            other.terminate()
            assert other.wait(PATIENCE) == 0

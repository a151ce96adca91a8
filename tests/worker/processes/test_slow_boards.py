"""A board that does not answer holds up nobody but its own run."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from portal.config import Settings
from portal.domain.run_states import RunStatus
from tests.faults import faults
from tests.faults.server import Exchange, FaultServer
from tests.worker.processes.conftest import Staff, begin, connect, run_now, wait_for

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.fixture
def greenhouse() -> Iterator[FaultServer]:
    """Answers for every board but “silent”."""
    good = faults.normal(faults.board(faults.post(1)))

    def answer(to: Exchange) -> None:
        faults.silence(to) if "/silent/" in to.request.path else good(to)

    with FaultServer() as server:
        server.answer(answer)
        yield server


@pytest.fixture
def settings(settings: Settings, greenhouse: FaultServer) -> Settings:
    return replace(settings, greenhouse_api_url=greenhouse.url)


def test_what_waits_behind_it_is_carried_out_meanwhile_by_the_same_worker(staff: Staff) -> None:
    silent = begin(connect("silent", "silent"))
    behind = [begin(connect(f"org-{number}", "good")) for number in range(5)]
    staff.worker()
    for run_id in behind:
        assert wait_for(run_id, RunStatus.SUCCEEDED, RunStatus.FAILED).status == RunStatus.SUCCEEDED
    assert run_now(silent).status == RunStatus.RUNNING
    late = begin(connect("late", "good"))
    wait_for(late, RunStatus.SUCCEEDED)
    assert (run_now(silent).status, run_now(silent).generation) == (RunStatus.RUNNING, 1)

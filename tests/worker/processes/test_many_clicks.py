"""However often the arrow is clicked, Greenhouse is asked once or twice, and the last change always comes."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from portal.domain.run_states import RunStatus
from portal.extensions import db
from portal.models import Connection
from portal.store.sync_runs import unfinished_run
from portal.store.transactions import end_read
from tests.demo.board_server import DemoBoard
from tests.fixtures.app import Cast, PortalClient
from tests.fixtures.processes import wait_until
from tests.worker.processes.conftest import (
    Staff,
    begin,
    connect_organisation,
    held,
    jobs_on,
    stored,
    wait_for,
)

pytestmark = pytest.mark.usefixtures("in_app")
CLICKS = 100
HANDS = 20
ARROW = "/orgs/northwind/greenhouse/sync"


@pytest.fixture
def connection(staff: Staff, cast: Cast, board: DemoBoard) -> Connection:
    """Northwind in step with the demo board, two workers and a tick at work."""
    connection = connect_organisation(cast.northwind.id, board.token)
    staff.tick()
    staff.worker()
    staff.worker()
    wait_for(begin(connection), RunStatus.SUCCEEDED)
    return connection


def click(app: Flask, cast: Cast, times: int) -> list[int]:
    """Click the arrow from many browsers at once; the statuses of the answers."""
    hands = [PortalClient(app).become(cast.mara) for _ in range(HANDS)]

    def press(number: int) -> int:
        with app.app_context():
            status = hands[number % HANDS].post(ARROW).status_code
            db.session.remove()
        return status

    with ThreadPoolExecutor(HANDS) as pool:
        return list(pool.map(press, range(times)))


def wait_until_still(connection: Connection) -> None:
    def still() -> bool:
        end_read()
        return unfinished_run(connection.id) is None

    wait_until(still, "every run to end")


def test_a_hundred_clicks_at_once_ask_greenhouse_once_or_twice(
    app: Flask, cast: Cast, board: DemoBoard, connection: Connection
) -> None:
    before = len(board.requests)
    with held(board):
        assert set(click(app, cast, CLICKS)) == {303}
        assert board.faults.wait_held()
    wait_until_still(connection)
    assert 1 <= len(board.requests) - before <= 2


def test_a_click_after_a_change_during_a_run_brings_the_change(
    app: Flask, cast: Cast, board: DemoBoard, connection: Connection
) -> None:
    for number, post_id in enumerate(list(jobs_on(board))[:5]):
        board.retitle(post_id, f"Before the first click {number}")
        click(app, cast, 2)
        board.faults.wait_asked(len(board.requests) + 1, timeout=0.2)  # at whatever stage the run is by now
        board.retitle(post_id, f"Before the second click {number}")
        click(app, cast, 1)
        wait_until_still(connection)
        assert stored(connection.organisation_id) == jobs_on(board)

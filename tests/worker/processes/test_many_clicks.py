"""However often the arrow is clicked, Greenhouse is asked once or twice, and the last change always comes."""

import hmac
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic

import pytest
from flask import Flask

from portal.actions.sync.credentials import make_hook_secret
from portal.db import db, end_read, write
from portal.domain.sync.runs import SPACING
from portal.models import Connection
from portal.store.connections import connection_by_id
from portal.store.runs import unfinished_run
from tests.support.app import Cast, PortalClient
from tests.support.board_server import DemoBoard
from tests.support.processes import wait_until
from tests.support.staff import held, jobs_on, stored

pytestmark = pytest.mark.usefixtures("in_app")
CLICKS = 100
HANDS = 20
HOOKS = 50
ARROW = "/orgs/northwind/greenhouse/sync"


def click(app: Flask, cast: Cast, times: int) -> list[int]:
    """Click the arrow from many browsers at once; the statuses of the answers."""
    hands = [PortalClient(app).become(cast.mara) for _ in range(min(HANDS, times))]

    def press(number: int) -> int:
        with app.app_context():
            status = hands[number % len(hands)].post(ARROW).status_code
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


def long_after_the_last_start(connection: Connection) -> None:
    with write() as current:
        current.get_one(Connection, connection.id).last_started_at = None


@pytest.mark.usefixtures("spaced")
def test_a_hundred_clicks_at_once_ask_once_or_twice_also_where_greenhouse_answers_at_once(
    app: Flask, cast: Cast, board: DemoBoard, connection: Connection
) -> None:
    long_after_the_last_start(connection)
    before, begun = len(board.requests), monotonic()
    assert set(click(app, cast, CLICKS)) == {303}
    took = timedelta(seconds=monotonic() - begun)
    wait_until_still(connection)
    assert 1 <= len(board.requests) - before <= 2 + took // SPACING.between  # two, unless clicking takes long


@pytest.mark.usefixtures("spaced")
def test_a_burst_of_webhooks_is_one_run_or_two_and_the_last_change_comes(
    app: Flask, board: DemoBoard, connection: Connection
) -> None:
    known = connection_by_id(connection.id)
    assert known is not None
    secret = make_hook_secret(known, known.hook_secret_set_at)
    assert secret is not None
    long_after_the_last_start(connection)
    last, *_ = jobs_on(board)

    def tell(number: int) -> int:
        if number == HOOKS - 1:
            board.retitle(last, "Changed before the last hook")
        body = b'{"action": "job_post_updated", "payload": {"id": %d}}' % number
        signature = f"sha256 {hmac.new(secret.encode(), body, 'sha256').hexdigest()}"
        headers = {"Signature": signature, "Greenhouse-Event-ID": str(number)}
        address = f"/hooks/greenhouse/{connection.public_key}"
        with app.app_context():
            return app.test_client().post(address, data=body, headers=headers).status_code

    before, begun = len(board.requests), monotonic()
    with ThreadPoolExecutor(HANDS) as pool:
        assert set(pool.map(tell, range(HOOKS))) == {200}
    took = timedelta(seconds=monotonic() - begun)
    wait_until_still(connection)
    assert 1 <= len(board.requests) - before <= 2 + took // SPACING.between
    assert stored(connection.organisation_id) == jobs_on(board)


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

"""Once a day Greenhouse is asked whether it rejects a stored key by now."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from dev.demo.organisation import DEMO_API_KEY
from portal.actions.sync.connection import check_key, recheck_keys
from portal.actions.sync.credentials import seal
from portal.boards.errors import BoardUnavailable
from portal.db import write
from portal.models import Connection, Organisation
from portal.models.base import utc_now
from tests.support.board_server import DemoBoard
from tests.support.databases import on_sqlite
from tests.support.syncs import connection_now

DAY = timedelta(days=1, minutes=1)


@pytest.fixture
def connection(connection: Connection) -> Connection:
    """The connection, with a key that was asked about more than a day ago."""
    with write() as rows:
        held = rows.get_one(Connection, connection.id)
        held.api_key_ciphertext = seal(held.public_key, DEMO_API_KEY)
        held.key_checked_at = utc_now() - DAY
    return connection


@on_sqlite
def test_a_key_that_was_taken_back_is_rejected_on_a_date_and_may_come_to_life_again(
    connection: Connection, board: DemoBoard
) -> None:
    board.reject_keys()
    assert [recheck_keys(utc_now()) for _ in range(2)] == [1, 0]
    first = connection_now(connection).key_rejected_at
    assert first is not None
    assert recheck_keys(utc_now() + DAY) == 1
    assert connection_now(connection).key_rejected_at == first
    board.reject_keys(False)
    assert recheck_keys(utc_now() + DAY) == 1
    assert connection_now(connection).key_rejected_at is None


def test_nothing_is_asked_with_a_key_that_cannot_be_read_or_while_syncing_is_paused(
    connection: Connection, board: DemoBoard
) -> None:
    with write() as rows:
        rows.get_one(Connection, connection.id).paused_at = utc_now()
    assert recheck_keys(utc_now()) == 0
    with write() as rows:
        here = rows.get_one(Connection, connection.id)
        here.paused_at, here.api_key_ciphertext = None, b"nonsense"
    assert recheck_keys(utc_now()) == 0
    assert not board.requests


@on_sqlite
def test_with_greenhouse_away_the_answer_stays_as_it_was(app: Flask, connection: Connection) -> None:
    nowhere = replace(app.extensions["settings"], greenhouse_api_url="http://127.0.0.1:1")
    app.extensions["settings"] = nowhere
    before = connection_now(connection).key_checked_at
    assert recheck_keys(utc_now()) == 0
    assert (connection_now(connection).key_checked_at, connection_now(connection).key_rejected_at) == (
        before,
        None,
    )


@on_sqlite
@pytest.mark.parametrize("status", [503, 429, 302])
def test_an_answer_that_is_no_verdict_leaves_the_last_one(
    connection: Connection, board: DemoBoard, status: int
) -> None:
    board.reject_keys()
    recheck_keys(utc_now())
    rejected = connection_now(connection).key_rejected_at
    assert rejected is not None
    board.fail(status, times=1)
    with pytest.raises(BoardUnavailable, match="busy"):
        check_key(connection_now(connection))
    assert connection_now(connection).key_rejected_at == rejected


@on_sqlite
def test_keys_that_are_never_answered_for_keep_no_others_waiting(
    connection: Connection, board: DemoBoard
) -> None:
    with write() as rows:
        for number in range(5):
            made = Organisation(slug=f"mute-{number}", name="Mute")
            rows.add(made)
            rows.flush()
            rows.add(mute(made.id, number))
    board.fail(503, times=1000, on="/mute-")
    hours = iter(range(500))
    assert any(recheck_keys(utc_now()) for _ in hours)
    assert connection_now(connection).key_checked_at > utc_now() - timedelta(hours=1)


def mute(organisation_id: int, number: int) -> Connection:
    """A connection that waits longer than any other, to a board whose key checks come to nothing."""
    key = f"key-{number}"
    return Connection(
        organisation_id=organisation_id,
        public_key=key,
        board_token=f"mute-{number}",
        board_name="Mute",
        api_key_ciphertext=seal(key, DEMO_API_KEY),
        api_key_last_four="0001",
        key_checked_at=utc_now() - 2 * DAY,
    )

"""Once a day Greenhouse is asked whether it rejects a stored key by now."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from portal.actions.check_key import check_old_answers
from portal.actions.credentials import seal
from portal.demo.organisation import DEMO_API_KEY
from portal.extensions import session
from portal.models import Connection
from portal.models.base import utc_now
from portal.store.transactions import end_read, write
from tests.demo.board_server import DemoBoard

DAY = timedelta(days=1, minutes=1)


@pytest.fixture
def connection(connection: Connection) -> Connection:
    """The connection, with a key that was asked about more than a day ago."""
    with write() as rows:
        held = rows.get_one(Connection, connection.id)
        held.api_key_ciphertext = seal(held.public_key, DEMO_API_KEY)
        held.key_checked_at = utc_now() - DAY
    return connection


def held(connection: Connection) -> Connection:
    end_read()
    return session().get_one(Connection, connection.id, populate_existing=True)


def test_a_key_that_was_taken_back_is_rejected_on_a_date_and_may_come_to_life_again(
    connection: Connection, board: DemoBoard
) -> None:
    board.reject_keys()
    assert [check_old_answers(utc_now()) for _ in range(2)] == [1, 0]
    first = held(connection).key_rejected_at
    assert first is not None
    assert check_old_answers(utc_now() + DAY) == 1
    assert held(connection).key_rejected_at == first
    board.reject_keys(False)
    assert check_old_answers(utc_now() + DAY) == 1
    assert held(connection).key_rejected_at is None


def test_nothing_is_asked_with_a_key_that_cannot_be_read_or_while_syncing_is_paused(
    connection: Connection, board: DemoBoard
) -> None:
    with write() as rows:
        rows.get_one(Connection, connection.id).paused_at = utc_now()
    assert check_old_answers(utc_now()) == 0
    with write() as rows:
        here = rows.get_one(Connection, connection.id)
        here.paused_at, here.api_key_ciphertext = None, b"nonsense"
    assert check_old_answers(utc_now()) == 0
    assert not board.requests


def test_with_greenhouse_away_the_answer_stays_as_it_was(app: Flask, connection: Connection) -> None:
    nowhere = replace(app.extensions["settings"], greenhouse_api_url="http://127.0.0.1:1")
    app.extensions["settings"] = nowhere
    before = held(connection).key_checked_at
    assert check_old_answers(utc_now()) == 0
    assert (held(connection).key_checked_at, held(connection).key_rejected_at) == (before, None)

"""The demo Greenhouse on a real socket, and Northwind connected to it."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from dev.demo.organisation import DEMO_API_KEY
from portal.actions.sync.connection import connect
from portal.actions.sync.run import run_sync
from portal.db import end_read, session
from portal.domain.sync.board_tokens import ApiKey, BoardToken
from portal.models import Connection, Organisation
from portal.store.runs import queued_run
from tests.support.app import Cast
from tests.support.board_server import DemoBoard


@pytest.fixture
def board() -> Iterator[DemoBoard]:
    """A demo board of its own; point ``settings`` at its ``url``."""
    with DemoBoard() as board:
        yield board


@pytest.fixture
def connection(app: Flask, cast: Cast, board: DemoBoard) -> Connection:
    """Northwind's connection, its first import queued."""
    with app.app_context():
        northwind = session().get_one(Organisation, cast.northwind.id)
        token, key = BoardToken(board.token), ApiKey(DEMO_API_KEY)
        held, _ = connect(northwind, token, key, prefill=True, user_id=cast.mara.id)
        session().refresh(held)
        session().expunge(held)
        return held


@pytest.fixture
def work(app: Flask) -> Callable[[Connection], None]:
    """Carry out the run that waits for a connection, as a worker would."""

    def carry_out(connection: Connection) -> None:
        with app.app_context():
            run = queued_run(connection.id)
            assert run is not None
            end_read()
            run_sync(run.id, run.generation)

    return carry_out


@pytest.fixture
def imported(connection: Connection, work: Callable[[Connection], None]) -> Connection:
    """Northwind's connection, synced with the board."""
    work(connection)
    return connection

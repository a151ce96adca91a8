"""The demo Greenhouse on a real socket, and Northwind connected to it."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask

from dev.demo.organisation import DEMO_API_KEY
from portal.actions.sync.connection import connect
from portal.actions.sync.run import run_sync
from portal.db import detached, end_read, session, write
from portal.domain.sync.board_tokens import ApiKey, BoardToken
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Connection, Organisation, SyncRun
from portal.models.base import utc_now
from portal.store.runs import queued_run
from tests.support.app import Cast
from tests.support.applying import connect as few_posts
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


@pytest.fixture
def synced(app: Flask, cast: Cast, board: DemoBoard) -> Connection:
    """Northwind's connection with a few of the board's posts, as a first sync leaves them.

    It takes a tenth of ``imported``: for tests to which it is the same what the jobs say.
    """
    now = utc_now()
    with app.app_context():
        connection = few_posts(cast.northwind.id, board)
        with write() as rows:
            held = rows.get_one(Connection, connection.id)
            held.created_by_id, held.key_checked_at, held.last_started_at = cast.mara.id, now, now
            held.next_sync_at = now + timedelta(minutes=30)
            run = SyncRun(
                organisation_id=held.organisation_id, connection_id=held.id, trigger=Trigger.CONNECT
            )
            run.board_token, run.started_by_id = held.board_token, cast.mara.id
            run.status, run.started_at, run.finished_at = RunStatus.SUCCEEDED, now, now
            run.posts = run.created = run.open_jobs = 3
            rows.add(run)
        return detached(held)

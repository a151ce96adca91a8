"""Actions run against the demo Greenhouse, on both databases, as a worker runs them but in this process."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from dev.demo.organisation import BOARD_TOKEN, DEMO_API_KEY
from portal.actions.sync.run import run_sync
from portal.actions.sync.schedule import start_sync
from portal.config import Settings
from portal.db import end_read, session, write
from portal.domain.sync.runs import Trigger
from portal.models import Connection, Job, SyncRun
from tests.support.app import Cast
from tests.support.board_server import DemoBoard
from tests.support.syncs import Sync, reread


@pytest.fixture
def board() -> Iterator[DemoBoard]:
    """The demo Greenhouse on a port of its own."""
    with DemoBoard() as board:
        yield board


@pytest.fixture
def settings(settings: Settings, board: DemoBoard) -> Settings:
    """Settings that know the demo Greenhouse."""
    return replace(settings, greenhouse_api_url=board.url)


@pytest.fixture
def in_app(app: Flask) -> Iterator[None]:
    """An application context around the test."""
    with app.app_context():
        yield


@pytest.fixture
def connection(cast: Cast, in_app: None) -> Connection:
    """Northwind's connection to the demo board, nothing imported yet."""
    connection = Connection(
        organisation_id=cast.northwind.id,
        public_key="a-public-key",
        board_token=BOARD_TOKEN,
        board_name="Northwind Labs",
        api_key_ciphertext=b"",
        api_key_last_four=DEMO_API_KEY[-4:],
    )
    with write() as current:
        current.add(connection)
    return connection


@pytest.fixture
def sync(connection: Connection) -> Sync:
    """Start a sync and carry it out; the run as it ended."""

    def carry_out(trigger: Trigger = Trigger.MANUAL) -> SyncRun:
        run = start_sync(connection, trigger)
        assert run is not None
        run_sync(run.id, run.generation)
        return reread(run)

    return carry_out


@pytest.fixture
def job(connection: Connection) -> Callable[[int], Job]:
    """Find the job of a post, as the database has it now."""

    def find(post_id: int) -> Job:
        end_read()
        return (
            session()
            .query(Job)
            .filter_by(organisation_id=connection.organisation_id, external_id=post_id)
            .populate_existing()
            .one()
        )

    return find

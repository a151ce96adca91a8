"""Real workers and a real tick, as processes that a test may kill, beside the application that they serve."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from portal.config import Settings
from portal.domain.sync.runs import RunStatus
from portal.models import Connection
from tests.support.app import Cast
from tests.support.board_server import DemoBoard
from tests.support.redis_server import running_redis
from tests.support.staff import Staff, begin, connect_organisation, wait_for


@pytest.fixture
def servers() -> Iterator[ExitStack]:
    """What ends when everything else of the test has ended."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def redis_url(servers: ExitStack, tmp_path: Path) -> str:
    """A server of the test's own: some tests empty it or take it away."""
    return servers.enter_context(running_redis(tmp_path / "queue"))


@pytest.fixture
def lease_seconds() -> int:
    """Long enough that no busy machine lets one lapse; tests that kill workers take a short one."""
    return 60


@pytest.fixture
def settings(settings: Settings, board: DemoBoard, lease_seconds: int) -> Settings:
    """Short pauses, and the demo Greenhouse."""
    return replace(settings, greenhouse_api_url=board.url, lease_seconds=lease_seconds, sync_retry_seconds=1)


@pytest.fixture
def in_app(app: Flask) -> Iterator[None]:
    """An application context around the test."""
    with app.app_context():
        yield


@pytest.fixture
def staff(settings: Settings, app: Flask, tmp_path: Path) -> Iterator[Staff]:
    """Nobody yet."""
    staff = Staff(settings, tmp_path / "staff.log")
    try:
        yield staff
    finally:
        staff.end()
        print(staff.log.read_text() if staff.log.exists() else "")  # noqa: T201 - shown where a test fails


@pytest.fixture
def connection(staff: Staff, cast: Cast, board: DemoBoard) -> Connection:
    """Northwind synced with the demo board, two workers and a tick at work."""
    connection = connect_organisation(cast.northwind.id, board.token)
    staff.tick()
    staff.worker()
    staff.worker()
    wait_for(begin(connection), RunStatus.SUCCEEDED)
    return connection

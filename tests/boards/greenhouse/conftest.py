"""A misbehaving Greenhouse and a client that is not patient with it."""

from collections.abc import Iterator

import pytest

from portal.boards.greenhouse.client import GreenhouseClient
from tests.support.fault_server import FaultServer


@pytest.fixture
def greenhouse() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


@pytest.fixture
def client(greenhouse: FaultServer) -> GreenhouseClient:
    """For answers that come: its deadline never decides a test."""
    return GreenhouseClient(greenhouse.url, deadline=30, max_bytes=4 * 1024 * 1024)


@pytest.fixture
def hasty(greenhouse: FaultServer) -> GreenhouseClient:
    """For answers that never come or never end."""
    return GreenhouseClient(greenhouse.url, deadline=0.5, max_bytes=1024**3)

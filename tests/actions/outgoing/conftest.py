"""Receivers on real sockets of this machine, which the operator allows here."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from portal.config import Settings
from tests.support.app import Cast
from tests.support.fault_server import FaultServer
from tests.support.faults import status
from tests.support.receivers import add


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, webhooks_to_private_addresses=True)


@pytest.fixture(autouse=True)
def _in_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def receiver() -> Iterator[FaultServer]:
    """A receiver that takes everything, until a test says otherwise."""
    with FaultServer() as server:
        server.answer(status(204, body=b""))
        yield server


@pytest.fixture
def hook(cast: Cast, receiver: FaultServer) -> tuple[int, str]:
    return add(cast.northwind, cast.mara, f"{receiver.url}/hooks")

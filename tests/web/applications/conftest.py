"""Northwind's jobs are imported from the demo board, and people apply for them on the portal's pages."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from portal.actions.applications.deliver import deliver
from portal.actions.applications.switch import switch_apply_here
from portal.config import Settings
from portal.db import end_read, session
from portal.models import Application, Connection, Job
from portal.web.applications import apply
from tests.support.app import Cast
from tests.support.applying import connect
from tests.support.board_server import DemoBoard


@pytest.fixture
def settings(settings: Settings, board: DemoBoard) -> Settings:
    """The settings of the application under test, whose Greenhouse is the demo board."""
    return replace(settings, greenhouse_api_url=board.url)


@pytest.fixture
def connected(app: Flask, cast: Cast, board: DemoBoard) -> Connection:
    """Northwind's connection to the demo board, with a few of its posts, as a sync leaves them."""
    with app.app_context():
        return connect(cast.northwind.id, board)


@pytest.fixture
def apply_here(app: Flask, connected: Connection, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """The connection with the switch on; nobody is too fast."""
    monkeypatch.setattr(apply, "LEAST_SECONDS", -1.0)
    with app.app_context():
        switch_apply_here(connected, on=True)
    return connected


@pytest.fixture
def address(app: Flask, connected: Connection) -> Callable[[int], str]:
    """Return the address of the form for a post."""

    def find(post_id: int) -> str:
        with app.app_context():
            job_id = session().scalar(select(Job.id).where(Job.external_id == post_id))
            end_read()
        return f"/orgs/northwind/jobs/{job_id}/apply"

    return find


@pytest.fixture
def deliver_all(app: Flask) -> Callable[[], list[str]]:
    """Carry out what is queued, as a worker would; return the states of all applications."""

    def carry_out() -> list[str]:
        with app.app_context():
            waiting = session().execute(select(Application.id, Application.generation)).all()
            end_read()
            for application_id, generation in waiting:
                deliver(application_id, generation)
            end_read()
            states = list(session().scalars(select(Application.status).order_by(Application.id)))
            end_read()
            return states

    return carry_out

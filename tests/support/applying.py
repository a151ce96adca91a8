"""Somebody who applies on the portal's own page, and what the demo Greenhouse has of it."""

import re
from collections.abc import Mapping
from html import unescape
from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy import select

from dev.demo.applications import Received
from dev.demo.organisation import DEMO_API_KEY
from portal.actions.sync.credentials import seal
from portal.db import end_read, session, write
from portal.models import Connection, Job, Mail
from portal.models.base import utc_now
from tests.support.app import PortalClient
from tests.support.application_files import PDF
from tests.support.board_server import DemoBoard

SHORT, MIDDLE, WHOLE = 4200111, 4200112, 4200113
"""Posts of the demo board: one asks for the least, one for some, and one for all that a form can ask for."""
LEAST: Mapping[str, Any] = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com"}
MORE: Mapping[str, Any] = {
    "question_8001": "7000000000",
    "question_8002[]": ["7000000003", "7000000000"],
    "question_8004": "The wind.\r\nAnd more of it.",
    "question_8005[]": "7000000000",
    "location": "Lisbon",
}
ALL: Mapping[str, Any] = {"gdpr_processing_consent_given": "1"}


def filled(
    *parts: Mapping[str, Any], resume: tuple[bytes, str] | None = (PDF, "cv.pdf"), **more: Any
) -> dict[str, Any]:
    """What somebody writes into a form."""
    said: dict[str, Any] = {}
    for part in (*parts, more):
        said |= part
    return said | ({"resume": (BytesIO(resume[0]), resume[1])} if resume else {})


def connect(organisation_id: int, board: DemoBoard) -> Connection:
    """Connect the board to an organisation, with a few of its posts, as a sync leaves them."""
    connection = Connection(
        organisation_id=organisation_id,
        public_key="a-public-key",
        board_token=board.token,
        board_name="Northwind Labs",
        api_key_ciphertext=seal("a-public-key", DEMO_API_KEY),
        api_key_last_four="0001",
        last_synced_at=utc_now(),
    )
    jobs = [
        Job(
            organisation_id=organisation_id,
            source="greenhouse",
            board_token=board.token,
            external_id=post_id,
            title=board.post(post_id)["title"],
            department="Engineering",
            apply_url=f"https://northwind.example/jobs/{post_id}",
        )
        for post_id in (SHORT, MIDDLE, WHOLE)
    ]
    with write() as session:
        session.add_all([connection, *jobs])
    return connection


def open_form(client: PortalClient, path: str) -> dict[str, str]:
    """Open the form, and return what stands in its hidden inputs."""
    return hidden_inputs(client.get(path).text)


def hidden_inputs(page: str) -> dict[str, str]:
    """Return what stands in the hidden inputs of the form on a page."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.partition('id="form"')[2])
    return {name: unescape(value) for name, value in found}


def confirmation_of(app: Flask) -> tuple[str | None, str]:
    """Where the only mail goes, and the address in it."""
    with app.app_context():
        to, body = session().execute(select(Mail.address, Mail.body)).one()
        end_read()
    found = re.search(r"http://[^/]+(/\S+)", body)
    assert found is not None
    return to, found[1]


def received(board: DemoBoard) -> list[Received]:
    """What Greenhouse got."""
    return list(board.applications)

"""Manage jobs without a row: why there is none, and what to do about it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from portal.db import write
from portal.models import Connection
from tests.support.app import Cast, PortalClient

MANAGE = "/orgs/northwind/jobs/manage"
NOW = datetime(2026, 1, 2, tzinfo=UTC)
REFUSED = "Greenhouse has no job board “nw”."


@pytest.mark.parametrize(
    ("columns", "title", "says"),
    [
        ({}, "Your jobs are on their way", "The first import starts in a moment."),
        (
            {"failing_since": NOW, "last_error": REFUSED, "next_sync_at": NOW},
            "The first import has not worked yet",
            REFUSED,
        ),
        ({"last_synced_at": NOW}, "No jobs yet", "Northwind lists no jobs in Greenhouse at the moment."),
        (
            {"last_synced_at": NOW, "paused_at": NOW},
            "No jobs yet",
            "Syncing is paused, so nothing comes from Northwind.",
        ),
        (
            {"last_synced_at": NOW, "failing_since": NOW, "last_error": REFUSED},
            "No jobs yet",
            "Northwind lists no jobs",
        ),
    ],
)
def test_an_empty_list_says_why(
    app: Flask,
    cast: Cast,
    mara: PortalClient,
    noor: PortalClient,
    columns: dict[str, Any],
    title: str,
    says: str,
) -> None:
    connection = Connection(
        organisation_id=cast.northwind.id,
        public_key="k",
        board_token="nw",
        board_name="Northwind",
        api_key_ciphertext=b"",
        api_key_last_four="1234",
        **columns,
    )
    with app.app_context(), write() as session:
        session.add(connection)
    for page in (mara.get(MANAGE).text, noor.get(MANAGE).text):
        empty = page.split('<div class="empty">')[1].split("</div>")[0]
        assert f"<h2>{title}</h2>" in empty
        assert says in empty
    assert "/greenhouse/connect" not in empty
    assert "/jobs/new" not in empty

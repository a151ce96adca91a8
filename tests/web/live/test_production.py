"""Changes reach open pages also where requests must name the host that people reach the portal by."""

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from portal.app import create_app
from portal.config import load_settings
from portal.web.live import RenderedSource
from tests.support.app import Cast, disconnect


@pytest.mark.parametrize("address", ["https://jobs.example.com", "http://127.0.0.1:8000", ""])
def test_what_changed_is_drawn_with_local_links(
    cast: Cast,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    make_job: Callable[..., int],
    address: str,
) -> None:
    job = make_job()
    keys = {"SECRET_KEY": secrets.token_urlsafe(32), "CREDENTIAL_KEYS": Fernet.generate_key().decode()}
    places = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "INSTANCE_DIR": str(tmp_path)}
    served = create_app(load_settings({**keys, **places, "PUBLIC_URL": address}))
    changes = RenderedSource(served).changes(cast.northwind.id, -1)
    rows = {event.name: event.data for event in changes.events}["rows"]
    assert f"href=?job={job}>" in rows, "as seen from the list"
    disconnect(served)

"""Pages do not depend on the engine: they are tried on SQLite, queries and actions on both."""

import pytest


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The URL of an empty database."""
    return sqlite_url

"""Pages do not depend on the engine: they are tried on SQLite, queries and actions on both."""

import pytest


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The URL of a database that has the tables and no rows."""
    return sqlite_url

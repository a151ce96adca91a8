"""The two databases that the portal runs on, with their tables and without rows.

One PostgreSQL cluster serves a whole run: the process that hands out the tests starts it, since it
outlives those that run them. Each test process has a database of its own.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event

from portal.models import Base
from tests.support.postgres_cluster import Cluster, running_cluster
from tests.support.postgres_database import ReusedDatabase

SHARED_CLUSTER = pytest.StashKey[tuple[ExitStack, Cluster]]()

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Marks a test of what Python decides, whose statements other tests run on PostgreSQL too."""


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a test process (of pytest-xdist) where the cluster is; the first one asked for starts it."""
    config, workerinput = node.config, node.workerinput  # type: ignore[attr-defined]
    if SHARED_CLUSTER not in config.stash:
        stack = ExitStack()
        config.add_cleanup(stack.close)
        config.stash[SHARED_CLUSTER] = stack, stack.enter_context(running_cluster())
    workerinput["postgres_folder"] = config.stash[SHARED_CLUSTER][1].folder


@pytest.fixture(scope="session")
def postgres_cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """The cluster of this run."""
    shared = getattr(request.config, "workerinput", {}).get("postgres_folder")
    if shared:
        yield Cluster(shared)
        return
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_tables(postgres_cluster: Cluster, worker_id: str) -> Iterator[ReusedDatabase]:
    """This test process's database."""
    with ReusedDatabase(postgres_cluster, f"portal_{worker_id}", Base.metadata) as database:
        yield database


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database that has the tables; each test works on a copy."""
    path = tmp_path_factory.mktemp("tables") / "portal.db"
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")  # or each copy would be rewritten to it
    engine.dispose()
    return path


def hurry(engine: Engine) -> None:
    """Let an SQLite engine wait for no disk, as the PostgreSQL cluster waits for none.

    No test is about a crash of the machine, and to close a database would take as long as the test itself.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))


@pytest.fixture
def sqlite_url(sqlite_tables: Path, tmp_path: Path) -> str:
    """The URL of an SQLite database that has the tables and no rows."""
    return f"sqlite:///{shutil.copy(sqlite_tables, tmp_path)}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database that has the tables and no rows: the test runs on each kind."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    tables: ReusedDatabase = request.getfixturevalue("postgres_tables")
    return tables.emptied()


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> str:
    """The URL of a database without tables; that of SQLite does not exist yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bare.db'}"
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    return cluster.fresh(f"bare_{worker_id}")

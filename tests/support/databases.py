"""The two databases that the portal runs on, empty.

One PostgreSQL cluster serves a whole run: the process that hands out the tests starts it, since it
outlives those that run them. Each test process has a database of its own.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.postgres_cluster import Cluster, running_cluster

SHARED_CLUSTER = pytest.StashKey[tuple[ExitStack, Cluster]]()


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
def postgres_database(worker_id: str) -> str:
    """The name of this test process's database."""
    return f"portal_{worker_id}"


@pytest.fixture(scope="session")
def postgres_url(postgres_cluster: Cluster, postgres_database: str) -> str:
    """The URL of this test process's database, made empty once."""
    return postgres_cluster.fresh(postgres_database)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'portal.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database: the test runs on each kind.

    The PostgreSQL one is made anew for each test; connections that a test left open are ended.
    """
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    return cluster.fresh(request.getfixturevalue("postgres_database"))

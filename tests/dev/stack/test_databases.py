"""The test suite's own servers."""

import shutil

from redis import Redis
from sqlalchemy import create_engine, text

from tests.support.processes import is_alive, line_with, started, wait_until

CLUSTER_HOLDER = """
import signal
from tests.support.postgres_cluster import running_cluster
with running_cluster() as cluster:
    print("running", cluster.folder, cluster.pid, flush=True)
    signal.pause()
"""


def test_each_test_gets_an_empty_database(database_url):
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE once (id integer)"))
    engine.dispose()


def test_the_next_test_does_not_see_what_the_last_one_wrote(database_url):
    test_each_test_gets_an_empty_database(database_url)


def test_each_test_gets_an_empty_redis(redis_url):
    with Redis.from_url(redis_url) as client:
        assert client.set("once", "1", nx=True)


def test_the_next_test_gets_an_empty_redis_too(redis_url):
    test_each_test_gets_an_empty_redis(redis_url)


def test_a_cluster_ends_with_the_process_that_made_it():
    with started("-c", CLUSTER_HOLDER) as holder:
        _, folder, pid = line_with(holder, "running").split()
        assert is_alive(int(pid))
    wait_until(lambda: not is_alive(int(pid)), "PostgreSQL to end with its parent")
    shutil.rmtree(folder)

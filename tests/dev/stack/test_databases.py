"""The test suite's own servers."""

import shutil

import pytest
from redis import Redis
from sqlalchemy import create_engine, insert, inspect, text
from sqlalchemy.exc import OperationalError

from portal.models import Base, User
from tests.support.processes import is_alive, line_with, started, wait_until

CLUSTER_HOLDER = """
import signal
from tests.support.postgres_cluster import running_cluster
with running_cluster() as cluster:
    print("running", cluster.folder, cluster.pid, flush=True)
    signal.pause()
"""


def test_each_test_gets_the_tables_alone(database_url):
    engine = create_engine(database_url)
    with engine.begin() as connection:
        assert set(inspect(connection).get_table_names()) == set(Base.metadata.tables)
        connection.execute(text("CREATE TABLE once (id integer)"))
    engine.dispose()


def test_the_next_test_does_not_see_what_the_last_one_made(database_url):
    test_each_test_gets_the_tables_alone(database_url)


def test_a_database_that_is_used_again_holds_no_rows_nor_the_transactions_of_the_last_test(postgres_tables):
    insertion = insert(User).values(email="a@b.example", password_hash="x")
    engine = create_engine(postgres_tables.emptied())
    left = engine.connect()
    for _ in range(2):
        assert left.execute(insertion).inserted_primary_key == (1,)
        left.commit()
        left.execute(text("LOCK TABLE users"))
        postgres_tables.emptied()
        with pytest.raises(OperationalError, match="terminat"):
            left.execute(text("SELECT 1"))
        left.rollback()
    left.close()
    engine.dispose()


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

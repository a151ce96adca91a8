"""A PostgreSQL database that serves many tests: emptied for each, which is quicker than made anew."""

from types import TracebackType
from typing import LiteralString, Self

import psycopg
from psycopg import sql
from sqlalchemy import MetaData, create_engine

from tests.support.postgres_cluster import Cluster

MOST_BYTES = 4 * 2**20
"""Deleted rows stay in their files; beyond this size of the tables all files are made anew."""

END_OTHERS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
SHAPE = """
SELECT count(*), sum(hashname(attname)::bigint * attnum + atttypid::bigint + attrelid::bigint),
  (SELECT sum(hashname(relname) + oid::bigint) FROM pg_class WHERE oid >= 16384),
  (SELECT count(*) FROM pg_trigger WHERE oid >= 16384 AND NOT tgisinternal),
  (SELECT count(*) FROM pg_proc WHERE oid >= 16384),
  (SELECT count(*) FROM pg_db_role_setting)
FROM pg_attribute WHERE attrelid >= 16384
"""  # below are PostgreSQL's own
BYTES = """
SELECT sum(pg_relation_size(oid) + coalesce(pg_relation_size(nullif(reltoastrelid, 0)), 0)) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""
WITHOUT_CHECKS = "SET session_replication_role = replica"  # tables are emptied in any order


class ReusedDatabase:
    """A context manager. A test that changed more than rows gives the next a new database."""

    def __init__(self, cluster: Cluster, name: str, tables: MetaData) -> None:
        self._cluster, self._name, self._tables = cluster, name, tables
        self._connection: psycopg.Connection | None = None
        self._shape: tuple[object, ...] | None = None
        names = [sql.Identifier(name) for name in tables.tables]
        self._truncate = sql.SQL("TRUNCATE {} RESTART IDENTITY").format(sql.SQL(", ").join(names))
        self._delete = sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(name) for name in names)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()

    def emptied(self) -> str:
        """End what earlier tests left connected, take away their rows, and return the database's URL."""
        if self._connection is None:
            self._make()
        else:
            self._connection.execute(END_OTHERS)
            if self._ask(SHAPE) != self._shape:
                self._connection.close()
                self._make()
            else:
                self._empty(self._connection)
        return self._cluster.url(self._name)

    def _make(self) -> None:
        engine = create_engine(self._cluster.fresh(self._name))
        self._tables.create_all(engine)
        engine.dispose()
        place = f"dbname={self._name} user=postgres host={self._cluster.folder}"
        self._connection = psycopg.connect(place, autocommit=True)
        self._connection.execute(WITHOUT_CHECKS)
        self._shape = self._ask(SHAPE)
        rows = self._connection.execute(
            "SELECT schemaname || '.' || sequencename FROM pg_sequences"
        ).fetchall()
        restarts = [sql.SQL("SELECT setval({}, 1, false)").format(name) for (name,) in rows]
        self._restart = sql.SQL("; ").join(restarts)

    def _empty(self, connection: psycopg.Connection) -> None:
        size = self._ask(BYTES)
        if size is None or size[0] > MOST_BYTES:
            connection.execute(self._truncate)
        else:
            connection.execute(self._delete)
            connection.execute(self._restart)

    def _ask(self, query: LiteralString) -> tuple[object, ...] | None:
        assert self._connection is not None
        return self._connection.execute(query).fetchone()

"""Rows prepared for the driver before anything is locked, and written in few statements afterwards.

SQLAlchemy would make each row's parameters (defaults, JSON, times) when it executes, and PostgreSQL compress
its texts then: for 20,000 posts that was most of the time that other people's edits waited for a sync.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy import Table

from portal.db import session
from portal.prepared_statements import raise_as_sqlalchemy_does

BATCH: Final = 500
STAGED_BATCH: Final = 2000
FEWEST_STAGED: Final = 200  # a temporary table costs PostgreSQL as much as some hundred single updates

Step = Callable[[int], None]
Row = Mapping[str, Any]
T = TypeVar("T")


class Rows:
    """Rows of one table that all name the same columns, as tuples that the driver takes as they are.

    Column defaults are not applied: a column that a row leaves out gets the database's own, NULL.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.columns: tuple[str, ...] = ()
        self.tuples: list[tuple[Any, ...]] = []
        self._encoders: list[tuple[str, Callable[[Any], Any] | None]] = []

    def __len__(self) -> int:
        return len(self.tuples)

    def add(self, row: Row) -> None:
        """Add a row; it names the columns of the first one."""
        if not self.columns:
            self.columns = tuple(row)
            dialect = session().get_bind().dialect
            types = ((name, self.table.c[name].type.dialect_impl(dialect)) for name in row)
            self._encoders = [(name, kind.bind_processor(dialect)) for name, kind in types]
        self.tuples.append(
            tuple([encode(row[name]) if encode else row[name] for name, encode in self._encoders])
        )

    def insert(self, written: Step) -> None:
        """Insert them in a write transaction; ``written`` is called with the count so far."""
        if not self.tuples:
            return
        connection = session().connection()
        if _is_postgresql(connection):
            _copy(connection, self.table.name, self, written)
            return
        values = ", ".join("?" for _ in self.columns)
        statement = f"INSERT INTO {self.table.name} ({', '.join(self.columns)}) VALUES ({values})"  # noqa: S608 - names of ours
        for done, batch in batches(self.tuples):
            connection.exec_driver_sql(statement, batch)
            written(done)


class Updates:
    """Columns to write of stored rows, each of which names its ``id``; rows may name different columns."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._of: dict[tuple[str, ...], Rows] = {}
        self._staged: dict[tuple[str, ...], str] = {}

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))

    def add(self, row: Row) -> None:
        """Add what to write of one row; ``id`` comes last."""
        names = tuple(row)
        if names not in self._of:
            self._of[names] = Rows(self._table)
        self._of[names].add(row)

    def stage(self, written: Step) -> None:
        """Send many rows to PostgreSQL ahead, where no row is locked by it; call it in the transaction.

        ``written`` is called with the count so far. SQLite, whose one lock is taken already, is sent them
        by ``write``.
        """
        connection = session().connection()
        if not _is_postgresql(connection):
            return
        done = 0
        for number, (names, rows) in enumerate(self._of.items()):
            if len(rows) < FEWEST_STAGED:
                continue
            staged, columns = f"staged_{self._table.name}_{number}", ", ".join(names)
            like = f"SELECT {columns} FROM {self._table.name} WITH NO DATA"  # noqa: S608 - names of ours
            connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {staged} ON COMMIT DROP AS {like}")
            _copy(connection, staged, rows, _added(written, done))
            connection.exec_driver_sql(f"CREATE UNIQUE INDEX ON {staged} (id)")
            connection.exec_driver_sql(f"ANALYZE {staged}")
            self._staged[names] = staged
            done += len(rows)

    def leave_out(self, ids: Collection[int]) -> None:
        """Write nothing of these rows after all; call it in the transaction in which they were staged."""
        for names, rows in self._of.items():
            rows.tuples = [row for row in rows.tuples if row[-1] not in ids]
            if names in self._staged:
                statement = f"DELETE FROM {self._staged[names]} WHERE id = ANY(%s)"  # noqa: S608 - a name of ours
                session().connection().exec_driver_sql(statement, (list(ids),))

    def write(self, written: Step) -> None:
        """Write them in a write transaction; ``written`` is called with the count so far."""
        connection = session().connection()
        done = 0
        for names, rows in self._of.items():
            step = _added(written, done)
            if names in self._staged:
                _update_from(connection, self._table.name, self._staged[names], rows, step)
            else:
                _update_each(connection, self._table.name, rows, step)
            done += len(rows)


def batches(items: Sequence[T], size: int = BATCH) -> Iterator[tuple[int, list[T]]]:
    """Cut into pieces, each with the count of items up to its end."""
    for start in range(0, len(items), size):
        piece = list(items[start : start + size])
        yield start + len(piece), piece


def _update_each(connection: DatabaseConnection, table: str, rows: Rows, written: Step) -> None:
    place = "%s" if _is_postgresql(connection) else "?"
    values = ", ".join(f"{name} = {place}" for name in rows.columns[:-1])
    statement = f"UPDATE {table} SET {values} WHERE id = {place}"  # noqa: S608 - names of ours
    for done, batch in batches(rows.tuples):
        connection.exec_driver_sql(statement, batch)
        written(done)


def _update_from(connection: DatabaseConnection, table: str, staged: str, rows: Rows, written: Step) -> None:
    values = ", ".join(f"{name} = staged.{name}" for name in rows.columns[:-1])
    these = f"{table}.id = staged.id AND staged.id BETWEEN %s AND %s"
    statement = f"UPDATE {table} SET {values} FROM {staged} AS staged WHERE {these}"  # noqa: S608 - names of ours
    for done, batch in batches(sorted(row[-1] for row in rows.tuples), STAGED_BATCH):
        connection.exec_driver_sql(statement, (batch[0], batch[-1]))
        written(done)


def _copy(connection: DatabaseConnection, table: str, rows: Rows, written: Step) -> None:
    statement = f"COPY {table} ({', '.join(rows.columns)}) FROM STDIN"
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor:
            for done, batch in batches(rows.tuples):
                with cursor.copy(statement) as copy:
                    for row in batch:
                        copy.write_row(row)
                written(done)
    except connection.dialect.loaded_dbapi.Error as error:
        raise_as_sqlalchemy_does(connection, statement, None, error)


def _added(written: Step, before: int) -> Step:
    return lambda done: written(before + done)


def _is_postgresql(connection: DatabaseConnection) -> bool:
    return connection.dialect.name == "postgresql"

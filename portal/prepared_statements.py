"""Statements that nearly every request sends, compiled once and handed to the driver.

What SQLAlchemy does anew at each execution takes three times as long as SQLite takes to answer one of these:
for the five statements of an edit it was a tenth of the whole request.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NoReturn

from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy import Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError

MOST_PREPARED: Final = 300
Statement = Select[*tuple[Any, ...]] | Insert | Update
Row = Any
"""A named tuple."""


def execute(connection: DatabaseConnection, statement: Statement, given: Mapping[str, Any]) -> list[Row]:
    """Execute a statement of columns that was built once and is kept, and return its rows.

    A write belongs into a transaction: none begins here.
    """
    prepared = _prepared(statement, connection.dialect)
    values = prepared.encoded(given)
    try:
        cursor = connection.connection.cursor()
        connection.dialect.do_execute(cursor, prepared.text, values)
        rows = cursor.fetchall() if prepared.columns else []
    except connection.dialect.loaded_dbapi.Error as error:
        raise_as_sqlalchemy_does(connection, prepared.text, values, error)
    return prepared.decoded(rows, cursor.description) if rows else []


class _Prepared:
    """What the driver is sent, and what becomes of values on the way to it and back."""

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        if compiled.prefetch or compiled.post_compile_params:
            raise ValueError(f"Defaults and lists are for SQLAlchemy itself: {compiled}")
        self.text = str(compiled)
        self.columns = list(statement.exported_columns)
        self._dialect, self._is_positional = dialect, compiled.positional
        binds = compiled.binds
        self._constants = {name: bind.value for name, bind in binds.items() if not bind.required}
        kinds = [(name, binds[name].type.dialect_impl(dialect)) for name in compiled.positiontup or binds]
        self._encoders = [(name, kind.bind_processor(dialect)) for name, kind in kinds]
        names = [column.key or "" for column in self.columns]
        self._row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc] # named at run time
        self._decoders: list[tuple[int, Callable[[Any], Any]]] | None = None

    def encoded(self, given: Mapping[str, Any]) -> Any:
        """Return the values as the driver takes them."""
        known = {**self._constants, **given} if self._constants else given
        if self._is_positional:
            return [encode(known[name]) if encode else known[name] for name, encode in self._encoders]
        return {name: encode(known[name]) if encode else known[name] for name, encode in self._encoders}

    def decoded(self, rows: Sequence[Sequence[Any]], description: Sequence[Sequence[Any]]) -> list[Row]:
        """Return rows with the values as they were given once."""
        if self._decoders is None:  # the driver's types are known only now
            found = zip(self.columns, description, strict=True)
            processors = [
                column.type.dialect_impl(self._dialect).result_processor(self._dialect, said[1])
                for column, said in found
            ]
            self._decoders = [(place, decode) for place, decode in enumerate(processors) if decode]
        return [self._decoded(row, self._decoders) for row in rows]

    def _decoded(self, row: Sequence[Any], decoders: list[tuple[int, Callable[[Any], Any]]]) -> Row:
        values = list(row)
        for place, decode in decoders:
            values[place] = decode(values[place])
        return self._row._make(values)


_prepared = lru_cache(MOST_PREPARED)(_Prepared)


def raise_as_sqlalchemy_does(
    connection: DatabaseConnection, statement: str, values: Any, error: Any
) -> NoReturn:
    """Turn an error of the driver into one of SQLAlchemy's; the pool forgets connections that were lost."""
    dialect = connection.dialect
    if dialect.is_disconnect(error, connection.connection, None):
        connection.exec_driver_sql(statement, values)  # fails again
    kind: Any = dialect.loaded_dbapi.Error
    raise DBAPIError.instance(statement, None, error, kind, hide_parameters=True, dialect=dialect) from error

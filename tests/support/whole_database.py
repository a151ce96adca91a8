"""All that a database holds: filled with a row of everything, and compared before and after."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column, Date, DateTime, LargeBinary, Numeric, String, Table, select
from sqlalchemy.types import Boolean, TypeDecorator

from portal.db import end_read, session, write
from portal.models import Base
from tests.support.app import Cast

UNTOUCHED = {"sessions"}
"""What each request may write: that somebody was there."""


def everything_of(cast: Cast) -> None:
    """Store a row in each table that has none yet, as Northwind's and Mara's."""
    owners = {"organisations": cast.northwind.id, "users": cast.mara.id}
    with write() as rows:
        for table in Base.metadata.sorted_tables:
            if not rows.execute(select(table).limit(1)).first():
                rows.execute(table.insert().values(_row(table, owners)))


def _row(table: Table, owners: dict[str, int]) -> dict[str, Any]:
    return {
        column.name: _value(column, owners)
        for column in table.columns
        if column.foreign_keys or column.name in ("organisation_id", "user_id") or _is_needed(column)
    }


def _is_needed(column: Column[Any]) -> bool:
    is_key = column.table.autoincrement_column is column
    return not (column.nullable or column.default or column.server_default or is_key)


def _value(column: Column[Any], owners: dict[str, int]) -> Any:
    for key in column.foreign_keys:
        return None if key.column.table is column.table else owners.get(key.column.table.name, 1)
    kinds: list[tuple[type, Any]] = [
        (DateTime, datetime.now(UTC) + timedelta(days=1)),
        (Date, date(2026, 1, 2)),
        (JSON, {}),
        (LargeBinary, b"x"),
        (Boolean, False),
        (Numeric, 1),
        (String, "x"),
    ]
    kept = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return next((value for kind, value in kinds if isinstance(kept, kind)), owners["organisations"])


def whole_database() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    end_read()
    tables = [table for table in Base.metadata.sorted_tables if table.name not in UNTOUCHED]
    found = {table.name: sorted(map(tuple, session().execute(select(table))), key=repr) for table in tables}
    end_read()
    return found

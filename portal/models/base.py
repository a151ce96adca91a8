"""The declarative base, and column types that both engines store alike."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, overload

from sqlalchemy import BigInteger, ColumnElement, DateTime, Integer, MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, mapped_column, registry
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

ONLY_ON = "only_on"
"""Where the ``info`` of a table, column or index names the one kind of database that has it."""
BIG = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows only in an INTEGER key


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; SQLite, which knows no zones, stores it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware datetime into UTC; a naive one is a mistake."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A stored time needs a zone.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every table."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES), type_annotation_map={datetime: UtcDateTime()}
    )


Id = Annotated[int, mapped_column(BIG, primary_key=True)]


def utc_now() -> datetime:
    """Return the present, with its zone: the default of every ``created_at``."""
    return datetime.now(UTC)


@overload
def has_passed(moment: datetime, now: datetime, longest: timedelta) -> bool: ...
@overload
def has_passed(
    moment: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    now: datetime,
    longest: timedelta,
) -> ColumnElement[bool]: ...
def has_passed(moment: Any, now: datetime, longest: timedelta) -> Any:
    """Whether a moment that was set at most ``longest`` ahead has come; of a column, the SQL condition.

    One that lies further ahead was set by a clock that was wrong: waiting for it could take years, so it
    counts as passed.
    """
    return (moment <= now) | (moment > now + longest)


Json = dict[str, Any]

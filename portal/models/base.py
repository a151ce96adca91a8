"""The declarative base, and column types that both engines store alike."""

from collections.abc import Callable
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
_IN_UTC = "+00:00"


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
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored time in UTC."""
        return None if value is None else value.astimezone(UTC)

    # By way of SQLAlchemy's type for SQLite each takes thrice as long, and an edit has some twenty.

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Return what turns a time into what the driver takes."""
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)
        in_utc = self.process_bind_param

        def to_text(value: datetime | None) -> str | None:
            value = in_utc(value, dialect)
            return None if value is None else value.isoformat(" ", "microseconds").removesuffix(_IN_UTC)

        return to_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Return what turns what the driver read into a time."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _from_text(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(stored + _IN_UTC)


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

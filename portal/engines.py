"""How the engine of each kind of database is made, and how its transactions begin."""

from select import POLLIN, poll
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.pool import PoolProxiedConnection

from portal.config import Settings

BUSY_TIMEOUT_MS: Final = 15_000
POOL_SECONDS: Final = 5.0
MAPPED_BYTES: Final = 2**30
SHORTEST_SILENCE_MS: Final = 15_000


def engine_options(settings: Settings) -> dict[str, Any]:
    """Return how to make the engine: errors tell no values.

    The connections suffice for all who may write at once and wait for locks, and for others who read.

    A pooler between us and PostgreSQL may hand each transaction to another of its connections. So nothing is
    set for a connection, which some poolers refuse and others would give to somebody else, and nothing is
    prepared in one. That costs nothing: the driver forgets what it prepared with every rollback.
    """
    pool = {"pool_size": settings.database_connections, "max_overflow": 0, "pool_timeout": POOL_SECONDS}
    options: dict[str, Any] = {"hide_parameters": True, **pool}
    if settings.database_url.startswith("postgresql"):
        options["connect_args"] = {"autocommit": True, "prepare_threshold": None}
        options["pool_pre_ping"] = True
    return options


def configure_engine(engine: Engine, settings: Settings) -> None:
    """Have transactions say themselves how they begin; the drivers must not begin on their own.

    By the dialect, not by a listener to "begin": with one listener each statement looks for all that there
    could be, which takes a third of a query.
    """
    if engine.dialect.name == "sqlite":
        _configure_sqlite(engine)
    else:
        _configure_postgresql(engine, settings)


def _configure_sqlite(engine: Engine) -> None:
    """Use the write-ahead log; a transaction reads until it is lifted to one that writes."""

    @event.listens_for(engine, "connect")
    def _(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")  # reading many rows copies no pages
        cursor.close()

    def begin(dbapi_connection: PoolProxiedConnection) -> None:
        dbapi_connection.cursor().execute("BEGIN DEFERRED")

    engine.dialect.do_begin = begin  # type: ignore[method-assign]


def _configure_postgresql(engine: Engine, settings: Settings) -> None:
    """Wait for no lock for ever, and hold none for ever.

    PostgreSQL ends a transaction whose process fell silent in the middle of it for a lease; a shorter
    lease than a lock is waited for would end those that only think.
    """
    silence = max(1000 * settings.lease_seconds, SHORTEST_SILENCE_MS)
    limits = {"lock_timeout": BUSY_TIMEOUT_MS, "idle_in_transaction_session_timeout": silence}
    beginning = "; ".join(["BEGIN", *(f"SET LOCAL {name} = {value}" for name, value in limits.items())])

    def begin(dbapi_connection: PoolProxiedConnection) -> None:
        dbapi_connection.cursor().execute(beginning)  # one message: whoever is told waits once

    engine.dialect.do_begin = begin  # type: ignore[method-assign]
    engine.dialect.do_ping = _is_silent  # type: ignore[method-assign]


def _is_silent(dbapi_connection: Any) -> bool:
    """Whether an idle connection has said nothing: the last that one says is that it ends.

    To ask the server instead would take as long as many a query.
    """
    waiting = poll()
    waiting.register(dbapi_connection.fileno(), POLLIN)
    return not waiting.poll(0)

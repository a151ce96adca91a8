"""One tick with 50 connections due, of 1,000, 10,000 and 100,000, beside the bare query for them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from flask import Flask
from sqlalchemy import insert, text, update

from portal.app import create_app
from portal.config import load_settings
from portal.db import db, end_read, write
from portal.models import Base, Connection, Organisation, SyncRun
from portal.models.base import utc_now
from portal.worker.tick import tick
from tests.support.postgres_cluster import running_cluster
from tests.support.redis_server import running_redis

SIZES = (1_000, 10_000, 100_000)
DUE = 50
ROUNDS = 9
BAR_MS = 50
BATCH = 5_000
FLOOR = text(
    "SELECT id, organisation_id, board_token FROM connections"
    f" WHERE next_sync_at <= :now AND paused_at IS NULL ORDER BY next_sync_at LIMIT {DUE}"
)


def fill(size: int) -> None:
    """Make ``size`` organisations, each with a connection that is not due and a run that ended."""
    later, past = utc_now() + timedelta(days=30), utc_now() - timedelta(hours=1)
    for start in range(1, size + 1, BATCH):
        ids = range(start, min(start + BATCH, size + 1))
        with write() as session:
            session.execute(insert(Organisation), [_organisation(number) for number in ids])
            session.execute(insert(Connection), [_connection(number, later) for number in ids])
            session.execute(insert(SyncRun), [_run(number, past) for number in ids])


def _organisation(number: int) -> dict[str, object]:
    return {"id": number, "slug": f"org-{number}", "name": f"Organisation {number}"}


def _connection(number: int, later: datetime) -> dict[str, object]:
    return {
        "id": number,
        "organisation_id": number,
        "public_key": f"key-{number}",
        "board_token": f"board-{number}",
        "board_name": f"Board {number}",
        "api_key_ciphertext": b"x" * 200,
        "api_key_last_four": "0000",
        "next_sync_at": later,
    }


def _run(number: int, ended: datetime) -> dict[str, object]:
    return {
        "organisation_id": number,
        "connection_id": number,
        "board_token": f"board-{number}",
        "trigger": "schedule",
        "status": "succeeded",
        "finished_at": ended,
    }


def make_due(size: int) -> None:
    """Let 50 connections, spread over all, be due, as if nothing of them had ever waited."""
    these = list(range(size // DUE, size + 1, size // DUE))[:DUE]
    with write() as session:
        session.execute(SyncRun.__table__.delete().where(SyncRun.status == "queued"))  # type: ignore[attr-defined]
        due = update(Connection).where(Connection.id.in_(these))
        session.execute(due.values(next_sync_at=utc_now() - timedelta(minutes=1)))


def milliseconds(call: Callable[[], object]) -> float:
    """Return how long one call took."""
    start = perf_counter()
    call()
    return (perf_counter() - start) * 1000


def floor() -> None:
    """Ask for what is due, and nothing else."""
    with db.engine.connect() as connection:
        connection.execute(FLOOR, {"now": _now_of(connection.dialect.name)}).all()


def _now_of(dialect: str) -> object:
    now = utc_now()
    return now.replace(tzinfo=None).isoformat(" ") if dialect == "sqlite" else now


def measure(size: int) -> tuple[float, float, float]:
    """Return the medians in milliseconds: a tick with 50 due, one with none, and the bare query."""
    busy, idle, bare = [], [], []
    for _ in range(ROUNDS):
        make_due(size)
        bare.append(milliseconds(floor))
        busy.append(milliseconds(tick))
        idle.append(milliseconds(tick))
    return median(busy), median(idle), median(bare)


@contextmanager
def portal(database_url: str, redis_url: str, folder: Path) -> Iterator[Flask]:
    """The application on an empty database."""
    environ = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "INSTANCE_DIR": str(folder / "instance")}
    app = create_app(load_settings(environ))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        yield app
        end_read()
        db.session.remove()
        db.engine.dispose()


def bench(name: str, url_of: Callable[[int], str], redis_url: str) -> None:
    """Print one engine's table."""
    for size in SIZES:
        with TemporaryDirectory() as folder, portal(url_of(size), redis_url, Path(folder)):
            fill(size)
            if name == "PostgreSQL":
                with db.engine.connect() as connection:
                    connection.execute(text("ANALYZE"))
                    connection.commit()
            busy, idle, bare = measure(size)
            figures = f"{busy:7.1f} ms, with none due {idle:5.1f} ms, bare query {bare:5.1f} ms"
            print(f"  {name:<10} {size:>7,} connections {figures}   (bar: {BAR_MS} ms)")


def main() -> None:
    """Bench both engines."""
    print(f"\nOne tick, {DUE} connections due (medians of {ROUNDS})")
    with TemporaryDirectory() as name, running_redis(Path(name)) as redis_url, running_cluster() as cluster:
        folder = Path(name)
        bench("SQLite", lambda size: f"sqlite:///{folder}/{size}.db", redis_url)
        bench("PostgreSQL", lambda size: cluster.fresh(f"bench_{size}"), redis_url)


if __name__ == "__main__":
    main()

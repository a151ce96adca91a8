"""Unchanged syncs a second and worker, beside the bare script and beside tasks that do nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

from flask import Flask
from redis import Redis
from rq import Queue, Worker
from sqlalchemy import func, select, update

from portal import create_app
from portal.actions.start_due import start_due
from portal.config import REPOSITORY, load_settings
from portal.domain.run_states import RunStatus
from portal.extensions import db
from portal.models import Base, Connection, Organisation, SyncRun
from portal.models.base import utc_now
from portal.process import bound_to_this_process
from portal.queue import SYNC_QUEUE, enqueue_runs, queue_named
from portal.store.run_queue import waiting_for_enqueueing
from portal.store.transactions import write
from tests.bench.floor import hash_only
from tests.bench.server import BoardServer
from tests.fixtures.postgres_cluster import running_cluster
from tests.support.redis_server import running_redis

BOARDS = 1000
POSTS = 50
TASKS = 200
ROUNDS = 3
LONGEST = 120.0  # seconds
LOOK_SECONDS = 0.1  # what looks how far they are takes of the same two cores
TARGET, TARGET_OF_TWO = 30.0, 1.6


def main() -> None:
    """Print a table for each engine: SQLite lets one worker write at a time, PostgreSQL many."""
    bench("SQLite", lambda folder: f"sqlite:///{folder}/syncs.db")
    with running_cluster() as cluster:
        bench("PostgreSQL", lambda _folder: cluster.fresh("bench_syncs"))


def bench(engine: str, database_url: Callable[[Path], str]) -> None:
    """Print one engine's table."""
    print(
        f"\nUnchanged syncs a second on {engine}: {BOARDS} organisations with {POSTS} posts each, ETag known"
    )
    with TemporaryDirectory() as name, BoardServer(POSTS) as server, running_redis(Path(name)) as redis:
        folder = Path(name)
        environ = {
            "INSTANCE_DIR": str(folder / "instance"),
            "DATABASE_URL": database_url(folder),
            "REDIS_URL": redis,
            "GREENHOUSE_API_URL": f"{server.url}/0",
            "PUBLIC_URL": "",
        }
        portal = Syncs(environ)
        portal.round(1)  # the first imports, which leave an ETag
        rates = medians(portal.round)
        bare = medians(lambda count: bare_tasks(environ, count))
        floor = hashes_a_second(f"{server.url}/0", folder / "hashes.db")
    print(f"  {'bare script, in one process':<34} {floor:8.1f}")
    for count in (1, 2):
        ratio = rates[count] / bare[count]
        print(f"  {f'tasks that do nothing, {count} worker(s)':<34} {bare[count]:8.1f}")
        print(f"  {f'syncs, {count} worker(s)':<34} {rates[count]:8.1f}   {ratio:.2f} of it")
    print(f"  one worker: bar {TARGET:.0f}; two over one {rates[2] / rates[1]:.2f}, bar {TARGET_OF_TWO}")


def medians(measured: Callable[[int], float]) -> dict[int, float]:
    """Measure with one worker and with two in turn: a machine's slow minute must not meet only one."""
    rounds = [(measured(1), measured(2)) for _ in range(ROUNDS)]
    return {1: median(one for one, _ in rounds), 2: median(two for _, two in rounds)}


class Syncs:
    """The portal with many connections to the same small board."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._environ = environ
        self.app: Flask = create_app(load_settings(environ))
        with self.app.app_context():
            Base.metadata.create_all(db.engine)
            with write() as session:
                made = [Organisation(slug=f"bench-{number}", name="Bench") for number in range(BOARDS)]
                session.add_all(made)
                session.flush()
                session.add_all(_connection(each.id) for each in made)

    def round(self, workers: int) -> float:
        """Make every connection due, and return how many syncs a second the workers end."""
        with self.app.app_context():
            with write() as session:
                session.execute(update(Connection).values(next_sync_at=utc_now(), last_started_at=None))
            start_due(utc_now())
            runs = waiting_for_enqueueing(utc_now(), timedelta(), BOARDS)
            last = max(run_id for run_id, _ in runs)
            with working(self._environ, workers):
                enqueue_runs(runs)
                return rate(lambda: self._ended(last), len(runs))

    def _ended(self, last: int) -> int:
        db.session.rollback()
        query = select(func.count()).where(
            SyncRun.status == RunStatus.SUCCEEDED, SyncRun.id > last - BOARDS, SyncRun.id <= last
        )
        return db.session.scalar(query) or 0


def _connection(organisation_id: int) -> Connection:
    return Connection(
        organisation_id=organisation_id,
        public_key=f"bench-{organisation_id}",
        board_token="bench",
        board_name="Bench",
        api_key_ciphertext=b"",
        api_key_last_four="",
    )


@contextmanager
def working(environ: dict[str, str], count: int) -> Iterator[None]:
    """So many workers, each a process of its own."""
    command = bound_to_this_process([sys.executable, "-m", "portal.worker"])
    workers = [
        subprocess.Popen(command, cwd=REPOSITORY, env=os.environ | environ, process_group=0)
        for _ in range(count)
    ]
    try:
        with Redis.from_url(environ["REDIS_URL"]) as redis:
            while Worker.count(connection=redis) < count:
                sleep(0.01)
        yield
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        for worker in workers:
            worker.wait(30)


def rate(ended: Callable[[], int], total: int) -> float:
    """Return how many end a second, from now on."""
    start = perf_counter()
    while (count := ended()) < total:
        if perf_counter() - start > LONGEST:
            raise TimeoutError(f"{count} of {total} ended")
        sleep(LOOK_SECONDS)
    return total / (perf_counter() - start)


def bare_tasks(environ: dict[str, str], workers: int) -> float:
    """Return how many tasks that do nothing the workers end a second."""
    with Redis.from_url(environ["REDIS_URL"]) as redis, working(environ, workers):
        queue = queue_named(SYNC_QUEUE, redis)
        queue.enqueue_many([Queue.prepare_data("time.time", result_ttl=0) for _ in range(TASKS)])
        return rate(lambda: TASKS - queue.count, TASKS)


def hashes_a_second(url: str, file: Path) -> float:
    """Return how many boards the bare script fetches and compares a second."""
    hash_only(url, file)
    start = perf_counter()
    for _ in range(BOARDS):
        hash_only(url, file)
    return BOARDS / (perf_counter() - start)


if __name__ == "__main__":
    main()

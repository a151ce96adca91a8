"""Unchanged syncs a second and worker, beside RQ's forking worker with tasks that do nothing; slow boards."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
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

from portal.actions.sync.schedule import start_due
from portal.app import create_app
from portal.config import REPOSITORY, load_settings
from portal.db import db, write
from portal.domain.sync.runs import RunStatus, WaitingRun
from portal.models import Base, Connection, Organisation, SyncRun
from portal.models.base import utc_now
from portal.process import bound_to_this_process
from portal.queues import CHORES_QUEUE, SLOW_QUEUE, SYNC_QUEUE, enqueue_runs, queue_named
from portal.store.run_steps import claim_for_enqueueing
from tests.bench.floor import hash_only
from tests.bench.server import BoardServer
from tests.support.postgres_cluster import running_cluster
from tests.support.redis_server import running_redis

BOARDS = 500
POSTS = 50
TASKS = 200
ROUNDS = 3
LONGEST = 120.0  # seconds
LOOK_SECONDS = 0.05  # what looks how far they are takes of the same two cores
SLOW, OTHERS = 20, 200
TARGET, TARGET_OF_TWO, TARGET_DELAY = 1.8, 1.6, 5.0
PORTAL_WORKER = ("-m", "portal.worker")
FORKING_WORKER = (
    "-c",
    "import sys; from redis import Redis; from rq import Worker; from rq.serializers import JSONSerializer;"
    " from portal.worker import tasks; tasks.application();"  # what a fork copies
    " Worker(['sync'], connection=Redis.from_url(sys.argv[1]), serializer=JSONSerializer)"
    ".work(logging_level='WARNING')",
)


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
        forking = medians(lambda count: bare_tasks(environ, count))
        floor = hashes_a_second(f"{server.url}/0", folder / "hashes.db")
        alone, behind = portal.others(slow=0), portal.others(slow=SLOW)
    print(f"  {'bare script, in one process':<44} {floor:8.1f}")
    for count in (1, 2):
        print(f"  {f'RQ, forking, nothing to do, {count} worker(s)':<44} {forking[count]:8.1f}")
        ratio = f"{rates[count] / forking[count]:.2f} of it, bar {TARGET}"
        print(f"  {f'syncs, {count} worker(s)':<44} {rates[count]:8.1f}   {ratio}")
    print(f"  two workers over one {rates[2] / rates[1]:.2f}, bar {TARGET_OF_TWO} on PostgreSQL")
    print(
        f"  {OTHERS} syncs: {alone:.1f} s, behind {SLOW} boards that do not answer {behind:.1f} s,"
        f" bar {TARGET_DELAY:.0f} s more"
    )


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
            runs = self._due(BOARDS)
            with working(self._environ, [(*PORTAL_WORKER, SYNC_QUEUE)] * workers):
                enqueue_runs(runs)
                return BOARDS / seconds(lambda: self._ended({run.run_id for run in runs}), BOARDS)

    def others(self, slow: int) -> float:
        """Return how many seconds 200 syncs take behind so many boards that do not answer."""
        serving = [(SYNC_QUEUE,), (SYNC_QUEUE,), (CHORES_QUEUE, SLOW_QUEUE)]
        with self.app.app_context():
            with write() as session:
                session.execute(update(SyncRun).where(SyncRun.finished_at.is_(None)).values(**_OVER))
                these = update(Connection).where(Connection.id <= slow)
                session.execute(these.values(slow=True, board_token="slow"))
            runs = sorted(self._due(slow + OTHERS), key=lambda run: not run.slow)
            others = {run.run_id for run in runs if not run.slow}
            with working(self._environ, [(*PORTAL_WORKER, *names) for names in serving]):
                enqueue_runs(runs)
                return seconds(lambda: self._ended(others), OTHERS)

    def _due(self, count: int) -> list[WaitingRun]:
        """Queue a sync for each of the first connections."""
        with write() as session:
            session.execute(update(Connection).values(next_sync_at=None, last_started_at=None))
            first = update(Connection).where(Connection.id <= count)
            session.execute(first.values(next_sync_at=utc_now()))
        start_due(utc_now())
        with write():
            return claim_for_enqueueing(utc_now(), timedelta(), count)

    def _ended(self, run_ids: set[int]) -> int:
        db.session.rollback()
        query = select(func.count()).where(
            SyncRun.status == RunStatus.SUCCEEDED,
            SyncRun.id.between(min(run_ids), max(run_ids)),
            SyncRun.id.in_(run_ids),
        )
        return db.session.scalar(query) or 0


_OVER = {"status": RunStatus.CANCELLED, "finished_at": utc_now(), "lease_until": None}


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
def working(environ: dict[str, str], commands: Sequence[Sequence[str]]) -> Iterator[None]:
    """Workers, each a process of its own; a task that still waits for its board ends with them."""
    workers = [
        subprocess.Popen(
            bound_to_this_process([sys.executable, *command]),
            cwd=REPOSITORY,
            env=os.environ | environ,
            process_group=0,
        )
        for command in commands
    ]
    try:
        with Redis.from_url(environ["REDIS_URL"]) as redis:
            while Worker.count(connection=redis) < len(commands):
                sleep(0.01)
        yield
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        for worker in workers:
            try:
                worker.wait(5)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        with Redis.from_url(environ["REDIS_URL"]) as redis:
            redis.flushall()


def seconds(ended: Callable[[], int], total: int) -> float:
    """Return how long it takes from now on until so many have ended."""
    start = perf_counter()
    while (count := ended()) < total:
        if perf_counter() - start > LONGEST:
            raise TimeoutError(f"{count} of {total} ended")
        sleep(LOOK_SECONDS)
    return perf_counter() - start


def bare_tasks(environ: dict[str, str], workers: int) -> float:
    """Return how many tasks that do nothing RQ's forking workers end a second."""
    command = (*FORKING_WORKER, environ["REDIS_URL"])
    with Redis.from_url(environ["REDIS_URL"]) as redis, working(environ, [command] * workers):
        queue = queue_named(SYNC_QUEUE, redis)
        queue.enqueue_many([Queue.prepare_data("time.time", result_ttl=0) for _ in range(TASKS)])
        return TASKS / seconds(lambda: TASKS - queue.count, TASKS)


def hashes_a_second(url: str, file: Path) -> float:
    """Return how many boards the bare script fetches and compares a second."""
    hash_only(url, file)
    start = perf_counter()
    for _ in range(BOARDS):
        hash_only(url, file)
    return BOARDS / (perf_counter() - start)


if __name__ == "__main__":
    main()

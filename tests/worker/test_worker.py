"""Workers stop when they are asked, say that they are there while they work, and begin anew now and then."""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest
from flask import Flask
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from rq.utils import utcformat

from portal.queues import SYNC_QUEUE, WORKER_SILENCE, count_workers, queue_named
from portal.worker import __main__ as working
from portal.worker.__main__ import PortalWorker
from tests.support.processes import PATIENCE, marked, started, wait_until

ASKED_IN_A_FINALIZER = """
import signal
import sys
from rq import Queue
from portal.queues import connect_redis
from portal.worker.__main__ import PortalWorker

class Finalized:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)

class Asked(PortalWorker):
    def dequeue_job_and_maintain_ttl(self, *arguments):
        Finalized()
        print("asked", flush=True)
        return super().dequeue_job_and_maintain_ttl(*arguments)

connection = connect_redis(sys.argv[1], answer_timeout=None)
worker = Asked([Queue("nothing", connection=connection)], connection=connection, worker_ttl=16)
worker.work(logging_level="ERROR")
print("stopped", worker.stop_requested)
"""


def test_a_stop_that_comes_while_an_object_is_finalized_is_not_lost(redis_url: str) -> None:
    with started("-c", ASKED_IN_A_FINALIZER, redis_url) as worker:
        output, _ = worker.communicate(timeout=PATIENCE)
    assert "asked" in output
    assert "Exception ignored" in output  # RQ's own way out was dropped
    assert output.splitlines()[-1] == "stopped True"


@pytest.fixture
def usual_signals() -> Iterator[None]:
    """What RQ does to this process's signals is undone."""
    usual = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)}
    yield
    for number, handler in usual.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("usual_signals")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_counts_as_there_while_a_long_task_runs(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "HEARTBEAT_SECONDS", 0.05)
    redis = app.extensions["redis"]
    queue = queue_named(SYNC_QUEUE, redis)
    queue.enqueue("time.sleep", 1.5)
    worker = PortalWorker([queue], connection=redis, serializer=JSONSerializer)
    seen: list[int] = []

    def forget_and_look() -> None:
        wait_until(lambda: redis.hget(worker.key, "state") == b"busy", "the task to begin")
        long_ago = datetime.now(UTC) - WORKER_SILENCE - timedelta(seconds=1)
        redis.hset(worker.key, "last_heartbeat", utcformat(long_ago))
        with app.app_context():
            wait_until(count_workers, "the worker to count again")
            seen.append(redis.hget(worker.key, "state"))

    looking = Thread(target=forget_and_look)
    looking.start()
    worker.work(burst=True, logging_level="ERROR")
    looking.join()
    assert seen == [b"busy"]


def test_worker_py_starts_a_process_for_each_purpose_and_ends_them_all_when_it_is_asked_to_stop(
    tmp_path: Path,
) -> None:
    mark = uuid4().hex
    purposes = ("worker applications sync", "worker applications chores slow")
    wanted = {*purposes, "worker.tick", "worker.mail", "worker.outgoing"}

    def found() -> set[str]:
        return {
            command.partition("-m portal.")[2].strip()
            for command in marked(mark).values()
            if "-m portal." in command
        }

    with started("worker.py", INSTANCE_DIR=str(tmp_path), PUBLIC_URL="", MARK=mark) as supervisor:
        wait_until(lambda: found() == wanted, "all programs")
        supervisor.terminate()
        assert supervisor.wait(PATIENCE) == 0
        assert not marked(mark)


BEGINS_ANEW_AFTER_TWO = """
from portal.worker import __main__ as working
working.TASKS_PER_PROCESS = 2
working.main(["sync"])
"""


def test_after_so_many_tasks_a_worker_begins_anew_in_the_same_process_and_none_is_lost(
    redis_url: str, sqlite_url: str, tmp_path: Path
) -> None:
    environ = {"REDIS_URL": redis_url, "DATABASE_URL": sqlite_url, "INSTANCE_DIR": str(tmp_path)}
    with Redis.from_url(redis_url) as redis, started("-c", BEGINS_ANEW_AFTER_TWO, **environ) as worker:
        queue = queue_named(SYNC_QUEUE, redis)
        queue.enqueue_many([Queue.prepare_data("time.time", result_ttl=0) for _ in range(5)])
        command = Path(f"/proc/{worker.pid}/cmdline")
        wait_until(lambda: b"portal.worker\0sync" in command.read_bytes(), "a new worker in its place")
        wait_until(lambda: not queue.job_ids, "every task to be taken")
        worker.terminate()
        assert worker.wait(PATIENCE) == 0

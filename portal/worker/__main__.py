"""``python -m portal.worker [QUEUE…]``: one RQ worker for these queues, or for all."""

import os
import sys
from contextlib import suppress
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import structlog
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker, worker_registration
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

import portal.worker.tasks  # noqa: F401 - RQ finds them by name: they are loaded before the first comes
from portal.config import current_settings
from portal.queues import HEARTBEAT_SECONDS, QUEUES, connect_redis, queue_named
from portal.worker.application import application

PAUSE_SECONDS = 1.0
TASKS_PER_PROCESS = 5000  # then a new one begins: what large boards left in memory goes with the old one
BEAT_PAUSE_SECONDS = 1.0
RQ_SLACK_SECONDS = 15  # RQ waits for a task this much shorter than its worker_ttl

log = structlog.get_logger()


class PortalWorker(SimpleWorker):
    """RQ's worker that carries out tasks in its own process, and says during each that it is there."""

    max_connection_wait_time = 5.0
    stop_requested = False
    tasks = 0
    _beat_again_at = 0.0

    def work(self, *arguments: Any, **named: Any) -> bool:
        """Work as RQ does; a thread sends heartbeats during tasks."""
        over = Event()
        Thread(target=self._beat_until, args=(over,), daemon=True, name="heartbeat").start()
        try:
            return super().work(*arguments, **named)
        finally:
            over.set()

    def _beat_until(self, over: Event) -> None:
        while not over.wait(HEARTBEAT_SECONDS):
            if self.get_state() == WorkerStatus.BUSY:
                with suppress(RedisError):
                    self.heartbeat()

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Carry out a task, and count it."""
        self.tasks += 1
        super().execute_job(job, queue)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Tell Redis that this worker is there, also one that was emptied and has forgotten it.

        RQ asks for it three times a task; once a second says as much, and saves a third of RQ's own time.
        Raises ``StopRequested`` where a stop was asked for and the worker waits all the same: Python drops
        what RQ raises in its signal handler if the signal comes while an object is finalized.
        """
        if self.stop_requested and self.get_state() == WorkerStatus.IDLE:
            raise StopRequested
        if pipeline is not None:
            super().heartbeat(timeout, pipeline)
        elif monotonic() >= self._beat_again_at:
            super().heartbeat(timeout)
            worker_registration.register(self)
            self._beat_again_at = monotonic() + BEAT_PAUSE_SECONDS

    def handle_warm_shutdown_request(self) -> None:
        """Remember that a signal ended the work, and not a fault."""
        self.stop_requested = True

    def set_shutdown_requested_date(self) -> None:
        """Write nothing to Redis: RQ calls this in a signal handler, in the midst of a task."""


def main(names: list[str]) -> None:
    """Work until asked to stop. RQ's worker ends where Redis goes away; then another one begins."""
    with application().app_context():
        url = current_settings().redis_url
    left = TASKS_PER_PROCESS
    try:
        while (left := left - _work(url, names or QUEUES, left)) > 0:
            sleep(PAUSE_SECONDS)
    except StopRequested:
        return
    os.execv(sys.executable, [sys.executable, "-m", "portal.worker", *names])  # noqa: S606 - its own command


def _work(url: str, names: list[str], most: int) -> int:
    """Carry out tasks, so many at most; return how many. Raises ``StopRequested`` where a signal came."""
    connection, worker = connect_redis(url, answer_timeout=None), None
    try:
        worker = PortalWorker(
            [queue_named(name, connection) for name in names],
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=HEARTBEAT_SECONDS + RQ_SLACK_SECONDS,
        )
        worker.work(logging_level="WARNING", max_jobs=most)
    except RedisError as error:
        log.warning("queue_unreachable", error=type(error).__name__)
    finally:
        connection.close()
    if worker is None:
        return 0
    if worker.stop_requested:
        raise StopRequested
    return worker.tasks


if __name__ == "__main__":
    main(sys.argv[1:])

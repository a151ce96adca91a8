"""``python -m portal.worker``: one RQ worker, which forks a work-horse for each task."""

import gc
from time import sleep
from types import FrameType
from typing import Any

import structlog
from redis.exceptions import RedisError
from rq import Queue, Worker, worker_registration
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

from portal.actions.warm_up import warm_up
from portal.config import current_settings
from portal.extensions import db
from portal.process import die_with_parent
from portal.queue import CHORES_QUEUE, HEARTBEAT_SECONDS, SYNC_QUEUE, connect_redis, queue_named
from portal.worker.tasks import application

PAUSE_SECONDS = 1.0
CHORES_EVERY = 4  # tasks
RQ_SLACK_SECONDS = 15  # RQ waits for a task this much shorter than its worker_ttl

log = structlog.get_logger()


class PortalWorker(Worker):
    """RQ's forking worker, whose work-horse dies with it and opens database connections of its own."""

    max_connection_wait_time = 5.0
    told_to_stop = False
    _taken = 0

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Prepare the fresh fork, then carry out the task."""
        die_with_parent(self.pid)
        with application().app_context():
            for engine in db.engines.values():
                engine.dispose(close=False)  # the parent's connections are the parent's
        super().main_work_horse(job, queue)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Tell Redis that this worker is there, also one that was emptied and has forgotten it.

        Raises ``StopRequested`` where a stop was asked for and the worker waits all the same: Python drops
        what RQ raises in its signal handler if the signal comes while an object is finalized.
        """
        if self.told_to_stop and self.get_state() == WorkerStatus.IDLE:
            raise StopRequested
        super().heartbeat(timeout, pipeline)
        if pipeline is None:
            worker_registration.register(self)

    def reorder_queues(self, reference_queue: Queue) -> None:
        """Let chores go first every so often: syncs that never stop coming would starve them."""
        self._taken += 1
        first = SYNC_QUEUE if self._taken % CHORES_EVERY else CHORES_QUEUE
        self._ordered_queues = sorted(self.queues, key=lambda queue: queue.name != first)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Remember that a signal ended the work, and not a fault."""
        self.told_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call] # RQ annotates only some


def main() -> None:
    """Work until told to stop; RQ's worker gives up where Redis goes away, and then another begins."""
    with application().app_context():
        url = current_settings().redis_url
        warm_up()
    gc.freeze()  # a fork shares what nobody goes through
    try:
        while not _work(url):
            sleep(PAUSE_SECONDS)
    except StopRequested:
        return


def _work(url: str) -> bool:
    """Work on a connection of its own, which waits long; whether a signal ended it."""
    connection = connect_redis(url, answer_timeout=None)
    queues = [queue_named(name, connection) for name in (SYNC_QUEUE, CHORES_QUEUE)]
    try:
        worker = PortalWorker(
            queues,
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=HEARTBEAT_SECONDS + RQ_SLACK_SECONDS,
            job_monitoring_interval=HEARTBEAT_SECONDS,
        )
        worker.work(logging_level="WARNING")
    except RedisError as error:
        log.warning("queue_unreachable", error=type(error).__name__)
        return False
    finally:
        connection.close()
    return worker.told_to_stop


if __name__ == "__main__":
    main()

"""Redis: a client that gives up soon, and the queues. Nothing else enqueues."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, cast

import structlog
from flask import current_app
from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import MaxConnectionsError, RedisError
from redis.exceptions import TimeoutError as NoAnswer
from redis.retry import Retry
from rq import Queue, Worker
from rq.serializers import JSONSerializer

REMEMBERED_SECONDS = 1.0


class RememberingPool(ConnectionPool):
    """Remembers for a second that Redis was away, so that one request waits for it once and not thrice.

    ``away`` says whether the last attempt of this process to reach Redis failed.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.away = False
        self._ask_again_at = 0.0
        super().__init__(*args, **kwargs)

    def get_connection(self, *args: Any, **kwargs: Any) -> Any:
        """Return an open connection, or raise at once where one was refused a moment ago."""
        if monotonic() < self._ask_again_at:
            raise NoConnection("Redis was away a moment ago.")
        try:
            connection = super().get_connection(*args, **kwargs)
        except MaxConnectionsError:
            raise
        except (NoConnection, NoAnswer):
            self.note_away()
            raise
        self.away = False
        return connection

    def note_away(self) -> None:
        """Remember that Redis did not answer."""
        self.away = True
        self._ask_again_at = monotonic() + REMEMBERED_SECONDS


class BriefRedis(Redis):
    """A client over a ``RememberingPool``; an answer that fails to come is remembered as well."""

    connection_pool: RememberingPool

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Carry out one command."""
        try:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except NoAnswer:
            self.connection_pool.note_away()
            raise


SYNC_QUEUE = "sync"
SLOW_QUEUE = "slow"  # syncs of boards that were slow last time: they wait for each other and for nobody else
CHORES_QUEUE = "chores"
APPLICATIONS_QUEUE = "applications"
QUEUES = [APPLICATIONS_QUEUE, SYNC_QUEUE, CHORES_QUEUE, SLOW_QUEUE]
DELIVER = "portal.worker.tasks.deliver_application"
RUN_SYNC = "portal.worker.tasks.run_sync"
TIDY_UP = "portal.worker.tasks.tidy_up"
SEND_ALERTS = "portal.worker.tasks.send_alerts"
TASK_TIMEOUT_SECONDS = 900  # more than a fetch (600 at most) and a commit behind several locks can take
CONNECT_TIMEOUT_SECONDS = 1.0
ANSWER_TIMEOUT_SECONDS = 2.0
HEARTBEAT_SECONDS = 15
TICK_KEY = "portal:tick"
TICK_SILENCE_SECONDS = 15.0
WRITE_KEY = "portal:can-write"
OUTGOING_KEY = "portal:outgoing"
WORKER_SILENCE = timedelta(seconds=3 * HEARTBEAT_SECONDS)

log = structlog.get_logger()


def connect_redis(url: str, answer_timeout: float | None = ANSWER_TIMEOUT_SECONDS) -> Redis:
    """Return a client that soon gives up: the database is the truth, Redis only wakes.

    Who waits for tasks does so as long as it takes: a worker's ``answer_timeout`` is ``None``.
    """
    pool = RememberingPool.from_url(
        url,
        max_connections=100,
        socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
        socket_timeout=answer_timeout,
        retry=Retry(NoBackoff(), 0),
    )
    return BriefRedis(connection_pool=pool)


def redis() -> Redis:
    """Return the application's client."""
    return cast(Redis, current_app.extensions["redis"])


def seems_away() -> bool:
    """Whether this process's last attempt to reach Redis failed."""
    return cast(RememberingPool, redis().connection_pool).away


def chores_queue() -> Queue:
    """Return the queue of what may wait for a while: tidying up."""
    return queue_named(CHORES_QUEUE, redis())


def queue_length() -> int:
    """Return how many tasks wait for a worker; raises ``RedisError``."""
    return sum(queue_named(name, redis()).count for name in QUEUES)


def queue_named(name: str, connection: Redis) -> Queue:
    """Return a queue whose tasks are written as JSON: whoever can write to Redis runs no code by a pickle."""
    return Queue(name, connection=connection, serializer=JSONSerializer)


def is_reachable() -> bool:
    """Whether Redis answers a ping."""
    try:
        return bool(redis().ping())
    except RedisError:
        return False


def enqueue_runs(runs: Sequence[tuple[int, int, bool]]) -> bool:
    """Enqueue runs, each with its generation and whether its board is slow; ``False``: Redis is away.

    The id of an RQ job holds run and generation, so that a run put back can be enqueued at once.
    """
    for name in (SYNC_QUEUE, SLOW_QUEUE):
        calls = [(run_id, generation) for run_id, generation, slow in runs if slow == (name == SLOW_QUEUE)]
        if calls and not _enqueue(queue_named(name, redis()), RUN_SYNC, "sync-run", calls):
            return False
    return True


def enqueue_applications(waiting: Sequence[tuple[int, int]]) -> bool:
    """Enqueue applications, each with its generation; ``False``: Redis is away."""
    return not waiting or _enqueue(queue_named(APPLICATIONS_QUEUE, redis()), DELIVER, "application", waiting)


def count_workers() -> int:
    """Return how many workers said lately that they are there; raises ``RedisError``.

    Redis keeps the name of one that was killed: that it stands there says nothing.
    """
    since = datetime.now(UTC) - WORKER_SILENCE
    workers = Worker.all(connection=redis())
    return sum(each.last_heartbeat is not None and each.last_heartbeat >= since for each in workers)


def note_tick(lasts: float = TICK_SILENCE_SECONDS) -> None:
    """Leave a trace of a tick, which Redis forgets after so many seconds: no two clocks are compared."""
    _leave_trace(TICK_KEY, "tick", lasts)


def note_outgoing(lasts: float = TICK_SILENCE_SECONDS) -> None:
    """Leave a trace of a process that sends webhooks, as of a tick."""
    _leave_trace(OUTGOING_KEY, "outgoing", lasts)


def _leave_trace(key: str, task: str, lasts: float) -> None:
    try:
        redis().set(key, 1, px=int(lasts * 1000))
    except RedisError as error:
        log.warning("queue_unreachable", task=task, error=type(error).__name__)


def ticked_lately() -> bool:
    """Whether a tick went through in the last 15 seconds; raises ``RedisError``."""
    return bool(redis().exists(TICK_KEY))


def sent_lately() -> bool:
    """Whether a process that sends webhooks was there in the last 15 seconds; raises ``RedisError``."""
    return bool(redis().exists(OUTGOING_KEY))


def can_write() -> None:
    """Write something to Redis that it soon forgets; raises ``RedisError`` where it is full or a replica."""
    redis().set(WRITE_KEY, 1, px=1000)


def enqueue_tidying(hour: int) -> bool:
    """Enqueue the hourly deletion of old rows; ticks that do so at once enqueue one task."""
    return _enqueue(chores_queue(), TIDY_UP, "tidy", [(hour,)])


def enqueue_alerts(organisation_ids: Sequence[int], minute: int) -> bool:
    """Have the alerts of these organisations sent that are due by that minute."""
    return _enqueue(chores_queue(), SEND_ALERTS, "alerts", [(each, minute) for each in organisation_ids])


def _enqueue(queue: Queue, task: str, name: str, calls: Sequence[tuple[int, ...]]) -> bool:
    """Enqueue one task with each of these arguments, unless it waits there already."""
    ids = ["-".join([name, *map(str, call)]) for call in calls]
    prepared = [
        Queue.prepare_data(
            task,
            args=call,
            job_id=job_id,
            timeout=TASK_TIMEOUT_SECONDS,
            result_ttl=0,
            failure_ttl=86_400,
        )
        for job_id, call in zip(ids, calls, strict=True)
    ]
    try:
        waiting = _waiting(queue, ids)
        queue.enqueue_many([each for each in prepared if each.job_id not in waiting])
    except RedisError as error:
        log.warning("queue_unreachable", task=task, error=type(error).__name__)
        return False
    return True


def _waiting(queue: Queue, job_ids: Sequence[str]) -> set[str]:
    """Return those of the ids that stand in the queue: RQ would queue them twice."""
    with queue.connection.pipeline(transaction=False) as pipeline:
        for job_id in job_ids:
            pipeline.lpos(queue.key, job_id)
        places = pipeline.execute()
    return {job_id for job_id, place in zip(job_ids, places, strict=True) if place is not None}

"""A Redis subscription that is renewed after failures, and a log that reports each failure once."""

from time import monotonic, sleep

import structlog
from redis import Redis
from redis.client import PubSub
from sqlalchemy.exc import SQLAlchemyError

from portal.live.publish import CHANNEL

RETRY_SECONDS = 1.0

log = structlog.get_logger()


class Failures:
    """What fails at present: each failure is logged once, and not at every attempt. ``total`` counts all."""

    def __init__(self) -> None:
        self.total = 0
        self._present: dict[tuple[str, int | None], type[Exception]] = {}

    def note(self, step: str, organisation_id: int | None, error: Exception) -> None:
        """Note that a step failed, of one organisation or (``None``) of all."""
        self.total += 1
        key = (step, organisation_id)
        if self._present.get(key) is type(error):
            return
        self._present[key] = type(error)
        known = isinstance(error, SQLAlchemyError)  # whose text holds the values of the statement
        log.error(
            "live_failed",
            step=step,
            organisation=organisation_id,
            error=type(error).__name__,
            exc_info=None if known else error,
        )

    def clear(self, step: str, organisation_id: int | None) -> None:
        """Note that a step works."""
        self._present.pop((step, organisation_id), None)


class Subscription:
    """One subscription at a time, for one thread. Whatever Redis does, no method raises or waits long."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._channel: PubSub | None = None
        self._unanswered = False
        self._retry_at = 0.0
        self._failure = ""

    def renew(self) -> bool:
        """Subscribe where there is no subscription; return whether one was made just now."""
        if self._channel is not None or monotonic() < self._retry_at:
            return False
        channel = self._redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call] # redis-py
        self._channel, self._unanswered = channel, False
        try:
            channel.subscribe(CHANNEL)
        except Exception as error:
            self._drop(error)
            return False
        if self._failure:
            log.info("live_subscription_restored")
            self._failure = ""
        return True

    def check(self) -> None:
        """Ask Redis for a sign of life; one that has not answered the last question is left."""
        if self._channel is None:
            return
        if self._unanswered:
            self._drop(TimeoutError())
            return
        try:
            self._channel.ping()
            self._unanswered = True
        except Exception as error:
            self._drop(error)

    def message(self, seconds: float) -> bytes | None:
        """Wait so long for a message; ``None`` when none came."""
        if self._channel is None:
            sleep(seconds)
            return None
        try:
            message = self._channel.get_message(timeout=seconds)
        except Exception as error:
            self._drop(error)
            return None
        if message is None:
            return None
        self._unanswered = False
        return message["data"] if message["type"] == "message" else None

    def close(self) -> None:
        """Give the connection back."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def _drop(self, error: Exception) -> None:
        """Leave a connection that failed, and say so once until there is another."""
        self.close()
        self._retry_at = monotonic() + RETRY_SECONDS
        if self._failure != type(error).__name__:
            self._failure = type(error).__name__
            log.warning("live_subscription_failed", error=self._failure)

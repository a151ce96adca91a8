"""What the portal needs in order to do its work."""

from collections.abc import Callable, Mapping
from typing import Final

from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import session
from portal.queue import count_workers, redis


def database_answers() -> bool:
    """Whether the database answers."""
    try:
        session().execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def queue_answers() -> bool:
    """Whether Redis answers."""
    try:
        return bool(redis().ping())
    except RedisError:
        return False


def workers_answer() -> bool:
    """Whether any worker has said lately that it is there."""
    try:
        return count_workers() > 0
    except RedisError:
        return False


CHECKS: Final[Mapping[str, Callable[[], bool]]] = {
    "database": database_answers,
    "redis": queue_answers,
    "workers": workers_answer,
}

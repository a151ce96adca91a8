"""What the portal needs in order to do its work."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import session
from portal.queue import count_workers, redis
from portal.store.mails import mail_figures

MAIL_PATIENCE = timedelta(minutes=15)


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
"""Without these the portal cannot do its work: probes take it out of rotation."""


def mails_are_sent() -> bool:
    """Whether mails get as far as a mail server; one that it then refuses is no fault of the portal's."""
    try:
        since = mail_figures().untried_since
    except SQLAlchemyError:
        session().rollback()
        return False
    return since is None or since > datetime.now(UTC) - MAIL_PATIENCE


SIDE_CHECKS: Final[Mapping[str, Callable[[], bool]]] = {"mail": mails_are_sent}
"""Where these fail, pages and syncs work all the same: ``degraded``, and no reason to stop serving."""

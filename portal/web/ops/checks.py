"""What the portal needs in order to do its work."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Final

from flask import current_app
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import session
from portal.queue import can_write, count_workers, redis, ticked_lately
from portal.store.mails import mail_figures
from portal.store.transactions import can_save

MAIL_PATIENCE = timedelta(minutes=15)
REMEMBERED_SECONDS: Final = 3.0


def database_answers() -> bool:
    """Whether the database answers."""
    try:
        session().execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def database_saves() -> bool:
    """Whether something can be saved in the database; tried every few seconds, however often it is asked."""
    check: SaveCheck = current_app.extensions.setdefault("save_check", SaveCheck())
    return check()


class SaveCheck:
    """Remembers what the last try showed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._again_at = 0.0
        self._saves = False

    def __call__(self) -> bool:
        """Return whether something can be saved; of several who ask at once one tries."""
        session().rollback()  # the try takes a connection of its own
        with self._lock:
            if monotonic() >= self._again_at:
                try:
                    self._saves = can_save()
                except SQLAlchemyError:
                    self._saves = False
                self._again_at = monotonic() + REMEMBERED_SECONDS
            return self._saves


def redis_answers() -> bool:
    """Whether Redis answers."""
    try:
        return bool(redis().ping())
    except RedisError:
        return False


def redis_saves() -> bool:
    """Whether something can be saved in Redis: it is neither full nor a replica."""
    try:
        can_write()
    except RedisError:
        return False
    return True


def workers_answer() -> bool:
    """Whether any worker has said lately that it is there."""
    try:
        return count_workers() > 0
    except RedisError:
        return False


def ticks() -> bool:
    """Whether a tick went through lately: without it nothing that is scheduled starts."""
    try:
        return ticked_lately()
    except RedisError:
        return False


def live_hub_answers() -> bool:
    """Whether the pages that this process streams to hear of changes."""
    return bool(current_app.extensions["live_hub"].is_up)


CHECKS: Final[Mapping[str, Callable[[], bool]]] = {
    "database": database_answers,
    "database_saves": database_saves,
    "redis": redis_answers,
    "redis_saves": redis_saves,
    "workers": workers_answer,
    "tick": ticks,
    "live": live_hub_answers,
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

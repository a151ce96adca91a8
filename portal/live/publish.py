"""Publish in Redis that an organisation changed, or how far a run is; a message only wakes readers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from time import monotonic

from flask import Response, after_this_request, has_request_context
from redis import Redis
from redis.exceptions import RedisError

from portal.queues import redis

CHANNEL = "portal:changes"
Message = Mapping[str, int | str]
PROGRESS_TTL_SECONDS = 600


class Phase(StrEnum):
    """What a running sync is doing."""

    FETCHING = "fetching"
    READING = "reading"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: ``done`` of ``total`` posts, or kilobytes while fetching (``total`` 0: unknown).

    ``phase`` is ``None`` where the worker is newer than this process and does what that does not know.
    """

    phase: Phase | None
    done: int = 0
    total: int = 0


def announce(organisation_id: int, revision: int) -> None:
    """Say that the organisation reached a revision; call it after the commit. Losing it costs a heartbeat.

    In a request it is said once the answer is on its way: whoever saved waits for no message to others.
    """
    _publish_once_answered({"organisation": organisation_id, "revision": revision})


def announce_sign_outs() -> None:
    """Say that sign-ins ended or people were removed, so that their streams end at once."""
    _publish_once_answered({"sessions": 1})


def publish_progress(organisation_id: int, run_id: int, progress: Progress) -> None:
    """Say how far a run is, and keep it for pages opened meanwhile."""
    try:
        redis().set(_key(run_id), json.dumps(asdict(progress)), ex=PROGRESS_TTL_SECONDS)
    except RedisError:
        return
    publish({"organisation": organisation_id, "progress": run_id})


def progress_of(run_id: int) -> Progress | None:
    """Return how far a run is, if its worker said so and Redis can tell."""
    try:
        stored = redis().get(_key(run_id))
    except RedisError:
        return None
    return _parse_progress(stored) if isinstance(stored, bytes) else None


def _parse_progress(stored: bytes) -> Progress | None:
    """Read what a worker stored, perhaps one of another version; ``None`` where it says nothing we know."""
    try:
        values = json.loads(stored)
        phase, done, total = values["phase"], int(values["done"]), int(values["total"])
    except (ValueError, TypeError, KeyError):
        return None
    return Progress(Phase(phase) if phase in list(Phase) else None, done, total)


def _key(run_id: int) -> str:
    return f"portal:progress:{run_id}"


def publish(message: Message) -> bool:
    """Send a message to every web process at once; ``False`` when Redis did not take it."""
    return _send(redis(), message)


def _publish_once_answered(message: Message) -> None:
    send = partial(_send, redis(), message)
    if has_request_context():
        after_this_request(partial(_on_close, send))
    else:
        send()


def _on_close(send: Callable[[], bool], response: Response) -> Response:
    response.call_on_close(send)
    return response


def _send(client: Redis, message: Message) -> bool:
    try:
        client.publish(CHANNEL, json.dumps(message))
    except RedisError:
        return False
    return True


FIRST_SECONDS = 0.3
EVERY_SECONDS = 0.2


class BulkProgress:
    """Publishes the progress of one bulk edit, a few times a second at most, and not of a short one.

    It is told to the sign-in that asked, whose pages know by ``token`` which of their requests is meant.
    Redis being away must not hold up the transaction: what it did not take once is told no more.
    """

    def __init__(self, organisation_id: int, login_id: int, token: str) -> None:
        self._told: dict[str, int | str] = {"organisation": organisation_id, "login": login_id, "bulk": token}
        self._next = monotonic() + FIRST_SECONDS

    def __call__(self, done: int, total: int) -> None:
        """Tell that so many jobs are written; all of them are committed at once, after the last."""
        if monotonic() < self._next:
            return
        self._next = monotonic() + EVERY_SECONDS
        if not publish({**self._told, "done": done, "total": total}):
            self._next = float("inf")

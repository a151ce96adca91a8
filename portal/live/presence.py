"""Presence: who has which job open or edits which field, kept in Redis by organisation with an expiry.

A page says it again and again. Nothing depends on it: without Redis nobody is seen.
"""

import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from time import time

from redis.exceptions import RedisError

from portal.live.publish import publish
from portal.queues import redis

LASTS_SECONDS = 13  # pages say it every six seconds, and the hub looks every five
KEPT_SECONDS = 60  # after that nobody can be about to say it again
MOST_SHOWN = 100  # everybody is sent all of an organisation's


@dataclass(frozen=True, slots=True, order=True)
class Presence:
    """One person at one job; ``field`` is empty while they only look."""

    job_id: int
    field: str
    name: str
    user_id: int


def note_presence(organisation_id: int, page: str, presence: Presence) -> None:
    """Store where somebody is in a page of theirs, and publish it if it differs from before."""
    key, stored = _key(organisation_id), json.dumps([time() + LASTS_SECONDS, *astuple(presence)])
    try:
        with redis().pipeline() as pipeline:
            pipeline.hget(key, page)
            pipeline.hset(key, page, stored)
            pipeline.expire(key, KEPT_SECONDS)
            before, *_ = pipeline.execute()
    except RedisError:
        return
    if before is None or _read(before) != presence:
        publish({"organisation": organisation_id, "presence": 1})


def forget_presence(organisation_id: int, page: str) -> None:
    """Note that somebody is at no job any more in that page."""
    try:
        was_there = redis().hdel(_key(organisation_id), page)
    except RedisError:
        return
    if was_there:
        publish({"organisation": organisation_id, "presence": 1})


def presences_in(organisation_ids: Iterable[int]) -> dict[int, list[Presence]]:
    """Return who is where in each organisation; raises ``RedisError``."""
    ids = list(organisation_ids)
    with redis().pipeline(transaction=False) as pipeline:
        for organisation_id in ids:
            pipeline.hgetall(_key(organisation_id))
        stored = pipeline.execute()
    return {key: _present(key, pages) for key, pages in zip(ids, stored, strict=True)}


def _present(organisation_id: int, pages: dict[bytes, bytes]) -> list[Presence]:
    long_gone = [page for page, value in pages.items() if _read(value, late=KEPT_SECONDS) is None]
    if long_gone:
        redis().hdel(_key(organisation_id), *long_gone)
    return sorted({found for value in pages.values() if (found := _read(value))})[:MOST_SHOWN]


def _read(stored: bytes, late: int = 0) -> Presence | None:
    """Return what was stored, perhaps by another version; ``None`` where it has lapsed."""
    try:
        until, job_id, field, name, user_id = json.loads(stored)
        return Presence(int(job_id), str(field), str(name), int(user_id)) if until + late >= time() else None
    except (ValueError, TypeError):
        return None


def _key(organisation_id: int) -> str:
    return f"portal:presence:{organisation_id}"

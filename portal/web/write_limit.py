"""A bound on how many requests of a process write at once, in all and for one organisation.

Whoever waits for a lock of the database holds a thread and a connection meanwhile. Many who wait for one
organisation's lock must leave enough of both for everybody's pages, and for the other organisations' edits.
"""

from collections import Counter
from http import HTTPStatus
from threading import Condition
from typing import Final

from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue

from portal.config import Settings
from portal.extensions import session
from portal.web.errors import retry_later

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
PATIENCE_SECONDS: Final = 2.0
OWNERS: Final = ("org", "connection_key")
"""The parts of an address that name whose lock a request will wait for."""


class WriteLimit:
    """Places for those who write: ``most`` in all, ``most_of_one`` for one owner."""

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._taken: Counter[str] = Counter()
        self._left = Condition()

    def enter(self, owner: str, patience: float = PATIENCE_SECONDS) -> bool:
        """Take a place, waiting so many seconds for one; ``False`` says that there was none."""
        with self._left:
            if not self._left.wait_for(lambda: self._is_free(owner), patience):
                return False
            self._taken[owner] += 1
            return True

    def leave(self, owner: str) -> None:
        """Give a place back."""
        with self._left:
            self._taken[owner] -= 1
            if not self._taken[owner]:
                del self._taken[owner]
            self._left.notify_all()

    def _is_free(self, owner: str) -> bool:
        return self._taken.total() < self._most and self._taken[owner] < self._most_of_one


def init_app(app: Flask) -> None:
    """Let every request that may write take a place first; call it after those who may write were checked."""
    settings: Settings = app.extensions["settings"]
    limit = WriteLimit(settings.writers_per_process, settings.writers_per_organisation)

    def enter() -> ResponseReturnValue | None:
        owner = _owner()
        if owner is None:
            return None
        session().rollback()  # whoever waits for a place holds no connection
        if not limit.enter(owner):
            return _busy()
        g.writes_for = owner
        return None

    def leave(_error: BaseException | None) -> None:
        if (owner := g.pop("writes_for", None)) is not None:
            limit.leave(owner)

    app.before_request(enter)
    app.teardown_request(leave)


def _owner() -> str | None:
    """Whose lock the request may wait for; ``None`` where it reads, or belongs to nobody."""
    if request.method in SAFE or not request.view_args:
        return None
    name = next((name for name in OWNERS if name in request.view_args), None)
    return None if name is None else f"{name} {g.org.slug if name == 'org' else request.view_args[name]}"


def _busy() -> Response:
    return retry_later(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Others are saving at this moment",
        "Nothing was saved yet. What you typed is still there: go back to it and try again in a moment.",
    )

"""A bound on how many requests of a process write at once, in all and for one organisation.

Whoever waits for a lock of the database holds a thread and a connection meanwhile. Many who wait for one
organisation's lock must leave enough of both for everybody's pages, and for the other organisations' edits.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from typing import Final

from flask import Flask, current_app, g, has_request_context

from portal.config import Settings

PATIENCE_SECONDS: Final = 2.0
NOBODY: Final = 0
"""The owner of what belongs to no organisation."""


class TooManyWriters(Exception):
    """So many others write at this moment that there was no place; nothing was written."""


class WriteLimit:
    """Places for those who write: ``most`` in all, ``most_of_one`` for one owner."""

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._taken: Counter[int | str] = Counter()
        self._left = Condition()

    def enter(self, owner: int | str, patience: float = PATIENCE_SECONDS) -> bool:
        """Take a place, waiting so many seconds for one; ``False`` says that there was none."""
        with self._left:
            if not self._left.wait_for(lambda: self._is_free(owner), patience):
                return False
            self._taken[owner] += 1
            return True

    def leave(self, owner: int | str) -> None:
        """Give a place back."""
        with self._left:
            self._taken[owner] -= 1
            if not self._taken[owner]:
                del self._taken[owner]
            self._left.notify_all()

    def _is_free(self, owner: int | str) -> bool:
        return self._taken.total() < self._most and self._taken[owner] < self._most_of_one


def init_app(app: Flask, settings: Settings) -> None:
    """Let every request that writes take a place first."""
    limit = WriteLimit(settings.writers_per_process, settings.writers_per_organisation)
    app.extensions["write_limit"] = limit

    @app.teardown_request
    def _(_error: BaseException | None) -> None:
        if (owner := g.pop("writes_for", None)) is not None:
            limit.leave(owner)


@contextmanager
def writer_slot(owner: int | None, patience: float) -> Iterator[None]:
    """Hold a place around a write transaction of a request; call it while no connection is held.

    The place of an organisation (``owner``) is held until the request has ended: one that has saved is
    not refused when it writes again, such as to start a sync. Raises ``TooManyWriters`` where no place is
    free within ``patience`` seconds, and within ``PATIENCE_SECONDS``. Workers and commands are not limited.
    """
    if not has_request_context() or "writes_for" in g:
        yield
        return
    limit: WriteLimit = current_app.extensions["write_limit"]
    entered_for = NOBODY if owner is None else owner
    if not limit.enter(entered_for, min(patience, PATIENCE_SECONDS)):
        raise TooManyWriters
    if owner is not None:
        g.writes_for = owner
        yield
        return
    try:
        yield
    finally:
        limit.leave(entered_for)

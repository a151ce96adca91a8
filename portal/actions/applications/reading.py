"""Read an application form from Greenhouse, and the schools, degrees and disciplines to choose from."""

from contextlib import suppress
from threading import BoundedSemaphore
from time import monotonic
from typing import Final

import msgspec
from redis.exceptions import RedisError

from portal.actions.sync.connection import greenhouse_client
from portal.boards.errors import BoardUnavailable, GreenhouseError, PostClosed
from portal.db import end_read
from portal.domain.applications.forms import ApplicationForm, Option
from portal.domain.sync.board_tokens import BoardToken
from portal.domain.sync.health import FailureKind
from portal.queues import redis

__all__ = ["GreenhouseError", "PostClosed"]


class FormUnusable(GreenhouseError):
    """The form asks for something that cannot be asked here."""

    kind = FailureKind.MALFORMED


SECONDS: Final = 8.0  # while somebody waits
MOST_AT_ONCE: Final = 12
"""Of a process's threads, however slow Greenhouse is: all other pages have the rest."""
REMEMBERED_SECONDS: Final = 86_400
_reading = BoundedSemaphore(MOST_AT_ONCE)


def read_form(board_token: str, post_id: int) -> ApplicationForm:
    """Return the form as it is now, and remember it; raises ``PostClosed`` and the client's other errors."""
    end_read()  # Greenhouse may take seconds
    if not _reading.acquire(blocking=False):
        raise BoardUnavailable("Too many people are applying at this moment.")
    try:
        form = greenhouse_client(SECONDS).application_form(BoardToken(board_token), post_id)
    finally:
        _reading.release()
    if form.left_out:
        raise FormUnusable(f"It asks for “{form.left_out[0]}”, which only Greenhouse's own page can ask.")
    with suppress(RedisError):
        redis().set(_form_key(board_token, post_id), msgspec.json.encode(form), ex=REMEMBERED_SECONDS)
    return form


def remembered_form(board_token: str, post_id: int) -> ApplicationForm | None:
    """Return the form as it was read last: what was typed into it can be shown again."""
    try:
        stored = redis().get(_form_key(board_token, post_id))
        return msgspec.json.decode(stored, type=ApplicationForm) if isinstance(stored, bytes) else None
    except (RedisError, msgspec.DecodeError):
        return None


def _form_key(board_token: str, post_id: int) -> str:
    return f"portal:application-form:{board_token}:{post_id}"


class EducationLists:
    """What a board's education is chosen from, asked for in turn; all of it takes ``SECONDS`` at most."""

    def __init__(self, board_token: str) -> None:
        self._board_token, self._ends = board_token, monotonic() + SECONDS

    def degrees(self) -> list[Option]:
        """Return the degrees that the board knows, remembered for a day."""
        return self._remembered("degrees")

    def disciplines(self) -> list[Option]:
        """Return the disciplines that the board knows, remembered for a day."""
        return self._remembered("disciplines")

    def schools(self, term: str) -> list[Option]:
        """Return the first hundred schools whose names hold a term."""
        return self._ask("schools", term)

    def _remembered(self, kind: str) -> list[Option]:
        key = f"portal:{kind}:{self._board_token}"
        with suppress(RedisError, msgspec.DecodeError):
            if isinstance(stored := redis().get(key), bytes):
                return msgspec.json.decode(stored, type=list[Option])
        found = self._ask(kind)
        with suppress(RedisError):
            redis().set(key, msgspec.json.encode(found), ex=REMEMBERED_SECONDS)
        return found

    def _ask(self, kind: str, term: str = "") -> list[Option]:
        left = self._ends - monotonic()
        if left <= 0:
            raise BoardUnavailable("Greenhouse took too long to answer.")
        end_read()
        if not _reading.acquire(blocking=False):
            raise BoardUnavailable("Too many people are applying at this moment.")
        try:
            return greenhouse_client(left).education_choices(BoardToken(self._board_token), kind, term)
        finally:
            _reading.release()

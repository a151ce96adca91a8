"""A Redis client for a service that only wakes others: when Redis is away, the page must not wait for it."""

from time import monotonic
from typing import Any

from redis import ConnectionPool, Redis
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import MaxConnectionsError
from redis.exceptions import TimeoutError as NoAnswer

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

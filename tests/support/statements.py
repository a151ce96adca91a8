"""Hear which statements a driver is sent, by SQLAlchemy itself and by ``portal.prepared_statements``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread, current_thread
from typing import Any, NamedTuple
from unittest.mock import patch

from sqlalchemy import Engine


class Sent(NamedTuple):
    """One statement, what it was given, and who sent it."""

    statement: str
    parameters: Any
    by: Thread


@contextmanager
def statements_sent(engine: Engine) -> Iterator[list[Sent]]:
    """Collect what is sent meanwhile; what begins and ends transactions is not among it."""
    sent: list[Sent] = []
    dialect: Any = engine.dialect

    def heard(send: Callable[..., None]) -> Callable[..., None]:
        def hear(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
            sent.append(Sent(statement, parameters, current_thread()))
            send(cursor, statement, parameters, context)

        return hear

    with (
        patch.object(dialect, "do_execute", heard(dialect.do_execute)),
        patch.object(dialect, "do_executemany", heard(dialect.do_executemany)),
    ):
        yield sent

"""A web application with streams that stay open until the server tells them to end.

``/stream`` holds a thread; the one under ``/live`` is a hub's, whose socket is taken over.
"""

import os
from collections.abc import Iterable, Iterator
from threading import Event
from typing import Any

from portal.live import hub as hub_module
from portal.live.events import Changes, heartbeat
from portal.live.hub import Hub, stop_streams
from portal.live.sockets import connection_of
from portal.queues import connect_redis

ended = Event()


class Unchanging:
    """What the hub reads: one organisation, where nothing happens."""

    def __getattr__(self, name: str) -> Any:
        return lambda organisations: dict.fromkeys(organisations, 1) if name == "revisions" else []

    def changes(self, organisation_id: int, after: int) -> Changes:
        return Changes(after, ())

    def allowed(self, watchers: list[Any]) -> set[int]:
        return {watcher.login_id for watcher in watchers}


hub = Hub(Unchanging(), connect_redis("unix:///nowhere/redis.sock"), 100, in_threads=0)


def stop() -> None:
    ended.set()
    stop_streams()


hub_module.stop_streams = stop


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    told = [("Worker", str(os.getpid())), ("Taken-Over", str(len(hub._sockets._open)))]
    start_response("200 OK", [("Content-Type", "text/event-stream"), *told])
    return live_stream(environ) if environ["PATH_INFO"].startswith("/live/") else stream(environ)


def stream(environ: dict[str, Any]) -> Iterator[bytes]:
    yield b"data: open\n\n"
    if environ["PATH_INFO"] == "/stream":
        ended.wait()
        yield b"data: end\n\n"


def live_stream(environ: dict[str, Any]) -> Iterable[bytes]:
    connection, login = connection_of(environ), int(environ["PATH_INFO"].rpartition("/")[2])
    watcher = hub.watch(1, login, 1, connection)
    assert watcher is not None
    return hub.stream(watcher, (heartbeat(1),))

"""A web application with one stream that stays open until the server tells it to end."""

import os
from collections.abc import Iterator
from threading import Event
from typing import Any

from portal import live

ended = Event()
live.stop_streams = ended.set


def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Type", "text/event-stream"), ("Worker", str(os.getpid()))])
    yield b"data: open\n\n"
    if environ["PATH_INFO"] == "/stream":
        ended.wait()
        yield b"data: end\n\n"

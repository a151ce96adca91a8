"""A line on which a page stops for a moment in its middle; the rest of a site comes as it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep

import requests

PAUSE_SECONDS = 0.7  # more than a page waits for until it is painted


@contextmanager
def line_that_stops(url: str, before: bytes) -> Iterator[str]:
    """Serve the site at ``url`` at the address that is given; its pages stop before these bytes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            cookie = {"Cookie": self.headers.get("Cookie")}  # a browser has them for all ports of a host
            answer = requests.get(url + self.path, headers=cookie, timeout=30)
            self.send_response(answer.status_code)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.end_headers()
            first, stop, rest = answer.content.partition(before)
            self.wfile.write(first)
            if stop:
                self.wfile.flush()
                sleep(PAUSE_SECONDS)
            self.wfile.write(stop + rest)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()

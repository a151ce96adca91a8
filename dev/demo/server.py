"""Serves the demo board on this machine: threads, no access log, one connection a request."""

from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

HOST = "127.0.0.1"


class QuietHandler(WSGIRequestHandler):
    """Says nothing about requests; errors are logged by the application."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing."""


def make_board_server(app: Flask, port: int = 0) -> BaseWSGIServer:
    """A server that already listens; port 0 takes a free one, then found as ``.port``."""
    return make_server(HOST, port, app, threaded=True, request_handler=QuietHandler)

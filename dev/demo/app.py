"""The demo board's own Flask application, apart from the portal's, and its server."""

from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from dev.demo import api, page
from dev.demo.board_files import load_state, read_boards, save_state
from dev.demo.boards import Board, Boards

HOST = "127.0.0.1"


def create_demo_board(
    state_dir: Path | None = None, read: Callable[[], dict[str, Board]] = read_boards
) -> Flask:
    """The API and the page. With ``state_dir`` the edits outlive the process; without, they do not."""
    app = Flask(__name__)
    app.jinja_env.undefined = StrictUndefined
    app.config.update(MAX_CONTENT_LENGTH=20_000_000, TRUSTED_HOSTS=["127.0.0.1", "localhost", "[::1]"])
    app.extensions["boards"] = _boards(read(), state_dir)
    app.extensions["applications"] = deque(maxlen=1_000)
    app.register_blueprint(api.bp)
    app.register_blueprint(page.bp)
    return app


def _boards(boards: dict[str, Board], state_dir: Path | None) -> Boards:
    if state_dir is None:
        return Boards(boards)
    load_state(boards, state_dir)
    return Boards(boards, saved=partial(save_state, state_dir=state_dir))


class QuietHandler(WSGIRequestHandler):
    """Says nothing about requests; errors are logged by the application."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing."""


def make_board_server(app: Flask, port: int = 0) -> BaseWSGIServer:
    """A server that already listens; port 0 takes a free one, then found as ``.port``."""
    return make_server(HOST, port, app, threaded=True, request_handler=QuietHandler)

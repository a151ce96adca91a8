"""The stream of changes that an open Manage jobs page listens to."""

from flask import Flask

from portal.live.hub import Hub
from portal.queue import connect_redis
from portal.web.live.routes import bp
from portal.web.live.source import RenderedSource

__all__ = ["bp", "init_app"]


def init_app(app: Flask) -> None:
    """Give the application its hub, whose thread starts with the first stream: in the process that serves."""
    settings = app.extensions["settings"]
    listener = connect_redis(settings.redis_url)
    app.extensions["live_hub"] = Hub(RenderedSource(app), listener, settings.streams_per_process)

"""``create_base_app`` makes the application of every process: settings, logs, database, Redis and templates.

Workers need no more. ``app.py`` adds all that serves the web, and the commands.
"""

from collections.abc import Callable, MutableMapping
from typing import Any

from flask import Flask
from flask.templating import Environment
from jinja2 import StrictUndefined
from sqlalchemy.orm import configure_mappers

from portal.config import REPOSITORY, Settings
from portal.db import configure_engines, db
from portal.engines import engine_options
from portal.logs import configure_logging
from portal.queues import connect_redis


class Templates(Environment):
    """Templates that share their globals, and have none of their own."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals of all: out of a ``ChainMap`` they would be copied slowly, for every page."""
        return super().make_globals(d) if d else self.globals


class Portal(Flask):
    """A Flask application all of whose functions are plain ones."""

    jinja_environment = Templates

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is: to look whether one is ``async``, at every call, takes long."""
        return func


def create_base_app(settings: Settings) -> Flask:
    """Make an application that answers no requests from ``settings``."""
    configure_logging(production=settings.production)
    app = Portal(
        "portal",
        static_folder=None,  # portal/web/assets.py serves what is there, and more
        template_folder=str(REPOSITORY / "templates"),
        instance_path=str(settings.instance_dir.resolve()),
    )
    app.config.update(settings.flask_config())
    app.extensions["settings"] = settings
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["redis"] = connect_redis(settings.redis_url)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings)
    db.init_app(app)
    configure_engines(app, settings)
    configure_mappers()  # a query would, but values are made of rows before a process has made one
    return app

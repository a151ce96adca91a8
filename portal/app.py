"""The Jobs portal: ``create_app`` wires it together and is the only place that knows every part.

Its imports stand inside the functions, so that a process which needs one module (a supervisor's
child, the demo board) does not pay for the web.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from portal.config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application from ``settings``, or from the environment when there are none.

    Raises ``portal.config.ConfigError``, whose text is fit to print, when a setting is unusable.
    """
    import os

    from flask import Flask
    from jinja2 import StrictUndefined

    from portal.config import REPOSITORY, load_settings
    from portal.logs import configure_logging

    settings = settings or load_settings(os.environ)
    configure_logging(production=settings.production)
    app = Flask(
        "portal",
        static_folder=None,  # assets/ serves what is there, and more
        template_folder=str(REPOSITORY / "templates"),
        instance_path=str(settings.instance_dir.resolve()),
    )
    app.config.update(settings.flask_config())
    app.extensions["settings"] = settings
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _answer_probes(app)
    _trust_proxies(app, settings.trusted_proxies)
    _bind_extensions(app, settings)
    _add_web(app)
    return app


def _answer_probes(app: Flask) -> None:
    """Let probes in by whatever host, before a proxy's word for it is looked at."""
    from portal.web import ops

    ops.init_app(app)


def _trust_proxies(app: Flask, proxies: int) -> None:
    """Believe as many forwarding proxies as there are, and no more."""
    from werkzeug.middleware.proxy_fix import ProxyFix

    if proxies:
        wsgi = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies, x_port=proxies)
        app.wsgi_app = wsgi  # type: ignore[method-assign] # the documented way to wrap an application


def _bind_extensions(app: Flask, settings: Settings) -> None:
    """Bind database, queue connection, limiter and the rest to the application."""
    from portal import write_limit
    from portal.config import REPOSITORY
    from portal.db import configure_engines, db, engine_options, migrate
    from portal.queues import connect_redis
    from portal.web.extensions import htmx, limiter

    app.config.update(_limiter_config())
    app.extensions["redis"] = connect_redis(settings.redis_url)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings)
    db.init_app(app)
    configure_engines(app)
    write_limit.init_app(app, settings)
    migrate.init_app(app, db, directory=str(REPOSITORY / "migrations"))
    limiter.init_app(app)
    htmx.init_app(app)


def _add_web(app: Flask) -> None:
    """Add pages, commands, and what stands around every request; permissions come before CSRF."""
    from portal.cli import add_commands
    from portal.web import (
        add_blueprints,
        auth,
        errors,
        permissions,
        requests,
        responses,
        security_headers,
        templating,
    )
    from portal.web.extensions import csrf

    requests.log_requests(app)
    responses.compress_answers(app)  # what follows may still change an answer
    requests.refuse_partial_bodies(app)
    auth.init_app(app)
    permissions.init_app(app)
    csrf.init_app(app)
    security_headers.init_app(app)
    errors.init_app(app)
    templating.init_app(app)
    requests.carry_source(app)
    add_blueprints(app)
    add_commands(app)


def _limiter_config() -> dict[str, Any]:
    """How the rate limiter reaches Redis: briefly, and never in the way of a page."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return {
        "RATELIMIT_STORAGE_OPTIONS": {
            "socket_connect_timeout": 0.5,
            "socket_timeout": 0.5,
            "retry": Retry(NoBackoff(), 0),
        },
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_SWALLOW_ERRORS": True,
        "RATELIMIT_STRATEGY": "fixed-window",
        "RATELIMIT_KEY_PREFIX": "portal",
    }

"""The wiring: ``create_app`` makes the application, and is the only place that knows every part.

What workers have of it stands in ``base_app.py``.
"""

import os
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import write_limit
from portal.actions.public import counting
from portal.base_app import create_base_app
from portal.cli.commands import add_commands
from portal.config import REPOSITORY, Settings, load_settings
from portal.db import db, is_of_this_database
from portal.web import (
    assets,
    auth,
    command,
    errors,
    live,
    ops,
    orgs,
    permissions,
    requests,
    responses,
    templating,
)
from portal.web.accounts import (
    account,
    audit,
    invites,
    new_organisation,
    passkeys,
    passwords,
    people,
    second_step,
    two_step,
    unsent,
)
from portal.web.alerts import routes as alerts
from portal.web.applications import apply, undelivered
from portal.web.connection import apply_here, closings, colleague, connect, hooks
from portal.web.connection import fields as connection_fields
from portal.web.connection import settings as connection_settings
from portal.web.crawlers import cards, sitemap
from portal.web.extensions import CookieSessions, PortalRequest, htmx, limit_requests, protect_from_csrf
from portal.web.jobs import bulk, fields, history, manage, own, pairs, public, rows, saved_views
from portal.web.outgoing import routes as webhooks
from portal.web.profile import routes as profile
from portal.web.public import answers, api, embed, feeds, organisation_cache, pages, tab
from portal.web.single_sign_on import proxied, trusted_user
from portal.web.single_sign_on import settings as provider
from portal.web.single_sign_on import sign_in as single_sign_on
from portal.web.site import routes as site
from portal.web.sync_runs import routes as sync_runs
from portal.web.tables import exports, imports, paste
from portal.web.tokens import changes
from portal.web.tokens import pages as tokens
from portal.web.traffic import links, readers, tracking
from portal.web.traffic import routes as traffic


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application from ``settings``, or from the environment when there are none.

    Raises ``portal.config.ConfigError``, whose text is fit to print, when a setting is unusable.
    """
    settings = settings or load_settings(os.environ)
    app = create_base_app(settings)
    app.session_interface = CookieSessions()
    _bind_extensions(app, settings)
    _add_web(app)
    answers.init_app(app)
    requests.allow_any_host_for_probes(app, settings)  # before a proxy's word for the host counts
    _trust_proxies(app, settings.trusted_proxies)
    proxied.init_app(app, settings)
    return app


def _trust_proxies(app: Flask, proxies: int) -> None:
    """Believe as many forwarding proxies as there are, and no more."""
    if proxies:
        wsgi = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies, x_port=proxies)
        app.wsgi_app = wsgi  # type: ignore[method-assign] # the documented way to wrap an application


def _bind_extensions(app: Flask, settings: Settings) -> None:
    """Bind what requests and commands need beside the base: limits, migrations, htmx."""
    app.config.update(_limiter_config())
    write_limit.init_app(app, settings)
    migrations = str(REPOSITORY / "migrations")
    Migrate(app, db, directory=migrations, render_as_batch=True, include_object=is_of_this_database)
    limit_requests(app)
    htmx.init_app(app)
    app.request_class = PortalRequest


def _add_web(app: Flask) -> None:
    """Add pages, commands, and what stands around every request; permissions come before CSRF."""
    requests.log_requests(app)
    responses.compress_answers(app)  # what follows may still change an answer
    requests.refuse_partial_bodies(app)
    pages.init_app(app)
    auth.init_app(app)
    trusted_user.init_app(app)
    permissions.init_app(app)
    requests.allow_uploads(app)
    protect_from_csrf(app)
    responses.secure_answers(app)
    errors.init_app(app)
    templating.init_app(app)
    unsent.init_app(app)
    tracking.carry_tracking(app)
    _add_pages(app)
    add_commands(app)


def _add_pages(app: Flask) -> None:
    """Register every blueprint, and give the application its hub of live changes."""
    of_site = (assets, auth, command, orgs, profile, live, ops, site, webhooks)
    of_public = (alerts, api, changes, embed, feeds, links, readers, sitemap, traffic)
    of_accounts = (account, audit, invites, new_organisation, passwords, people, tokens)
    of_sign_in = (passkeys, second_step, single_sign_on, two_step)
    of_applications = (apply, apply_here, undelivered)
    of_jobs = (bulk, cards, fields, history, manage, own, pairs, public, rows, saved_views, tab)
    of_tables = (exports, imports, paste)
    of_connections = (closings, colleague, connect, connection_fields, connection_settings, hooks, sync_runs)
    of_people = (*of_public, *of_accounts, *of_sign_in, *of_applications)
    blueprints = [part.bp for part in (*of_site, *of_people, *of_jobs, *of_tables, *of_connections)]
    of_provider = (provider.provider_bp, provider.domains_bp)
    for blueprint in dict.fromkeys([*blueprints, orgs.help_bp, *of_provider]):
        app.register_blueprint(blueprint)
    live.init_app(app)
    audit.init_app(app)
    for part in (organisation_cache, tab, public):
        part.init_app(app)
    counting.init_app(app)


def _limiter_config() -> dict[str, Any]:
    """How the rate limiter reaches Redis: briefly, and never in the way of a page."""
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

"""The pages: one folder a blueprint."""

from flask import Flask


def add_blueprints(app: Flask) -> None:
    """Register every blueprint of the portal."""
    from portal.web import (
        assets,
        auth,
        closings,
        connection,
        edits,
        help,
        hooks,
        jobs,
        live,
        ops,
        orgs,
        pairs,
        sync_runs,
    )

    for part in (
        assets,
        auth,
        orgs,
        jobs,
        edits,
        connection,
        closings,
        pairs,
        sync_runs,
        live,
        hooks,
        help,
        ops,
    ):
        app.register_blueprint(part.bp)
    live.init_app(app)

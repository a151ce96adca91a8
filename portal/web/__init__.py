"""The pages: one folder a blueprint."""

from flask import Flask


def add_blueprints(app: Flask) -> None:
    """Register every blueprint of the portal."""
    from portal.web import assets, auth, connection, help, jobs, live, ops, orgs, sync_runs
    from portal.web.connection import closings, hooks
    from portal.web.jobs import history, pairs

    for part in (
        assets,
        auth,
        orgs,
        jobs,
        history,
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

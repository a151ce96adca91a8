"""The history of syncs."""

from portal.web.sync_runs.routes import bp

__all__ = ["bp"]

"""The organisation page."""

from portal.web.orgs.routes import bp

__all__ = ["bp"]

"""Held closings: which jobs would close, and what an admin decides."""

from portal.web.closings.routes import bp

__all__ = ["bp"]

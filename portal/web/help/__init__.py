"""The pages that explain."""

from portal.web.help.routes import bp

__all__ = ["bp"]

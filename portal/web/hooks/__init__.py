"""What other systems call."""

from portal.web.hooks.routes import bp

__all__ = ["bp"]

"""What those who run the portal ask it: alive, ready, and how much of what."""

from portal.web.ops.routes import bp

__all__ = ["bp"]

"""Style sheets, scripts and pictures: the portal's own, and those that come out of installed packages."""

from portal.web.assets.routes import bp

__all__ = ["bp"]

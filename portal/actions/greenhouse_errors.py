"""What asking Greenhouse may raise, for those above who show it: ``str(error)`` is fit for an admin."""

from portal.greenhouse.errors import GreenhouseError

__all__ = ["GreenhouseError"]

"""Edits that people take back."""

from portal.web.edits.routes import bp

__all__ = ["bp"]

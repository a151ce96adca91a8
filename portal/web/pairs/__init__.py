"""Pairs: own jobs that may be imported ones too, and what an admin says of them."""

from portal.web.pairs.routes import bp

__all__ = ["bp"]

"""Jobs: what anybody sees of them, and the pages where members work on them."""

from portal.web.jobs import bulk, fields, following, manage, own, public, rows, saved_views
from portal.web.jobs.blueprint import bp

__all__ = ["bp", "bulk", "fields", "following", "manage", "own", "public", "rows", "saved_views"]

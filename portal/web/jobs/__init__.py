"""Jobs: what anybody sees of them, and the pages where members work on them."""

from portal.web.jobs import bulk, describing, fields, finding, lines, manage, own, public
from portal.web.jobs.blueprint import bp

__all__ = ["bp", "bulk", "describing", "fields", "finding", "lines", "manage", "own", "public"]

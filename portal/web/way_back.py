"""Where to go on, without htmx, after something was saved."""

from flask import request, url_for

from portal.models import Organisation
from portal.web.local_paths import is_local_path


def way_back(org: Organisation) -> str:
    """Return the local path that the request names, or the list."""
    path = request.values.get("return", "")
    return path if is_local_path(path) else url_for("jobs.manage", org=org.slug)

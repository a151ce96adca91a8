"""What the HTML of Manage jobs says."""

import re

from tests.support.app import PortalClient

MANAGE = "/orgs/northwind/jobs/manage"


def titles(client: PortalClient, query: str = "") -> list[str]:
    """The titles of the listed rows, from top to bottom."""
    page = client.get(f"{MANAGE}{query}").text
    return re.findall(r"<a class=title[^>]*>([^<]+)</a>", page)

"""The three dots: what each may do, and nothing that they may not."""

import re

from portal.models import Connection
from tests.support.app import PortalClient

MANAGE = "/orgs/northwind/jobs/manage"


def entries(browser: PortalClient) -> list[str]:
    page = browser.get(MANAGE).text
    menu = re.search(r'<nav class="menu more-menu" id="more-menu".*?</nav>', page, re.DOTALL)
    assert menu
    assert 'popovertarget="more-menu"' in page
    return [
        re.sub("<.*?>", "", link, flags=re.DOTALL).strip()
        for link in re.findall(r"<a .*?</a>", menu[0], re.DOTALL)
    ]


FOR_ADMINS = [
    "Sync history",
    "Organisation profile",
    "Views and clicks",
    "Jobs on your website",
    "Feeds",
    "Webhooks and Slack",
    "Export CSV",
    "Import CSV …",
    "Deleted jobs",
    "Help",
]


def test_an_admin_connects_first(mara: PortalClient) -> None:
    assert entries(mara) == ["Connect Greenhouse", *FOR_ADMINS]


def test_a_connected_admin_has_settings_and_the_way_out(mara: PortalClient, connection: Connection) -> None:
    assert entries(mara) == ["Greenhouse settings", *FOR_ADMINS, "Disconnect"]


def test_a_member_reads(noor: PortalClient, connection: Connection) -> None:
    assert entries(noor) == ["Sync history", "Jobs on your website", "Export CSV", "Help"]

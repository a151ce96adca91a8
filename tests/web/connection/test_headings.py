"""Headings go down one level at a time: who listens to a page finds its parts by them."""

import re
from itertools import pairwise

from flask import Flask

from portal.models import Connection
from tests.support.app import PortalClient

HEADING = re.compile(r"<h([1-6])\b")


def test_no_page_of_an_organisation_leaves_out_a_level_of_headings(
    app: Flask, mara: PortalClient, synced: Connection
) -> None:
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.arguments == {"org"} and "GET" in (rule.methods or ()) and rule.endpoint != "live.events"
    ]
    levels = {}
    for rule in rules:
        answer = mara.get(rule.rule.replace("<org>", "northwind"))
        if answer.status_code == 200 and answer.mimetype == "text/html":
            levels[rule.endpoint] = [1, *map(int, HEADING.findall(answer.text))]
    assert len(levels) > 15
    assert {
        name: found
        for name, found in levels.items()
        if any(after - before > 1 for before, after in pairwise(found))
    } == {}

"""Every rule of the URL map, and an address of each."""

import re
from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
VERBS = ("GET", "HEAD", *UNSAFE)


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Yield every rule with every verb that it takes."""
    for rule in app.url_map.iter_rules():
        for verb in VERBS:
            if rule.methods and verb in rule.methods:
                yield rule, verb


def address(rule: Rule, org: str, number: str = "") -> str:
    """Return an address of a rule: of the first of everything, unless another number is given."""
    values = {
        "org": org,
        "job_id": "1",
        "run_id": "1",
        "pair_id": "1",
        "edit_id": "1",
        "field": "location",
        "view_id": "1",
        "endpoint_id": "1",
        "delivery_id": "1",
        "link_id": "1",
        "domain_id": "1",
        "slug": "northwind",
        "user_id": "9",
        "token_id": "1",
        "token": "x",
        "application_id": "1",
        "number": "1",
        "name": "x",
        "key": "x",
    }
    if number:
        values |= {name: number for name, value in values.items() if value.isdigit()}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: values[match[1]], rule.rule)

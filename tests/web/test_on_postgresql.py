"""Every page and every change on PostgreSQL: the other tests of pages run on SQLite, which lets more pass."""

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.routing import Rule

from portal.db import write
from portal.domain.sync.plan import HoldStatus
from portal.models import Edit, HeldClosing
from portal.store.job_lists import GROUPS, SORTED_BY, Status
from tests.support.app import HTMX, Cast, MakeJobs, PortalClient
from tests.support.databases import ReusedDatabase
from tests.support.rules import UNSAFE, address, rules
from tests.support.whole_database import everything_of

MANAGE = "/orgs/northwind/jobs/manage"
FILTERS = "department=Yard&location=Lisbon&workplace_type=hybrid&employment_type=contract&source=own"


@pytest.fixture
def database_url(postgres_tables: ReusedDatabase) -> str:
    """The URL of a PostgreSQL database that has the tables and no rows."""
    return postgres_tables.emptied()


@pytest.fixture
def admin(app: Flask, cast: Cast, mara: PortalClient, make_jobs: MakeJobs) -> PortalClient:
    """Northwind's admin, with something in every table."""
    place = {"department": "Yard", "location": "Lisbon", "workplace_type": "hybrid", "tags": ["sea"]}
    make_jobs([place | {"title": f"Welder {number}"} for number in range(3)])
    with app.app_context():
        everything_of(cast)
        with write() as rows:  # what stands in all columns of text is no field, and no state
            rows.execute(update(Edit).values(field="location"))
            rows.execute(update(HeldClosing).values(status=HoldStatus.PENDING, job_id=1))
    return mara


def asked_for(app: Flask, verb: str) -> list[Rule]:
    """Every rule that takes the verb, but a stream, which has no end, and what needs a worker or a board."""
    others = {"live.events", "ops.readyz", "auth.logout"} | ({"jobs.apply"} if verb == "POST" else set())
    found = [rule for rule, each in rules(app) if each == verb and rule.endpoint not in others]
    return [rule for rule in found if "connection_key" not in rule.arguments]


def test_every_page_answers(app: Flask, admin: PortalClient) -> None:
    answers = {
        rule.endpoint: admin.get(address(rule, "northwind")).status_code for rule in asked_for(app, "GET")
    }
    assert {name for name, status in answers.items() if status >= 500} == set()
    assert sum(status == 200 for status in answers.values()) > len(answers) / 2
    forms = [rule for rule in asked_for(app, "GET") if "POST" in (rule.methods or ())]
    assert len(forms) > 10
    for rule in forms:  # to look whether a page is there sends no form
        assert admin.head(address(rule, "northwind")).status_code == answers[rule.endpoint], rule.endpoint


def test_every_list_of_jobs_answers(admin: PortalClient) -> None:
    queries = [f"status={status}" for status in Status] + [f"group={group}" for group in GROUPS]
    queries += [f"sort=-{name}" for name in SORTED_BY]
    for query in (*queries, FILTERS, f"q=weld+lisbon&{FILTERS}", "q=%22weld%22", "without=department"):
        assert admin.get(f"{MANAGE}?{query}", headers=HTMX).status_code == 200, query
    for query in ("", "q=weld", "department=Yard&location=Lisbon", "view=list"):
        assert admin.get(f"/orgs/northwind/jobs?{query}").status_code == 200, query


@pytest.mark.parametrize("verb", UNSAFE)
def test_every_change_answers(app: Flask, admin: PortalClient, verb: str) -> None:
    for rule in asked_for(app, verb):
        answer = admin.open(address(rule, "northwind"), method=verb, data={"value": "Oslo", "version": "0"})
        assert answer.status_code < 500, rule.endpoint

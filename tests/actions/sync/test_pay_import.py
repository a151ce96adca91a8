"""What boards say of pay, from Greenhouse's answer to the row and the public page."""

import json
import re
from collections.abc import Callable
from typing import Any

from portal.domain.jobs.salary import format_salary
from portal.domain.jobs.values import salary_of
from portal.models import Connection, Job
from tests.support.app import PortalClient
from tests.support.board_server import DemoBoard
from tests.support.board_shapes import custom
from tests.support.databases import on_sqlite
from tests.support.syncs import Sync


def amounts(name: str, unit: str, low: str, high: str) -> dict[str, Any]:
    return custom(name, "currency_range", {"unit": unit, "min_value": low, "max_value": high})


def pay_range(title: str, blurb: str, low: int, high: int, currency: str = "USD") -> dict[str, Any]:
    cents = {"min_cents": low * 100, "max_cents": high * 100, "currency_type": currency}
    return cents | {"title": title, "blurb": blurb}


SAID = [
    ({"metadata": [amounts("Salary budget", "USD", "226000.0", "226000.0")]}, None),
    (
        {
            "metadata": [
                amounts("Salary budget", "USD", "226000.0", "226000.0"),
                amounts("Job Post Range (United States)", "USD", "181000.0", "249000.0"),
            ]
        },
        "$181k – 249k",
    ),
    ({"metadata": [amounts("Equity compensation range", "USD", "20000.0", "40000.0")]}, None),
    ({"pay_input_ranges": [pay_range("On-Target Earnings (OTE)", "", 120_000, 180_000)]}, None),
    ({"metadata": [amounts("Pay range", "USD", "5000.0", "6500.0")]}, None),
    (
        {
            "metadata": [
                custom("Pay Frequency", "single_select", "Monthly"),
                amounts("Pay Transparency Range", "EUR", "4200.0", "5600.0"),
            ]
        },
        "€4.2k – 5.6k / month",
    ),
    (
        {
            "pay_input_ranges": [
                pay_range("Gehaltsband", "<p>Monatliches Bruttogehalt</p>", 4_500, 6_000, "EUR")
            ]
        },
        "€4.5k – 6k / month",
    ),
    (
        {
            "location": {"name": "Toronto, Canada"},
            "metadata": [
                amounts("USA: Pay Transparency Range", "USD", "150000.0", "180000.0"),
                amounts("Canada: Pay Transparency Range", "CAD", "120000.0", "140000.0"),
            ],
        },
        "CA$120k – 140k",
    ),
    (
        {
            "metadata": [
                amounts("Zone 1 Pay Range", "USD", "180000.0", "220000.0"),
                amounts("Zone 2 Pay Range", "USD", "150000.0", "185000.0"),
            ]
        },
        "$150k – 220k",
    ),
    ({"metadata": [custom("Pay Range", "short_text", "$120,000 - $150,000")]}, "$120k – 150k"),
    ({"metadata": [custom("Salary", "currency", {"unit": "GBP", "amount": "52000.0"})]}, "£52k"),
]


@on_sqlite
def test_only_the_advertised_pay_of_a_post_is_imported_and_published(
    sync: Sync,
    board: DemoBoard,
    job: Callable[[int], Job],
    client: PortalClient,
    connection: Connection,
) -> None:
    posts = {
        board.add(**{"title": f"Glazier {number}", "location": "Austin, TX"} | fields): shown
        for number, (fields, shown) in enumerate(SAID)
    }
    sync()
    for post_id, shown in posts.items():
        row = job(post_id)
        salary = salary_of(row)
        assert (format_salary(salary) if salary else None) == shown
        page = client.get(f"/orgs/northwind/jobs/{row.id}").text
        assert (shown in page) if shown else ("226" not in page and "$" not in page)
        assert published_pay(page) == (
            None
            if salary is None or salary.min_minor is None
            else (salary.currency, salary.min_minor / 100, salary.period.upper())
        )


def published_pay(page: str) -> tuple[str, float, str] | None:
    """Currency, least amount and unit of the pay in the page's markup for search engines."""
    markup = re.search(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert markup is not None
    pay = json.loads(markup[1]).get("baseSalary")
    least = pay and (pay["value"].get("minValue") or pay["value"]["value"])
    return (pay["currency"], least, pay["value"]["unitText"]) if pay else None

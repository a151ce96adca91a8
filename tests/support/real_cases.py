"""Posts as real boards write them, one or a few for each kind of text that was read wrongly once.

Of each: what differs from an ordinary post, the columns that the import must fill, and what the markup for
search engines must say.
"""

from html import escape
from typing import Any

Row = dict[str, Any]

US, CANADA = {"@type": "Country", "name": "United States"}, {"@type": "Country", "name": "Canada"}


def field(name: str, value: object, kind: str = "single_select") -> Row:
    """A custom field."""
    return {"id": sum(map(ord, name)), "name": name, "value_type": kind, "value": value}


def money(name: str, least: str, most: str, currency: str = "USD") -> Row:
    """A custom field with a range of money."""
    value = {"unit": currency, "min_value": least, "max_value": most}
    return field(name, value, "currency_range")


def pay(least: int, most: int, currency: str, period: str = "year") -> Row:
    """The columns of a salary, in minor units."""
    names = ("salary_min", "salary_max", "salary_currency", "salary_period")
    return dict(zip(names, (least, most, currency, period), strict=True))


NO_PAY: Row = dict.fromkeys(("salary_min", "salary_max", "salary_currency", "salary_period"))


def at(locality: str | None, region: str | None, country: str) -> Row:
    """The markup of a place."""
    names = {"addressLocality": locality, "addressRegion": region, "addressCountry": country}
    address = {name: value for name, value in names.items() if value}
    return {"jobLocation": {"@type": "Place", "address": {"@type": "PostalAddress"} | address}}


def remote(*required: Row) -> Row:
    """The markup of remote work from these countries or states."""
    one_or_all = required[0] if len(required) == 1 else list(required)
    return {"jobLocationType": "TELECOMMUTE", "applicantLocationRequirements": one_or_all}


Case = tuple[Row, Row, Row | None]


def place(name: str, *, markup: Row | None, post: Row | None = None, **columns: object) -> Case:
    """A case about a location."""
    return {"location": {"name": name}} | (post or {}), columns, markup


NOTHING_SAID: Row = {"workplace_type": None}
IGNORED: Row = {"ignored": True}

CASES: dict[str, Case] = {
    "a budget is no pay": (
        {
            "metadata": [
                money("Baseline Budgeted Salary", "226000.0", "226000.0"),
                money("Job Post Range (United States)", "181000.0", "249000.0"),
            ]
        },
        pay(18_100_000, 24_900_000, "USD"),
        IGNORED,
    ),
    "a budget alone": (
        {"metadata": [money("Baseline Budgeted Salary", "100000.0", "120000.0")]},
        NO_PAY,
        IGNORED,
    ),
    "equity": ({"metadata": [money("Equity compensation range", "20000.0", "40000.0")]}, NO_PAY, IGNORED),
    "a bonus beside base pay": (
        {
            "metadata": [
                money("Target variable pay (bonus)", "10000.0", "25000.0"),
                money("Base Salary Range", "90000.0", "120000.0"),
            ]
        },
        pay(9_000_000, 12_000_000, "USD"),
        IGNORED,
    ),
    "target earnings": (
        {
            "pay_input_ranges": [
                {
                    "min_cents": 12_000_000,
                    "max_cents": 18_000_000,
                    "currency_type": "USD",
                    "title": "On-Target Earnings (OTE)",
                    "blurb": "",
                }
            ]
        },
        NO_PAY,
        IGNORED,
    ),
    "a small figure": (
        {"metadata": [money("Base Compensation Recruiting Range", "5000.0", "6500.0")]},
        NO_PAY,
        IGNORED,
    ),
    "a month's pay by a neighbour": (
        {
            "metadata": [
                field("Pay Frequency", "Monthly"),
                money("Pay Transparency Range", "4200.0", "5600.0", "EUR"),
            ]
        },
        pay(420_000, 560_000, "EUR", "month"),
        IGNORED,
    ),
    "an hour's pay by a neighbour": (
        {"metadata": [money("Salary Range", "1500.0", "1900.0", "JPY"), field("Pay Frequency", "Hourly")]},
        pay(1500, 1900, "JPY", "hour"),
        IGNORED,
    ),
    "a month's pay by a blurb": (
        {
            "pay_input_ranges": [
                {
                    "min_cents": 450_000,
                    "max_cents": 600_000,
                    "currency_type": "EUR",
                    "title": "Gehaltsband",
                    "blurb": "<p>Monatliches Bruttogehalt</p>",
                }
            ]
        },
        pay(450_000, 600_000, "EUR", "month"),
        IGNORED,
    ),
    "two currencies": (
        {
            "location": {"name": "Toronto, Canada"},
            "metadata": [
                money("USA: Pay Transparency Range", "150000.0", "180000.0"),
                money("Canada: Pay Transparency Range", "120000.0", "140000.0", "CAD"),
            ],
        },
        pay(12_000_000, 14_000_000, "CAD"),
        at("Toronto", None, "CA"),
    ),
    "two zones": (
        {
            "metadata": [
                money("Zone 1 Pay Range", "180000.0", "220000.0"),
                money("Zone 2 Pay Range", "150000.0", "185000.0"),
            ]
        },
        pay(15_000_000, 22_000_000, "USD"),
        IGNORED,
    ),
    "pay as text": (
        {"metadata": [field("Pay Range", "$120,000 - $150,000", "short_text")]},
        pay(12_000_000, 15_000_000, "USD"),
        IGNORED,
    ),
    "a plain http link": (
        {"absolute_url": "http://your.co/careers?gh_jid=444444"},
        {"apply_url": "https://your.co/careers?gh_jid=444444"},
        IGNORED,
    ),
    "a link with a port": (
        {"absolute_url": "https://careers.example.com:8443/?gh_jid=1"},
        {"apply_url": "https://careers.example.com:8443/?gh_jid=1"},
        IGNORED,
    ),
    "a link with spaces": (
        {"absolute_url": "https://example.com/jobs?gh_jid=12&t=Sr Manager | Ops"},
        {"apply_url": "https://example.com/jobs?gh_jid=12&t=Sr%20Manager%20%7C%20Ops"},
        IGNORED,
    ),
    "a link with an umlaut": (
        {"absolute_url": "https://karriere.müller.de/?gh_jid=12"},
        {"apply_url": "https://karriere.xn--mller-kva.de/?gh_jid=12"},
        IGNORED,
    ),
    "a link with braces": (
        {"absolute_url": "https://example.com/jobs/{id}?gh_jid=12"},
        {"apply_url": "https://example.com/jobs/%7Bid%7D?gh_jid=12"},
        IGNORED,
    ),
    "remote in a country": place("Remote in the US", markup=remote(US), workplace_type="remote"),
    "a country, remote": place("US Remote", markup=remote(US), workplace_type="remote"),
    "anywhere in a country": place(
        "Anywhere in the United States", markup=remote(US), workplace_type="remote"
    ),
    "remote in two countries": place(
        "Remote - United States, Canada", markup=remote(US, CANADA), workplace_type="remote"
    ),
    "remote in a state": place(
        "Remote, OR",
        markup=remote({"@type": "State", "name": "Oregon, United States"}),
        workplace_type="remote",
    ),
    "worldwide": place("Worldwide (Remote)", markup=None, workplace_type="remote"),
    "remote from nowhere": place("Remote", markup=None, workplace_type="remote", location=None),
    "a work model alone": place("Hybrid", markup=None, workplace_type="hybrid", location=None),
    "a place or remote in its country": place(
        "New York, NY, United States (or Remote in the United States)",
        markup=at("New York", "NY", "US"),
        workplace_type=None,
    ),
    "a place or remote": place(
        "San Francisco or Remote", markup=at("San Francisco", "CA", "US"), workplace_type=None
    ),
    "a place or remote in French": place(
        "Paris ou télétravail", markup=at("Paris", None, "FR"), workplace_type=None
    ),
    "remote near a town": place(
        "Remote (within 50 miles of Denver, CO)",
        markup=at("Denver", "CO", "US") | {"jobLocationType": "TELECOMMUTE"},
        workplace_type="remote",
    ),
    "a country before its town": place("Ireland - Dublin", markup=at("Dublin", None, "IE")),
    "country, state, town": place("US, CA, Santa Clara", markup=at("Santa Clara", "CA", "US")),
    "days a week in person": place(
        "Lyon (in person 3 days a week)", markup=at("Lyon", None, "FR"), workplace_type="hybrid"
    ),
    "not applicable": place("N/A", markup=None, location=None),
    "multiple locations": place("Multiple Locations", markup=None, location=None),
    "town and state": place(
        "Springfield, IL",
        markup=at("Springfield", "IL", "US"),
        post={
            "offices": [
                {
                    "id": 3,
                    "name": "Springfield",
                    "location": "Springfield, Illinois, United States",
                    "parent_id": None,
                    "child_ids": [],
                }
            ]
        },
    ),
    "open to remote": place(
        "Austin, TX",
        markup=at("Austin", "TX", "US"),
        workplace_type=None,
        post={"metadata": [field("Careers Page - Open to Remote", True, "yes_no")]},
    ),
    "days in the office": (
        {"metadata": [field("Work Arrangement", "3 days/week in office")]},
        {"workplace_type": "hybrid"},
        IGNORED,
    ),
    "in office": ({"metadata": [field("Work Style", "In Office")]}, {"workplace_type": "onsite"}, IGNORED),
    "hybrid in the field for hours": (
        {"metadata": [field("Work Schedule", "Hybrid")]},
        {"workplace_type": "hybrid"},
        IGNORED,
    ),
    "unlimited is permanent": (
        {"metadata": [field("Employment Type", "Unlimited Contract")]},
        {"employment_type": None},
        IGNORED,
    ),
    "part-time in brackets": (
        {"title": "Store Associate (Part-Time)"},
        {"employment_type": "part_time"},
        IGNORED,
    ),
    "an intern": ({"title": "Design Intern, Summer"}, {"employment_type": "internship"}, IGNORED),
    "remote in brackets": ({"title": "Senior Engineer (Remote) - UK"}, {"workplace_type": "remote"}, IGNORED),
    "hybrid in brackets": ({"title": "Data Analyst (Hybrid/Toronto)"}, {"workplace_type": "hybrid"}, IGNORED),
    "remote as a trade": ({"title": "Remote Operations Engineer"}, NOTHING_SAID, IGNORED),
    "contract as a trade": ({"title": "Contract Manager"}, {"employment_type": None}, IGNORED),
    "hybrid as a trade": ({"title": "Hybrid Cloud Architect"}, NOTHING_SAID, IGNORED),
    "an entity in a title": (
        {"title": "Senior Health &amp; Protection Consultant"},
        {"title": "Senior Health & Protection Consultant"},
        IGNORED,
    ),
    "an entity in a department": (
        {"departments": [{"id": 1, "name": "R&amp;D", "parent_id": None, "child_ids": []}]},
        {"department": "R&D"},
        IGNORED,
    ),
    "a zero-width space": (
        {"departments": [{"id": 1, "name": "Engineering\u200b", "parent_id": None, "child_ids": []}]},
        {"department": "Engineering"},
        IGNORED,
    ),
    "a list from a word processor": (
        {"content": escape("<p>·&nbsp;&nbsp; Plan</p><p>·&nbsp;&nbsp; Run</p>")},
        {"description_html": "<ul><li>Plan</li><li>Run</li></ul>"},
        IGNORED,
    ),
    "a list with levels": (
        {"content": escape('<ul><li>One</li><li class="ql-indent-1">Two</li></ul>')},
        {"description_html": "<ul><li>One<ul><li>Two</li></ul></li></ul>"},
        IGNORED,
    ),
    "letters of a list": (
        {"content": escape('<ol type="a"><li>First</li></ol>')},
        {"description_html": '<ol type="a"><li>First</li></ol>'},
        IGNORED,
    ),
    "hard spaces": (
        {"content": escape("<p>We&nbsp;are&nbsp;building</p>")},
        {"description_html": "<p>We are building</p>"},
        IGNORED,
    ),
    "a tag for a network": (
        {
            "location": {"name": "Leeds, UK"},
            "content": escape("<p>Hello</p><p>#LI-Hybrid</p>"),
        },
        {"description_html": "<p>Hello</p>", "workplace_type": "hybrid"},
        at("Leeds", None, "GB"),
    ),
}

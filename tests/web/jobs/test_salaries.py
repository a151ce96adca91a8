"""A salary typed without its currency is in the one that the organisation pays in, wherever it is typed."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from portal.db import session
from portal.models import Job
from tests.support.app import HTMX, Cast, PortalClient

JOBS = "/orgs/northwind/jobs"
MakeJob = Callable[..., int]


def paid(currency: str) -> dict[str, object]:
    return {
        "salary_min": 100_00,
        "salary_max": 100_00,
        "salary_currency": currency,
        "salary_period": "hour",
    }


@pytest.fixture
def euros(make_job: MakeJob, cast: Cast) -> None:
    """Most of Northwind's salaries are in euros, and most of the café's in kroner."""
    for currency in ("EUR", "USD", "EUR"):
        make_job(**paid(currency))
    for _ in range(5):
        make_job(**paid("DKK"), organisation_id=cast.cafe.id)
        make_job(**paid("GBP"), merged_into_id=1)


def typed(client: PortalClient, job: int, text: str) -> str:
    data = {"value": text, "version": 0}
    return client.post(f"{JOBS}/{job}/fields/salary", data=data, headers=HTMX).text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("25.50 per hour", "€25.50 / hour"),
        ("45k", "€45k"),
        ("25,50 / h", "€25.50 / hour"),
        ("90k – 120k", "€90k – 120k"),
        ("450k SEK", "SEK 450k"),
        ("£50,000 DOE", "£50k"),
        ("45k€/an", "€45k"),
        ("R$ 5.000,00/mês", "R$5k / month"),
        ("2.500,- €/Monat", "€2.5k / month"),
        ("12-18 LPA", "₹1.2m – 1.8m"),
    ],
)
def test_an_empty_salary_shows_what_was_understood(
    mara: PortalClient, make_job: MakeJob, euros: None, text: str, shown: str
) -> None:
    answer = typed(mara, make_job(), text)
    assert f">{shown}</button>" in answer
    assert f"Saved. Salary: {shown}" in answer


def test_a_job_that_has_a_currency_keeps_it(mara: PortalClient, make_job: MakeJob, euros: None) -> None:
    assert ">$45k</button>" in typed(mara, make_job(**paid("USD")), "45k")


def test_without_any_salary_the_currency_is_asked_for(mara: PortalClient, make_job: MakeJob) -> None:
    assert "Add the currency" in typed(mara, make_job(), "45k")
    assert "Add the currency" in mara.post(f"{JOBS}/new", data={"title": "x", "salary": "45k"}).text
    bulk = {"job_id": 1, "field": "salary", "value": "45k"}
    assert "Add the currency" in mara.post(f"{JOBS}/bulk/confirm", data=bulk).text


@pytest.mark.parametrize("text", ["€45", "45"])
def test_what_an_amount_is_paid_for_is_asked_for(
    mara: PortalClient, make_job: MakeJob, euros: None, text: str
) -> None:
    answer = typed(mara, make_job(), text)
    assert f"Say what the amount is for, such as “{text} per hour”" in answer


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("3.200 €", "Say whether it is for a month or a year: “3.200 € per month” or “3.200 € per year”."),
        ("3.200", "a month or a year: “3.200 per month”"),
        ("45 000 kr", "“kr” is the money of several countries. Type SEK, NOK, DKK or ISK instead."),
        ("€45k OTE", "Leave out “OTE”"),
    ],
)
def test_what_can_mean_two_things_is_asked_for_at_the_cell(
    mara: PortalClient, make_job: MakeJob, euros: None, text: str, advice: str
) -> None:
    data = {"value": text, "version": 0}
    answer = mara.post(f"{JOBS}/{make_job()}/fields/salary", data=data, headers=HTMX)
    assert answer.status_code == 422
    assert advice in answer.text
    bulk = {"job_id": 1, "field": "salary", "value": text}
    assert advice in mara.post(f"{JOBS}/bulk/confirm", data=bulk).text


def test_a_krona_is_that_of_the_job_or_the_organisation(mara: PortalClient, make_job: MakeJob) -> None:
    danish = make_job(**paid("DKK"))
    assert ">DKK 45k / month</button>" in typed(mara, danish, "45 000 kr pr. måned")
    assert ">DKK 600k</button>" in typed(mara, make_job(), "600 000 kr")
    assert ">NOK 600k</button>" in typed(mara, make_job(**paid("NOK")), "600 000 kr")


def test_many_jobs_are_told_the_currency_before_it_is_set(
    app: Flask, mara: PortalClient, make_job: MakeJob, euros: None
) -> None:
    job = make_job()
    bulk = {"job_id": job, "field": "salary", "value": "45k"}
    asked = mara.post(f"{JOBS}/bulk/confirm", data=bulk).text
    assert "Set salary to “€45k” on 1 job?" in asked
    value = re.search(r'name="value" value="([^"]+)"', asked)
    assert value is not None
    assert value[1] == "45k EUR"
    mara.post(f"{JOBS}/bulk", data=bulk)
    with app.app_context():
        assert session().get_one(Job, job).salary_currency == "EUR"


def test_a_new_job_is_paid_in_the_usual_currency(
    app: Flask, mara: PortalClient, cast: Cast, euros: None
) -> None:
    mara.post(f"{JOBS}/new", data={"title": "Welder of wind", "salary": "25.50 per hour"})
    with app.app_context():
        job = session().query(Job).filter_by(title="Welder of wind").one()
        assert (job.salary_min, job.salary_currency, job.salary_period) == (2550, "EUR", "hour")

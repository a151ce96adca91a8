"""What became of a job while somebody applied for it, and how the application fares."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from portal.actions.applications.switch import switch_apply_here
from portal.actions.jobs.pair import accept_pairs
from portal.actions.sync.connection import disconnect
from portal.db import end_read, session, write
from portal.models import Connection, Job, JobPair
from tests.support.app import Cast, PortalClient
from tests.support.applying import LEAST, MIDDLE, SHORT, confirmation_of, filled, hidden_inputs, open_form
from tests.support.databases import on_sqlite

Address = Callable[[int], str]
Deliver = Callable[[], list[str]]

pytestmark = [pytest.mark.usefixtures("apply_here"), on_sqlite]


@pytest.fixture
def close(app: Flask) -> Callable[[], None]:
    """Close the job that is applied for."""

    def carry_out() -> None:
        with app.app_context(), write() as current:
            current.scalars(select(Job).where(Job.external_id == SHORT)).one().listed = False

    return carry_out


@pytest.fixture
def pair(app: Flask, cast: Cast, close: Callable[[], None]) -> Callable[[], None]:
    """Close the job that is applied for, and pair it into another."""

    def carry_out() -> None:
        close()
        with app.app_context():
            jobs = {job.external_id: job.id for job in session().scalars(select(Job))}
            end_read()
            with write() as current:
                ids = {"own_job_id": jobs[SHORT], "imported_job_id": jobs[MIDDLE]}
                current.add(JobPair(organisation_id=cast.northwind.id, **ids))
            assert accept_pairs(cast.northwind.id, cast.mara.id) == 1

    return carry_out


def test_the_form_of_a_job_that_was_paired_leads_to_the_other_ones(
    client: PortalClient, address: Address, pair: Callable[[], None]
) -> None:
    path = address(SHORT)
    pair()
    answer = client.get(f"{path}?gh_src=fair")
    assert (answer.status_code, answer.location) == (301, f"{address(MIDDLE)}?gh_src=fair")
    assert answer.headers["Cache-Control"] == "no-cache, private"  # a pair can be taken apart again


def test_who_sends_a_form_whose_job_was_paired_meanwhile_finds_the_text_and_the_way(
    client: PortalClient, address: Address, pair: Callable[[], None]
) -> None:
    path = address(SHORT)
    form = open_form(client, path)
    pair()
    answer = client.post(path, data=filled(form, LEAST, cover_letter_text="My whole life until today."))
    assert answer.status_code == 410
    assert "This job has another page now." in answer.text
    assert "My whole life until today." in answer.text
    assert f'href="{address(MIDDLE)}"' in answer.text


def test_a_form_that_is_sent_twice_is_known_also_after_its_job_was_paired(
    client: PortalClient, address: Address, pair: Callable[[], None]
) -> None:
    path = address(SHORT)
    form = open_form(client, path)
    sent = client.post(path, data=filled(form, LEAST)).location
    pair()
    assert client.post(path, data=filled(form, LEAST)).location == sent
    assert "It was received." in client.get(sent).text


@pytest.mark.parametrize("happens", ["paired", "closed", "switched off", "disconnected"])
def test_an_application_is_confirmed_whatever_became_of_its_job(
    request: pytest.FixtureRequest,
    app: Flask,
    cast: Cast,
    client: PortalClient,
    address: Address,
    apply_here: Connection,
    deliver_all: Deliver,
    happens: str,
) -> None:
    path = address(SHORT)
    client.post(path, data=filled(open_form(client, path), LEAST, {"form-website": "x"}))
    _, link = confirmation_of(app)
    with app.app_context():
        match happens:
            case "switched off":
                switch_apply_here(apply_here, on=False)
            case "disconnected":
                disconnect(cast.northwind.id, keep_jobs=False)
            case _:
                request.getfixturevalue("pair" if happens == "paired" else "close")()
    page = client.get(link)
    confirmed = client.post(path, data=hidden_inputs(page.text.replace("<form", '<form id="form"')))
    assert confirmed.status_code == 303
    assert "It was received." in client.get(confirmed.location).text
    assert deliver_all() == ["failed" if happens == "disconnected" else "delivered"]

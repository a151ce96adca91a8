"""Disconnecting, after a page that says what will happen."""

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import session
from portal.models import Connection, Job
from tests.support.app import HTMX, PortalClient

DISCONNECT = "/orgs/northwind/greenhouse/disconnect"
MANAGE = "/orgs/northwind/jobs/manage"


def connected(app: Flask) -> bool:
    with app.app_context():
        return session().scalar(select(Connection.id)) is not None


def jobs(app: Flask) -> list[Job]:
    with app.app_context():
        return list(session().scalars(select(Job)))


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_it_says_what_will_happen_before_it_does(
    app: Flask, mara: PortalClient, synced: Connection, headers: dict[str, str]
) -> None:
    page = mara.get(DISCONNECT, headers=headers).text
    assert f"What becomes of the {len(jobs(app))} imported jobs?" in page
    assert "The API key is deleted at once" in page
    assert "Greenhouse’s title and description with them" in page
    assert ("<html" in page) is not bool(headers)
    assert connected(app)


def test_kept_jobs_are_the_organisations_own(app: Flask, mara: PortalClient, synced: Connection) -> None:
    response = mara.post(DISCONNECT, data={"jobs": "keep"})
    assert (response.status_code, response.location) == (303, MANAGE)
    assert "The jobs are your own now." in mara.get(MANAGE).text
    assert not connected(app)
    assert {(job.source, job.listed) for job in jobs(app)} == {("own", True)}


def test_removed_jobs_leave_the_page(
    app: Flask, mara: PortalClient, client: PortalClient, synced: Connection
) -> None:
    response = mara.post(DISCONNECT, data={"jobs": "remove"}, headers=HTMX)
    assert response.headers["HX-Redirect"] == MANAGE
    assert not connected(app)
    assert not any(job.listed for job in jobs(app))
    assert all(job.title not in client.get("/orgs/northwind/jobs").text for job in jobs(app)[:3])


@pytest.mark.parametrize("data", [{}, {"jobs": ""}, {"jobs": "burn"}])
def test_without_a_choice_nothing_happens(
    app: Flask, mara: PortalClient, synced: Connection, data: dict[str, str]
) -> None:
    response = mara.post(DISCONNECT, data=data)
    assert response.status_code == 422
    assert "Choose what becomes of the jobs." in response.text
    assert connected(app)


def test_disconnecting_twice_is_disconnecting_once(mara: PortalClient, synced: Connection) -> None:
    answers = [mara.post(DISCONNECT, data={"jobs": "keep"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert "Greenhouse is not connected any more." in mara.get(MANAGE).text


def test_only_admins_may(app: Flask, noor: PortalClient, otto: PortalClient, synced: Connection) -> None:
    for browser, status in ((noor, 403), (otto, 404)):
        assert browser.get(DISCONNECT).status_code == status
        assert browser.post(DISCONNECT, data={"jobs": "remove"}).status_code == status
    assert connected(app)

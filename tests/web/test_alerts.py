"""E-mail alerts in the browser: asked for on the Jobs tab, confirmed, changed and stopped by links."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Update, select, update
from werkzeug.test import TestResponse

from portal.actions.alerts import subscribe
from portal.actions.alerts.sending import send_alerts
from portal.db import session, write
from portal.domain.jobs.public_list import EVERY_JOB
from portal.models import Alert, AlertReader, Organisation
from portal.web.alerts.form import QUICKEST, form_of_tab
from tests.support import alerts
from tests.support.alerts import LEA, NOTHING, stored_rows
from tests.support.app import Cast, MakeJob, PortalClient

ORG = "/orgs/northwind"
JOBS, ASK = f"{ORG}/jobs", f"{ORG}/alerts"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


class Inside:
    """What stands in the database, between requests: each of these has a context of its own."""

    def __init__(self, app: Flask, org: Organisation) -> None:
        self._app, self._org = app, org

    def mails(self, address: str = LEA) -> list[str]:
        """What waits to be sent there."""
        with self._app.app_context():
            return [mail.body for mail in alerts.mails(address)]

    def follow(self, address: str = LEA, **asked: Any) -> AlertReader:
        """Ask for an alert and confirm it."""
        with self._app.app_context():
            return alerts.follow(self._org, address, **asked)

    def stored(self) -> dict[str, int]:
        """How many rows there are."""
        with self._app.app_context():
            return stored_rows()

    def alert(self) -> Alert:
        """The only alert."""
        with self._app.app_context():
            return session().scalars(select(Alert)).one()

    def change(self, statement: Update) -> None:
        """Change rows."""
        with self._app.app_context(), write() as current:
            current.execute(statement)

    def send(self) -> str:
        """Send what is due; the address of the first mail that ends it."""
        with self._app.app_context():
            send_alerts(self._org.id, alerts.MORNING)
            return str(alerts.mails()[0].unsubscribe_url)


@pytest.fixture
def inside(app: Flask, cast: Cast) -> Inside:
    """Northwind's alerts."""
    return Inside(app, cast.northwind)


def fields(page: str) -> dict[str, list[str]]:
    """What a form sends that nobody has touched."""
    form = page[page.index('class="card alert"') :]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(unescape(value))
    return found


def ask(client: PortalClient, path: str = JOBS, **typed: Any) -> TestResponse:
    """Ask on the Jobs tab."""
    return client.post(ASK, data=fields(client.get(path).text) | {"email": LEA, "cadence": "daily"} | typed)


def path_in(mail: str, path: str) -> str:
    """The address in a mail that leads there."""
    found = re.search(rf"http://[^/\s]+({path}\?\S+)", mail)
    assert found, mail
    return found[1]


def confirmed(client: PortalClient, inside: Inside, path: str = JOBS) -> str:
    """Ask, confirm, and return the address of what one gets."""
    assert ask(client, path).status_code == HTTPStatus.SEE_OTHER
    link = path_in(inside.mails()[-1], "/alerts/confirm")
    page = client.get(link).text
    ids = re.findall(r'name="alert" value="(\d+)"', page)
    answer = client.post(link.partition("?")[0], data={"key": link.partition("key=")[2], "alert": ids})
    assert answer.status_code == HTTPStatus.SEE_OTHER
    return str(answer.location)


def test_the_search_that_is_shown_is_what_is_asked_for(
    client: PortalClient, make_job: MakeJob, inside: Inside
) -> None:
    make_job(title="Welder", department="Data")
    path = f"{JOBS}?q=weld&department=Data&department=Sales&view=list&gh_src=abc"
    page = client.get(path).text
    assert '<strong dir="auto">“weld”</strong>, <strong dir="auto">Department: Data, Sales</strong>' in page
    answer = ask(
        client, f"{JOBS}?q=weld&department=Data&department=Sales&view=list&gh_src=abc", cadence="weekly"
    )
    assert (answer.status_code, answer.location) == (HTTPStatus.SEE_OTHER, f"{ASK}/sent")
    assert "Look for a mail" in client.get(answer.location).text
    alert = inside.alert()
    assert alert.wanted == {"q": "weld", "department": ["Data", "Sales"]}
    assert (alert.cadence, alert.source) == ("weekly", "abc")


def test_nobody_needs_a_cookie(client: PortalClient, inside: Inside) -> None:
    confirmed(client, inside)
    assert not client._cookies


def test_a_get_changes_nothing_since_mail_programs_follow_links(client: PortalClient, inside: Inside) -> None:
    ask(client)
    link = path_in(inside.mails()[0], "/alerts/confirm")
    for _ in range(2):
        page = client.get(link)
        assert page.status_code == HTTPStatus.OK
        assert "Turn on e-mails" in page.text
        assert LEA in page.text
    assert inside.alert().confirmed_at is None
    client.head(link)


def test_the_link_leads_to_what_one_gets_and_then_is_used_up(client: PortalClient, inside: Inside) -> None:
    manage = confirmed(client, inside)
    page = client.get(manage).text
    assert "Your e-mails are on." in page
    link = path_in(inside.mails()[0], "/alerts/confirm")
    assert client.get(link).status_code == HTTPStatus.SEE_OTHER  # a second click
    inside.change(update(AlertReader).values(confirmed_at=datetime.now(UTC) - timedelta(hours=1)))
    for answer in (client.get(link), client.post(link), client.get("/alerts/confirm")):
        assert answer.status_code == HTTPStatus.GONE
        assert "no longer good" in answer.text


def test_what_one_gets_is_changed_and_stopped(
    client: PortalClient, make_job: MakeJob, inside: Inside
) -> None:
    make_job(department="Data")
    confirmed(client, inside)
    manage = confirmed(client, inside, f"{JOBS}?department=Data")
    key = re.search(r'name="key" value="([^"]+)"', client.get(manage).text)[1]  # type: ignore[index]
    first, second = sorted(map(int, set(re.findall(r'name="alert" value="(\d+)"', client.get(manage).text))))
    answer = client.post("/alerts", data={"key": key, "alert": first, "cadence": "weekly"})
    page = client.get(answer.location).text
    assert "Saved." in page
    assert '<option value="weekly" selected>' in page
    assert f'href="{JOBS}?department=Data">' in page
    assert "<small>1 open job now</small>" in page
    assert client.post("/alerts", data={"key": key, "alert": first, "cadence": "hourly"}).status_code == 400
    answer = client.post("/alerts/stop", data={"key": key, "alert": second})
    assert "Stopped." in client.get(answer.location).text
    page = client.post("/alerts/stop", data={"key": key}).text
    assert "your address was deleted" in page
    assert inside.stored() == NOTHING
    for answer in (client.get(manage), client.post("/alerts/stop", data={"key": key})):
        assert answer.status_code == HTTPStatus.OK
        assert "These e-mails are stopped" in answer.text


def test_one_click_in_a_mail_program_stops_without_a_question(
    client: PortalClient, make_job: MakeJob, inside: Inside
) -> None:
    """RFC 8058: a POST to the very address, by somebody without cookies, from nowhere in particular."""
    inside.follow()
    make_job(title="A")
    path = path_in(inside.send(), "/alerts/stop")
    page = client.get(path)
    assert "Stop e-mails about new jobs at Northwind Labs?" in page.text
    assert inside.stored()["alerts"] == 1
    for _ in range(2):
        answer = client.post(path, data=ONE_CLICK, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == HTTPStatus.OK
        assert "stopped" in answer.text
    assert inside.stored() == NOTHING


@pytest.mark.parametrize("path", ["/alerts", "/alerts/stop"])
def test_a_link_that_nobody_signed_leads_nowhere(client: PortalClient, path: str, inside: Inside) -> None:
    reader = inside.follow()
    for key in ("", reader.key, f"{reader.key}.", f"{reader.key}.{'A' * 43}", "\x00", "é"):
        for answer in (client.get(path, query_string={"key": key}), client.post(path, data={"key": key})):
            assert answer.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST)
    assert inside.stored()["alerts"] == 1


def test_an_address_that_cannot_be_one_is_asked_for_again(client: PortalClient, inside: Inside) -> None:
    answer = ask(client, f"{JOBS}?q=weld", email="lea@example")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'value="lea@example"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "“weld”" in answer.text
    assert fields(answer.text)["q"] == ["weld"]
    assert inside.stored() == NOTHING


def test_programs_that_fill_in_everything_are_told_the_same_and_store_nothing(
    client: PortalClient, inside: Inside
) -> None:
    answer = ask(client, subject="hello")
    assert (answer.status_code, answer.location) == (HTTPStatus.SEE_OTHER, f"{ASK}/sent")
    assert inside.stored() == NOTHING


def test_a_form_of_elsewhere_is_shown_again(
    client: PortalClient, app: Flask, cast: Cast, inside: Inside
) -> None:
    with app.test_request_context():
        other = form_of_tab(cast.cafe, EVERY_JOB).stamp
    for stamp in ("", "2026-11-28", "2026-11-28.x", other):
        answer = client.post(ASK, data={"email": LEA, "stamp": stamp})
        assert answer.status_code == HTTPStatus.OK
        assert "once more" in answer.text
    good = fields(client.get(JOBS).text) | {"email": LEA}
    assert "once more" in client.post(ASK, data=good, headers={"Sec-Fetch-Site": "cross-site"}).text
    assert inside.stored() == NOTHING


def test_the_forms_own_page_takes_as_long_as_a_person(
    client: PortalClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.get(f"{ASK}/new?q=weld").text
    sent = fields(page) | {"email": LEA}
    answer = client.post(ASK, data=sent)
    assert "once more" in answer.text
    assert f'value="{LEA}"' in answer.text
    monkeypatch.setattr("portal.web.alerts.form.QUICKEST", QUICKEST * 0)
    assert client.post(ASK, data=sent).status_code == HTTPStatus.SEE_OTHER


def test_the_answer_tells_nobody_who_follows(client: PortalClient, inside: Inside) -> None:
    inside.follow()
    known, unknown = ask(client), ask(client, email="else@example.com")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert known.data.replace(b"x", b"") == unknown.data.replace(b"x", b"")


def test_no_more_is_asked_for_than_a_person_would(client: PortalClient, inside: Inside) -> None:
    answers = [ask(client, f"{JOBS}?q={number}") for number in range(7)]
    assert [answer.status_code for answer in answers] == [HTTPStatus.SEE_OTHER] * 6 + [
        HTTPStatus.TOO_MANY_REQUESTS
    ]
    assert answers[-1].headers["Retry-After"]
    assert "That was too often" in answers[-1].text
    assert f'value="{LEA}"' in answers[-1].text
    assert len(inside.mails()) == 1


def test_an_organisation_that_is_full_says_so(
    client: PortalClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribe, "MOST", 0)
    answer = ask(client)
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "Try again tomorrow" in answer.text


def test_only_admins_see_how_many_follow_and_nobody_sees_who(
    client: PortalClient, mara: PortalClient, noor: PortalClient, inside: Inside
) -> None:
    inside.follow()
    inside.follow(q="more")
    inside.follow("else@example.com")
    ask(client, email="never@example.com")
    assert "2 addresses get such e-mails." in mara.get(JOBS).text
    for other in (client, noor):
        assert "such e-mails" not in other.get(JOBS).text
    assert LEA not in mara.get(JOBS).text


def test_who_is_signed_in_follows_jobs_as_anybody_does(
    mara: PortalClient, noor: PortalClient, inside: Inside
) -> None:
    for member in (mara, noor):
        for path in (confirmed(member, inside, f"{JOBS}?q={id(member)}"), f"{ASK}/new", f"{ASK}/sent"):
            page = member.get(path)
            assert page.status_code == HTTPStatus.OK
            assert "Sign out" in page.text


def test_pages_of_one_reader_are_kept_by_nobody_and_found_by_nobody(
    client: PortalClient, inside: Inside
) -> None:
    manage = confirmed(client, inside)
    for path in (manage, f"{ASK}/new", "/alerts/confirm?key=x"):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "no-store, no-transform"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "Content-Encoding" not in answer.headers


def test_links_work_on_when_the_organisations_address_changed(client: PortalClient, inside: Inside) -> None:
    manage = confirmed(client, inside, f"{JOBS}?location=Atlantis")
    inside.change(update(Organisation).where(Organisation.slug == "northwind").values(slug="southwind"))
    page = client.get(manage).text
    assert 'href="/orgs/southwind/jobs?location=Atlantis"' in page
    assert "no open job now" in page


def test_no_key_stands_in_the_log(
    client: PortalClient, capfd: pytest.CaptureFixture[str], inside: Inside
) -> None:
    manage = confirmed(client, inside)
    client.get(manage)
    assert manage.partition("key=")[2] not in "".join(capfd.readouterr())

"""Webhooks and Slack: an admin adds receivers, sees what was sent to them, and nobody else does."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.config import Settings
from portal.db import write
from portal.models import WebhookDelivery, WebhookEndpoint
from portal.models.base import utc_now
from tests.support.app import HTMX, Cast, MakeJob, PortalClient
from tests.support.fault_server import FaultServer
from tests.support.faults import status
from tests.support.receivers import deliver, endpoint, messages, tell, verified

PAGE = "/orgs/northwind/webhooks"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")
EVERY = ["job.opened", "job.changed", "job.closed"]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, webhooks_to_private_addresses=True)


@pytest.fixture
def receiver() -> Iterator[FaultServer]:
    with FaultServer() as server:
        server.answer(status(204, body=b""))
        yield server


def add(client: PortalClient, url: str, format: str = "webhook", **more: object) -> TestResponse:
    return client.post(PAGE, data={"format": format, "address": url, "event": EVERY} | more)


def secret_in(answer: TestResponse) -> str:
    found = SECRET.search(answer.text)
    assert found is not None
    return found[0]


def test_a_receiver_is_added_tried_and_its_answer_shown(
    app: Flask, mara: PortalClient, receiver: FaultServer, make_job: MakeJob
) -> None:
    make_job(title="There before")
    added = add(mara, f"{receiver.url}/hooks", name="Website")
    assert added.status_code == 200
    assert added.headers["Cache-Control"] == "no-store, no-transform"
    secret = secret_in(added)
    assert "Website" in mara.get(PAGE).text
    assert mara.post(f"{PAGE}/1/test").location == f"{PAGE}/1#messages"
    with app.app_context():
        assert deliver() == 1
    assert verified(receiver.requests[0], secret)["type"] == "webhook.test"
    page = mara.get(f"{PAGE}/1").text
    assert "Delivered" in page
    assert "204 · " in page
    assert "webhook.test" in mara.get(f"{PAGE}/1/messages/1").text


def test_the_secret_is_shown_once_and_stands_nowhere_else(
    app: Flask, mara: PortalClient, receiver: FaultServer, make_job: MakeJob, caplog: pytest.LogCaptureFixture
) -> None:
    secret = secret_in(add(mara, receiver.url))
    make_job()
    with app.app_context():
        tell()
        deliver()
    for path in ("", "/1", "/1/messages/1"):
        assert secret not in mara.get(PAGE + path).text
    assert secret not in caplog.text
    assert secret.encode() not in receiver.requests[0].body


def test_a_page_that_is_sent_twice_adds_one_receiver(mara: PortalClient, receiver: FaultServer) -> None:
    add(mara, receiver.url)
    again = add(mara, receiver.url)
    assert again.status_code == 422
    assert "already" in again.text


def test_the_secret_is_replaced_once_for_two_clicks(
    app: Flask, mara: PortalClient, receiver: FaultServer, make_job: MakeJob
) -> None:
    old = secret_in(add(mara, receiver.url))
    seen = re.search(r'name="seen" value="([^"]+)"', mara.get(f"{PAGE}/1").text)
    assert seen is not None
    replaced = mara.post(f"{PAGE}/1/secret", data={"seen": seen[1]})
    new = secret_in(replaced)
    assert replaced.headers["Cache-Control"] == "no-store, no-transform"
    assert mara.post(f"{PAGE}/1/secret", data={"seen": seen[1]}).status_code == 409
    assert "signs as well until" in mara.get(f"{PAGE}/1").text
    make_job()
    with app.app_context():
        tell()
        deliver()
    assert verified(receiver.requests[0], old) == verified(receiver.requests[0], new)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"address": "nonsense"}, "Enter a whole address"),
        ({"address": ""}, "Enter a whole address"),
        ({"address": "https://user:pass@example.com"}, "Leave user name and password"),
        ({"address": "https://example.com", "event": []}, "Choose at least one"),
        ({"address": "https://example.com", "event": ["job.opened", "other"]}, "Choose at least one"),
        ({"address": "https://example.com", "name": "x" * 61}, "60"),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field_and_what_was_typed_stays(
    mara: PortalClient, sent: dict[str, object], said: str
) -> None:
    answer = mara.post(PAGE, data={"format": "webhook", "event": EVERY, "name": "Kept"} | sent)
    assert answer.status_code == 422
    assert said in answer.text
    assert str(sent.get("name", "Kept")) in answer.text
    assert mara.get(PAGE).text.count('class="receiver"') == 0


def test_without_the_operators_word_no_private_address_is_taken(
    app: Flask, mara: PortalClient, receiver: FaultServer
) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], webhooks_to_private_addresses=False)
    for url in (receiver.url, "https://127.0.0.1/", "https://localhost/", "http://example.com/"):
        assert add(mara, url).status_code == 422
    assert add(mara, "https://example.com/hooks").status_code == 200


def test_an_address_for_slack_is_not_shown_and_stays_unless_another_is_typed(
    app: Flask, mara: PortalClient, receiver: FaultServer, make_job: MakeJob
) -> None:
    url = f"{receiver.url}/services/T0/B0/the-secret-part"
    assert add(mara, url, "slack").location == f"{PAGE}/1"
    for path in ("", "/1"):
        page = mara.get(PAGE + path).text
        assert "secret-part" not in page
        assert "/…part" in page
    mara.post(f"{PAGE}/1", data={"name": "#jobs", "address": "", "event": ["job.closed", "job.opened"]})
    make_job()
    with app.app_context():
        tell()
        deliver()
    assert receiver.requests[0].path == "/services/T0/B0/the-secret-part"
    assert "#jobs" in mara.get(PAGE).text


def test_an_admin_pauses_resumes_and_deletes(app: Flask, mara: PortalClient, receiver: FaultServer) -> None:
    add(mara, receiver.url)
    assert mara.post(f"{PAGE}/1/pause").status_code == 303
    assert "Paused" in mara.get(PAGE).text
    mara.post(f"{PAGE}/1/test")
    with app.app_context():
        assert messages() == []
    mara.post(f"{PAGE}/1/resume")
    assert "Paused" not in mara.get(PAGE).text
    assert mara.post(f"{PAGE}/1/delete").location == PAGE
    assert mara.get(f"{PAGE}/1").status_code == 404
    assert mara.post(f"{PAGE}/1/delete").status_code == 404


def test_a_message_is_sent_again_once_for_two_clicks(
    app: Flask, mara: PortalClient, receiver: FaultServer, make_job: MakeJob
) -> None:
    add(mara, receiver.url)
    make_job(title="Welder")
    with app.app_context():
        tell()
        deliver()
        seen = messages()[0].generation
    for _ in range(2):
        mara.post(f"{PAGE}/1/messages/1/resend", data={"seen": seen})
    with app.app_context():
        assert deliver() == 1
    assert len({each.headers["webhook-id"] for each in receiver.requests}) == 1
    assert mara.post(f"{PAGE}/1/messages/1/resend", data={"seen": "x"}).status_code == 303
    assert mara.post(f"{PAGE}/1/messages/99/resend").status_code == 404


def test_what_fails_and_why_is_shown(
    app: Flask, mara: PortalClient, receiver: FaultServer, make_job: MakeJob
) -> None:
    add(mara, receiver.url)
    receiver.answer(status(503))
    make_job(title="Welder & <b>Sons</b>")
    with app.app_context():
        tell()
        deliver()
    page = mara.get(f"{PAGE}/1").text
    assert "Trying again" in page
    assert "Refuses messages" in page
    assert "503 · " in page
    assert "Welder &amp; &lt;b&gt;Sons&lt;/b&gt;" in page
    with app.app_context(), write():
        endpoint(1).off_reason = "gone"
    assert "410" in mara.get(f"{PAGE}/1").text


def test_the_metrics_count_what_waits_and_what_fails(
    app: Flask, mara: PortalClient, receiver: FaultServer
) -> None:
    add(mara, receiver.url)
    mara.post(f"{PAGE}/1/test")
    with app.app_context(), write():
        endpoint(1).failing_since = utc_now()
    figures = mara.get("/metrics").text
    assert "portal_webhook_messages_waiting 1.0" in figures
    assert "portal_webhooks_failing 1.0" in figures


def test_the_list_asks_again_while_a_message_is_on_its_way(
    app: Flask, mara: PortalClient, receiver: FaultServer
) -> None:
    add(mara, receiver.url)
    mara.post(f"{PAGE}/1/test")
    asks = 'hx-trigger="every 2s"'
    assert asks in mara.get(f"{PAGE}/1").text
    with app.app_context():
        deliver()
        with write() as current:
            current.query(WebhookDelivery).update({"tried_at": utc_now() - timedelta(minutes=5)})
    partial = mara.get(f"{PAGE}/1", headers=HTMX | {"HX-Target": "messages"}).text
    assert asks not in partial
    assert "<html" not in partial
    assert "Delivered" in partial


def test_other_organisations_receivers_do_not_exist(
    app: Flask, mara: PortalClient, otto: PortalClient, noor: PortalClient, receiver: FaultServer
) -> None:
    add(mara, receiver.url)
    mara.post(f"{PAGE}/1/test")
    elsewhere = "/orgs/cafe-nord/webhooks"
    for path in ("/1", "/1/messages/1"):
        assert otto.get(elsewhere + path).status_code == 404
        assert otto.get(PAGE + path).status_code == 404
        assert noor.get(PAGE + path).status_code == 403
    for path in ("/1", "/1/pause", "/1/resume", "/1/delete", "/1/test", "/1/secret", "/1/messages/1/resend"):
        assert otto.post(elsewhere + path, data={"event": EVERY}).status_code in (404, 409), path
        assert noor.post(PAGE + path).status_code == 403
    with app.app_context():
        assert endpoint(1).is_on
    assert noor.get(PAGE).status_code == 403
    assert "Webhooks and Slack" not in noor.get("/orgs/northwind/jobs/manage").text
    assert "Webhooks and Slack" in mara.get("/orgs/northwind/jobs/manage").text


def test_an_organisation_has_at_most_ten_receivers(
    app: Flask, mara: PortalClient, cast: Cast, receiver: FaultServer
) -> None:
    for number in range(10):
        assert add(mara, f"{receiver.url}/{number}").status_code == 200
    full = add(mara, f"{receiver.url}/10")
    assert full.status_code == 422
    assert "at most 10" in full.text
    with app.app_context(), write() as current:
        assert current.query(WebhookEndpoint).count() == 10


def test_messages_are_sent_by_hand_so_often_and_no_more(mara: PortalClient, receiver: FaultServer) -> None:
    add(mara, receiver.url)
    codes = [mara.post(f"{PAGE}/1/test").status_code for _ in range(21)]
    assert codes[:20] == [303] * 20
    assert codes[20] == 429

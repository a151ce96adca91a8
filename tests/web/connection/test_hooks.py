"""Webhooks: genuine ones are a hint to sync now, everything else is turned away alike."""

import hmac
import http.client
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select, text
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from portal.actions.sync.connection import disconnect
from portal.actions.sync.credentials import MOST_OLD_ONES, make_hook_secret, old_secrets_end, rotate
from portal.actions.sync.schedule import pause
from portal.db import db, session, write
from portal.models import Connection, SyncRun
from portal.models.base import utc_now
from portal.queues import connect_redis
from tests.support.app import PortalClient
from tests.support.processes import PATIENCE

POST_EVENTS = ("job_post_created", "job_post_updated", "job_post_deleted")
Work = Callable[[Connection], None]


class Greenhouse:
    """Greenhouse's side: it knows the address and a secret, and signs what it sends."""

    def __init__(self, client: PortalClient, connection: Connection, secret: str) -> None:
        self.client, self.secret = client, secret
        self.address = f"/hooks/greenhouse/{connection.public_key}"

    def sign(self, body: bytes) -> str:
        return f"sha256 {hmac.new(self.secret.encode(), body, 'sha256').hexdigest()}"

    def send(self, body: bytes, event_id: str | None = None, **headers: str) -> TestResponse:
        sent = {
            "Signature": self.sign(body),
            "Greenhouse-Event-ID": event_id or secrets.token_hex(),
        } | headers
        return self.client.post(self.address, data=body, headers=sent, content_type="application/json")

    def tell(self, action: str, event_id: str | None = None) -> TestResponse:
        return self.send(json.dumps({"action": action, "payload": {"id": 7}}).encode(), event_id)


def new_secret(app: Flask, connection: Connection) -> str:
    with app.app_context():
        held = session().get_one(Connection, connection.id)
        secret = make_hook_secret(held, held.hook_secret_set_at)
        assert secret is not None
        return secret


@pytest.fixture
def greenhouse(app: Flask, client: PortalClient, synced: Connection) -> Greenhouse:
    return Greenhouse(client, synced, new_secret(app, synced))


def runs(app: Flask) -> list[tuple[str, str]]:
    """The runs after the first import."""
    with app.app_context():
        rows = session().execute(select(SyncRun.trigger, SyncRun.status).order_by(SyncRun.id))
        return [(trigger, status) for trigger, status in rows][1:]


def held(app: Flask, connection: Connection) -> Connection:
    with app.app_context():
        return session().get_one(Connection, connection.id)


def test_a_ping_is_answered_and_starts_nothing(
    app: Flask, greenhouse: Greenhouse, synced: Connection
) -> None:
    before = utc_now()
    assert greenhouse.tell("ping").status_code == 200
    heard = held(app, synced).hook_heard_at
    assert heard is not None
    assert heard >= before
    assert runs(app) == []


@pytest.mark.parametrize(
    "action",
    [
        *POST_EVENTS,
        "job_created",
        "job_updated",
        "job_approved",
        "job_deleted",
        "department_deleted",
        "office_deleted",
    ],
)
def test_an_event_of_what_a_board_shows_starts_a_sync(
    app: Flask, greenhouse: Greenhouse, action: str
) -> None:
    assert greenhouse.tell(action).status_code == 200
    assert runs(app) == [("webhook", "queued")]


def test_a_burst_is_one_run(app: Flask, greenhouse: Greenhouse) -> None:
    assert {greenhouse.tell(POST_EVENTS[n % 3]).status_code for n in range(200)} == {200}
    assert runs(app) == [("webhook", "queued")]


@pytest.mark.parametrize(
    "body",
    [
        b'{"action": "candidate_hired", "payload": {}}',
        b'{"action": "application_updated", "payload": {"jobs": [{"id": 1}]}}',
        b'{"action": "", "payload": {}}',
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"action": 7}',
        b'{"action": "job_post_created"',
        b"[" * 100_000,
    ],
)
def test_whatever_else_is_signed_is_acknowledged(app: Flask, greenhouse: Greenhouse, body: bytes) -> None:
    assert greenhouse.send(body).status_code == 200
    assert runs(app) == []


def test_a_delivery_that_comes_again_starts_nothing_new(
    app: Flask, greenhouse: Greenhouse, synced: Connection, work: Work
) -> None:
    greenhouse.tell("job_post_updated", "one-event")
    work(synced)
    assert greenhouse.tell("job_post_updated", "one-event").status_code == 200
    assert runs(app) == [("webhook", "succeeded")]
    greenhouse.tell("job_post_updated", "another-event")
    assert runs(app) == [("webhook", "succeeded"), ("webhook", "queued")]


def test_with_redis_away_the_sync_is_queued_all_the_same(app: Flask, greenhouse: Greenhouse) -> None:
    app.extensions["redis"].close()
    app.extensions["redis"] = connect_redis("unix:///nowhere/redis.sock")
    assert greenhouse.tell("job_post_created").status_code == 200
    assert runs(app) == [("webhook", "queued")]


def test_what_is_not_genuine_is_refused_alike(app: Flask, greenhouse: Greenhouse, synced: Connection) -> None:
    body = b'{"action": "job_post_created"}'
    good = greenhouse.sign(body)
    another = f"{good[:-1]}{'1' if good[-1] == '0' else '0'}"
    headers = ("", good[:-1], another, good[7:], f"sha1 {good[7:]}", good.upper(), good + " é", f"{good}x")
    refused = [greenhouse.send(body, Signature=header) for header in headers]
    refused.append(greenhouse.client.post(greenhouse.address, data=body))
    for key in ("unknown", "%00", "a" * 500, f"{synced.public_key}x"):
        greenhouse.address = f"/hooks/greenhouse/{key}"
        refused.append(greenhouse.send(body))
    assert {answer.status_code for answer in refused} == {401}
    assert len({(answer.data, str(answer.headers)) for answer in refused}) == 1
    assert runs(app) == []
    assert held(app, synced).hook_heard_at is None


def test_without_a_secret_nothing_is_genuine(app: Flask, client: PortalClient, synced: Connection) -> None:
    for secret in ("", "guessed"):
        assert Greenhouse(client, synced, secret).tell("ping").status_code == 401


def test_the_old_secret_works_for_a_day(app: Flask, greenhouse: Greenhouse, synced: Connection) -> None:
    new = Greenhouse(greenhouse.client, synced, new_secret(app, synced))
    assert [each.tell("ping").status_code for each in (greenhouse, new)] == [200, 200]
    [until] = old_secrets_end(held(app, synced), utc_now())
    assert timedelta(hours=23) < until - utc_now() <= timedelta(days=1)
    let_old_ones_end(app, synced)
    assert [each.tell("ping").status_code for each in (greenhouse, new)] == [401, 200]


def let_old_ones_end(app: Flask, connection: Connection) -> None:
    with app.app_context(), write() as rows:
        row = rows.get_one(Connection, connection.id)
        ended = {"until": utc_now().isoformat()}
        row.old_hook_secrets = [each | ended for each in row.old_hook_secrets]


def test_every_secret_of_the_last_day_works_and_of_very_many_the_first_and_the_latest(
    app: Flask, greenhouse: Greenhouse, synced: Connection
) -> None:
    signing = [greenhouse] + [
        Greenhouse(greenhouse.client, synced, new_secret(app, synced)) for _ in range(4)
    ]
    assert {each.tell("ping").status_code for each in signing} == {200}
    with app.app_context():
        assert not rotate().unreadable
    assert {each.tell("ping").status_code for each in signing} == {200}
    signing.append(Greenhouse(greenhouse.client, synced, new_secret(app, synced)))
    assert [each.tell("ping").status_code for each in signing] == [200, 401, 200, 200, 200, 200]
    let_old_ones_end(app, synced)
    assert [each.tell("ping").status_code for each in signing] == [401] * 5 + [200]
    assert new_secret(app, synced)
    assert len(held(app, synced).old_hook_secrets) == 1


def test_whoever_asks_as_many_secrets_are_tried(
    app: Flask, greenhouse: Greenhouse, synced: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []
    monkeypatch.setattr("portal.actions.sync.webhooks.is_signed", lambda *_: bool(tried.append(1)))
    for _ in range(6):
        tried.clear()
        greenhouse.tell("ping")
        greenhouse.client.post("/hooks/greenhouse/unknown", data=b"{}")
        assert len(tried) == 2 * (1 + MOST_OLD_ONES)
        new_secret(app, synced)


def test_a_secret_that_cannot_be_read_here_lets_greenhouse_try_again(
    app: Flask, greenhouse: Greenhouse, synced: Connection
) -> None:
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, credential_keys=(Fernet.generate_key().decode(),))
    assert greenhouse.tell("job_post_updated").status_code == 503
    assert greenhouse.client.post("/hooks/greenhouse/unknown", data=b"{}").status_code == 401
    newer = Greenhouse(greenhouse.client, synced, new_secret(app, synced))
    assert newer.tell("job_post_updated").status_code == 200
    assert greenhouse.tell("job_post_updated").status_code == 503  # it may be signed with the one before
    app.extensions["settings"] = settings
    assert greenhouse.tell("job_post_updated").status_code == 200


def test_a_paused_connection_acknowledges_and_does_not_sync(
    app: Flask, greenhouse: Greenhouse, synced: Connection
) -> None:
    with app.app_context():
        pause(session().get_one(Connection, synced.id))
    assert greenhouse.tell("job_post_created").status_code == 200
    assert runs(app) == []


def test_a_connection_that_ended_is_unknown(app: Flask, greenhouse: Greenhouse, synced: Connection) -> None:
    with app.app_context():
        disconnect(synced.organisation_id, keep_jobs=True)
    assert greenhouse.tell("ping").status_code == 401


def test_a_body_of_unknown_or_too_great_length_is_not_read(app: Flask, greenhouse: Greenhouse) -> None:
    large = b"x" * (1024 * 1024 + 1)
    assert greenhouse.send(large).status_code == 413
    assert greenhouse.send(large[1:]).status_code == 200
    answer = greenhouse.client.post(
        greenhouse.address, headers={"Transfer-Encoding": "chunked"}, environ_overrides={"CONTENT_LENGTH": ""}
    )
    assert answer.status_code == 411


def test_somebody_who_guesses_is_slowed_down_and_a_genuine_burst_is_not(greenhouse: Greenhouse) -> None:
    assert {greenhouse.tell("ping").status_code for _ in range(150)} == {200}
    statuses = [greenhouse.send(b"{}", Signature="sha256 00").status_code for _ in range(130)]
    assert set(statuses) == {401, 429}


def test_a_wrong_secret_of_one_connection_shuts_out_no_other_from_the_same_address(
    greenhouse: Greenhouse,
) -> None:
    for _ in range(130):
        answer = greenhouse.client.post("/hooks/greenhouse/another", data=b"{}")
    assert answer.status_code == 429
    assert greenhouse.tell("job_post_updated").status_code == 200


def test_nothing_of_the_body_is_stored_or_logged(
    app: Flask, greenhouse: Greenhouse, synced: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    word = "Zanzibar7731"
    body = json.dumps({"action": "job_post_updated", "payload": {"title": word, "content": word}}).encode()
    assert greenhouse.send(body, event_id=f"event-{word}").status_code == 200
    assert greenhouse.send(body + b" ", Signature="sha256 00", event_id=f"event-{word}").status_code == 401
    with app.app_context():
        for table in db.metadata.sorted_tables:
            assert word not in str(session().execute(text(f"SELECT * FROM {table.name}")).all()), table
    assert not [key for key in app.extensions["redis"].scan_iter() if word.encode() in key]
    assert greenhouse.address in caplog.text
    assert word not in caplog.text


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """The portal on a real socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_over_a_real_socket_the_bytes_are_verified_as_they_came(
    app: Flask, greenhouse: Greenhouse, port: int
) -> None:
    body = b'{ "action":"job_post_updated","payload":{"content":"\\u003cp\\u003e&amp;"} }\n'

    def post(sent: object, headers: dict[str, str], *, chunked: bool = False) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("POST", greenhouse.address, sent, headers, encode_chunked=chunked)
        status = connection.getresponse().status
        connection.close()
        return status

    signed = {"Signature": greenhouse.sign(body), "Greenhouse-Event-ID": "1"}
    assert post(body.replace(b"\\u003c", b"<"), signed) == 401
    assert post(iter([body]), signed | {"Transfer-Encoding": "chunked"}, chunked=True) == 411
    assert runs(app) == []
    assert post(body, signed) == 200
    assert runs(app) == [("webhook", "queued")]

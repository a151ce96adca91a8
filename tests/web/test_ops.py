"""What those who run the portal ask it, and what the log tells them."""

import logging
import re
import secrets
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from rq import Worker
from rq.utils import utcformat
from sqlalchemy import delete, text

from portal.app import create_app
from portal.config import REPOSITORY, load_settings
from portal.db import session, write
from portal.models import Connection, Mail, SyncRun
from portal.queues import OUTGOING_KEY, WORKER_SILENCE, note_outgoing, note_tick, redis
from portal.web import ops
from tests.support.app import PASSWORD, Cast, PortalClient, disconnect
from tests.support.processes import wait_until

PUBLIC = {
    "PUBLIC_URL": "https://jobs.example.com",
    "SECRET_KEY": secrets.token_urlsafe(32),
    "CREDENTIAL_KEYS": Fernet.generate_key().decode(),
}


@pytest.mark.parametrize("proxies", ["0", "1"])
def test_probes_are_answered_by_whatever_host_and_nothing_else_is(
    database_url: str, redis_url: str, tmp_path: Path, proxies: str
) -> None:
    places = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "INSTANCE_DIR": str(tmp_path / "instance"),
    }
    app = create_app(load_settings({**places, **PUBLIC, "TRUSTED_PROXIES": proxies}))
    probe = app.test_client()
    for host in ("10.1.2.3:8000", "[fd00::1]:8000", "evil.example", "not a host"):
        hosts = {"Host": host} if proxies == "0" else {"X-Forwarded-Host": host}
        statuses = [
            probe.get(path, headers=hosts).status_code for path in ("/healthz", "/readyz", "/metrics")
        ]
        assert statuses == [200, 503, 200]
        for path in ("/login", "/healthz/", "/help/greenhouse", "//healthz"):
            assert probe.get(path, headers=hosts).status_code == 400
    disconnect(app)


def figures(client: PortalClient) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


@pytest.fixture
def worker(redis_url: str) -> Worker:
    """A worker that has said that it is there."""
    worker = Worker(["sync"], connection=Redis.from_url(redis_url))
    worker.register_birth()
    yield worker
    worker.register_death()
    worker.connection.close()


@pytest.fixture
def ticking(app: Flask) -> None:
    """A tick that went through just now."""
    with app.app_context():
        note_tick(60)
        note_outgoing(60)


def failing(client: PortalClient) -> set[str]:
    """What ``/readyz`` says is failing; its status says so too."""
    answer = client.get("/readyz")
    failing = {name for name, state in answer.json["checks"].items() if state == "failing"}
    assert answer.status_code == (503 if failing else 200)
    assert failing or set(answer.json["checks"].values()) == {"ok"}
    return failing


def test_it_is_ready_when_everything_answers(client: PortalClient, worker: Worker, ticking: None) -> None:
    assert failing(client) == set()
    found = figures(client)
    for name in ("database_up", "database_saves", "redis_up", "redis_saves", "tick_up"):
        assert found[f"portal_{name}",] == 1


def test_it_names_what_is_missing(client: PortalClient) -> None:
    assert failing(client) == {"workers", "tick", "webhooks"}


@pytest.mark.parametrize("ailment", ["maxmemory 1", "REPLICAOF 127.0.0.1 1"])
def test_a_redis_that_saves_nothing_is_not_ready(
    client: PortalClient, worker: Worker, ticking: None, redis_url: str, ailment: str
) -> None:
    with Redis.from_url(redis_url) as server:
        words = ailment.split()
        try:
            server.config_set(*words) if words[0] == "maxmemory" else server.execute_command(*words)
            assert failing(client) == {"redis_saves"}
            assert figures(client)["portal_redis_saves",] == 0
        finally:
            server.config_set("maxmemory", 0)
            server.execute_command("REPLICAOF", "NO", "ONE")
    assert failing(client) == set()


def test_three_ticks_missed_are_too_many(app: Flask, client: PortalClient, worker: Worker) -> None:
    with app.app_context():
        note_tick(60)
        note_outgoing(60)
    assert failing(client) == set()
    with app.app_context():
        note_tick(0.1)
    wait_until(lambda: failing(client) == {"tick"}, "the last tick to be too long ago")
    assert figures(client)["portal_tick_up",] == 0


def test_a_database_that_saves_nothing_is_not_ready_and_is_tried_now_and_then(
    app: Flask, client: PortalClient, worker: Worker, ticking: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert failing(client) == set()
    tries: list[None] = []

    def full() -> bool:
        tries.append(None)
        return False

    monkeypatch.setattr(ops, "can_save", full)
    assert failing(client) == set(), "what was found out a moment ago still holds"
    monkeypatch.setattr(ops, "REMEMBERED_SECONDS", 60)
    app.extensions.pop("save_check")
    assert [failing(client) for _ in range(5)] == [{"database_saves"}] * 5
    assert figures(client)["portal_database_saves",] == 0
    assert len(tries) == 1


def test_a_worker_that_was_killed_does_not_count_for_long(client: PortalClient, worker: Worker) -> None:
    long_ago = datetime.now(UTC) - WORKER_SILENCE - timedelta(seconds=1)
    worker.connection.hset(worker.key, "last_heartbeat", utcformat(long_ago))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["workers"] == "failing"
    assert figures(client)["portal_workers",] == 0


def test_the_figures_are_those_of_the_database(
    app: Flask, client: PortalClient, cast: Cast, worker: Worker
) -> None:
    now = datetime.now(UTC)
    with app.app_context(), write() as rows:
        connection = Connection(
            organisation_id=cast.northwind.id,
            public_key="k",
            board_token="acme",
            board_name="Acme",
            api_key_ciphertext=b"x",
            api_key_last_four="abcd",
            failing_since=now,
        )
        rows.add(connection)
        rows.flush()
        shared = {"organisation_id": cast.northwind.id, "board_token": "acme", "trigger": "manual"}
        rows.add(
            SyncRun(
                **shared, connection_id=connection.id, status="queued", queued_at=now - timedelta(seconds=90)
            )
        )
        rows.add(SyncRun(**shared, status="failed", finished_at=now - timedelta(minutes=5)))
        rows.add(SyncRun(**shared, status="failed", finished_at=now - timedelta(hours=5)))
    found = figures(client)
    assert found["portal_sync_runs", "failed"] == 1
    assert found["portal_sync_runs", "queued"] == 1
    assert found["portal_connections_failing",] == 1
    assert found["portal_oldest_queued_run_seconds",] >= 90
    assert found["portal_workers",] == 1
    assert "northwind" not in client.get("/metrics").text.lower()


def add_mail(cast: Cast, **columns: object) -> None:
    row = {"organisation_id": cast.northwind.id, "user_id": cast.mara.id, "subject": "s", "body": "b"}
    with write() as rows:
        rows.add(Mail(**(row | columns)))


def test_mails_that_reach_no_mail_server_degrade_it_and_leave_it_in_rotation(
    app: Flask, client: PortalClient, cast: Cast, worker: Worker, ticking: None
) -> None:
    now = datetime.now(UTC)
    hour, later = now - timedelta(hours=1), now + timedelta(minutes=5)
    with app.app_context():
        add_mail(cast, attempt=0, not_before=now, created_at=now)
        add_mail(cast, attempt=3, not_before=later, created_at=hour)  # the server had its say about this one
        add_mail(cast, attempt=1, not_before=None, created_at=hour)
    assert client.get("/readyz").json["status"] == "ok"
    found = figures(client)
    assert (found["portal_mails_waiting",], found["portal_mails_given_up",]) == (2, 1)
    assert 3600 <= found["portal_mails_oldest_waiting_seconds",] < 2 * 3600
    for attempt, not_before in ((0, hour), (1, later)):  # it waits untried, or is claimed for the first time
        with app.app_context():
            add_mail(cast, attempt=attempt, not_before=not_before, created_at=hour)
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert (answer.json["status"], answer.json["checks"]["mail"]) == ("degraded", "failing")
        with app.app_context(), write() as rows:
            rows.execute(delete(Mail).where(Mail.attempt == attempt, Mail.not_before == not_before))


def test_without_a_process_that_sends_webhooks_it_is_degraded_and_left_in_rotation(
    app: Flask, client: PortalClient, worker: Worker, ticking: None
) -> None:
    with app.app_context():
        redis().delete(OUTGOING_KEY)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert answer.json["checks"]["webhooks"] == "failing"


def test_it_is_not_ready_once_pages_hear_of_nothing_any_more(
    app: Flask,
    client: PortalClient,
    worker: Worker,
    ticking: None,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub = app.extensions["live_hub"]
    monkeypatch.setattr(hub, "_run", lambda: None)  # a thread that is dead at once
    watcher = hub.watch(cast.northwind.id, 1, 0)
    hub.join()
    assert failing(client) == {"live"}
    found = figures(client)
    assert (found["portal_live_hub_up",], found["portal_live_streams",]) == (0, 1)
    monkeypatch.undo()
    hub.restart_if_dead()
    assert failing(client) == set()
    assert figures(client)["portal_live_hub_up",] == 1
    hub.failures.note("render", cast.northwind.id, LookupError())
    assert figures(client)["portal_live_errors_total",] == 1
    hub.leave(watcher)


@pytest.fixture
def away(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Redis is away."""
    folder = tmp_path_factory.mktemp("away")
    app.extensions["redis"].connection_pool.disconnect()
    app.extensions["redis"].connection_pool.connection_kwargs["path"] = str(folder / "nothing.sock")


def test_without_redis_it_says_so_and_still_gives_the_other_figures(
    client: PortalClient, cast: Cast, away: None
) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["redis"] == "failing"
    found = figures(client)
    assert found["portal_redis_up",] == 0
    assert found["portal_connections",] == 0


def test_without_redis_from_the_start_people_still_sign_in(sqlite_url: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings = load_settings(
        {
            "DATABASE_URL": sqlite_url,
            "REDIS_URL": f"unix://{tmp_path / 'nothing.sock'}",
            "INSTANCE_DIR": str(tmp_path / "instance"),
        }
    )
    app = create_app(settings)
    app.test_client_class = PortalClient
    client = app.test_client()
    assert client.get("/login").status_code == 200
    data = {"email": "nobody@example.com", "password": "wrong password"}
    statuses = [client.with_csrf_token().post("/login", data=data).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    disconnect(app)


def test_without_a_database_it_is_alive_but_not_ready(app: Flask, client: PortalClient, settings) -> None:  # type: ignore[no-untyped-def]
    from portal.db import db

    with app.app_context():
        engine = db.engine
        engine.dispose()
        engine.pool._creator = _refuse  # type: ignore[assignment]
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["database"] == "failing"
    assert figures(client)["portal_database_up",] == 0


def _refuse(*_args: object, **_more: object) -> None:
    import sqlite3

    raise sqlite3.OperationalError("unable to open database file")


def test_the_log_names_the_request_and_nothing_that_was_sent(
    client: PortalClient, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client.get("/login?secret=in-the-query")
    client.with_csrf_token().post("/login", data={"email": "mara@example.com", "password": PASSWORD})
    client.get("/orgs/northwind/jobs")
    lines = [record.getMessage() for record in caplog.records if "'event': 'request'" in record.getMessage()]
    assert len(lines) == 3
    assert "northwind" in lines[2]
    for hidden in (PASSWORD, "in-the-query", "mara@example.com"):
        assert hidden not in "".join(record.getMessage() for record in caplog.records)


def test_the_database_check_really_asks(app: Flask) -> None:
    from portal.web.ops import database_answers

    with app.app_context():
        assert database_answers()
        assert session().execute(text("SELECT 1")).scalar() == 1


def test_the_probe_and_the_foot_of_a_page_say_which_version_runs(client) -> None:
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    assert client.get("/healthz").json == {"status": "ok", "version": version}
    assert re.search(rf"<footer[^>]*>[^<]*\b{re.escape(version)}</footer>", client.get("/login").text)

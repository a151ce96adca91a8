"""An API key goes through everything that happens to a connection, and is found nowhere but encrypted."""

import base64
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import inspect, text

from portal.actions.sync import connection as connecting
from portal.actions.sync.credentials import unseal
from portal.config import Settings
from portal.db import db, end_read, session, write
from portal.models import Authenticator, Connection
from tests.support.app import HTMX, Cast, PortalClient, _client
from tests.support.board_server import DemoBoard
from tests.support.databases import database_url  # noqa: F401 - each engine keeps bytes in its own way
from tests.support.syncs import mails
from tests.support.whole_database import whole_database

CANARY = "canary-0f3c9a7e51d24b68"
CONNECT = "/orgs/northwind/greenhouse/connect"
SETTINGS = "/orgs/northwind/greenhouse"
GOOD = {"board_token": "northwind", "api_key": CANARY}
SPELLED = [
    CANARY,
    CANARY.upper(),
    CANARY[::-1],
    quote(CANARY, safe=""),
    CANARY.encode().hex(),
    *(base64.b64encode(f"{ahead}{CANARY}".encode()).decode()[4:28] for ahead in ("", ":", "::", ":::")),
]
"""The key as it is, and as it would stand in an address, in a dump and in Basic authentication."""


class Crash(Exception):
    """What nobody expects."""


def crash(*_: object, **__: object) -> None:
    raise Crash("oops")


class Heard:
    """All that left the portal."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def hear(self, where: str, text: object) -> None:
        self.said.append((where, str(text)))

    def ask(self, client: PortalClient, verb: str, path: str, **given: object) -> int:
        answer = client.open(path, method=verb, **given)
        self.hear(f"{verb} {path}", f"{answer.headers}{answer.get_data(as_text=True)}")
        return answer.status_code


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("dev.demo.api.DEMO_API_KEY", CANARY)
    return settings


@pytest.fixture
def published(redis_url: str) -> Iterator[Callable[[], list[object]]]:
    """What was published in Redis, and all that it holds."""
    with Redis.from_url(redis_url) as server, server.pubsub() as channel:
        channel.psubscribe("*")

        def read() -> list[object]:
            held = [(key, server.dump(key)) for key in server.scan_iter()]
            heard = []
            while message := channel.get_message(timeout=0.1):
                heard.append(message)
            return [*held, *heard]

        yield read


def stored() -> list[str]:
    """All that the database holds as it holds it: SQLite's files, PostgreSQL's rows as in a dump."""
    end_read()
    if db.engine.dialect.name == "sqlite":
        path = Path(db.engine.url.database or "")
        paths = (path, path.with_name(f"{path.name}-wal"))
        return [each.read_bytes().decode("latin-1") for each in paths if each.is_file()]
    rows = session().connection()
    tables = inspect(rows).get_table_names()
    found = [str(row) for name in tables for row in rows.scalars(text(f'SELECT t::text FROM "{name}" t'))]
    end_read()
    return found


def test_a_key_is_found_nowhere_but_encrypted(
    app: Flask,
    mara: PortalClient,
    board: DemoBoard,
    work: Callable[[Connection], None],
    published: Callable[[], list[object]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    settings: Settings,
) -> None:
    caplog.set_level(logging.DEBUG)
    heard = Heard()

    def connection() -> Connection:
        with app.app_context():
            found = session().query(Connection).one()
            session().expunge(found)
            return found

    # failures: nonsense, a board that is not there, a Greenhouse that fails, a key that is refused
    for given in ({}, {"headers": HTMX}):
        assert heard.ask(mara, "POST", CONNECT, data=GOOD | {"board_token": "no where"}, **given) == 422
        assert heard.ask(mara, "POST", CONNECT, data=GOOD | {"board_token": "nowhere"}, **given) == 422
    board.fail(500)
    heard.ask(mara, "POST", CONNECT, data=GOOD)
    board.reject_keys()
    assert heard.ask(mara, "POST", CONNECT, data=GOOD) == 422
    board.reject_keys(False)
    assert heard.ask(mara, "POST", f"{CONNECT}?api_key=x", data={"api_key": CANARY}) == 422
    assert heard.ask(_client(app), "POST", CONNECT, data=GOOD) == 303
    # crashes: where the key is held, and in the database
    app.config["PROPAGATE_EXCEPTIONS"] = False
    for name in ("seal", "greenhouse_client"):
        with monkeypatch.context() as patch:
            patch.setattr(connecting, name, crash)
            assert heard.ask(mara, "POST", CONNECT, data=GOOD) == 500
    # success, and what is shown, sent and streamed of it
    assert heard.ask(mara, "POST", CONNECT, data=GOOD) == 303
    work(connection())
    assert heard.ask(mara, "POST", SETTINGS, data={"api_key": CANARY}) in (200, 303)
    assert heard.ask(mara, "POST", f"{SETTINGS}/check-key") in (200, 303)
    assert heard.ask(mara, "POST", f"{SETTINGS}/sync") in (200, 303)
    board.fail(500, times=9)
    work(connection())
    for path in (
        *(SETTINGS, f"{SETTINGS}/connect", f"{SETTINGS}/disconnect", f"{SETTINGS}/fields"),
        *("/orgs/northwind/jobs/manage", "/orgs/northwind/jobs", "/orgs/northwind/sync-runs"),
        *("/orgs/northwind/sync-runs/1", "/orgs/northwind/audit", "/orgs/northwind/audit.csv"),
        *("/orgs/northwind/people", "/account", "/metrics", "/readyz"),
    ):
        heard.ask(mara, "GET", path)
    heard.ask(mara, "GET", "/orgs/northwind/events?after=0", headers={"Accept": "text/html"})
    with app.app_context():
        held = session().query(Connection).one()
        assert unseal(held) == CANARY
        heard.hear("database", whole_database())
        heard.hear("mails", mails())
        for each in stored():
            heard.hear("stored", each)
    for item in published():
        heard.hear("redis", item)
    heard.hear("log", caplog.text)
    heard.hear("output", "".join(capfd.readouterr()))
    for path in settings.instance_dir.rglob("*"):
        if path.is_file():
            heard.hear(str(path), path.read_bytes().decode("latin-1"))
    found = {(where, each) for where, text in heard.said for each in SPELLED if each in text}
    assert found == set()
    assert len([where for where, _ in heard.said if where == "redis"]) > 3


def test_the_search_for_the_key_would_find_it(
    app: Flask, cast: Cast, published: Callable[[], list[object]]
) -> None:
    app.extensions["redis"].publish("x", CANARY)
    assert any(CANARY in str(item) for item in published())
    with app.app_context():
        with write() as rows:
            rows.add(Authenticator(user_id=cast.mara.id, secret_ciphertext=CANARY.encode(), last_step=0))
        assert any(spelled in each for spelled in SPELLED for each in stored())

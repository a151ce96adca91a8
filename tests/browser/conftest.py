"""A real Chromium on the real application: it fails a test on any script error or breach of the CSP."""

import re
import secrets
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from werkzeug.serving import make_server

from portal.actions.accounts.sign_in import hash_token
from portal.db import write
from portal.live.hub import stop_streams
from portal.models import LoginSession, User
from portal.web.auth import TOKEN
from tests.support.app import Cast
from tests.support.chromium import chromium
from tests.support.processes import started

REFUSED = re.compile(r"(status of|Status Error Code) (403|409|422)")
"""A browser logs each answer of these kinds: a refused value is no fault of the page."""
PATIENCE_MS = 20_000
"""How long a busy machine may keep a page waiting; only what never happens takes as long."""

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Pages do not depend on the engine."""
    return sqlite_url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def live_url(app: Flask) -> Iterator[str]:
    """The address of the application, served over HTTP."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)  # how soon it sees its end
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    stop_streams()
    server.shutdown()
    server.server_close()
    thread.join()


class Faults:
    """What a page did that it must not."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.expected = REFUSED

    def watch(self, page: Page) -> None:
        """Note script errors and what the console is told, breaches of the CSP among it."""
        page.on("pageerror", lambda error: self.seen.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not self.expected.search(message.text):
            self.seen.append(message.text)


@pytest.fixture
def faults() -> Iterator[Faults]:
    """The faults of every page of the test: there are none at its end."""
    faults = Faults()
    yield faults
    assert faults.seen == []


@pytest.fixture
def open_as(app: Flask, browser: Browser, live_url: str, faults: Faults) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody, in a browser of their own; ``options`` are the browser context's."""
    contexts: list[BrowserContext] = []

    def open_page(user: User, path: str = "", **options: Any) -> Page:
        context = browser.new_context(base_url=live_url, **options)
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([{"name": "session", "value": _cookie(app, user), "url": live_url}])
        contexts.append(context)
        page = context.new_page()
        faults.watch(page)
        if path:
            page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def portal_page(open_as: Callable[..., Page], cast: Cast) -> Page:
    """An empty page of Northwind's admin, who is signed in."""
    return open_as(cast.mara)


@dataclass(frozen=True)
class Printed:
    """What ``make run`` says."""

    portal: str
    password: str
    board: str


@pytest.fixture
def page(browser: Browser, faults: Faults) -> Iterator[Page]:
    """A browser that knows nothing yet."""
    context = browser.new_context()
    page = context.new_page()
    faults.watch(page)
    yield page
    context.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Printed]:
    """The whole portal, as ``make run`` starts it."""
    environ = {"INSTANCE_DIR": str(tmp_path / "instance"), "PYTHONUNBUFFERED": "1"}
    with started("-m", "dev.stack", **environ) as stack:
        assert stack.stdout is not None
        said = ""
        while "Demo board" not in said:
            line = stack.stdout.readline()
            assert line, said
            said += line
        yield Printed(
            re.search(r"Portal\s+(\S+)", said)[1],  # type: ignore[index]
            re.search(r"Password\s+(\S+)", said)[1],  # type: ignore[index]
            re.search(r"Demo board\s+(\S+)", said)[1],  # type: ignore[index]
        )
        stack.terminate()
        sys.stdout.write(stack.stdout.read())  # shown with a test that fails


def _cookie(app: Flask, user: User) -> str:
    """Sign somebody in, and return what their browser keeps."""
    token, now = secrets.token_urlsafe(), datetime.now(UTC)
    with app.app_context(), write() as session:
        session.add(
            LoginSession(
                token_hash=hash_token(token),
                user_id=user.id,
                seen_at=now,
                expires_at=now + timedelta(days=14),
            )
        )
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return str(signer.dumps({TOKEN: token}))

"""A real Chromium on the real application: it fails a test on any script error or breach of the CSP."""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, Page, Request, expect

from portal.actions.accounts.sign_in import hash_token
from portal.actions.jobs.edit import edit_field
from portal.db import write
from portal.live import hub
from portal.models import LoginSession, User
from portal.web.auth import TOKEN
from tests.support.app import Cast, MakeJob
from tests.support.browser_pages import PATIENCE_MS, Faults, opening_pages
from tests.support.chromium import chromium
from tests.support.shared_browser import SharedContexts, SharedServer

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


@pytest.fixture(scope="session")
def shared_server() -> Iterator[SharedServer]:
    """One address for the applications of all tests."""
    with SharedServer().serving() as server:
        yield server


@pytest.fixture(scope="session")
def shared_contexts(browser: Browser, shared_server: SharedServer) -> SharedContexts:
    """The browser contexts that tests use one after the other."""
    return SharedContexts(browser, shared_server.url)


@pytest.fixture
def live_url(app: Flask, shared_server: SharedServer) -> Iterator[str]:
    """The address of the application, served over HTTP."""
    shared_server.app = app
    yield shared_server.url
    hub.stop_streams()
    shared_server.withdraw()


@pytest.fixture
def quick_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams look at the database ten times as often, and tell of moves as soon."""
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 0.5)
    monkeypatch.setattr(hub, "MOVES_SECONDS", 0.1)


@pytest.fixture
def faults() -> Iterator[Faults]:
    """The faults of every page of the test: there are none at its end."""
    faults = Faults()
    yield faults
    assert faults.seen == []


@pytest.fixture
def session_cookie(app: Flask) -> Callable[[User], str]:
    """Sign somebody in, and return what their browser keeps."""
    return lambda user: _cookie(app, user)


@pytest.fixture
def open_as(
    session_cookie: Callable[[User], str],
    browser: Browser,
    shared_contexts: SharedContexts,
    live_url: str,
    faults: Faults,
) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody, in a browser of their own; ``options`` are the browser context's."""
    with opening_pages(browser, live_url, faults, shared_contexts) as open_page:
        yield lambda user, path="", **options: open_page(path, session_cookie(user), **options)


@pytest.fixture
def candidate(browser: Browser, live_url: str, faults: Faults) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody without a sign-in; ``options`` are the browser context's."""
    with opening_pages(browser, live_url, faults) as open_page:
        yield open_page


@pytest.fixture
def portal_page(open_as: Callable[..., Page], cast: Cast) -> Page:
    """An empty page of Northwind's admin, who is signed in."""
    return open_as(cast.mara)


@pytest.fixture
def job(make_job: MakeJob) -> int:
    """A job of the organisation's own, in Porto."""
    return make_job(title="Welder", location="Porto")


@pytest.fixture
def saves(portal_page: Page) -> Iterator[list[str]]:
    """The saves that the page has sent."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and "/fields/" in request.url:
            sent.append(request.post_data or "")

    portal_page.context.on("request", note)
    yield sent
    portal_page.context.remove_listener("request", note)


@pytest.fixture
def edit(app: Flask, cast: Cast) -> Callable[[int, str, str], None]:
    """Change a field as another admin does, once a field."""

    def change(job: int, field: str, text: str) -> None:
        with app.app_context():
            edit_field(cast.northwind.id, job, field, text, 0, cast.mara.id)

    return change


@pytest.fixture
def page(browser: Browser, faults: Faults) -> Iterator[Page]:
    """A browser that knows nothing yet."""
    context = browser.new_context()
    page = context.new_page()
    faults.watch(context)
    yield page
    context.close()


def _cookie(app: Flask, user: User) -> str:
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

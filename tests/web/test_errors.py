"""Errors and headers: what surrounds every page."""

import secrets
from pathlib import Path

import pytest
from flask import Flask, abort
from sqlalchemy import text

from portal.config import load_settings
from portal.db import session
from portal.web.permissions import POLICIES, Policy
from portal.web.responses import CONTENT_SECURITY_POLICY
from tests.support.app import HTMX, Cast, PortalClient, disconnect


@pytest.fixture
def broken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application with routes that fail in their own ways."""

    def crash() -> str:
        raise RuntimeError("the secret in the trace")

    def no_database() -> str:
        session().execute(text("SELECT the_secret FROM nowhere"))
        return ""

    def refuse() -> str:
        abort(403, description="Edit it in Greenhouse.")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    for view in (crash, no_database, refuse):
        monkeypatch.setitem(POLICIES, view.__name__, Policy.PUBLIC)
        app.add_url_rule(f"/{view.__name__}", view_func=view)
    return app


@pytest.mark.parametrize(("path", "status"), [("/crash", 500), ("/no_database", 503)])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_fault_of_ours_shows_no_trace(
    broken: Flask, client: PortalClient, path: str, status: int, headers: dict[str, str]
) -> None:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status
    assert "secret" not in answer.text
    assert "Nothing was lost." in answer.text
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers.get("HX-Retarget") == ("#toasts" if headers else None)


def test_a_database_that_is_away_is_said_plainly_on_every_page(
    app: Flask, mara: PortalClient, tmp_path: Path
) -> None:
    with app.app_context():
        session().execute(text("DROP TABLE sessions"))
        session().commit()
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = mara.get("/orgs/northwind/jobs")
    assert answer.status_code == 503
    assert "The portal cannot reach its data" in answer.text


def test_a_views_own_words_stand_on_the_error_page(broken: Flask, client: PortalClient) -> None:
    assert "Edit it in Greenhouse." in client.get("/refuse").text
    assert client.get("/refuse", headers=HTMX).text.strip().startswith("<p")


def test_nothing_is_here_is_a_page_and_for_htmx_a_sentence(client: PortalClient, cast: Cast) -> None:
    page = client.get("/nowhere")
    partial = client.get("/nowhere", headers=HTMX)
    assert (page.status_code, partial.status_code) == (404, 404)
    assert "<html" in page.text
    assert "<html" not in partial.text
    assert partial.headers["HX-Retarget"] == "#toasts"


def test_a_verb_that_a_page_does_not_know_names_those_it_does(client: PortalClient, cast: Cast) -> None:
    answer = client.delete("/login")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_an_unknown_host_is_refused(client: PortalClient, cast: Cast) -> None:
    assert client.get("/login", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/login", headers={"Host": "LocalHost:8000"}).status_code == 200


def test_every_answer_is_strict_and_signed_in_pages_are_not_kept(
    client: PortalClient, mara: PortalClient
) -> None:
    for browser, path in (
        (client, "/login"),
        (client, "/nowhere"),
        (mara, "/orgs/northwind"),
        (client, "/healthz"),
    ):
        headers = browser.get(path).headers
        assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Strict-Transport-Security" not in headers
    assert mara.get("/orgs/northwind").headers["Cache-Control"] == "no-store"
    assert "Cookie" in client.get("/orgs/northwind").headers["Vary"]
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_https_in_production_is_remembered_by_browsers(tmp_path: Path) -> None:
    from cryptography.fernet import Fernet

    from portal.app import create_app

    settings = load_settings(
        {
            "PUBLIC_URL": "https://jobs.example.com",
            "SECRET_KEY": secrets.token_urlsafe(32),
            "CREDENTIAL_KEYS": Fernet.generate_key().decode(),
            "INSTANCE_DIR": str(tmp_path),
            "DATABASE_URL": f"sqlite:///{tmp_path / 'p.db'}",
        }
    )
    app = create_app(settings)
    answer = app.test_client().get("/login", base_url="https://jobs.example.com")
    disconnect(app)
    assert "max-age=63072000" in answer.headers["Strict-Transport-Security"]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))

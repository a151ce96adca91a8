"""The browser's session, which its cookie carries."""

from time import time

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner

from portal.web.extensions import CookieSessions

A_MONTH = 31 * 24 * 60 * 60 + 60


@pytest.fixture
def browser() -> FlaskClient:
    app = Flask(__name__)
    app.secret_key = "s" * 32
    app.session_interface = CookieSessions()

    @app.get("/")
    def show() -> list[str]:
        said: list[str] = session.get("said", [])
        said.append("more")  # in place, which changes no cookie
        return said

    client = app.test_client()
    with client.session_transaction() as begun:
        begun["said"] = ["first"]
    return client


def test_what_one_request_makes_of_its_session_the_next_does_not_see(browser: FlaskClient) -> None:
    assert [browser.get("/").json for _ in range(3)] == [["first", "more"]] * 3


def test_a_forged_cookie_is_no_session_also_beside_the_one_that_it_was_made_of(browser: FlaskClient) -> None:
    assert browser.get("/").json == ["first", "more"]
    cookie = browser.get_cookie("session")
    assert cookie is not None
    start, last = cookie.value[:-1], cookie.value[-1]
    for forged in (start + ("A" if last != "A" else "E"), start, "x.y.z"):
        browser.set_cookie("session", forged)
        assert [browser.get("/").json for _ in range(2)] == [["more"]] * 2


def test_a_cookie_that_was_good_a_moment_ago_ends_in_its_time(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert browser.get("/").json == ["first", "more"]
    later = int(time()) + A_MONTH
    monkeypatch.setattr("portal.web.extensions.time", lambda: later)
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: later)
    assert browser.get("/").json == ["more"]

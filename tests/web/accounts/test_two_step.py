"""Two-step sign-in: set up on one's account, asked for when signing in."""

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from portal.actions.accounts.two_step import code_hash
from portal.actions.sync.credentials import Use, seal
from portal.db import session, write
from portal.models import Authenticator, OneTimeLink, RecoveryCode
from portal.store.accounts import factors
from tests.support.app import PASSWORD, Cast, PortalClient, _client
from tests.support.html import faults_of
from tests.support.letters import waiting

SECRET = pyotp.random_base32()
PAGE = "/account/two-step"
SECOND = "/login/two-step"


@pytest.fixture
def with_app(app: Flask, cast: Cast) -> None:
    """Mara has an app, and two recovery codes."""
    now = datetime.now(UTC)
    with app.app_context(), write():
        factors.add_authenticator(
            cast.mara.id, seal(f"user {cast.mara.id}", SECRET, Use.AUTHENTICATOR), 0, now
        )
        codes = [code_hash(cast.mara.id, each) for each in ("first-code", "second-code")]
        factors.replace_recovery_codes(cast.mara.id, codes)


def code(secret: str = SECRET, later: int = 0) -> str:
    return pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30 * later))


def log_in(client: PortalClient, **more: str) -> TestResponse:
    data = {"email": "mara@example.com", "password": PASSWORD, **more}
    return client.with_csrf_token().post("/login", data=data)


def enter(client: PortalClient, typed: str) -> TestResponse:
    return client.with_csrf_token().post(SECOND, data={"code": typed})


def begun(client: PortalClient) -> tuple[str, str]:
    """Begin to set it up: the key as text, and as the form brings it back."""
    page = client.post(f"{PAGE}/begin", data={"begin_password": PASSWORD})
    assert page.status_code == 200, page.text
    assert page.headers["Cache-Control"] == "no-store, no-transform"
    key = re.search(r'class="setup-key" dir="ltr">([A-Z2-7 ]+)<', page.text)
    sealed = re.search(r'name="setup" value="([^"]+)"', page.text)
    assert key
    assert sealed
    assert "<svg" in page.text
    assert not faults_of(page.text)
    return key[1].replace(" ", ""), sealed[1]


def test_it_is_set_up_by_a_code_and_the_recovery_codes_are_shown_once(
    app: Flask, cast: Cast, mara: PortalClient
) -> None:
    assert mara.post(f"{PAGE}/begin", data={"begin_password": "no"}).status_code == 422
    secret, sealed = begun(mara)
    wrong = mara.post(f"{PAGE}/confirm", data={"setup": sealed, "code": "12345"})
    assert wrong.status_code == 422
    assert "<svg" in wrong.text
    with app.app_context():
        assert session().get(Authenticator, cast.mara.id) is None
    used = code(secret)
    done = mara.post(f"{PAGE}/confirm", data={"setup": sealed, "code": used})
    codes = re.findall(r'<code dir="ltr">([a-z2-9-]+)</code>', done.text)
    assert (len(set(codes)), done.status_code) == (10, 200)
    assert done.headers["Cache-Control"] == "no-store, no-transform"
    again = mara.post(f"{PAGE}/confirm", data={"setup": sealed, "code": code(secret, 1)})
    assert again.location == PAGE
    assert not any(each in mara.get(PAGE).text for each in codes)
    assert "10 recovery codes are" in mara.get("/account").text
    with app.app_context():
        [mail] = waiting("mara@example.com")
        assert mail.subject == "Two-step sign-in is on"
        stored = session().scalars(select(RecoveryCode.code_hash)).all()
        assert not set(stored) & set(codes)
    browser = _client(app)
    assert log_in(browser).location == SECOND
    assert "was used already" in enter(browser, used).text
    assert enter(browser, codes[3]).location == "/"


def test_a_key_that_was_offered_to_somebody_else_is_not_taken(
    app: Flask, cast: Cast, mara: PortalClient, noor: PortalClient
) -> None:
    secret, sealed = begun(noor)
    elsewhere = _client(app).become(cast.noor)
    for other in (mara, elsewhere):
        for setup in (sealed, "x", "", "ü"):
            answer = other.post(f"{PAGE}/confirm", data={"setup": setup, "code": code(secret)})
            assert answer.location == PAGE
    assert noor.post(f"{PAGE}/confirm", data={"setup": sealed, "code": code(secret)}).status_code == 200


@pytest.mark.usefixtures("with_app")
class TestWhoHasAnApp:
    def test_is_not_signed_in_before_the_second_step(self, app: Flask, client: PortalClient) -> None:
        assert log_in(client, next="/account", remember="y").location == SECOND
        page = client.get(SECOND)
        assert "Enter a code" in page.text
        assert page.headers["Cache-Control"] == "no-store, no-transform"
        assert "mara@example.com" not in page.text
        for private in ("/account", "/orgs/northwind/jobs/manage", PAGE):
            assert client.get(private).location.startswith("/login?next=")
        assert client.get_cookie("known-browser") is None
        assert enter(client, "").status_code == enter(client, "no such code").status_code == 422
        assert enter(client, code()).location == "/account"
        assert client.get("/account").status_code == 200
        assert client.get_cookie("known-browser") is not None
        assert client.get(SECOND).location == "/login"

    def test_has_another_session_after_each_step(self, client: PortalClient) -> None:
        with client.session_transaction() as cookie:
            cookie["planted"] = "by somebody"
        tokens = []
        for step in (lambda: log_in(client), lambda: enter(client, code())):
            assert step().status_code == 303
            with client.session_transaction() as cookie:
                assert "planted" not in cookie
                tokens.append(dict(cookie))
        assert "second_step" in tokens[0]
        assert "second_step" not in tokens[1]
        assert tokens[0].get("csrf_token") != tokens[1].get("csrf_token", "none")

    def test_finishes_a_copy_of_it_along_with_it(self, app: Flask, client: PortalClient) -> None:
        log_in(client)
        copied = client.get_cookie("session")
        assert copied is not None
        thief = _client(app)
        thief.set_cookie("session", copied.value)
        assert thief.get("/account").location.startswith("/login")
        assert enter(client, code()).location == "/"
        assert enter(thief, code(later=1)).location == "/login"
        assert thief.get("/").location == "/login"

    def test_begins_again_after_some_minutes(self, app: Flask, client: PortalClient) -> None:
        log_in(client)
        with app.app_context(), write() as current:
            current.execute(update(OneTimeLink).values(expires_at=datetime.now(UTC)))
        assert enter(client, code()).location == "/login"
        assert "Sign in again." in client.get("/login").text
        assert client.get(SECOND).location == "/login"

    def test_nobody_enters_a_code_without_a_password(self, client: PortalClient) -> None:
        assert enter(client, code()).location == "/login"
        assert client.get("/").location == "/login"

    def test_is_guessed_at_for_a_while_only_and_not_kept_out_of_a_known_browser(
        self, app: Flask, client: PortalClient
    ) -> None:
        known = _client(app)
        log_in(known)
        assert enter(known, "first-code").location == "/"
        log_in(client)
        statuses = [enter(client, "no").status_code for _ in range(11)]
        assert statuses == [422] * 10 + [429]
        assert int(enter(client, code()).headers["Retry-After"]) > 0
        for number in range(20):
            stranger = _client(app)
            stranger.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
            log_in(stranger)
            last = enter(stranger, "no").status_code
        assert last == 422
        log_in(stranger)
        assert enter(stranger, "no").status_code == 429  # 31 of all unknown browsers
        known.with_csrf_token().post("/logout")
        log_in(known)
        assert enter(known, code()).location == "/"

    def test_makes_new_recovery_codes_by_password_or_code(self, app: Flask, mara: PortalClient) -> None:
        for wrong in ("", "no", "first-code"):
            assert mara.post(f"{PAGE}/codes", data={"codes_proof": wrong}).status_code == 422
        for proof in (PASSWORD, code()):
            page = mara.post(f"{PAGE}/codes", data={"codes_proof": proof})
            assert len(re.findall(r'<code dir="ltr">', page.text)) == 10
        browser = _client(app)
        log_in(browser)
        assert enter(browser, "second-code").status_code == 422

    @pytest.mark.parametrize("proof", [lambda: PASSWORD, code], ids=["password", "code"])
    def test_switches_it_off_by_password_or_code(self, app: Flask, mara: PortalClient, proof) -> None:  # type: ignore[no-untyped-def]
        assert mara.post(f"{PAGE}/off", data={"off_proof": "123456"}).status_code == 422
        assert mara.post(f"{PAGE}/off", data={"off_proof": proof()}).location == "/account#two_step-section"
        assert log_in(_client(app)).location == "/"
        with app.app_context():
            assert waiting("mara@example.com")[0].subject == "Two-step sign-in is off"
        assert mara.post(f"{PAGE}/off", data={"off_proof": PASSWORD}).status_code == 422

    def test_is_told_of_a_new_browser_only_once_both_steps_are_done(self, app: Flask) -> None:
        first = _client(app)
        log_in(first)
        enter(first, code())
        stranger = _client(app)
        log_in(stranger)
        with app.app_context():
            assert waiting("mara@example.com") == []
        assert enter(stranger, code(later=1)).location == "/"
        assert stranger.get("/account").text.count("Signed in with a password and a code") == 2
        with app.app_context():
            assert [mail.subject for mail in waiting("mara@example.com")] == ["New sign-in to your account"]

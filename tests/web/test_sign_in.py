"""Signing in and out."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from portal.actions.accounts import people
from portal.config import Settings
from portal.db import db
from portal.domain.people import Role
from portal.models import LoginSession
from portal.web.extensions import remote_network
from tests.support.app import HTMX, PASSWORD, Cast, PortalClient, _client

MANAGE = "/orgs/northwind/jobs/manage"
UNHASHED = "…" * 1000
ONE_HASH = 64 * 1024 * 1024  # bytes


def log_in(
    client: PortalClient, email: str = "mara@example.com", password: str = PASSWORD, **more: str
) -> TestResponse:
    assert client.get("/login").status_code == 200
    return client.with_csrf_token().post("/login", data={"email": email, "password": password, **more})


def test_the_right_password_leads_to_the_organisation(client: PortalClient, cast: Cast) -> None:
    answer = log_in(client, "Mara@Example.com ")
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/").location == "/orgs/northwind/jobs"


def test_a_wrong_password_is_said_at_the_form_which_keeps_the_address_alone(
    client: PortalClient, cast: Cast
) -> None:
    answer = log_in(client, password="not the password")
    assert answer.status_code == 422
    assert "E-mail or password is wrong." in answer.text
    assert 'value="mara@example.com"' in answer.text
    assert "not the password" not in answer.text


def test_unknown_disabled_and_mistaken_people_hear_the_same(
    app: Flask, client: PortalClient, cast: Cast
) -> None:
    with app.app_context():
        people.disable_user("noor@example.com", datetime.now(UTC))
    answers = [
        log_in(client, "nobody@example.com"),
        log_in(client, "noor@example.com"),
        log_in(client, "mara@example.com", "wrong password"),
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert all("E-mail or password is wrong." in answer.text for answer in answers)


@pytest.mark.parametrize("field", ["email", "password"])
def test_an_empty_field_is_said_at_that_field(client: PortalClient, cast: Cast, field: str) -> None:
    answer = log_in(client, **{"email": "a@example.com", "password": "b", field: ""})
    assert answer.status_code == 422
    assert f'aria-describedby="{field}-error"' in answer.text


def test_somebody_sent_to_the_login_page_comes_back_to_where_they_were_going(
    client: PortalClient, cast: Cast
) -> None:
    location = client.get(f"{MANAGE}?q=a&page=2").location
    assert location.startswith("/login?next=")
    page = client.get(location).text
    assert f'name="next" value="{MANAGE}?q=a&amp;page=2"' in page
    assert log_in(client, next=f"{MANAGE}?q=a&page=2").location == f"{MANAGE}?q=a&page=2"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "////evil.example",
        "https://evil.example",
        "http:evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/ok\n",
        " /ok",
        "evil.example",
        "/%0d\r\nX: y",
    ],
)
def test_nobody_is_sent_off_the_site(client: PortalClient, cast: Cast, elsewhere: str) -> None:
    assert log_in(client, next=elsewhere).location == "/"


def test_htmx_is_told_to_go_to_the_login_page(client: PortalClient, cast: Cast) -> None:
    headers = {**HTMX, "HX-Current-URL": f"http://localhost{MANAGE}?page=2"}
    answer = client.get("/orgs/northwind/jobs/1/fields/location", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/login?next=/orgs/northwind/jobs/manage?page%3D2"


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        (f"http://localhost{MANAGE}?page=2", f"/login?next={MANAGE}?page%3D2"),
        (f"http://evil.example{MANAGE}", "/login"),
        ("http://localhost//evil.example", "/login"),
        ("", "/login"),
    ],
)
def test_a_form_that_was_sent_too_late_leads_back_to_its_page(
    client: PortalClient, cast: Cast, referrer: str, back: str
) -> None:
    answer = client.with_csrf_token().post("/orgs/northwind/jobs/new", headers={"Referer": referrer})
    assert (answer.status_code, answer.location) == (303, back)


def test_a_page_that_has_no_address_leads_to_the_login_page_alone(client: PortalClient, cast: Cast) -> None:
    answer = client.get(MANAGE, headers={**HTMX, "HX-Current-URL": "http://["})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/login")


@pytest.mark.parametrize(
    ("referrer", "status"),
    [
        ("https://localhost/login", 422),
        ("http://localhost/login", 400),
        ("https://evil.example/", 400),
        ("https://localhost:99999999/", 400),
        ("https://[", 400),
        ("", 400),
    ],
)
def test_over_https_a_form_counts_only_if_a_page_of_the_portal_sent_it(
    client: PortalClient, cast: Cast, referrer: str, status: int
) -> None:
    headers = {"Referer": referrer}
    answer = client.with_csrf_token().post("/login", base_url="https://localhost", headers=headers)
    assert answer.status_code == status


def test_signing_in_begins_a_new_session(client: PortalClient, cast: Cast) -> None:
    client.get("/login")
    with client.session_transaction() as before:
        before["left"] = "over"
        token_before = before["csrf_token"]
    log_in(client)
    with client.session_transaction() as after:
        assert "left" not in after
        assert after.get("csrf_token") != token_before


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app: Flask, mara: PortalClient) -> None:
    copy = app.test_client()
    copied = mara.get_cookie("session")
    assert copied is not None
    copy.set_cookie("session", copied.value)
    assert copy.get("/").location == "/orgs/northwind/jobs"
    mara.post("/logout")
    assert copy.get("/").location == "/login"


def end_by_password(app: Flask) -> None:
    people.set_password("mara@example.com", "another long pass phrase")


def end_by_disabling(app: Flask) -> None:
    people.disable_user("mara@example.com", datetime.now(UTC), force=True)


def end_by_removal(app: Flask) -> None:
    people.remove_member("mara@example.com", "northwind", force=True)


def end_by_demotion(app: Flask) -> None:
    people.set_role("mara@example.com", "northwind", Role.MEMBER, force=True)


@pytest.mark.parametrize("end", [end_by_password, end_by_disabling, end_by_removal, end_by_demotion])
def test_what_takes_a_right_away_ends_the_sign_in(
    app: Flask, mara: PortalClient, end: Callable[[Flask], None]
) -> None:
    assert mara.get("/").location == "/orgs/northwind/jobs"
    with app.app_context():
        end(app)
    assert mara.get("/").location == "/login"


def age_sign_ins(app: Flask, age: timedelta) -> None:
    now = datetime.now(UTC)
    with app.app_context():
        db.session.execute(
            update(LoginSession).values(
                created_at=now - age, seen_at=now - timedelta(hours=2), expires_at=now + timedelta(hours=1)
            )
        )
        db.session.commit()


def expiry(app: Flask) -> datetime:
    with app.app_context():
        end = db.session.scalar(select(LoginSession.expires_at))
    assert end is not None
    return end


def test_using_a_sign_in_prolongs_it_to_eight_hours_from_then(app: Flask, mara: PortalClient) -> None:
    age_sign_ins(app, timedelta(days=1))
    mara.get("/")
    left = expiry(app) - datetime.now(UTC)
    assert timedelta(hours=7) < left <= timedelta(hours=8)


def test_a_sign_in_that_is_remembered_lasts_thirty_days_whether_or_not_it_is_used(
    app: Flask, client: PortalClient, cast: Cast
) -> None:
    log_in(client, remember="y")
    left = expiry(app) - datetime.now(UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert cookie.expires is not None
    client.with_csrf_token().post("/logout")
    log_in(client)  # and any other only until the browser is closed
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert cookie.expires is None


def test_no_sign_in_outlives_thirty_days(app: Flask, mara: PortalClient) -> None:
    age_sign_ins(app, timedelta(days=29))
    mara.get("/")
    assert expiry(app) < datetime.now(UTC) + timedelta(days=1, minutes=1)


def test_a_sign_in_that_ran_out_is_over(app: Flask, mara: PortalClient) -> None:
    with app.app_context():
        db.session.execute(update(LoginSession).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
        db.session.commit()
    assert mara.get("/").location == "/login"


def test_the_database_holds_no_token(app: Flask, client: PortalClient, cast: Cast) -> None:
    log_in(client)
    with client.session_transaction() as cookie:
        token = cookie["sign_in"]
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(LoginSession.token_hash == token)) == 0
        assert db.session.scalar(select(func.count(LoginSession.id))) == 1


def guess(client: PortalClient, email: str = "mara@example.com", *, times: int = 1) -> TestResponse:
    """Send wrong passwords, so long that none is hashed; return the last answer."""
    answer = log_in(client, email, UNHASHED)
    for _ in range(times - 1):
        answer = client.post("/login", data={"email": email, "password": UNHASHED})
    return answer


def at(app: Flask, address: str) -> PortalClient:
    """A browser nobody has signed in with, at another address."""
    browser = _client(app)
    browser.environ_base["REMOTE_ADDR"] = address
    return browser


def test_guessing_is_stopped_for_a_while_and_the_form_says_for_how_long(
    client: PortalClient, cast: Cast
) -> None:
    assert guess(client, times=10).status_code == 422
    answer = log_in(client)
    assert answer.status_code == 429
    assert "Too many attempts. Wait 5 minutes, then try again." in answer.text
    assert 'value="mara@example.com"' in answer.text
    assert 0 < int(answer.headers["Retry-After"]) <= 300
    assert log_in(client, "noor@example.com").status_code == 303


def test_a_stranger_who_guesses_locks_out_only_themself(app: Flask, cast: Cast) -> None:
    own, stranger = _client(app), at(app, "192.0.2.7")
    assert log_in(own).status_code == 303
    assert guess(stranger, times=40).status_code == 429
    assert log_in(at(app, "198.51.100.1")).status_code == 303
    own.environ_base["REMOTE_ADDR"] = "192.0.2.7"  # in the same office, even
    own.delete_cookie("session")
    assert log_in(own).status_code == 303
    assert log_in(stranger).status_code == 429


def test_guesses_from_many_addresses_are_slowed_and_a_known_browser_signs_in_meanwhile(
    app: Flask, cast: Cast
) -> None:
    own = _client(app)
    assert log_in(own).status_code == 303
    own.delete_cookie("session")
    statuses = [guess(at(app, f"192.0.2.{number}")).status_code for number in range(31)]
    assert statuses == [422] * 30 + [429]
    answer = log_in(at(app, "198.51.100.1"))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert log_in(own).status_code == 303


def test_a_browser_is_known_for_the_accounts_it_signed_in_to_and_no_others(app: Flask, cast: Cast) -> None:
    browser = _client(app)
    for email in ("mara@example.com", "noor@example.com"):
        assert log_in(browser, email).status_code == 303
        browser.delete_cookie("session")
    cookie = browser.get_cookie("known-browser")
    assert cookie is not None
    assert "example" not in cookie.value
    for _ in range(5):
        guess(at(app, "127.0.0.1"), "otto@example.com", times=10)
    guess(at(app, "127.0.0.1"), times=10)
    assert log_in(browser, "otto@example.com").status_code == 429
    assert log_in(browser, "mara@example.com").status_code == 303
    browser.delete_cookie("session")
    assert guess(browser, "noor@example.com", times=11).status_code == 429  # its own limit
    assert log_in(browser, "mara@example.com").status_code == 303


@pytest.mark.parametrize("forged", ["", "~~~~~~", "x.y.z", "ü", "a" * 4000])
def test_a_forged_cookie_makes_no_browser_known(app: Flask, cast: Cast, forged: str) -> None:
    browser = _client(app)
    browser.set_cookie("known-browser", forged)
    guess(browser, times=10)
    assert log_in(browser).status_code == 429


def test_one_address_tries_only_so_many_accounts(app: Flask, cast: Cast) -> None:
    browser = _client(app)
    statuses = [guess(browser, f"person-{number}@example.com").status_code for number in range(51)]
    assert statuses == [422] * 50 + [429]
    assert log_in(browser).status_code == 429
    assert log_in(at(app, "192.0.2.1")).status_code == 303


@pytest.mark.parametrize(
    ("sender", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("somewhere", "somewhere"),
        ("", "nowhere"),
    ],
)
def test_the_addresses_of_one_ipv6_customer_are_one(app: Flask, sender: str, network: str) -> None:
    with app.test_request_context(environ_overrides={"REMOTE_ADDR": sender}):
        assert remote_network() == network


class TestBehindAProxy:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, trusted_proxies=1)

    def test_everybody_has_their_own_address(self, app: Flask, cast: Cast) -> None:
        browsers = [_client(app) for _ in range(2)]
        for number, browser in enumerate(browsers):
            browser.environ_base["HTTP_X_FORWARDED_FOR"] = f"203.0.113.9, 192.0.2.{number}"
        assert guess(browsers[0], times=11).status_code == 429
        assert guess(browsers[1]).status_code == 422


def test_a_proxy_that_is_not_believed_is_warned_of_once(
    app: Flask, client: PortalClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.get("/login")
    assert "proxy_not_trusted" not in caplog.text
    for _ in range(2):
        client.get("/login", headers={"X-Forwarded-For": "203.0.113.9"})
    assert caplog.text.count("proxy_not_trusted") == 1
    assert "TRUSTED_PROXIES" in caplog.text


def test_signing_in_often_is_no_guessing(client: PortalClient, cast: Cast) -> None:
    statuses = set()
    for _ in range(11):
        statuses.add(log_in(client).status_code)
        assert client.with_csrf_token().post("/logout").location == "/login"
        client.delete_cookie("known-browser")
    assert statuses == {303}


def test_an_empty_field_is_no_guess(client: PortalClient, cast: Cast) -> None:
    assert {log_in(client, password="").status_code for _ in range(12)} == {422}
    assert log_in(client).status_code == 303


def test_guesses_sent_all_at_once_are_counted_before_any_is_answered(app: Flask, cast: Cast) -> None:
    with ThreadPoolExecutor(24) as strangers:
        answers = list(strangers.map(lambda _: wrong(app, "mara@example.com"), range(24)))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(429) == 14
    assert set(statuses) <= {422, 429, 503}
    assert log_in(_client(app), "noor@example.com").status_code == 303


@pytest.mark.usefixtures("usual_hashes")
def test_passwords_sent_all_at_once_take_no_more_memory_than_a_few(app: Flask, cast: Cast) -> None:
    log_in(_client(app), password="wrong password")  # what is made once is there
    before = peak_memory(reset=True)
    with ThreadPoolExecutor(24) as strangers:
        answers = list(strangers.map(lambda number: wrong(app, f"{number}@example.com"), range(24)))
    assert peak_memory() - before < 6 * ONE_HASH
    assert {answer.status_code for answer in answers} <= {422, 503}
    refused = [answer for answer in answers if answer.status_code == 503]
    assert refused
    assert "Too many people are signing in at this moment." in refused[0].text
    assert int(refused[0].headers["Retry-After"]) > 0
    assert log_in(_client(app)).status_code == 303


def wrong(app: Flask, email: str) -> TestResponse:
    """The answer to a wrong password that is hashed."""
    browser = _client(app).with_csrf_token()
    return browser.post("/login", data={"email": email, "password": "wrong password"})


def peak_memory(*, reset: bool = False) -> int:
    """The most bytes that this process held in memory, since it was last reset."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    return 1024 * int(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[0])


def test_what_was_typed_as_an_address_is_not_logged(client: PortalClient, cast: Cast, caplog) -> None:
    assert guess(client, "hunter2 and\nmore", times=11).status_code == 429
    assert "exceeded at endpoint: auth.login" in caplog.text
    assert "hunter2" not in caplog.text


def test_a_post_without_a_csrf_token_changes_nothing_and_says_what_to_do(
    client: PortalClient, cast: Cast
) -> None:
    answer = client.post("/login", data={"email": "mara@example.com", "password": PASSWORD})
    assert answer.status_code == 400
    assert "Reload the page and do it again." in answer.text
    assert client.get("/").location == "/login"

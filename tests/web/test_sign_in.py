"""Signing in and out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from portal.actions import people
from portal.extensions import db
from portal.models import LoginSession, Role
from tests.fixtures.app import HTMX, PASSWORD, Cast, PortalClient

MANAGE = "/orgs/northwind/jobs/manage"


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


def test_a_page_that_has_no_address_leads_to_the_login_page_alone(client: PortalClient, cast: Cast) -> None:
    answer = client.get(MANAGE, headers={**HTMX, "HX-Current-URL": "http://["})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/login")


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


def test_using_a_sign_in_prolongs_it(app: Flask, mara: PortalClient) -> None:
    age_sign_ins(app, timedelta(days=1))
    mara.get("/")
    assert expiry(app) > datetime.now(UTC) + timedelta(days=13)


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


def test_guessing_is_stopped_for_a_while_and_the_form_says_for_how_long(
    client: PortalClient, cast: Cast
) -> None:
    statuses = [log_in(client, password="wrong password").status_code for _ in range(10)]
    assert set(statuses) == {422}
    answer = log_in(client)
    assert answer.status_code == 429
    assert "Too many attempts. Wait 5 minutes, then try again." in answer.text
    assert 'value="mara@example.com"' in answer.text
    assert 0 < int(answer.headers["Retry-After"]) <= 300
    assert log_in(client, "noor@example.com").status_code == 303


def test_signing_in_often_is_no_guessing(client: PortalClient, cast: Cast) -> None:
    statuses = set()
    for _ in range(31):
        statuses.add(log_in(client).status_code)
        assert client.with_csrf_token().post("/logout").location == "/login"
    assert statuses == {303}


def test_guesses_sent_all_at_once_are_stopped_as_well(app: Flask, client: PortalClient, cast: Cast) -> None:
    def guess(_: int) -> int:
        browser = app.test_client().with_csrf_token()  # type: ignore[attr-defined]
        data = {"email": "mara@example.com", "password": "wrong password"}
        return int(browser.post("/login", data=data).status_code)

    with ThreadPoolExecutor(45) as people_guessing:
        statuses = list(people_guessing.map(guess, range(45)))
    assert set(statuses) <= {422, 429}
    assert statuses.count(422) <= 30
    assert log_in(client, "noor@example.com").status_code == 303


def test_what_was_typed_as_an_address_is_not_logged(client: PortalClient, cast: Cast, caplog) -> None:
    for _ in range(11):
        answer = log_in(client, "hunter2 and\nmore")
    assert answer.status_code == 429
    assert "exceeded at endpoint: auth.login" in caplog.text
    assert "hunter2" not in caplog.text


def test_a_post_without_a_csrf_token_changes_nothing_and_says_what_to_do(
    client: PortalClient, cast: Cast
) -> None:
    answer = client.post("/login", data={"email": "mara@example.com", "password": PASSWORD})
    assert answer.status_code == 400
    assert "Reload the page and do it again." in answer.text
    assert client.get("/").location == "/login"

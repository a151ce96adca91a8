"""Sign-in by a proxy that names the person in a header."""

from dataclasses import replace
from ipaddress import ip_network

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.actions.accounts import people
from portal.config import Settings
from portal.db import session, write
from portal.environment import ConfigError, networks, user_header
from portal.models import LoginSession, Organisation
from portal.models.base import utc_now
from tests.support.app import Cast, PortalClient, _client
from tests.support.letters import waiting
from tests.support.openid import OpenIdProvider
from tests.support.signing_in import START
from tests.support.unsent import FROM_HERE, STILL_HERE, form_to, send

MANAGE = "/orgs/northwind/jobs/manage"
MARA = {"X-Remote-User": "Mara@Example.com"}
NOOR = {"X-Remote-User": "noor@example.com"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A proxy on this machine names the person."""
    own = (ip_network("127.0.0.1/32"),)
    return replace(settings, trusted_proxies=1, trusted_user_header="X-Remote-User", trusted_user_from=own)


def sign_ins(app: Flask) -> int:
    with app.app_context():
        return session().scalar(select(func.count(LoginSession.id))) or 0


def test_whom_the_proxy_names_is_signed_in_once(app: Flask, cast: Cast, client: PortalClient) -> None:
    assert client.get(MANAGE).location.startswith("/login")
    for _ in range(3):
        assert client.get(MANAGE, headers=MARA).status_code == 200
    assert sign_ins(app) == 1
    assert "Signed in by the proxy" in client.get("/account", headers=MARA).text
    assert client.get("/login", headers=MARA).location == "/"
    assert client.with_csrf_token().post("/account/density", headers=MARA).status_code != 303


def test_the_header_of_anybody_else_is_not_looked_at(app: Flask, cast: Cast, client: PortalClient) -> None:
    for sender in ("192.0.2.7", "10.0.0.1", "::ffff:192.0.2.7", "nonsense"):
        answer = client.get(
            MANAGE, headers=MARA | {"X-Forwarded-For": "127.0.0.1"}, environ_base={"REMOTE_ADDR": sender}
        )
        assert answer.location.startswith("/login"), sender
    assert sign_ins(app) == 0
    mapped = {"REMOTE_ADDR": "::ffff:127.0.0.1"}
    assert client.get(MANAGE, headers=MARA, environ_base=mapped).status_code == 200
    noors = _client(app).become(cast.noor)
    answer = noors.get("/orgs/northwind/people", headers=MARA, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert answer.status_code == 403  # who is signed in stays who they are


def test_a_session_is_good_only_for_whom_the_proxy_names(
    app: Flask, cast: Cast, client: PortalClient
) -> None:
    client.get(MANAGE, headers=MARA)
    assert client.get("/orgs/northwind/people", headers=NOOR).status_code == 403
    assert sign_ins(app) == 1  # Mara's has ended
    assert client.get(MANAGE).location.startswith("/login")  # nobody is named
    noors = _client(app).become(cast.noor)
    assert noors.get(MANAGE).status_code == 200
    assert noors.get("/orgs/northwind/people", headers=MARA).status_code == 200
    assert noors.get(MANAGE).location.startswith("/login")


def test_what_another_person_is_signed_in_with_does_nothing_meanwhile(
    app: Flask, cast: Cast, mara: PortalClient
) -> None:
    answer = mara.post(f"/orgs/northwind/people/{cast.noor.id}/remove", headers=NOOR)
    assert answer.location.startswith("/login")
    assert "Only admins" not in mara.get("/orgs/northwind/jobs", headers=NOOR).text
    with app.app_context():
        assert people.change_role(cast.northwind.id, cast.noor.id, people.Role.MEMBER)


@pytest.mark.parametrize("named", ["zoe@example.com", "mara", "mara@example.com,noor@example.com", "<b>@x.y"])
def test_who_has_no_account_is_told_so(app: Flask, cast: Cast, client: PortalClient, named: str) -> None:
    answer = client.get(MANAGE, headers={"X-Remote-User": named})
    assert answer.status_code == 403
    assert "nobody has an account here under that address" in answer.text
    assert sign_ins(app) == 0
    with app.app_context():
        people.disable_user("noor@example.com", utc_now())
    assert client.get(MANAGE, headers=NOOR).status_code == 403
    assert client.get("/orgs/northwind/jobs", headers=NOOR).status_code == 200


def test_single_sign_on_of_the_same_person_goes_on_behind_the_proxy(
    app: Flask, client: PortalClient, northwind: Cast, provider: OpenIdProvider
) -> None:
    with app.app_context(), write() as current:
        current.get_one(Organisation, northwind.northwind.id).requires_single_sign_on = True
    assert client.get(MANAGE, headers=NOOR).location.startswith("/login/sso/northwind")
    begun = client.get(START, headers=NOOR)
    client.get(provider.sign_in(begun.location), headers=NOOR)
    assert client.get(MANAGE, headers=NOOR).status_code == 200
    other = _client(app)
    begun = other.get(START, headers=MARA)  # the provider says Noor, the proxy Mara
    other.get(provider.sign_in(begun.location), headers=MARA)
    assert other.get("/orgs/northwind/people", headers=MARA).status_code == 200


def test_signing_out_says_that_the_proxy_signs_in_again(cast: Cast, client: PortalClient) -> None:
    client.get(MANAGE, headers=MARA)
    page = client.with_csrf_token().post("/logout", headers=MARA)
    assert page.status_code == 200
    assert "as soon as you open a page, you are signed in again" in page.text
    assert client.get(MANAGE, headers=MARA).status_code == 200


def test_what_was_typed_when_a_sign_in_ended_is_sent_again_in_the_next(
    cast: Cast, client: PortalClient
) -> None:
    new = "/orgs/northwind/jobs/new"
    shown = send(client, new, {"title": "Welder"}, FROM_HERE | MARA)
    assert STILL_HERE in shown.text
    assert send(client, new, form_to(new, shown), FROM_HERE | MARA).status_code == 303
    assert send(_client(client.application), new, {"title": "Welder"}, MARA).location == "/login"


def test_public_pages_set_no_cookie_whoever_the_proxy_names(cast: Cast, client: PortalClient) -> None:
    for path in ("/orgs/northwind/jobs", "/orgs/northwind", "/healthz"):
        assert "Set-Cookie" not in client.get(path, headers=MARA).headers


def test_a_new_browser_is_told_by_mail_as_ever(app: Flask, cast: Cast, client: PortalClient) -> None:
    client.get(MANAGE, headers=MARA)
    client.with_csrf_token().post("/logout", headers=MARA)
    client.get(MANAGE, headers=MARA)
    with app.app_context():
        assert waiting("mara@example.com") == []
    _client(app).get(MANAGE, headers=MARA)
    with app.app_context():
        assert [each.subject for each in waiting("mara@example.com")] == ["New sign-in to your account"]


def test_the_header_needs_a_proxy_and_a_name_that_can_be_one() -> None:
    with pytest.raises(ConfigError, match="Set TRUSTED_PROXIES"):
        user_header({"TRUSTED_USER_HEADER": "X-Remote-User"})
    for name in ("Cookie", "X Remote", "X_Remote", "x:y", "Host"):
        with pytest.raises(ConfigError, match="name of a header"):
            user_header({"TRUSTED_USER_HEADER": name, "TRUSTED_PROXIES": "1"})
    assert user_header({}) is None
    with pytest.raises(ConfigError, match="TRUSTED_USER_FROM must be"):
        networks({"TRUSTED_USER_FROM": "proxy.example"}, "TRUSTED_USER_FROM", "127.0.0.1")

"""Signing in through an organisation's provider, honest or not."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.actions.accounts import people
from portal.actions.accounts.invitations import invite
from portal.db import session, write
from portal.domain.people import Role
from portal.models import (
    AuditEntry,
    ExternalIdentity,
    LoginSession,
    Membership,
    OneTimeLink,
)
from portal.models.base import utc_now
from tests.support.app import HTMX, PASSWORD, Cast, PortalClient, _client
from tests.support.letters import waiting
from tests.support.openid import CLIENT, SECRET, OpenIdProvider
from tests.support.signing_in import START, count, refused, sent_back, sign_in

MANAGE = "/orgs/northwind/jobs/manage"
PAGE = "/orgs/northwind/single-sign-on"


def test_a_member_signs_in_through_the_provider_and_reaches_the_organisation(
    app: Flask, browser: PortalClient, provider: OpenIdProvider
) -> None:
    answer = sign_in(browser, provider, f"{START}?next=/orgs/northwind/jobs/manage%3Fq%3Dwelder")
    assert (answer.status_code, answer.location) == (303, f"{MANAGE}?q=welder")
    assert browser.get(MANAGE).status_code == 200
    assert browser.get("/").location == "/orgs/northwind/jobs"
    with app.app_context():
        entry = session().scalars(select(AuditEntry).where(AuditEntry.action == "signed-in")).one()
        assert (entry.organisation_id, entry.about) == (1, "by single sign-on")
        [mail] = waiting("noor@example.com")
        assert mail.subject == "You signed in through Northwind Labs"
    own = _client(app).with_csrf_token()
    own.post("/login", data={"email": "noor@example.com", "password": PASSWORD})
    assert "Signed in by single sign-on (127.0.0.1)" in own.get("/account").text


@pytest.mark.parametrize("how", ["check", "save"])
def test_a_provider_that_names_itself_with_a_slash_from_now_on_knows_the_same_people(
    app: Flask, browser: PortalClient, mara: PortalClient, provider: OpenIdProvider, how: str
) -> None:
    sign_in(browser, provider)
    slashed = f"{provider.issuer}/"
    provider.document = {"issuer": slashed}
    provider.bend = lambda claims: claims | {"iss": slashed}
    if how == "check":
        assert mara.post(f"{PAGE}/check").location == PAGE
    else:
        typed = {"issuer": slashed, "client_id": CLIENT, "client_secret": SECRET}
        assert mara.post(PAGE, data=typed).location == PAGE
    assert browser.get(MANAGE).status_code == 200  # nobody is signed out
    other = _client(app)
    answer = other.get(sent_back(other, provider).replace("%2Frealm", "%2Frealm%2F"))
    assert answer.status_code == 303
    with app.app_context():
        assert session().scalars(select(ExternalIdentity.issuer)).all() == [slashed]
        linked = [each for each in waiting("noor@example.com") if "You signed in through" in each.subject]
        assert len(linked) == 1  # by the first sign-in


def test_the_page_offers_the_provider_by_the_domain_alone(browser: PortalClient, cast: Cast) -> None:
    for email in ("noor@example.com", "nobody-at-all@EXAMPLE.com"):
        found = browser.post("/login/sso", data={"email": email, "next": MANAGE})
        assert found.status_code == 303
        assert found.location.startswith("/login/sso/northwind?")
        page = browser.get(found.location).text
        assert "Continue with <bdi>Northwind Labs</bdi>’s sign-in" in page
        offer = browser.post("/login/sso", data={"email": email}, headers=HTMX).text
        assert "/login/sso/northwind/start" in offer
    for email in ("otto@elsewhere.example", "", "x@y", "\0@example.com", "@example.com", "a@b@c" * 900):
        none = browser.post("/login/sso", data={"email": email})
        assert none.status_code == 422
        assert "northwind" not in none.text
        offer = browser.post("/login/sso", data={"email": email}, headers=HTMX).text
        assert "Single sign-on" in offer
        assert "/start" not in offer
    assert browser.get("/login/sso/cafe-nord").status_code == 404
    assert browser.get("/login/sso/never-existed/start").status_code == 404


def test_the_form_alone_asks_for_the_offer(browser: PortalClient) -> None:
    page = browser.get("/login").text
    assert 'hx-include="#email, [name=next], [name=csrf_token]"' in page
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    browser.environ_base.pop("HTTP_X_CSRFTOKEN")
    typed = {"email": "zoe@example.com", "csrf_token": token}
    assert "Continue with" in browser.post("/login/sso", data=typed, headers=HTMX).text


def test_such_a_sign_in_reaches_neither_another_organisation_nor_the_account(
    app: Flask, browser: PortalClient, provider: OpenIdProvider, cast: Cast
) -> None:
    with app.app_context():
        people.set_role("noor@example.com", "cafe-nord", Role.ADMIN)
    sign_in(browser, provider)
    for path in ("/orgs/cafe-nord/jobs/manage", "/orgs/cafe-nord/people", "/orgs/cafe-nord/events"):
        assert browser.get(path).status_code == 404
    assert "Café Nord" not in browser.get(MANAGE).text
    assert "Café Nord" not in browser.get("/").text
    assert "Café Nord" not in browser.get("/orgs/northwind/command?q=switch", headers=HTMX).text
    browser.with_csrf_token()
    before = count(app, LoginSession)
    for path in ("/account", "/account/two-step", "/orgs/new"):
        page = browser.get(path)
        assert page.status_code == 403
        assert "reaches that organisation alone" in page.text
        assert "Café Nord" not in page.text
    for path in ("password", "email", "profile", "sessions/end", "passkeys/options", "tokens", "delete"):
        answer = browser.post(f"/account/{path}", data={"name": "Eve", "password": PASSWORD})
        assert answer.status_code in (403, 404, 405), path
    assert browser.post("/account/density", data={"density": "comfortable"}).status_code < 400
    assert count(app, LoginSession) == before
    own = _client(app).become(cast.noor)
    assert own.get("/orgs/cafe-nord/jobs/manage").status_code == 200
    assert own.get(MANAGE).status_code == 200


def test_such_a_sign_in_accepts_no_invitation_of_another_organisation(
    app: Flask, browser: PortalClient, provider: OpenIdProvider, cast: Cast
) -> None:
    with app.app_context():
        invite(cast.cafe, "noor@example.com", Role.ADMIN, cast.otto.id)
        link = next(each for each in waiting("noor@example.com") if "invites you" in each.subject)
        path = "/invites/" + link.text.split("/invites/")[1].split()[0]
    sign_in(browser, provider)
    assert "joins no other" in browser.get(path).text
    assert browser.with_csrf_token().post(path).location == path
    with app.app_context():
        assert (
            session().scalar(select(Membership).filter_by(organisation_id=cast.cafe.id, user_id=cast.noor.id))
            is None
        )


def test_a_key_that_was_rotated_signs_and_the_former_one_no_more(
    app: Flask, browser: PortalClient, provider: OpenIdProvider
) -> None:
    assert sign_in(browser, provider).status_code == 303
    former = provider.key
    provider.rotate()
    assert sign_in(_client(app), provider).status_code == 303
    provider.key = former
    refused(sign_in(_client(app), provider), "signed by none of the provider’s keys")


def test_what_was_used_already_or_begun_elsewhere_signs_nobody_in(
    app: Flask, browser: PortalClient, provider: OpenIdProvider
) -> None:
    back = sent_back(browser, provider)
    with browser.session_transaction() as kept:
        copied = dict(kept["single_sign_on"])
    refused(_client(app).get(back), "did not begin in this browser")
    assert provider.asked.count("/realm/token") == 0
    assert browser.get(back).status_code == 303
    refused(browser.get(back), "did not begin in this browser")
    with browser.session_transaction() as kept:
        kept["single_sign_on"] = copied  # a copy of the cookie from before
    refused(browser.get(back), "was used already")
    assert count(app, LoginSession) == 1


def test_another_state_another_code_and_a_late_return_sign_nobody_in(
    app: Flask, browser: PortalClient, provider: OpenIdProvider
) -> None:
    back = sent_back(browser, provider)
    refused(browser.get(back.replace("state=", "state=x")), "did not begin in this browser")
    others = sent_back(_client(app), provider)
    code = parse_qs(urlsplit(others).query)["code"][0]
    mine = parse_qs(urlsplit(back).query)["code"][0]
    refused(browser.get(back.replace(mine, code)), "refused the code")  # PKCE: it is of another browser
    late = sent_back(browser, provider)
    with app.app_context(), write() as current:
        current.execute(update(OneTimeLink).values(expires_at=utc_now() - timedelta(seconds=1)))
    refused(browser.get(late), "took too long")
    assert count(app, LoginSession) == 0


def test_an_answer_of_another_provider_is_not_sent_to_this_one(
    app: Flask, browser: PortalClient, provider: OpenIdProvider
) -> None:
    back = sent_back(browser, provider)
    mixed_up = back.replace("iss=http", "iss=https")
    assert mixed_up != back
    refused(browser.get(mixed_up), "of another provider")
    assert provider.asked.count("/realm/token") == 0
    denied = f"/login/sso/northwind/callback?error=access_denied&state={_state(sent_back(browser, provider))}"
    refused(browser.get(denied), "did not let you in")


def _state(back: str) -> str:
    return parse_qs(urlsplit(back).query)["state"][0]


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "https://evil.example", "/\\evil.example", "http:evil.example", "javascript:1"],
)
def test_it_leads_to_no_other_site_afterwards(
    browser: PortalClient, provider: OpenIdProvider, wanted: str
) -> None:
    begun = browser.get(START, query_string={"next": wanted})
    assert browser.get(provider.sign_in(begun.location)).location == MANAGE


def test_another_site_cannot_begin_it(browser: PortalClient) -> None:
    answer = browser.get(START, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.location == "/login/sso/northwind"


def test_a_company_signs_in_from_one_address_in_the_morning(
    app: Flask, browser: PortalClient, provider: OpenIdProvider
) -> None:
    for _ in range(65):
        assert browser.post("/login/sso", data={"email": "noor@example.com"}).status_code == 303
        assert browser.get(START).status_code == 303
    assert sign_in(_client(app), provider).status_code == 303

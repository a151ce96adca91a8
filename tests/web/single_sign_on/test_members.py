"""Who becomes a member by an organisation's provider, and what ends their sign-ins."""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.actions.accounts import people
from portal.actions.accounts.invitations import invite
from portal.actions.single_sign_on import settings
from portal.actions.single_sign_on.provider import ProviderError
from portal.actions.single_sign_on.waiting import AT_ONCE, OF_ONE_ORGANISATION, waiting
from portal.db import session, write
from portal.domain.people import Role
from portal.models import (
    AuditEntry,
    ExternalIdentity,
    LoginSession,
    OneTimeLink,
    SingleSignOn,
    User,
)
from portal.models.base import utc_now
from tests.support.app import PASSWORD, Cast, PortalClient, _client
from tests.support.openid import CLIENT, SECRET, Claims, OpenIdProvider
from tests.support.signing_in import access, count, refused, sent_back, sign_in
from tests.support.site import site_admin_of

MANAGE = "/orgs/northwind/jobs/manage"


def test_people_join_where_the_organisation_wants_it_and_have_no_password(
    app: Flask, browser: PortalClient, provider: OpenIdProvider, cast: Cast
) -> None:
    provider.be("Zoe@Example.com", "zoe", name="Zoe <b>\r\nSmith")
    with app.app_context():
        settings.change_access(cast.northwind.id, access(creates_members=True, role=Role.ADMIN), cast.mara.id)
    assert sign_in(browser, provider).status_code == 303
    assert browser.get("/orgs/northwind/people").status_code == 200
    with app.app_context():
        zoe = session().scalars(select(User).where(User.email == "zoe@example.com")).one()
        assert (zoe.name, zoe.password_hash) == ("Zoe <b> Smith", "")
        joined = session().scalars(select(AuditEntry).where(AuditEntry.action == "joined")).one()
        assert joined.about == "zoe@example.com as admin, by single sign-on"
    for password in ("", PASSWORD, "!"):
        answer = (
            _client(app)
            .with_csrf_token()
            .post("/login", data={"email": "zoe@example.com", "password": password})
        )
        assert answer.status_code == 422


def test_an_open_invitation_lets_somebody_join_in_its_role(
    app: Flask, browser: PortalClient, provider: OpenIdProvider, cast: Cast
) -> None:
    provider.be("sasha@example.com")
    refused(sign_in(browser, provider), "is no member of Northwind Labs")
    with app.app_context():
        invite(cast.northwind, "sasha@example.com", Role.ADMIN, cast.mara.id)
    assert sign_in(browser, provider).status_code == 303
    assert browser.get("/orgs/northwind/people").status_code == 200
    with app.app_context():
        assert (
            session().scalar(select(func.count(OneTimeLink.id)).where(OneTimeLink.kind == "invitation")) == 0
        )


def test_afterwards_a_person_is_known_by_the_provider_s_name_for_them_and_not_by_the_address(
    app: Flask, browser: PortalClient, provider: OpenIdProvider, cast: Cast
) -> None:
    sign_in(browser, provider)
    provider.be("noor@example.com", "somebody-new")  # who was given the address of who left
    refused(sign_in(_client(app), provider), "known here as somebody else’s")
    provider.be("noor.married@example.com", "id-of-noor@example.com")
    again = _client(app)
    assert sign_in(again, provider).status_code == 303
    with app.app_context():
        whose = session().scalars(select(LoginSession.user_id)).all()
    assert set(whose) == {cast.noor.id}


@pytest.mark.parametrize("end", ["remove", "disable", "role", "off", "issuer", "domain", "disconnect"])
def test_what_takes_the_right_away_ends_the_sign_in(
    app: Flask, browser: PortalClient, provider: OpenIdProvider, cast: Cast, mara: PortalClient, end: str
) -> None:
    with app.app_context():
        people.set_role("noor@example.com", "northwind", Role.ADMIN)
    sign_in(browser, provider)
    assert browser.get(MANAGE).status_code == 200
    base = "/orgs/northwind/single-sign-on"
    match end:
        case "remove":
            mara.post(f"/orgs/northwind/people/{cast.noor.id}/remove")
        case "disable":
            with app.app_context():
                people.disable_user("noor@example.com", utc_now())
        case "role":
            mara.post(f"/orgs/northwind/people/{cast.noor.id}/role", data={"role": "member"})
        case "off":
            mara.post(f"{base}/access", data={})
        case "issuer":
            typed = {"issuer": provider.issuer, "client_id": "another", "client_secret": SECRET}
            mara.post(base, data=typed)
        case "domain":
            mara.post(f"{base}/domains/1/remove")
        case "disconnect":
            mara.post(f"{base}/disconnect")
    assert browser.get(MANAGE).location.startswith("/login")
    assert mara.get(MANAGE).status_code == 200


@pytest.mark.parametrize("is_removed", [False, True])
def test_what_is_changed_while_the_provider_is_asked_lets_nobody_in(
    app: Flask, browser: PortalClient, provider: OpenIdProvider, cast: Cast, is_removed: bool
) -> None:
    back = sent_back(browser, provider)

    def switch_off(claims: Claims) -> Claims:
        with app.app_context():
            if is_removed:
                settings.disconnect(cast.northwind.id)
            else:
                settings.change_access(cast.northwind.id, access(is_on=False), cast.mara.id)
        return claims

    provider.bend = switch_off
    assert browser.get(back).status_code == 404
    assert count(app, LoginSession) == 0


def test_who_signs_in_twice_at_once_becomes_one_person(
    app: Flask, browser: PortalClient, provider: OpenIdProvider, cast: Cast
) -> None:
    with app.app_context():
        settings.change_access(cast.northwind.id, access(creates_members=True), cast.mara.id)
    provider.be("zoe@example.com")
    other = _client(app)
    first, second = sent_back(browser, provider), sent_back(other, provider)

    def overtaken(claims: Claims) -> Claims:
        provider.bend = lambda said: said
        assert other.get(second).status_code == 303
        return claims

    provider.bend = overtaken
    assert browser.get(first).status_code == 303
    assert count(app, ExternalIdentity) == 1
    with app.app_context():
        assert session().scalar(select(func.count(User.id)).where(User.email == "zoe@example.com")) == 1


def test_the_address_may_come_from_the_userinfo_of_the_same_person(
    app: Flask, browser: PortalClient, provider: OpenIdProvider
) -> None:
    provider.claims = {"sub": "n"}
    provider.userinfo = {"sub": "n", "email": "noor@example.com", "email_verified": "true"}
    assert sign_in(browser, provider).status_code == 303
    provider.userinfo |= {"sub": "somebody-else"}
    refused(sign_in(_client(app), provider), "speaks of somebody else")


def test_an_organisation_s_provider_signs_nobody_in_at_another_one(
    app: Flask, browser: PortalClient, provider: OpenIdProvider, cast: Cast
) -> None:
    with OpenIdProvider() as hostile:
        with app.app_context():
            settings.save(cast.cafe.id, hostile.issuer, CLIENT, SECRET)
            with write() as current:
                current.execute(update(SingleSignOn).values(is_on=True, creates_members=True))
        hostile.be("noor@example.com")
        refused(
            sign_in(browser, hostile, "/login/sso/cafe-nord/start"), "Café Nord has not proved that domain"
        )
        back = sent_back(browser, hostile, "/login/sso/cafe-nord/start")
        refused(browser.get(back.replace("cafe-nord", "northwind")), "did not begin in this browser")
    assert count(app, LoginSession) == 0


def test_such_a_sign_in_lasts_half_a_day_at_most(
    app: Flask, browser: PortalClient, provider: OpenIdProvider
) -> None:
    sign_in(browser, provider)
    with app.app_context(), write() as current:
        began = utc_now() - timedelta(hours=11, minutes=50)
        current.execute(
            update(LoginSession).values(created_at=began, seen_at=utc_now() - timedelta(minutes=6))
        )
    assert browser.get(MANAGE).status_code == 200
    with app.app_context():
        ends = session().scalars(select(LoginSession.expires_at)).one()
        assert ends - utc_now() <= timedelta(minutes=10)


def test_it_stands_in_for_two_steps_which_are_the_provider_s_to_ask(
    app: Flask, browser: PortalClient, provider: OpenIdProvider, cast: Cast
) -> None:
    with app.app_context(), write() as current:
        current.get_one(type(cast.northwind), cast.northwind.id).requires_two_step = True
    sign_in(browser, provider)
    assert browser.get(MANAGE).status_code == 200
    assert _client(app).become(cast.noor).get(MANAGE).location == "/account/two-step"


def test_no_more_wait_for_providers_at_once_than_threads_can_be_spared(
    browser: PortalClient, provider: OpenIdProvider, cast: Cast, mara: PortalClient
) -> None:
    base = "/orgs/northwind/single-sign-on"
    mara.post(f"{base}/domains", data={"domain": "example.org"})
    typed = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET}
    with ExitStack() as others:
        for _ in range(OF_ONE_ORGANISATION):
            others.enter_context(waiting(cast.northwind.id))
        answers = [mara.post(f"{base}{path}", data=typed) for path in ("", "/check", "/domains/2/check")]
        for answer in (sign_in(browser, provider), *answers):
            assert "Many people wait for answers at this moment." in answer.text
        with waiting(cast.cafe.id):
            pass
    with ExitStack() as others:
        for organisation_id in range(AT_ONCE):
            others.enter_context(waiting(organisation_id))
        with pytest.raises(ProviderError):
            others.enter_context(waiting(cast.cafe.id))
    assert sign_in(browser, provider).status_code == 303


def test_a_site_admin_who_came_by_an_organisation_s_provider_is_none(
    app: Flask, browser: PortalClient, provider: OpenIdProvider, cast: Cast
) -> None:
    site_admin_of(app, cast.noor)
    never = browser.get("/ops/never-existed").status_code
    assert sign_in(browser, provider).status_code == 303
    for page in ("/ops", "/ops/people", "/ops/organisations", "/ops/log"):
        assert browser.get(page).status_code == never == 404
    assert browser.post(f"/ops/people/{cast.mara.id}/disable").status_code == 404
    assert "All organisations" not in browser.get(MANAGE).text
    with app.app_context():
        assert session().get_one(User, cast.mara.id).disabled_at is None
        signed_in = select(AuditEntry).where(
            AuditEntry.action == "signed-in", AuditEntry.organisation_id.is_(None)
        )
        assert session().scalars(signed_in).all() == []

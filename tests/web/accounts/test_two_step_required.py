"""An organisation that wants its people to sign in in two steps."""

from datetime import UTC, datetime

import pyotp
import pytest
from flask import Flask

from portal.actions.accounts import two_step
from portal.actions.sync.credentials import Use, seal
from portal.db import write
from portal.domain.people import Role
from portal.live.events import ThreadWatcher
from portal.models import LoginSession, Membership, User
from portal.store.accounts import factors
from portal.web.live import RenderedSource
from tests.support.app import HTMX, PASSWORD, Cast, MakeJob, PortalClient, _client

SWITCH = "/orgs/northwind/people/two-step"
MANAGE = "/orgs/northwind/jobs/manage"
SET_UP = "/account/two-step"


def give_app(app: Flask, user: User) -> None:
    """Let somebody have an authenticator app."""
    with app.app_context(), write():
        sealed = seal(f"user {user.id}", pyotp.random_base32(), Use.AUTHENTICATOR)
        factors.add_authenticator(user.id, sealed, 0, datetime.now(UTC))


@pytest.fixture
def required(app: Flask, cast: Cast, mara: PortalClient) -> None:
    """Mara, who has an app, requires it of Northwind's people."""
    give_app(app, cast.mara)
    assert mara.post(SWITCH, data={"required": "1"}).location == "/orgs/northwind/people"


def test_an_admin_requires_it_once_they_have_it_themselves(
    app: Flask, cast: Cast, mara: PortalClient
) -> None:
    refused = mara.post(SWITCH, data={"required": "1"})
    assert refused.status_code == 409
    assert "Set up two-step sign-in for your own account first." in refused.text
    assert mara.get(MANAGE).status_code == 200
    give_app(app, cast.mara)
    page = mara.post(SWITCH, data={"required": "1"}, follow_redirects=True).text
    assert "Northwind Labs requires two-step sign-in from now on." in page
    assert "1 person has not set it up." in page
    assert page.count("no two-step sign-in yet") == 1
    assert "no longer." in mara.post(SWITCH, follow_redirects=True).text


@pytest.mark.usefixtures("required")
def test_who_has_not_set_it_up_is_led_to_that_and_sees_what_is_public(
    app: Flask, cast: Cast, noor: PortalClient, make_job: MakeJob
) -> None:
    secret = make_job(title="Welder of members", visibility="members")
    for path in (MANAGE, "/orgs/northwind/people", "/orgs/northwind/events"):
        assert noor.get(path).location == SET_UP
    assert noor.get("/").location == SET_UP
    partial = noor.get(MANAGE, headers=HTMX)
    assert (partial.status_code, partial.headers["HX-Redirect"]) == (204, SET_UP)
    assert noor.post(f"/orgs/northwind/jobs/{secret}/close").location == SET_UP
    assert f'href="{MANAGE}"' in noor.get("/orgs/northwind/jobs").text
    assert "Welder of members" not in noor.get("/orgs/northwind/jobs").text
    assert noor.get(f"/orgs/northwind/jobs/{secret}").status_code == 404
    assert "Northwind Labs requires it: set it up to go on there." in noor.get(SET_UP).text
    assert noor.get("/account").status_code == 200
    give_app(app, cast.noor)
    assert noor.get("/").location == "/orgs/northwind/jobs"
    assert noor.get(MANAGE).status_code == 200
    assert "Welder of members" in noor.get("/orgs/northwind/jobs").text


@pytest.mark.usefixtures("required")
def test_who_switches_it_off_is_led_back_to_it(cast: Cast, mara: PortalClient) -> None:
    mara.post(f"{SET_UP}/off", data={"off_proof": PASSWORD})
    assert mara.get("/orgs/northwind/people").location == SET_UP
    assert mara.post(SWITCH).location == SET_UP


@pytest.mark.usefixtures("required")
def test_another_organisation_requires_nothing(
    app: Flask, cast: Cast, noor: PortalClient, otto: PortalClient
) -> None:
    assert otto.get("/orgs/cafe-nord/jobs/manage").status_code == 200
    assert otto.get(MANAGE).status_code == 404
    with app.app_context(), write() as current:
        current.add(Membership(organisation_id=cast.cafe.id, user_id=cast.noor.id, role=Role.MEMBER))
    assert noor.get("/orgs/cafe-nord/jobs/manage").status_code == 200


def test_open_streams_end_of_who_has_not_set_it_up(app: Flask, cast: Cast) -> None:
    give_app(app, cast.mara)
    watchers = []
    for user, is_admin in ((cast.mara, True), (cast.noor, False)):
        _client(app).become(user)
        with app.app_context(), write() as current:
            login = current.query(LoginSession.id).filter_by(user_id=user.id).scalar()
        watchers.append(ThreadWatcher(cast.northwind.id, login))
        watchers[-1].is_admin = is_admin
    source, both = RenderedSource(app), {each.login_id for each in watchers}
    assert source.allowed(watchers) == both
    with app.app_context():
        two_step.require(cast.northwind.id, cast.mara.id, wanted=True)
    assert source.allowed(watchers) == {watchers[0].login_id}

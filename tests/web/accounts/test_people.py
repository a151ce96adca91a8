"""The page of an organisation's people, and what its forms do."""

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from portal.actions.accounts import people
from portal.db import write
from portal.domain.people import LinkKind, Role
from portal.models import Mail
from portal.store.accounts.links import links_of
from portal.store.people import membership_of
from tests.support.app import HTMX, Cast, PortalClient
from tests.support.letters import token_for, waiting

PEOPLE = "/orgs/northwind/people"


def role_in(app: Flask, organisation_id: int, user_id: int) -> str | None:
    with app.app_context():
        membership = membership_of(organisation_id, user_id)
    return membership.role if membership else None


def invite(client: PortalClient, email: str, role: str = "member") -> TestResponse:
    return client.post(f"{PEOPLE}/invite", data={"email": email, "role": role}, follow_redirects=True)


def invitation_id(app: Flask, cast: Cast) -> int:
    with app.app_context():
        return links_of(cast.northwind.id, LinkKind.INVITATION)[0].id


def test_the_page_shows_who_belongs_to_the_organisation_and_nobody_else(
    cast: Cast, mara: PortalClient
) -> None:
    page = mara.get(PEOPLE).text
    assert "2 members" in page
    assert "noor@example.com" in page
    for stranger in ("otto", "remi", "sasha"):
        assert stranger not in page


def test_admins_find_the_page_in_the_bar_and_members_do_not(mara: PortalClient, noor: PortalClient) -> None:
    assert f'href="{PEOPLE}"' in mara.get("/orgs/northwind/jobs/manage").text
    assert f'href="{PEOPLE}"' not in noor.get("/orgs/northwind/jobs/manage").text


def test_an_invitation_is_sent_listed_sent_again_and_withdrawn(
    app: Flask, cast: Cast, mara: PortalClient
) -> None:
    page = invite(mara, "ada@example.com, bo@example.com", "admin").text
    assert "2 invitations are on their way." in page
    assert "Admin · invited by" in page
    link = invitation_id(app, cast)
    again = mara.post(f"{PEOPLE}/invitations/{link}/again", follow_redirects=True)
    assert "The invitation to ada@example.com is on its way again." in again.text
    gone = mara.post(f"{PEOPLE}/invitations/{link}/withdraw", follow_redirects=True)
    assert "The invitation to ada@example.com is withdrawn." in gone.text
    assert mara.post(f"{PEOPLE}/invitations/{link}/withdraw").status_code == 404
    assert "bo@example.com" in mara.get(PEOPLE).text


def test_an_invitation_that_no_mail_server_took_says_so(app: Flask, cast: Cast, mara: PortalClient) -> None:
    invite(mara, "ada@example.com, bo@example.com")
    assert "Not delivered" not in mara.get(PEOPLE).text
    with app.app_context(), write() as session:
        session.execute(update(Mail).where(Mail.address == "ada@example.com").values(not_before=None))
    assert mara.get(PEOPLE).text.count("Not delivered") == 1


def test_what_was_typed_stays_where_an_address_is_wrong(app: Flask, mara: PortalClient) -> None:
    answer = mara.post(f"{PEOPLE}/invite", data={"email": "ada@example.com mara", "role": "admin"})
    assert answer.status_code == 422
    assert 'value="ada@example.com mara"' in answer.text
    assert "Nobody was invited" in answer.text
    assert '<option selected value="admin">' in answer.text
    with app.app_context():
        assert waiting() == []


@pytest.mark.parametrize("role", ["owner", "", "ADMIN"])
def test_a_role_that_there_is_not_is_refused(app: Flask, cast: Cast, mara: PortalClient, role: str) -> None:
    assert invite(mara, "ada@example.com", role).status_code == 422
    assert mara.post(f"{PEOPLE}/{cast.noor.id}/role", data={"role": role}).status_code == 422
    assert role_in(app, cast.northwind.id, cast.noor.id) == Role.MEMBER


def test_a_role_is_changed_and_somebody_is_removed(app: Flask, cast: Cast, mara: PortalClient) -> None:
    changed = mara.post(f"{PEOPLE}/{cast.noor.id}/role", data={"role": "admin"}, follow_redirects=True)
    assert "noor@example.com is an admin now." in changed.text
    assert role_in(app, cast.northwind.id, cast.noor.id) == Role.ADMIN
    removed = mara.post(f"{PEOPLE}/{cast.noor.id}/remove", follow_redirects=True)
    assert "noor@example.com is removed from Northwind Labs." in removed.text
    assert role_in(app, cast.northwind.id, cast.noor.id) is None


@pytest.mark.parametrize(("what", "data"), [("role", {"role": "member"}), ("remove", {})])
def test_the_last_admin_stays_one_and_the_page_says_what_to_do(
    app: Flask, cast: Cast, mara: PortalClient, what: str, data: dict[str, str]
) -> None:
    answer = mara.post(f"{PEOPLE}/{cast.mara.id}/{what}", data=data)
    assert answer.status_code == 409
    assert "One admin must stay. Make somebody else an admin first." in answer.text
    assert role_in(app, cast.northwind.id, cast.mara.id) == Role.ADMIN


def test_an_admin_who_goes_is_led_away(app: Flask, cast: Cast, mara: PortalClient) -> None:
    with app.app_context():
        people.set_role("noor@example.com", "northwind", Role.ADMIN)
    assert mara.post(f"{PEOPLE}/{cast.mara.id}/remove").location == "/"
    assert mara.get("/").location == "/login"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_somebody_elsewhere_is_the_same_as_nobody(
    app: Flask, cast: Cast, mara: PortalClient, headers: dict[str, str]
) -> None:
    for path, data in ((f"{PEOPLE}/%s/role", {"role": "member"}), (f"{PEOPLE}/%s/remove", {})):
        answers = [mara.post(path % number, data=data, headers=headers) for number in (cast.otto.id, 999_999)]
        assert [each.status_code for each in answers] == [404, 404]
        assert answers[0].data == answers[1].data or not headers
    assert role_in(app, cast.cafe.id, cast.otto.id) == Role.ADMIN


def test_an_invitation_of_another_organisation_is_out_of_reach(
    app: Flask, cast: Cast, mara: PortalClient, otto: PortalClient
) -> None:
    invite(mara, "ada@example.com")
    link = invitation_id(app, cast)
    for what in ("again", "withdraw"):
        here = otto.post(f"/orgs/cafe-nord/people/invitations/{link}/{what}")
        never = otto.post(f"/orgs/cafe-nord/people/invitations/999999/{what}")
        assert here.status_code == never.status_code == 404
    assert invitation_id(app, cast) == link


def test_names_are_shown_as_text(app: Flask, cast: Cast, mara: PortalClient) -> None:
    name = '<img src=x onerror=alert(1)>"\u202e'
    mara.post("/account/profile", data={"name": name})
    invite(mara, "ada@example.com")
    page = mara.get(PEOPLE).text
    assert "<img src=x" not in page
    assert "\u202e" not in page
    with app.app_context():
        (mail,) = waiting("ada@example.com")
        assert "<img" not in mail.html
        assert "&lt;img" in mail.html
        assert token_for("ada@example.com", "invites") in mail.html

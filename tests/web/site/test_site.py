"""Site admins: all organisations and people, nobody's jobs, and a list of what was done."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from portal.actions.accounts.tokens import make_token
from portal.db import session, write
from portal.domain.accounts.tokens import Scope
from portal.models import ApiToken, AuditEntry, Connection, LoginSession, Membership, Organisation, User
from portal.store.accounts import factors
from tests.support.app import HTMX, Cast, MakeJob, PortalClient, _client
from tests.support.site import site_admin_of

PAGES = ("/ops/organisations", "/ops/people", "/ops/log")


@pytest.fixture
def sasha(app: Flask, cast: Cast) -> PortalClient:
    """The browser of a site admin who belongs to no organisation."""
    return site_admin_of(app, cast.sasha)


def connect(app: Flask, org: Organisation, **columns: Any) -> None:
    row = Connection(
        organisation_id=org.id,
        public_key=org.slug,
        board_token="acme-board",
        board_name="Acme",
        api_key_ciphertext=b"",
        api_key_last_four="4321",
        **columns,
    )
    with app.app_context(), write() as rows:
        rows.add(row)


def test_the_site_is_there_for_site_admins_alone(
    app: Flask, client: PortalClient, mara: PortalClient, noor: PortalClient, sasha: PortalClient
) -> None:
    for page in (*PAGES, "/ops"):
        assert client.get(page).headers["Location"].startswith("/login")
        never = mara.get("/ops/never-existed")
        for stranger in (mara, noor):
            assert stranger.get(page).status_code == never.status_code == 404
        assert sasha.get(page).status_code == (303 if page == "/ops" else 200)
    assert "All organisations" in sasha.get("/account").text
    assert "All organisations" not in mara.get("/account").text


def test_a_site_admin_without_an_authenticator_app_is_led_to_set_it_up(app: Flask, cast: Cast) -> None:
    browser = site_admin_of(app, cast.sasha, in_two_steps=False)
    for page in PAGES:
        assert browser.get(page).headers["Location"] == "/account/two-step"
        assert browser.get(page, headers=HTMX).headers["HX-Redirect"] == "/account/two-step"
    refused = browser.post(f"/ops/people/{cast.mara.id}/disable")
    assert refused.headers["Location"] == "/account/two-step"
    assert "Site admins sign in in two steps" in browser.get("/account/two-step").text
    with app.app_context():
        assert session().get_one(User, cast.mara.id).disabled_at is None


def test_a_site_admin_sees_no_jobs_of_an_organisation_that_they_are_no_member_of(
    sasha: PortalClient, make_job: MakeJob
) -> None:
    make_job(title="Secret welder", visibility="hidden")
    for page in (*PAGES, "/orgs/northwind/jobs"):
        assert "Secret welder" not in sasha.get(page).text
    assert sasha.get("/orgs/northwind/jobs/manage").status_code == 404


def test_organisations_are_listed_with_their_people_and_how_the_connection_does(
    app: Flask, cast: Cast, sasha: PortalClient
) -> None:
    connect(app, cast.northwind, failing_since=datetime(2026, 3, 4, 5, 6, tzinfo=UTC))
    page = sasha.get("/ops/organisations").text
    assert "2 organisations" in page
    for words in ("Northwind Labs", "2 members", "failing", "4 Mar 2026", "never synced", "not connected"):
        assert words in page
    assert "acme-board" not in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [("CAFÉ", "Café Nord"), ("cafe-n", "Café Nord"), ("labs", "Northwind Labs"), ("%", ""), ("\0_", "")],
)
def test_organisations_are_found_by_name_or_address(sasha: PortalClient, asked: str, found: str) -> None:
    page = sasha.get("/ops/organisations", query_string={"q": asked}).text
    names = {name for name in ("Café Nord", "Northwind Labs") if f">{name}</a>" in page}
    assert names == ({found} if found else set())


def test_people_are_listed_with_where_they_belong_and_whether_they_may_sign_in(
    app: Flask, cast: Cast, sasha: PortalClient
) -> None:
    with app.app_context(), write() as rows:
        extra = [Organisation(slug=f"org-{number}", name=f"Org {number}") for number in range(4)]
        rows.add_all(extra)
        rows.flush()
        rows.add_all(
            Membership(organisation_id=each.id, user_id=cast.otto.id, role="member") for each in extra
        )
        rows.get_one(User, cast.noor.id).disabled_at = datetime.now(UTC)
    page = sasha.get("/ops/people").text
    assert "5 people" in page
    assert "and 2 more" in page
    assert page.count('<span class="tag warn">disabled</span>') == 1
    assert "mara@example.com" not in sasha.get("/ops/people?q=NOOR").text
    assert "noor@example.com" in sasha.get("/ops/people?q=NOOR&state=nonsense").text
    assert "1 person found" in sasha.get("/ops/people?state=disabled").text
    assert "1 person found" in sasha.get("/ops/people?state=site-admins").text


def test_lists_are_paged_and_keep_what_is_searched_for(app: Flask, cast: Cast, sasha: PortalClient) -> None:
    people = [{"email": f"p{number}@crowd.example", "password_hash": "x"} for number in range(120)]
    with app.app_context(), write() as rows:
        rows.execute(insert(User), people)
    page = sasha.get("/ops/people?q=crowd").text
    assert "120 people found" in page
    assert 'rel="next" href="/ops/people?q=crowd&amp;page=2"' in page
    assert "p0@crowd" in sasha.get("/ops/people?q=crowd&page=999").text


def test_a_disabled_person_is_out_at_once_and_comes_back_by_signing_in(
    app: Flask, cast: Cast, mara: PortalClient, noor: PortalClient, sasha: PortalClient
) -> None:
    with app.app_context():
        make_token(cast.noor.id, cast.northwind.id, "script", [Scope.READ], 7)
    path = f"/ops/people/{cast.noor.id}"
    answer = sasha.post(f"{path}/disable", data={"q": "noor"})
    assert answer.headers["Location"] == "/ops/people?q=noor"
    assert noor.get("/account").headers["Location"].startswith("/login")
    with app.app_context():
        for row in (LoginSession, ApiToken):
            assert session().scalars(select(row).where(row.user_id == cast.noor.id)).all() == []
    assert sasha.post(f"{path}/enable").status_code == 303
    assert noor.get("/account").headers["Location"].startswith("/login"), "the old sign-in stays ended"
    assert _client(app).become(cast.noor).get("/account").status_code == 200
    for words in ("Disabled an account", "Enabled an account"):
        assert words in sasha.get("/ops/log").text
        seen = mara.get("/orgs/northwind/audit").text
        assert words in seen
    assert "The operator" in seen
    assert "sasha@example.com" not in seen, "whose admin it was is the site's alone"
    assert "sasha@example.com" in sasha.get("/ops/log").text
    assert "Signed in" not in seen


def test_the_only_admin_of_an_organisation_is_disabled_once_that_is_confirmed(
    app: Flask, cast: Cast, sasha: PortalClient
) -> None:
    path = f"/ops/people/{cast.mara.id}/disable"
    asked = sasha.post(path)
    assert asked.status_code == 409
    assert "is the only admin of" in asked.text
    assert f'action="{path}"' in asked.text
    with app.app_context():
        assert session().get_one(User, cast.mara.id).disabled_at is None
    assert sasha.post(path, data={"force": "1"}).status_code == 303


def test_a_site_admin_cannot_disable_themselves_nor_what_is_not_there(
    cast: Cast, sasha: PortalClient
) -> None:
    assert sasha.post(f"/ops/people/{cast.sasha.id}/disable").status_code == 409
    assert sasha.post("/ops/people/999999/disable").status_code == 409
    for number in (999999, 2**70):
        assert sasha.post(f"/ops/people/{number}/enable").status_code == 404
    assert sasha.get("/ops/people").status_code == 200


def test_twice_disabled_is_noted_once(app: Flask, cast: Cast, sasha: PortalClient) -> None:
    for _ in range(2):
        assert sasha.post(f"/ops/people/{cast.noor.id}/disable").status_code == 303
    with app.app_context():
        noted = session().scalars(select(AuditEntry).where(AuditEntry.action == "disabled")).all()
    assert [(each.organisation_id, each.user_id) for each in noted] == [
        (None, cast.sasha.id),
        (cast.northwind.id, None),
    ]


def test_who_is_no_site_admin_any_more_sees_nothing_at_once(
    app: Flask, cast: Cast, sasha: PortalClient
) -> None:
    run = app.test_cli_runner().invoke
    assert "two-step sign-in on" in run(args=["user", "site-admins"]).output
    assert run(args=["user", "site-admin", "sasha@example.com", "--off"]).exit_code == 0
    assert sasha.get("/ops/people").headers["Location"].startswith("/login")
    assert _client(app).become(cast.sasha).get("/ops/people").status_code == 404
    assert run(args=["user", "site-admins"]).output == ""
    assert run(args=["user", "site-admin", "nobody@example.com"]).exit_code == 1


@pytest.mark.parametrize("word", ["disable", "enable"])
def test_a_person_is_disabled_and_enabled_by_command_too(app: Flask, cast: Cast, word: str) -> None:
    run = app.test_cli_runner().invoke
    for each in ("disable", word):
        assert run(args=["user", each, "noor@example.com"]).exit_code == 0
    with app.app_context():
        assert (session().get_one(User, cast.noor.id).disabled_at is None) == (word == "enable")


def test_what_is_done_to_an_account_by_command_is_in_the_log(
    app: Flask, cast: Cast, sasha: PortalClient
) -> None:
    run = app.test_cli_runner().invoke
    args = ["user", "set-password", "remi@example.com", "--password-stdin"]
    assert run(args=args, input="a lantern on the hill\n").exit_code == 0
    with app.app_context(), write():
        factors.add_authenticator(cast.noor.id, b"sealed", 0, datetime.now(UTC))
    assert run(args=["user", "two-step-off", "noor@example.com"]).exit_code == 0
    page = sasha.get("/ops/log").text
    for what, whose in (("Changed a password", "remi"), ("Switched two-step sign-in off", "noor")):
        assert what in page
        assert f"{whose}@example.com" in page

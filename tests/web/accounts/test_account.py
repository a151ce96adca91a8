"""The page of one's own account, and new organisations."""

from dataclasses import replace

import pytest
from flask import Flask

from portal.actions.accounts import organisations, people
from portal.config import Settings
from portal.domain.people import Role
from portal.store.people import access_to
from tests.support.app import PASSWORD, Cast, PortalClient, _client
from tests.support.html import faults_of

ANOTHER = "another long pass phrase"


def test_the_account_is_shown_with_every_section(mara: PortalClient) -> None:
    page = mara.get("/account").text
    sections = "profile email password two_step passkeys sessions organisations look delete"
    for section in sections.split():
        assert f'id="{section}-section"' in page
    assert not faults_of(page)


def test_colleagues_see_the_name_once_there_is_one(mara: PortalClient) -> None:
    assert (
        "Colleagues see “Mara Keller”."
        in mara.post("/account/profile", data={"name": "  Mara \n Keller "}, follow_redirects=True).text
    )
    assert "Mara Keller" in mara.get("/orgs/northwind/people").text
    mara.post("/account/profile", data={"name": " "})
    assert "Mara Keller" not in mara.get("/orgs/northwind/people").text


def test_the_password_is_changed_by_who_knows_it_and_ends_all_other_sign_ins(
    app: Flask, cast: Cast, mara: PortalClient
) -> None:
    elsewhere, copy = _client(app).become(cast.mara), app.test_client()
    copied = mara.get_cookie("session")
    assert copied is not None
    copy.set_cookie("session", copied.value)
    wrong = mara.post("/account/password", data={"current_password": "no", "password": ANOTHER})
    assert wrong.status_code == 422
    assert "This is not your password." in wrong.text
    weak = mara.post("/account/password", data={"current_password": PASSWORD, "password": "password1"})
    assert "Too many people use this password." in weak.text
    done = mara.post("/account/password", data={"current_password": PASSWORD, "password": ANOTHER})
    assert done.location == "/account#password-section"
    assert mara.get("/account").status_code == 200
    for gone in (elsewhere, copy):
        assert gone.get("/").location == "/login"


def test_guessing_the_password_at_an_open_browser_is_stopped(mara: PortalClient) -> None:
    data = {"current_password": "…" * 2000, "password": ANOTHER}
    statuses = [mara.post("/account/password", data=data).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_other_sign_ins_are_shown_and_ended(app: Flask, cast: Cast, mara: PortalClient) -> None:
    clients = [_client(app).become(cast.mara) for _ in range(3)]
    noor = _client(app).become(cast.noor)
    page = mara.get("/account").text
    ids = [part.split('"')[0] for part in page.split('name="session" value="')[1:]]
    assert len(ids) == 3
    noor.post("/account/sessions/end", data={"session": ids[0]})
    assert [client.get("/").location for client in clients].count("/login") == 0
    mara.post("/account/sessions/end", data={"session": ids[0]})
    assert [client.get("/").location for client in clients].count("/login") == 1
    mara.post("/account/sessions/end", data={"all": "1"})
    assert [client.get("/").location for client in clients].count("/login") == 3
    assert mara.get("/account").status_code == noor.get("/account").status_code == 200
    assert mara.post("/account/sessions/end", data={"session": "x"}).status_code == 422


def test_a_browser_is_named_by_what_it_says_and_never_quoted(app: Flask, cast: Cast) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 <script>"
    client = _client(app)
    client.environ_base["HTTP_USER_AGENT"] = agent
    client.with_csrf_token().post("/login", data={"email": "mara@example.com", "password": PASSWORD})
    page = client.get("/account").text
    assert "Firefox on Linux" in page
    assert "Signed in with a password" in page
    assert "<script>" not in page.replace("<script src", "")


def test_colours_rows_and_keys_are_kept_in_the_account_and_nobody_elses(
    app: Flask, cast: Cast, mara: PortalClient, noor: PortalClient
) -> None:
    look = {"theme": "dark", "density": "comfortable", "keys": "off"}
    assert mara.post("/account/look", data=look).location == "/account#look-section"
    for page in (mara.get("/account").text, _client(app).become(cast.mara).get("/account").text):
        assert 'data-density="comfortable" data-chosen-theme="dark" data-no-keys' in page
    assert 'data-density="comfortable"' not in noor.get("/account").text
    assert mara.post("/account/theme", data={"theme": "system"}).status_code == 204
    assert mara.post("/account/keys", data={"keys": "on"}).status_code == 204
    page = mara.get("/account").text
    assert 'data-chosen-theme="system"' in page
    assert "data-no-keys" not in page
    for refused in ({**look, "theme": "sepia"}, {**look, "density": "huge"}, {}):
        assert mara.post("/account/look", data=refused).status_code == 422
    assert mara.post("/account/theme", data={"theme": "sepia"}).status_code == 422


def test_an_account_is_deleted_by_who_knows_its_password_unless_an_organisation_needs_it(
    app: Flask, cast: Cast, mara: PortalClient, noor: PortalClient
) -> None:
    last = mara.post("/account/delete", data={"delete_password": PASSWORD})
    assert last.status_code == 409
    assert "only admin of “northwind”" in last.text
    assert noor.post("/account/delete", data={"delete_password": "no"}).status_code == 422
    assert noor.post("/account/delete", data={"delete_password": PASSWORD}).location == "/login"
    assert noor.get("/").location == "/login"
    assert "noor@example.com" not in mara.get("/orgs/northwind/people").text


def test_somebody_leaves_an_organisation_and_stays_signed_in_unless_it_needs_them(
    cast: Cast, mara: PortalClient, noor: PortalClient
) -> None:
    data = {"organisation": str(cast.northwind.id)}
    last = mara.post("/account/leave", data=data)
    assert (last.status_code, "only admin of “northwind”" in last.text) == (409, True)
    assert (
        "You have left Northwind Labs." in noor.post("/account/leave", data=data, follow_redirects=True).text
    )
    assert noor.get("/orgs/northwind/jobs/manage").status_code == 404
    for nowhere in (cast.northwind.id, cast.cafe.id, 999_999, "x"):
        answer = noor.post("/account/leave", data={"organisation": str(nowhere)})
        assert answer.status_code == 404
        assert "Café" not in answer.text


def test_one_person_in_several_organisations_has_them_in_the_bar(
    app: Flask, cast: Cast, mara: PortalClient
) -> None:
    with app.app_context():
        people.set_role("mara@example.com", "cafe-nord", Role.MEMBER)
    for page in ("/orgs/northwind/jobs/manage", "/account"):
        assert 'href="/orgs/cafe-nord/jobs"' in mara.get(page).text


def test_nobody_makes_organisations_unless_the_operator_allows_it(mara: PortalClient) -> None:
    assert mara.get("/orgs/new").status_code == mara.post("/orgs/new").status_code == 404
    assert "/orgs/new" not in mara.get("/account").text


class TestWhereOrganisationsMayBeMade:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, allow_org_creation=True)

    def test_who_makes_one_is_its_first_admin(
        self, app: Flask, cast: Cast, mara: PortalClient, client: PortalClient
    ) -> None:
        assert client.get("/orgs/new").location.startswith("/login")
        assert "/orgs/new" in mara.get("/account").text
        made = mara.post("/orgs/new", data={"name": "Ábc & Sons", "slug": " My Shop "})
        assert made.location == "/orgs/my-shop/jobs/manage"
        assert mara.get(made.location).status_code == 200
        with app.app_context():
            place = access_to("my-shop", cast.mara.id)
            assert place is not None
            assert place.membership is not None
            assert place.membership.role == Role.ADMIN

    @pytest.mark.parametrize(
        ("name", "slug"),
        [
            ("", ""),
            ("日本", ""),
            ("N\u043erthwind Labs", ""),  # a Cyrillic o
            ("Northwind Labs", "something-else"),
            ("Fine Instruments", "northwlnd"),
            ("Fine Instruments", "north-wind"),
            ("Caf\u00e9 N\u00f6rd", "other"),
            ("New", ""),
            ("Fine Instruments", "admin"),
            ("Fine Instruments", "API"),
            ("x" * 121, ""),
        ],
    )
    def test_what_could_be_taken_for_another_or_for_the_portal_is_refused(
        self, mara: PortalClient, name: str, slug: str
    ) -> None:
        answer = mara.post("/orgs/new", data={"name": name, "slug": slug})
        assert answer.status_code == 422
        assert 'class="error"' in answer.text


def test_an_operator_gets_the_same_answer_about_names(app: Flask, cast: Cast) -> None:
    with app.app_context(), pytest.raises(people.PeopleError, match="almost the same"):
        organisations.create_organisation("Northvvind", "northvvind")

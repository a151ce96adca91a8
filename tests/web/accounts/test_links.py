"""The pages behind links in mails: invitations, forgotten passwords, new addresses."""

import logging
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import Flask

from portal.actions.accounts import invitations, passwords, people
from portal.config import Settings
from portal.domain.people import Role
from tests.support.app import PASSWORD, Cast, PortalClient, _client
from tests.support.letters import token_for, waiting

ANOTHER = "another long pass phrase"


def invited(app: Flask, cast: Cast, email: str) -> str:
    """The address of an invitation's page."""
    with app.app_context():
        invitations.invite(cast.northwind, email, Role.MEMBER, cast.mara.id)
        return f"/invites/{token_for(email, 'invites')}"


def forgot(app: Flask, client: PortalClient, email: str) -> str:
    client.with_csrf_token().post("/forgot", data={"email": email})
    with app.app_context():
        return f"/reset/{token_for(email, 'reset')}"


def test_somebody_without_an_account_makes_one_and_is_in(
    app: Flask, cast: Cast, client: PortalClient
) -> None:
    address = invited(app, cast, "ada@example.com")
    page = client.get(address)
    assert "Join Northwind Labs" in page.text
    weak = client.with_csrf_token().post(address, data={"name": "Ada", "password": "northwind"})
    assert weak.status_code == 422
    assert 'value="Ada"' in weak.text
    joined = client.post(address, data={"name": "Ada", "password": ANOTHER})
    assert joined.location == "/orgs/northwind/jobs/manage"
    assert "Welcome to Northwind Labs." in client.get(joined.location).text
    assert _client(app).get(address).status_code == 410


def test_who_only_looks_whether_an_invitation_is_there_neither_joins_nor_is_signed_out(
    app: Flask, cast: Cast, client: PortalClient, otto: PortalClient
) -> None:
    address = invited(app, cast, "sasha@example.com")
    for visitor in (client, client.become(cast.sasha), otto):
        assert visitor.head(address).status_code == 200
    assert otto.get("/account").status_code == 200
    assert client.get("/orgs/northwind/jobs/manage").status_code == 404


def test_somebody_with_an_account_signs_in_and_accepts(app: Flask, cast: Cast, client: PortalClient) -> None:
    address = invited(app, cast, "sasha@example.com")
    page = client.get(address).text
    assert 'name="password"' not in page
    login = f"/login?next={address}&amp;email=sasha@example.com"
    assert login in page
    form = client.get(login.replace("&amp;", "&"))
    assert 'value="sasha@example.com"' in form.text
    assert form.headers["Referrer-Policy"] == "strict-origin"
    signed_in = client.with_csrf_token().post(
        "/login", data={"email": "sasha@example.com", "password": PASSWORD, "next": address}
    )
    assert signed_in.location == address
    assert "Accept the invitation" in client.get(address).text
    assert client.with_csrf_token().post(address).location == "/orgs/northwind/jobs/manage"


def test_an_invitation_for_another_address_offers_to_sign_out(
    app: Flask, cast: Cast, otto: PortalClient
) -> None:
    address = invited(app, cast, "sasha@example.com")
    assert "You are signed in as otto@example.com." in otto.get(address).text
    assert otto.post(address).location == address
    assert otto.get("/").location == "/login"


def test_known_and_unknown_addresses_are_answered_alike_and_nothing_is_hashed(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[object] = []
    monkeypatch.setattr(passwords, "_matches", lambda *_: bool(hashed.append(1)))
    answers = []
    for email in ("mara@example.com", "lena@example.com"):
        page = _client(app).with_csrf_token().post("/forgot", data={"email": email})
        answers.append(page.text.replace(email, "address").split('name="csrf_token"')[0])
        assert page.status_code == 200
    assert answers[0] == answers[1]
    assert hashed == []
    with app.app_context():
        assert waiting() == []  # who has an account is looked up later, by the process that mails


def test_a_forgotten_password_is_set_anew(app: Flask, cast: Cast, client: PortalClient) -> None:
    address = forgot(app, client, "mara@example.com")
    assert "mara@example.com" in client.get(address).text
    short = client.post(address, data={"password": "short"})
    assert short.status_code == 422
    assert "Use at least 8 characters." in short.text
    done = client.post(address, data={"password": ANOTHER})
    assert done.location == "/login?email=mara@example.com"
    assert client.get(address).status_code == 410
    login = {"email": "mara@example.com", "password": ANOTHER}
    assert client.with_csrf_token().post("/login", data=login).status_code == 303


@pytest.mark.parametrize("email", ["", "mara", "a@b", "a" * 300 + "@example.com", "x\0@example.com"])
def test_what_is_no_address_is_said_at_the_field(client: PortalClient, cast: Cast, email: str) -> None:
    answer = client.with_csrf_token().post("/forgot", data={"email": email})
    assert answer.status_code == 422
    assert 'aria-describedby="email-error"' in answer.text


def test_asking_again_and_again_is_stopped_for_whoever_does_it_alone(app: Flask, cast: Cast) -> None:
    impatient, owner = _client(app).with_csrf_token(), _client(app).with_csrf_token()
    impatient.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    for _ in range(5):
        assert impatient.post("/forgot", data={"email": "mara@example.com"}).status_code == 200
    assert impatient.post("/forgot", data={"email": "mara@example.com"}).status_code == 429
    assert owner.post("/forgot", data={"email": "mara@example.com"}).status_code == 200


@pytest.mark.parametrize("token", ["x", "a" * 5000, "ü", "a.b~c"])
@pytest.mark.parametrize("page", ["/invites", "/reset", "/account/email"])
def test_a_token_that_never_was_is_one_that_works_no_more(
    client: PortalClient, page: str, token: str
) -> None:
    answer = client.get(f"{page}/{token}")
    assert answer.status_code == 410
    assert client.with_csrf_token().post(f"{page}/{token}", data={}).status_code == 410


def test_no_token_is_logged_or_told_to_other_pages(
    app: Flask, cast: Cast, client: PortalClient, caplog: pytest.LogCaptureFixture
) -> None:
    addresses = [invited(app, cast, "ada@example.com"), forgot(app, client, "mara@example.com")]
    with caplog.at_level(logging.DEBUG):
        for address in addresses:
            for written in (address, f"{address}/", f"{address}."):
                answer = client.get(written)
                assert answer.headers["Referrer-Policy"] == "strict-origin"
                assert (
                    "no-store" in answer.headers["Cache-Control"]
                    or "no-cache" in answer.headers["Cache-Control"]
                )
    for address in addresses:
        token = address.rpartition("/")[2]
        assert token not in caplog.text
    assert "/invites/…" in caplog.text


def test_a_link_is_not_used_up_by_a_program_that_looks_into_mails(
    app: Flask, cast: Cast, client: PortalClient, mara: PortalClient
) -> None:
    data = {"email": "mara@new.example", "email_password": PASSWORD}
    assert mara.post("/account/email", data=data).status_code == 303
    with app.app_context():
        address = f"/account/email/{token_for('mara@new.example', 'email')}"
    for _ in range(2):
        assert "mara@new.example" in client.get(address).text
        client.head(address)
    assert client.with_csrf_token().post(address).location == "/login"
    assert "mara@new.example" in mara.get("/account").text


class TestInProduction:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, public_url="https://jobs.example.com")

    @pytest.mark.parametrize("name", ["Host", "X-Forwarded-Host", "X-Host", "Forwarded"])
    def test_a_forged_host_changes_no_link_in_a_mail(self, app: Flask, cast: Cast, name: str) -> None:
        client, here = app.test_client(), "https://jobs.example.com"
        page = client.get("/forgot", base_url=here).text
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        headers = {name: "host=evil.example" if name == "Forwarded" else "evil.example"}
        answer = client.post(
            "/forgot",
            data={"email": "mara@example.com", "csrf_token": token},
            headers={**headers, "Referer": f"{here}/forgot"},
            base_url=here,
        )
        assert answer.status_code == (400 if name == "Host" else 200)
        with app.app_context():
            people.set_password("mara@example.com", ANOTHER)
            if name != "Host":
                token_for("mara@example.com", "reset")
            mails = waiting()
        assert len(mails) == (1 if name == "Host" else 2)
        for mail in mails:
            links = [word for word in mail.text.split() if word.startswith("http")]
            assert {urlsplit(link).netloc for link in links} == {"jobs.example.com"}
            assert "evil" not in mail.text + mail.html

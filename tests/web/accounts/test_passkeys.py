"""Passkeys: added to an account, and signed in with, by a device that a test bends."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pyotp
import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from portal.actions.accounts import people
from portal.actions.accounts.passkeys import Site, site_at
from portal.actions.sync.credentials import Use, seal
from portal.config import Settings
from portal.db import session, write
from portal.models import OneTimeLink, Passkey
from portal.store.accounts import factors
from portal.web.requests import site_address
from tests.support.app import PASSWORD, Cast, PortalClient, _client
from tests.support.html import faults_of
from tests.support.letters import waiting
from tests.support.passkeys import PRESENT, Device

PAGE = "/account#passkeys-section"


def add(client: PortalClient, device: Device, name: str = "Phone") -> TestResponse:
    asked = client.post("/account/passkeys/options", data={"password": PASSWORD})
    assert asked.status_code == 200, asked.text
    return client.post("/account/passkeys", data={"answer": device.make(asked.json), "name": name})


def asked_to_sign_in(client: PortalClient) -> dict[str, object]:
    asked = client.with_csrf_token().post("/login/passkey/options").json
    assert isinstance(asked, dict)
    return asked


def log_in(client: PortalClient, device: Device, **more: str) -> TestResponse:
    answer = device.use(asked_to_sign_in(client))
    return client.post("/login/passkey", data={"answer": answer, **more})


@pytest.fixture
def device(cast: Cast, mara: PortalClient) -> Device:
    """The device of Mara, who has added its passkey."""
    device = Device()
    assert add(mara, device).location == PAGE
    return device


def test_a_passkey_is_added_by_who_knows_the_password_and_a_mail_tells_of_it(
    app: Flask, cast: Cast, mara: PortalClient
) -> None:
    refused = mara.post("/account/passkeys/options", data={"password": "no"})
    assert (refused.status_code, refused.json) == (422, {"said": "This is not your password."})
    asked = mara.post("/account/passkeys/options", data={"password": PASSWORD})
    assert asked.json["rp"]["id"] == "localhost"
    wanted = asked.json["authenticatorSelection"]
    assert (wanted["residentKey"], wanted["userVerification"]) == ("required", "required")
    assert "mara" not in asked.json["user"]["id"]
    hostile = "<script>\u202e" + "x" * 200
    done = mara.post("/account/passkeys", data={"answer": Device().make(asked.json), "name": hostile})
    assert done.location == PAGE
    page = mara.get("/account").text
    assert "&lt;script&gt;" in page
    assert "not used yet" in page
    assert not faults_of(page)
    with app.app_context():
        [mail] = waiting("mara@example.com")
        assert mail.subject == "A passkey was added"
    again = mara.post("/account/passkeys/options", data={"password": PASSWORD}).json
    assert len(again["excludeCredentials"]) == 1


def test_a_passkey_alone_signs_in_and_is_noted_as_used(
    app: Flask, client: PortalClient, device: Device
) -> None:
    assert "Use a passkey" in client.get("/login").text
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody"
    answer = log_in(client, device, next="/account", remember="y")
    assert answer.location == "/account"
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
    page = client.get("/account").text
    assert "stays signed in until" in page
    assert "Signed in with a passkey" in page
    assert "not used yet" not in page
    assert log_in(_client(app), device, next="//evil.example").location == "/"


def test_a_challenge_is_good_once_for_minutes_and_in_its_browser(
    app: Flask, client: PortalClient, device: Device
) -> None:
    asked = asked_to_sign_in(client)
    answer = device.use(asked)
    copied = client.get_cookie("session")
    assert copied is not None
    thief = _client(app).with_csrf_token()
    assert thief.post("/login/passkey", data={"answer": answer}).location == "/login"
    assert client.post("/login/passkey", data={"answer": answer}).location == "/"
    thief.set_cookie("session", copied.value)
    thief.environ_base["HTTP_X_CSRFTOKEN"] = client.environ_base["HTTP_X_CSRFTOKEN"]
    assert thief.post("/login/passkey", data={"answer": answer}).location == "/login"
    late = _client(app)
    asked = asked_to_sign_in(late)
    with app.app_context(), write() as current:
        current.execute(update(OneTimeLink).values(expires_at=datetime.now(UTC)))
    assert late.post("/login/passkey", data={"answer": device.use(asked)}).location == "/login"
    wrong = _client(app)
    asked = asked_to_sign_in(wrong)
    wrong.post("/login/passkey", data={"answer": "{}"})
    assert wrong.post("/login/passkey", data={"answer": device.use(asked)}).location == "/login"


@pytest.mark.parametrize(
    "bent",
    [
        {"origin": "http://localhost.evil.example"},
        {"origin": "https://localhost"},
        {"rp_id": "evil.example"},
        {"flags": PRESENT},
        {"flags": 0},
        {"handle": b"of somebody else"},
        {"credential_id": b"another"},
    ],
    ids=lambda bent: " ".join(map(str, bent.items())),
)
def test_a_passkey_of_another_site_person_or_without_verification_signs_nobody_in(
    app: Flask, client: PortalClient, device: Device, mara: PortalClient, bent: dict[str, object]
) -> None:
    assert log_in(client, replace(device, **bent)).location == "/login"
    assert client.get("/").location == "/login"
    assert "That did not work" in client.get("/login").text
    if "handle" not in bent and "credential_id" not in bent:
        assert add(mara, Device(credential_id=b"new", **bent)).location == PAGE
        with app.app_context():
            assert session().query(Passkey).count() == 1


def test_a_copy_of_a_device_is_told_by_its_count(app: Flask, device: Device) -> None:
    copy = replace(device)
    assert log_in(_client(app), device).location == "/"
    assert log_in(_client(app), device).location == "/"
    assert log_in(_client(app), copy).location == "/login"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "x",
        "null",
        "[]",
        "{}",
        "[" * 15_000,
        "{" * 30_000,
        '{"id": 1}',
        '{"id": "\\ud800"}',
        '{"id": "x\\u0000"}',
    ]
    + [
        json.dumps({"id": "YSBwYXNza2V5", "rawId": raw, "response": said})
        for raw, said in (("é", 1), (1, {}))
    ],
    ids=lambda answer: answer[:20].replace("\0", "0"),
)
def test_nonsense_is_refused_in_words(
    client: PortalClient, mara: PortalClient, device: Device, answer: str
) -> None:
    asked_to_sign_in(client)
    assert client.post("/login/passkey", data={"answer": answer}).location == "/login"
    mara.post("/account/passkeys/options", data={"password": PASSWORD})
    assert mara.post("/account/passkeys", data={"answer": answer}).location == PAGE


def test_a_passkey_whose_id_is_longer_than_there_can_be_is_refused(app: Flask, mara: PortalClient) -> None:
    add(mara, Device(credential_id=b"x" * 1024))
    add(mara, Device(credential_id=b"x" * 1023))
    with app.app_context():
        assert [len(each.credential_id) for each in session().query(Passkey)] == [1364]


def test_guessing_the_password_to_add_or_remove_a_passkey_is_stopped(mara: PortalClient) -> None:
    data = {"password": "…" * 2000}
    statuses = [mara.post("/account/passkeys/options", data=data).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    assert (
        "Too many attempts." in mara.post("/account/passkeys/remove", data=data, follow_redirects=True).text
    )


def test_somebody_elses_passkey_is_not_added_nor_removed_nor_made_for_another(
    app: Flask, cast: Cast, mara: PortalClient, noor: PortalClient, device: Device
) -> None:
    assert "That did not work" in noor.get(add(noor, replace(device)).location.partition("#")[0]).text
    asked = mara.post("/account/passkeys/options", data={"password": PASSWORD}).json
    with mara.session_transaction() as cookie:
        challenge = cookie["passkey"]
    with noor.session_transaction() as cookie:
        cookie["passkey"] = challenge
    noor.post("/account/passkeys", data={"answer": Device(credential_id=b"new").make(asked)})
    with app.app_context():
        [(number, owner)] = session().query(Passkey.id, Passkey.user_id).all()
        assert owner == cast.mara.id
    noor.post("/account/passkeys/remove", data={"passkey": number, "password": PASSWORD})
    assert log_in(_client(app), device).location == "/"


def test_a_removed_passkey_signs_nobody_in_and_a_mail_tells_of_it(
    app: Flask, cast: Cast, mara: PortalClient, device: Device
) -> None:
    with app.app_context():
        number = session().query(Passkey).one().id
    assert (
        "not your password"
        in mara.post(
            "/account/passkeys/remove", data={"passkey": number, "password": "no"}, follow_redirects=True
        ).text
    )
    assert log_in(_client(app), device).location == "/"
    for _ in range(2):
        mara.post("/account/passkeys/remove", data={"passkey": number, "password": PASSWORD})
    assert log_in(_client(app), device).location == "/login"
    with app.app_context():
        subjects = [mail.subject for mail in waiting("mara@example.com")]
        assert subjects.count("A passkey was removed") == 1


def test_the_passkey_of_somebody_disabled_signs_nobody_in(
    app: Flask, client: PortalClient, device: Device
) -> None:
    with app.app_context():
        people.disable_user("mara@example.com", datetime.now(UTC), force=True)
    assert log_in(client, device).location == "/login"


def test_a_passkey_is_the_second_step_of_its_own_person_alone(
    app: Flask, cast: Cast, mara: PortalClient, noor: PortalClient, device: Device
) -> None:
    with app.app_context(), write():
        for user in (cast.mara, cast.noor):
            sealed = seal(f"user {user.id}", pyotp.random_base32(), Use.AUTHENTICATOR)
            factors.add_authenticator(user.id, sealed, 0, datetime.now(UTC))
    for email, leads_to in (("noor", "/login/two-step"), ("mara", "/account")):
        browser = _client(app).with_csrf_token()
        data = {"email": f"{email}@example.com", "password": PASSWORD, "next": "/account", "remember": "y"}
        assert browser.post("/login", data=data).location == "/login/two-step"
        assert "Use a passkey" in browser.get("/login/two-step").text
        assert log_in(browser, device, second="1").location == leads_to
        assert ("Signed in with a password and a passkey" in browser.get("/account").text) == (
            email == "mara"
        )


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://jobs.example.com", Site("jobs.example.com", "https://jobs.example.com")),
        ("https://Jobs.Example.com:443/", Site("jobs.example.com", "https://jobs.example.com")),
        ("http://localhost:8000", Site("localhost", "http://localhost:8000")),
    ],
)
def test_a_passkey_is_for_the_host_that_people_reach(address: str, site: Site) -> None:
    assert site_at(address) == site


def test_a_passkey_is_for_the_public_address_where_there_is_one(app: Flask, settings: Settings) -> None:
    app.extensions["settings"] = replace(settings, public_url="https://jobs.example.com")
    with app.test_request_context(base_url="http://127.0.0.1"):
        assert site_at(site_address()).rp_id == "jobs.example.com"

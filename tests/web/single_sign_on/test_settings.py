"""The page on which an admin sets single sign-on up, and what it refuses."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pyotp
import pytest
from cryptography.fernet import Fernet
from dns.resolver import NoResolverConfiguration, Resolver
from flask import Flask
from sqlalchemy import select, text

from portal.actions.single_sign_on import domains
from portal.actions.single_sign_on import settings as provider_settings
from portal.actions.single_sign_on.provider import Deadline, Endpoints
from portal.actions.single_sign_on.recheck import recheck_domains
from portal.actions.sync.credentials import Use, seal
from portal.boards.dns_records import DnsSilent, txt_records
from portal.db import db, session, write
from portal.domain.people import Role
from portal.live.events import ThreadWatcher
from portal.models import AuditEntry, ExternalIdentity, LoginSession, MailDomain, SingleSignOn, User
from portal.models.base import utc_now
from portal.store.accounts import factors
from portal.web.live import RenderedSource
from tests.support.app import Cast, PortalClient, _client
from tests.support.dns_server import DnsServer
from tests.support.openid import CLIENT, SECRET, OpenIdProvider
from tests.support.signing_in import sign_in

PAGE = "/orgs/northwind/single-sign-on"
MANAGE = "/orgs/northwind/jobs/manage"
ON = {"is_on": "1", "role": "member"}


def typed(provider: OpenIdProvider, **changed: str) -> dict[str, str]:
    return {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET} | changed


def give_app(app: Flask, user: User) -> None:
    """Let somebody have an authenticator app."""
    with app.app_context(), write():
        sealed = seal(f"user {user.id}", pyotp.random_base32(), Use.AUTHENTICATOR)
        factors.add_authenticator(user.id, sealed, 0, datetime.now(UTC))


def test_an_admin_sets_it_up_and_the_secret_is_never_shown_again(
    app: Flask, mara: PortalClient, provider: OpenIdProvider, caplog: pytest.LogCaptureFixture
) -> None:
    assert "Set up the provider first." in mara.get(PAGE).text
    assert mara.post(PAGE, data=typed(provider)).location == PAGE
    assert mara.post(f"{PAGE}/check").location == PAGE
    page = mara.get(PAGE).text
    assert provider.issuer in page
    assert "http://localhost/login/sso/northwind/callback" in page
    assert SECRET not in page
    assert "canary" not in caplog.text
    with app.app_context():
        held = session().scalars(select(SingleSignOn)).one()
        assert b"canary" not in held.client_secret_ciphertext
        for table in db.metadata.tables:
            assert "canary" not in str(session().execute(text(f"SELECT * FROM {table}")).all())
    mara.post(PAGE, data=typed(provider, client_secret=""))  # the present one stays
    assert mara.post(f"{PAGE}/check").location == PAGE


def test_what_is_wrong_with_a_provider_is_said_plainly(mara: PortalClient, provider: OpenIdProvider) -> None:
    for changed, sentence in (
        ({"issuer": f"{provider.issuer}/other"}, "answered 404"),
        ({"issuer": "http://127.0.0.1:9/"}, "It refused the connection."),
        ({"issuer": "ftp://x.example"}, "Enter a whole address, such as https://example.com."),
        ({"client_id": " "}, "Enter the client ID."),
        ({"client_secret": ""}, "Enter the client secret."),
    ):
        answer = mara.post(PAGE, data=typed(provider, **changed))
        assert answer.status_code == 422
        assert sentence in answer.text, changed
    for document, sentence in (
        ({"issuer": "https://evil.example"}, "is of another issuer (https://evil.example)"),
        ({"id_token_signing_alg_values_supported": ["HS256", "none"]}, "signs its tokens with no public key"),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, "takes no client secret"),
        ({"jwks_uri": "file:///etc/passwd"}, "names no usable jwks_uri"),
    ):
        provider.document = document
        assert sentence in mara.post(PAGE, data=typed(provider)).text
    provider.document = {}
    assert mara.post(PAGE, data=typed(provider, client_secret="wrong")).location == PAGE
    answer = mara.post(f"{PAGE}/check")
    assert answer.status_code == 409
    assert "check client ID and client secret" in answer.text


def test_a_secret_is_not_sent_to_another_issuer_than_it_was_entered_for(
    mara: PortalClient, provider: OpenIdProvider
) -> None:
    mara.post(PAGE, data=typed(provider))
    with OpenIdProvider() as other:
        answer = mara.post(PAGE, data=typed(other, client_secret=""))
        assert "Enter the client secret." in answer.text
        assert other.asked == []


def test_a_secret_that_another_admin_saves_meanwhile_stays_with_its_issuer(
    app: Flask, northwind: Cast, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    discover = provider_settings.discover
    with OpenIdProvider() as other, app.app_context():

        def overtaken(issuer: str, deadline: Deadline) -> Endpoints:
            monkeypatch.setattr(provider_settings, "discover", discover)
            provider_settings.save(northwind.northwind.id, other.issuer, "other", "other-secret")
            return discover(issuer, deadline)

        monkeypatch.setattr(provider_settings, "discover", overtaken)
        with pytest.raises(provider_settings.FieldError, match="Enter the client secret"):
            provider_settings.save(northwind.northwind.id, provider.issuer, CLIENT, "")
        held = session().scalars(select(SingleSignOn)).one()
        assert (held.issuer, held.client_id) == (other.issuer, "other")


def test_a_provider_of_a_private_network_is_not_asked(
    app: Flask, mara: PortalClient, provider: OpenIdProvider
) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], providers_at_private_addresses=False)
    for issuer in (provider.issuer, "https://127.0.0.1/", "https://localhost", "https://169.254.169.254"):
        answer = mara.post(PAGE, data=typed(provider, issuer=issuer))
        assert answer.status_code == 422, issuer
    assert provider.asked == []


def test_a_domain_counts_once_dns_shows_the_record(app: Flask, mara: PortalClient, dns: DnsServer) -> None:
    mara.post(f"{PAGE}/domains", data={"domain": " @Example.COM. "})
    page = mara.get(PAGE).text
    value = page.split("jobs-portal-domain=")[1].split("<")[0]
    name = "_jobs-portal.example.com"
    assert name in page
    for records, broken, sentence in (
        ({}, set(), f"DNS has no TXT record {name} yet."),
        ({name: ["v=spf1 -all"]}, set(), "says something else: “v=spf1 -all”"),
        ({name: [f"jobs-portal-domain={value}x"]}, set(), "says something else"),
        ({}, {name}, "DNS gave no answer"),
    ):
        dns.records, dns.broken = records, broken
        answer = mara.post(f"{PAGE}/domains/1/check")
        assert (answer.status_code, sentence in answer.text) == (409, True), sentence
    dns.broken = set()
    dns.records = {name: ["v=spf1 -all", f"jobs-portal-domain={value}"]}
    assert mara.post(f"{PAGE}/domains/1/check").location == PAGE
    assert "Proved by DNS" in mara.get(PAGE).text
    with app.app_context():
        actions = session().scalars(select(AuditEntry.action).where(AuditEntry.about == "example.com")).all()
        assert actions == ["domain-added", "domain-proved"]


def test_a_machine_that_names_no_dns_server_says_that_dns_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Resolver, "read_resolv_conf", Mock(side_effect=NoResolverConfiguration))
    with pytest.raises(DnsSilent):
        txt_records("example.com")


def test_a_record_that_is_missing_is_shown_with_what_it_must_say(
    app: Flask, mara: PortalClient, dns: DnsServer
) -> None:
    mara.post(f"{PAGE}/domains", data={"domain": "example.com"})
    value = mara.get(PAGE).text.split("jobs-portal-domain=")[1].split("<")[0]
    dns.records = {"_jobs-portal.example.com": [f"jobs-portal-domain={value}"]}
    mara.post(f"{PAGE}/domains/1/check")
    assert value not in mara.get(PAGE).text
    records, dns.records = dns.records, {}
    with app.app_context():
        for day in range(1, 3):
            recheck_domains(utc_now() + timedelta(days=day, hours=day))
    page = mara.get(PAGE).text
    assert "Record missing" in page
    assert "2 days in a row" in page
    assert f"jobs-portal-domain={value}" in page
    assert mara.post(f"{PAGE}/domains/1/check").status_code == 409
    dns.records = records
    assert mara.post(f"{PAGE}/domains/1/check").location == PAGE
    assert "Record missing" not in mara.get(PAGE).text
    dns.records = {}
    with app.app_context():
        for day in range(10, 20):
            recheck_domains(utc_now() + timedelta(days=day, hours=day / 10))
    assert "Not proved yet" in mara.get(PAGE).text
    audit = " ".join(re.sub("<[^>]+>", " ", mara.get("/orgs/northwind/audit").text).split())
    assert "The portal Found a domain’s record gone for a week · example.com" in audit


def test_a_domain_is_of_one_organisation_and_its_record_proves_it_for_no_other(
    app: Flask, mara: PortalClient, otto: PortalClient, dns: DnsServer
) -> None:
    for client, org in ((mara, "northwind"), (otto, "cafe-nord")):
        client.post(f"/orgs/{org}/single-sign-on/domains", data={"domain": "example.com"})
    with app.app_context():
        proofs = session().scalars(select(MailDomain.proof).order_by(MailDomain.id)).all()
    name = "_jobs-portal.example.com"
    dns.records = {name: [f"jobs-portal-domain={proofs[0]}"]}
    assert "says something else" in otto.post("/orgs/cafe-nord/single-sign-on/domains/2/check").text
    assert otto.post("/orgs/cafe-nord/single-sign-on/domains/1/check").status_code == 404  # of Northwind
    assert mara.post(f"{PAGE}/domains/1/check").status_code == 303
    dns.records = {name: [f"jobs-portal-domain={proofs[1]}"]}
    answer = otto.post("/orgs/cafe-nord/single-sign-on/domains/2/check")
    assert "Another organisation has proved example.com already." in answer.text
    assert "orthwind" not in answer.text


def test_domains_that_belong_to_nobody_or_everybody_are_refused(mara: PortalClient) -> None:
    for typed, sentence in (
        ("gmail.com", "Anybody can have an address at gmail.com."),
        ("co.uk", "co.uk is a public suffix"),
        ("github.io", "github.io is a public suffix"),
        ("com", "Enter a domain"),
        ("a b.com", "Enter a domain"),
        ("-x.com", "Enter a domain"),
        ("127.0.0.1", "Enter a domain"),
        ("<script>.com", "Enter a domain"),
        ("", "Enter a domain"),
    ):
        answer = mara.post(f"{PAGE}/domains", data={"domain": typed})
        assert (answer.status_code, sentence in answer.text) == (422, True), typed
    mara.post(f"{PAGE}/domains", data={"domain": "bücher.example"})
    assert "xn--bcher-kva.example" in mara.get(PAGE).text
    again = mara.post(f"{PAGE}/domains", data={"domain": "bücher.example"})
    assert "is in the list already" in again.text


def test_the_operator_sets_and_removes_a_domain(app: Flask, cast: Cast) -> None:
    run = app.test_cli_runner().invoke
    assert "is proved" in run(args=["single-sign-on", "domain", "northwind", "Example.com"]).output
    taken = run(args=["single-sign-on", "domain", "cafe-nord", "example.com"])
    assert taken.exit_code == 1
    assert "is of “northwind”" in taken.output
    assert run(args=["single-sign-on", "domain", "northwind", "gmail.com"]).exit_code == 1
    assert (
        "is removed" in run(args=["single-sign-on", "domain", "northwind", "example.com", "--remove"]).output
    )
    assert run(args=["single-sign-on", "domain", "cafe-nord", "example.com"]).exit_code == 0
    assert run(args=["single-sign-on", "domain", "nowhere", "example.com"]).exit_code == 1


def test_it_is_switched_on_once_a_domain_is_proved(
    app: Flask, mara: PortalClient, provider: OpenIdProvider
) -> None:
    mara.post(PAGE, data=typed(provider))
    refused = mara.post(f"{PAGE}/access", data=ON)
    assert (refused.status_code, "Prove a domain first" in refused.text) == (409, True)
    with app.app_context():
        domains.set_by_operator("northwind", "example.com")
    assert mara.post(f"{PAGE}/access", data=ON | {"role": "owner", "creates_members": "1"}).location == PAGE
    with app.app_context():
        held = session().scalars(select(SingleSignOn)).one()
        assert (held.is_on, held.creates_members, held.role) == (True, True, Role.MEMBER)


@pytest.fixture
def required(app: Flask, northwind: Cast, provider: OpenIdProvider, mara: PortalClient) -> PortalClient:
    """Mara, who has two-step sign-in and has come in by it, requires it of Northwind's people."""
    give_app(app, northwind.mara)
    provider.be("mara@example.com")
    sign_in(_client(app), provider)
    assert mara.post(f"{PAGE}/access", data=ON | {"is_required": "1"}).location == PAGE
    return mara


def test_nobody_requires_it_who_would_lock_everybody_out(
    app: Flask, northwind: Cast, provider: OpenIdProvider, mara: PortalClient
) -> None:
    wanted = ON | {"is_required": "1"}
    assert "Sign in by single sign-on once yourself" in mara.post(f"{PAGE}/access", data=wanted).text
    provider.be("mara@example.com")
    sign_in(_client(app), provider)
    assert "Set up two-step sign-in for your own account" in mara.post(f"{PAGE}/access", data=wanted).text
    give_app(app, northwind.mara)
    assert mara.post(f"{PAGE}/access", data=wanted).location == PAGE


def test_a_password_reaches_it_no_more_but_that_of_an_admin_with_two_steps(
    app: Flask, required: PortalClient, cast: Cast, noor: PortalClient
) -> None:
    led = noor.get(f"{MANAGE}?q=x")
    assert led.location == "/login/sso/northwind?next=/orgs/northwind/jobs/manage?q%3Dx"
    assert noor.get("/").location == "/login/sso/northwind?next=/"
    for public in ("/orgs/northwind", "/orgs/northwind/jobs"):
        assert f'href="{MANAGE}"' in noor.get(public).text
    assert noor.get("/account").status_code == 200
    token = noor.post(
        "/account/tokens", data={"name": "x", "organisation": "1", "days": "7", "scope": "read"}
    )
    assert (token.status_code, "wants single sign-on" in token.text) == (422, True)
    assert required.get(MANAGE).status_code == 200  # a way in while the provider is away
    with app.app_context(), write():
        factors.delete_authenticator(cast.mara.id)
    assert required.get(MANAGE).status_code == 200  # no admin has two steps: none is locked out
    with app.app_context():
        provider_settings.require_no_longer("northwind")
    assert noor.get(MANAGE).status_code == 200


def test_open_streams_end_of_who_does_not_come_in_by_it(
    app: Flask, northwind: Cast, provider: OpenIdProvider, required: PortalClient, noor: PortalClient
) -> None:
    provider.be("noor@example.com")
    sign_in(_client(app), provider)
    with app.app_context():
        logins = {
            (user, membership is not None): login
            for login, user, membership in session().execute(
                select(LoginSession.id, LoginSession.user_id, LoginSession.membership_id)
            )
        }
    watchers = []
    for (user, _), login in logins.items():
        watchers.append(ThreadWatcher(northwind.northwind.id, login))
        watchers[-1].is_admin = user == northwind.mara.id
    elsewhere = ThreadWatcher(northwind.cafe.id, logins[northwind.noor.id, True])
    source = RenderedSource(app)
    assert source.allowed(watchers) == set(logins.values()) - {logins[northwind.noor.id, False]}
    assert source.allowed([elsewhere]) == set()


def test_with_the_last_domain_it_is_required_no_longer(
    app: Flask, required: PortalClient, noor: PortalClient
) -> None:
    assert required.post(f"{PAGE}/domains/1/remove").location == PAGE
    assert noor.get(MANAGE).status_code == 200


def test_another_provider_forgets_whom_the_former_one_named(
    app: Flask, northwind: Cast, provider: OpenIdProvider, mara: PortalClient
) -> None:
    sign_in(_client(app), provider)
    mara.post(PAGE, data=typed(provider, client_id="another"))
    with app.app_context():
        assert session().scalars(select(ExternalIdentity)).all() == []


def test_credential_keys_are_rotated_for_client_secrets_too(app: Flask, northwind: Cast) -> None:
    former = app.extensions["settings"]
    newest = Fernet.generate_key().decode()
    app.extensions["settings"] = replace(former, credential_keys=(newest, *former.credential_keys))
    assert "Encrypted 1 key" in app.test_cli_runner().invoke(args=["credentials", "rotate"]).output
    app.extensions["settings"] = replace(former, credential_keys=(newest,))
    with app.app_context():
        held = session().scalars(select(SingleSignOn)).one()
        assert provider_settings.client_of(held, "").secret == SECRET

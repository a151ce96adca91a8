"""Plain forms that come too late: what was typed is carried through the sign-in, and sent by a button."""

import re
from datetime import UTC, datetime
from io import BytesIO

import pyotp
import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from werkzeug.datastructures import FileStorage, MultiDict

from portal.actions.sync.credentials import Use, seal
from portal.config import REPOSITORY
from portal.db import session, write
from portal.models import Job, LoginSession, OneTimeLink, Organisation, User
from portal.store.accounts import factors
from portal.web.accounts.unsent import CARRIERS, LONGEST, SECRET
from portal.web.extensions import is_exempt_from_csrf, masked
from portal.web.permissions import POLICIES, Policy
from tests.support.app import HTMX, PASSWORD, Cast, PortalClient, _client
from tests.support.passkeys import Device
from tests.support.rules import address, rules
from tests.support.unsent import FROM_HERE, STILL_HERE, filled, form_to, send, sign_in

NEW = "/orgs/northwind/jobs/new"
PEOPLE = "/orgs/northwind/people"
HOSTILE = "<script>alert(1)</script>\"'&\r\n‮ 日本 🛠"
TYPED = {"title": "Welder", "location": HOSTILE, "description": "One\r\n\r\nTwo", "visibility": "hidden"}


def give_app(app: Flask, user: User) -> str:
    """Give somebody an authenticator app, and return its key."""
    key = pyotp.random_base32()
    with app.app_context(), write():
        sealed = seal(f"user {user.id}", key, Use.AUTHENTICATOR)
        factors.add_authenticator(user.id, sealed, 0, datetime.now(UTC))
    return key


def jobs(app: Flask) -> list[Job]:
    with app.app_context():
        return list(session().scalars(select(Job)))


def test_what_was_typed_is_shown_after_signing_in_and_saved_once_it_is_sent_again(
    app: Flask, client: PortalClient, cast: Cast
) -> None:
    asked = send(client, NEW, TYPED)
    assert asked.status_code == 403
    assert "You were signed out before this was sent." in asked.text
    shown = sign_in(client, asked)
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")
    assert STILL_HERE in shown.text
    assert (
        f'<code class="typed">{NEW}</code>, from <strong class="typed">mara@example.com</strong>'
        in shown.text
    )
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown.text
    assert "<script>alert" not in asked.text + shown.text
    assert jobs(app) == []
    fields = form_to(NEW, shown)
    assert {name: fields[name] for name in TYPED} == TYPED
    saved = send(client, NEW, fields)
    assert saved.status_code == 303, saved.text
    [job] = jobs(app)
    assert (job.title, job.visibility) == ("Welder", "hidden")
    assert str(job.location).startswith("<script>alert(1)</script>")


def test_every_form_of_the_portal_keeps_what_was_typed(
    app: Flask, client: PortalClient, mara: PortalClient
) -> None:
    """Who is signed out is asked to sign in, and who has only an old token may send it again at once."""
    of_people = {Policy.PUBLIC, Policy.SIGNED_IN, Policy.MEMBER, Policy.ADMIN}
    tried = 0
    for rule, verb in rules(app):
        policy, leads_in = POLICIES[rule.endpoint], CARRIERS | {"auth.logout", "passkeys.sign_in_options"}
        if verb != "POST" or policy not in of_people or rule.endpoint in leads_in:
            continue
        if is_exempt_from_csrf(rule.endpoint):
            continue
        path = address(rule, "northwind")
        if policy is not Policy.PUBLIC:
            asked = send(client, path, {"typed": "a & b"})
            assert asked.status_code == 403, rule.rule
            assert form_to("/login", asked)["unsent:typed"] == "a & b", rule.rule
        shown = send(mara, path, {"typed": "a & b"})
        assert shown.status_code == 400, rule.rule
        assert form_to(path, shown)["typed"] == "a & b", rule.rule
        tried += 1
    assert tried > 80


def test_signing_out_twice_is_signing_out(client: PortalClient, mara: PortalClient) -> None:
    assert send(client, "/logout", {}).location == "/login"
    shown = send(mara, "/logout", {})
    assert send(mara, "/logout", form_to("/logout", shown)).location == "/login"


def test_all_values_of_one_name_are_kept(client: PortalClient, cast: Cast) -> None:
    fields = MultiDict([("jobs", "1"), ("jobs", "2"), ("field", "location"), ("value", "")])
    path = "/orgs/northwind/jobs/bulk/confirm"
    shown = sign_in(client, send(client, path, fields))
    sent = form_to(path, shown)
    assert (sent.getlist("jobs"), sent["value"]) == (["1", "2"], "")
    assert "Left empty: Value." in shown.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "https://localhost"},
        {"Origin": "http://localhost:99999999"},
        {"Referer": f"http://localhost{NEW}"},
    ],
    ids=str,
)
def test_nothing_is_kept_of_what_does_not_come_from_a_page_of_the_portal(
    client: PortalClient, cast: Cast, headers: dict[str, str]
) -> None:
    asked = send(client, NEW, TYPED, headers)
    assert (asked.status_code, asked.location.split("?")[0]) == (303, "/login")
    carried = {"unsent-to": NEW, "unsent:title": "Mine", "email": "mara@example.com"}
    for path in ("/login", "/login/unsent", "/login/two-step", "/login/passkey"):
        refused = send(client, path, carried, headers)
        assert refused.status_code == 400
        assert "Mine" not in refused.text
    signed_in = _client(client.application).become(cast.mara)
    refused = send(signed_in, NEW, TYPED, headers)
    assert refused.status_code == 400
    assert "This page was open for too long" in refused.text
    assert "Welder" not in refused.text


def test_a_browser_that_names_only_the_origin_is_believed(client: PortalClient, cast: Cast) -> None:
    assert "unsent:title" in send(client, NEW, TYPED, {"Origin": "http://localhost"}).text


def test_scripts_hear_what_they_always_heard(client: PortalClient, mara: PortalClient) -> None:
    assert send(client, NEW, TYPED, FROM_HERE | HTMX).headers["HX-Redirect"] == "/login"
    assert client.post(NEW, json=TYPED, headers=FROM_HERE).location == "/login"
    refused = send(mara, NEW, TYPED, FROM_HERE | HTMX)
    assert refused.status_code == 400
    assert "toast-note" in refused.text


def test_where_only_the_token_is_old_it_can_be_sent_again_at_once(app: Flask, mara: PortalClient) -> None:
    shown = send(mara, NEW, TYPED)
    assert shown.status_code == 400
    assert STILL_HERE in shown.text
    assert jobs(app) == []
    assert send(mara, NEW, form_to(NEW, shown)).status_code == 303
    assert [job.title for job in jobs(app)] == ["Welder"]


def test_the_page_is_there_again_when_it_is_reloaded_or_gone_back_to(
    app: Flask, client: PortalClient, cast: Cast
) -> None:
    login = form_to("/login", send(client, NEW, TYPED))
    login = filled(login, email="mara@example.com", password=PASSWORD)
    first = send(client, "/login", login)
    again = send(client, "/login", login)
    assert form_to(NEW, again).getlist("title") == form_to(NEW, first).getlist("title") == ["Welder"]
    assert send(client, NEW, form_to(NEW, again)).status_code == 303
    with app.app_context(), write() as writing:
        assert writing.scalar(select(func.count()).select_from(LoginSession)) == 1


def test_it_survives_wrong_passwords_and_old_login_pages(client: PortalClient, cast: Cast) -> None:
    asked = send(client, NEW, TYPED)
    wrong = sign_in(client, asked, password="wrong")
    assert wrong.status_code == 422
    old = sign_in(client, wrong, csrf_token=masked("old"))
    assert old.status_code == 400
    assert 'value="mara@example.com"' in old.text
    assert "This page was open for too long" in old.text
    assert STILL_HERE in sign_in(client, old).text


def test_who_signed_in_in_another_tab_goes_on(app: Flask, client: PortalClient, cast: Cast) -> None:
    carried = form_to("/login", send(client, NEW, TYPED))
    nobody = send(client, "/login/unsent", carried)
    assert "Nobody is signed in here yet." in nobody.text
    client.become(cast.noor)
    shown = send(client, "/login/unsent", form_to("/login", nobody))
    assert "noor@example.com" in shown.text
    refused = send(client, NEW, form_to(NEW, shown))  # judged as anything that Noor sends
    assert refused.status_code == 403
    assert jobs(app) == []


def test_another_organisation_is_the_one_that_never_existed(client: PortalClient, cast: Cast) -> None:
    asked = [send(client, f"/orgs/{org}/jobs/new", TYPED) for org in ("cafe-nord", "never-existed")]
    shown = sign_in(client, asked[0])
    assert (
        send(client, "/orgs/cafe-nord/jobs/new", form_to("/orgs/cafe-nord/jobs/new", shown)).status_code
        == 404
    )
    neither = [re.sub(r'cafe-nord|never-existed|csrf_token" value="[^"]+"', "", page.text) for page in asked]
    assert neither[0] == neither[1]


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example/orgs/northwind/jobs/new",
        "https://evil.example/orgs/northwind/jobs/new",
        "/\\evil.example",
        "javascript:alert(1)",
        "/orgs/northwind/jobs",
        "/orgs/../jobs/new",
        "/orgs/%2e%2e/jobs/new",
        "/orgs//northwind/jobs/new",
        "/nowhere",
        "/login",
        "/login/unsent",
        "/login/two-step",
        "/api/v1/orgs/northwind/sync",
        "/hooks/greenhouse/1",
        "/orgs/northwind/jobs/new\r\nX: y",
        "/orgs/northwind/jobs/new?" + "a" * 3000,
        "",
    ],
)
def test_an_address_that_no_form_of_the_portal_has_is_not_sent_to(
    client: PortalClient, cast: Cast, to: str
) -> None:
    carried = form_to("/login", send(client, NEW, TYPED))
    filled(carried, email="mara@example.com", password=PASSWORD)
    answer = send(client, "/login", filled(carried, **{"unsent-to": to}))
    assert (answer.status_code, answer.location) == (303, NEW)


def test_secrets_and_files_are_left_out_and_said(
    client: PortalClient, cast: Cast, mara: PortalClient
) -> None:
    typed = {"email": "new@example.com", "email_password": PASSWORD}
    asked = send(client, "/account/email", typed)
    shown = sign_in(client, asked)
    assert PASSWORD not in asked.text + shown.text
    assert "Not kept: Email password." in shown.text
    sent = form_to("/account/email", shown)
    assert (sent["email"], "email_password" in sent) == ("new@example.com", False)
    again = send(client, "/account/email", sent)
    assert 'value="new@example.com"' in again.text
    with_file = {"name": "Northwind", "logo": FileStorage(BytesIO(b"a picture"), "logo.png")}
    shown = send(mara, "/orgs/northwind/profile", with_file)
    assert "Not kept: Logo." in shown.text
    assert form_to("/orgs/northwind/profile", shown)["name"] == "Northwind"


def test_the_address_of_a_slack_channel_is_a_secret(mara: PortalClient) -> None:
    typed = {"name": "Channel", "address": "https://hooks.slack.com/services/T0/B0/secret", "event": "opened"}
    shown = send(mara, "/orgs/northwind/webhooks", typed)
    assert "Not kept: Address." in shown.text
    assert "hooks.slack.com" not in shown.text


def test_what_was_nothing_but_secrets_is_entered_once_more(mara: PortalClient) -> None:
    typed = {"current_password": PASSWORD, "password": "another pass phrase"}
    shown = send(mara, "/account/password", typed, FROM_HERE | {"Referer": "http://localhost/account"})
    assert "Not kept: Current password, Password." in shown.text
    assert "pass phrase" not in shown.text
    assert 'href="/account">Open the page again' in shown.text
    assert "Send again" not in shown.text


NAMED_SECRET = re.compile(
    r"(\w+): \w+ = PasswordField|(\w+) = (?:PasswordField|new_password|present_password|_proof)\("
    r'|name="(\w+)"[^>]*type="password"|type="password"[^>]*name="(\w+)"'
    r"|(\w+) = StringField\((?:(?!StringField).){0,400}?\"one-time-code\"",
    re.DOTALL,
)


def test_every_field_for_a_secret_has_a_name_that_is_never_carried() -> None:
    places = [*REPOSITORY.glob("portal/web/**/*.py"), *REPOSITORY.glob("templates/**/*.html")]
    found = {next(filter(None, match)) for path in places for match in NAMED_SECRET.findall(path.read_text())}
    assert found > {"password", "api_key", "client_secret", "code", "off_proof", "begin_password"}
    assert {name for name in found if not SECRET.search(name)} == set()


@pytest.mark.parametrize(
    "typed", [{"title": "x" * LONGEST}, {f"a{n}": "" for n in range(2_001)}], ids=["long", "many"]
)
def test_what_is_too_large_to_be_carried_is_answered_as_before(
    client: PortalClient, cast: Cast, mara: PortalClient, typed: dict[str, str]
) -> None:
    assert send(client, NEW, typed).status_code == 303
    assert send(mara, NEW, typed).status_code == 400


def test_what_is_larger_than_any_form_is_answered_as_before(client: PortalClient, cast: Cast) -> None:
    assert send(client, NEW, {"title": "x" * 3_000_000}).status_code == 303
    assert send(client, "/login", {"unsent:title": "x" * 3_000_000}).status_code == 413


def test_a_button_without_fields_asks_before_it_acts(client: PortalClient, cast: Cast) -> None:
    path = "/orgs/northwind/greenhouse/sync"
    shown = sign_in(client, send(client, path, {}))
    assert "Nothing was sent yet" in shown.text
    assert path in shown.text
    assert list(form_to(path, shown)) == ["csrf_token"]


def test_public_forms_with_an_old_token_keep_what_was_typed(
    app: Flask, client: PortalClient, cast: Cast
) -> None:
    shown = send(client, "/forgot", {"email": "mara@example.com"})
    assert shown.status_code == 400
    sent = send(client, "/forgot", form_to("/forgot", shown))
    assert "Look in your mail" in sent.text
    shown = send(client, "/login", {"email": "mara@example.com", "password": PASSWORD, "next": PEOPLE})
    assert (shown.status_code, PASSWORD in shown.text) == (400, False)
    assert sign_in(client, shown).location == PEOPLE
    assert send(client, "/login", {"email": "mara@example.com", "next": PEOPLE}).location == PEOPLE


def test_it_is_carried_through_the_second_step(app: Flask, client: PortalClient, cast: Cast) -> None:
    key = give_app(app, cast.mara)
    asked = sign_in(client, send(client, NEW, TYPED))
    assert "Enter a code" in asked.text
    assert asked.headers["Cache-Control"] == "no-store, no-transform"
    wrong = send(client, "/login/two-step", filled(form_to("/login/two-step", asked), code="0"))
    assert wrong.status_code == 422
    good = filled(form_to("/login/two-step", wrong), code=pyotp.TOTP(key).now())
    shown = send(client, "/login/two-step", good)
    assert STILL_HERE in shown.text
    assert "Not kept" not in shown.text
    assert send(client, NEW, form_to(NEW, shown)).status_code == 303
    assert [job.title for job in jobs(app)] == ["Welder"]


def test_a_second_step_that_took_too_long_begins_again_with_it(
    app: Flask, client: PortalClient, cast: Cast
) -> None:
    key = give_app(app, cast.mara)
    asked = sign_in(client, send(client, NEW, TYPED))
    with app.app_context(), write() as writing:
        writing.execute(delete(OneTimeLink))
    late = filled(form_to("/login/two-step", asked), code=pyotp.TOTP(key).now())
    again = send(client, "/login/two-step", late)
    assert "Sign in again." in again.text
    assert form_to("/login", again)["unsent:title"] == "Welder"
    old = send(_client(app), "/login/two-step", filled(late, csrf_token=masked("old")))
    assert form_to("/login", old)["unsent:title"] == "Welder"


def test_it_is_carried_through_a_passkey(
    app: Flask, client: PortalClient, cast: Cast, mara: PortalClient
) -> None:
    device = Device()
    asked = mara.post("/account/passkeys/options", data={"password": PASSWORD})
    mara.post("/account/passkeys", data={"answer": device.make(asked.json)})
    login = form_to("/login", send(client, NEW, TYPED))
    failed = send(client, "/login/passkey", filled(login, answer="nonsense"))
    login = form_to("/login", failed)
    options = client.with_csrf_token().post("/login/passkey/options").json
    shown = send(client, "/login/passkey", filled(login, answer=device.use(options)))
    assert STILL_HERE in shown.text
    assert form_to(NEW, shown)["title"] == "Welder"


def test_what_an_organisation_asks_for_first_is_done_beside_it(
    app: Flask, cast: Cast, mara: PortalClient
) -> None:
    with app.app_context(), write() as writing:
        writing.get_one(Organisation, cast.northwind.id).requires_two_step = True
    mara.environ_base.pop("HTTP_X_CSRFTOKEN")
    shown = send(mara, NEW, TYPED)
    assert shown.status_code == 403
    assert 'href="/account/two-step" target="_blank"' in shown.text
    give_app(app, cast.mara)
    assert send(mara, NEW, form_to(NEW, shown)).status_code == 303

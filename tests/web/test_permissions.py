"""Every rule, by every verb, asked by everybody: generated from the URL map, judged by the one table."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.actions.accounts import people
from portal.actions.accounts.tokens import make_token
from portal.db import session, write
from portal.domain.accounts.tokens import Scope
from portal.domain.people import Role
from portal.models import Edit, Job, LoginSession, Membership, Organisation, User
from portal.web.extensions import OWN_TOKENS, SIGNED_BLUEPRINTS, limiter, masked
from portal.web.permissions import POLICIES, Policy
from portal.web.single_sign_on.gate import OF_ANY_SIGN_IN
from portal.web.tokens.bearer import SCOPES
from tests.support.app import HTMX, Cast, MakeJob, PortalClient, _client
from tests.support.rules import UNSAFE, address, rules
from tests.support.site import site_admin_of
from tests.support.whole_database import everything_of, whole_database

NO_SESSION = {Policy.BEACON, Policy.TOKEN}
GUARDED = {Policy.MEMBER, Policy.ADMIN}
SENT = {"role": "member", "value": "Oslo", "version": "0", "name": "Mine", "page": "a"}
"""What passes for what many forms send."""
SITE_LISTS = ("organisations", "people", "log")


class Everybody(NamedTuple):
    """One browser for each kind of person."""

    signed_out: PortalClient
    member: PortalClient
    admin: PortalClient
    admin_elsewhere: PortalClient
    removed_member: PortalClient
    site_admin: PortalClient


@pytest.fixture
def everybody(
    app: Flask, cast: Cast, mara: PortalClient, noor: PortalClient, otto: PortalClient
) -> Everybody:
    with app.app_context():
        people.set_role("remi@example.com", "northwind", Role.MEMBER)
        people.remove_member("remi@example.com", "northwind")
    removed = _client(app).become(cast.remi)
    site_admin = site_admin_of(app, cast.sasha)
    return Everybody(_client(app).with_csrf_token(), noor, mara, otto, removed, site_admin)


def org_rules(app: Flask, *policies: Policy) -> list[tuple[Rule, str]]:
    found = [
        (rule, verb)
        for rule, verb in rules(app)
        if "org" in rule.arguments and POLICIES.get(rule.endpoint) in policies
    ]
    assert found
    return found


def ask(client: PortalClient, verb: str, path: str, headers: dict[str, str] | None = None) -> TestResponse:
    return client.open(path, method=verb, headers=headers)


def without_what_always_differs(response: TestResponse) -> tuple[int, str, list[tuple[str, str]]]:
    body = re.sub(r'("X-CSRFToken": |name="csrf_token" value=)"[^"]+"', "", response.text)
    headers = [
        (name, value) for name, value in response.headers if name not in ("Set-Cookie", "Content-Length")
    ]
    return response.status_code, body, headers


def test_every_route_states_its_policy(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} - POLICIES.keys() == set()


def test_every_policy_has_its_route(app: Flask) -> None:
    assert POLICIES.keys() - {rule.endpoint for rule in app.url_map.iter_rules()} == set()


def test_a_route_that_nobody_thought_of_answers_nobody(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert app.test_client().get("/forgotten").status_code == 404


def test_every_limit_stands_at_what_it_limits(app: Flask) -> None:
    limits = limiter.limit_manager
    assert limits.application_limits == limits.default_limits == []
    assert not any(limits.blueprint_limits(app, name) for name in app.blueprints)


def test_a_signed_out_visitor_is_sent_to_the_login_page_whether_or_not_there_is_anything(
    app: Flask, everybody: Everybody
) -> None:
    for rule, verb in org_rules(app, *GUARDED):
        for org in ("northwind", "never-existed"):
            answer = ask(everybody.signed_out, verb, address(rule, org))
            assert answer.status_code == 303, (verb, rule.rule)
            assert answer.location.split("?")[0] == "/login"
            partial = ask(everybody.signed_out, verb, address(rule, org), HTMX)
            assert partial.status_code == 204
            assert partial.headers["HX-Redirect"].split("?")[0] == "/login"


@pytest.mark.parametrize("who", ["admin_elsewhere", "removed_member", "site_admin"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_stranger_cannot_tell_an_organisation_from_one_that_never_existed_nor_change_it(
    app: Flask, cast: Cast, everybody: Everybody, who: str, headers: dict[str, str]
) -> None:
    stranger: PortalClient = getattr(everybody, who)
    with app.app_context():
        everything_of(cast)
        before = whole_database()
    for rule, verb in org_rules(app, *GUARDED):
        here = without_what_always_differs(ask(stranger, verb, address(rule, "northwind"), headers))
        never = without_what_always_differs(ask(stranger, verb, address(rule, "never-existed"), headers))
        assert here[0] == 404, (verb, rule.rule)
        assert here == never
    with app.app_context():
        assert whole_database() == before


def test_in_ones_own_organisation_what_belongs_to_another_is_what_never_existed(
    app: Flask, cast: Cast, everybody: Everybody
) -> None:
    with app.app_context():
        everything_of(cast)
        before = whole_database()
    named = [each for each in org_rules(app, *GUARDED) if each[0].arguments - {"org", "field"}]
    for rule, verb in named:
        theirs, never = (
            without_what_always_differs(everybody.admin_elsewhere.open(path, method=verb, data=SENT))
            for path in (address(rule, "cafe-nord"), address(rule, "cafe-nord", number="987654"))
        )
        assert theirs[0] in (303, 404, 422), (verb, rule.rule)
        assert theirs == never, (verb, rule.rule)
    with app.app_context():
        assert whole_database() == before


def test_a_page_of_ones_own_asks_who_is_signed_out_to_sign_in_and_is_there_for_everybody_else(
    app: Flask, everybody: Everybody
) -> None:
    for rule, verb in rules(app):
        if POLICIES[rule.endpoint] is not Policy.SIGNED_IN:
            continue
        path = address(rule, "northwind")
        assert ask(everybody.signed_out, verb, path).location.split("?")[0] == "/login", (verb, rule.rule)
        if verb == "GET":
            for client in everybody[1:]:
                assert ask(client, verb, path).status_code in (200, 303, 404), rule.rule


def test_pages_of_the_site_are_there_for_site_admins_alone(
    app: Flask, cast: Cast, everybody: Everybody
) -> None:
    of_site = [each for each in rules(app) if POLICIES[each[0].endpoint] is Policy.SITE_ADMIN]
    with app.app_context():
        before = whole_database()
    for rule, verb in of_site:
        path = address(rule, "northwind")
        for headers in ({}, HTMX):
            asked = ask(everybody.signed_out, verb, path, headers)
            assert asked.headers.get("HX-Redirect", asked.location).split("?")[0] == "/login"
            for name in ("member", "admin", "admin_elsewhere", "removed_member"):
                stranger = getattr(everybody, name)
                here = without_what_always_differs(ask(stranger, verb, path, headers))
                never = without_what_always_differs(ask(stranger, verb, "/ops/never-existed", headers))
                assert here == never, (verb, rule.rule, name)
    with app.app_context():
        assert whole_database() == before
    assert {ask(everybody.site_admin, "GET", f"/ops/{page}").status_code for page in SITE_LISTS} == {200}


def test_what_changes_something_lets_admins_through_to_what_they_sent(
    app: Flask, everybody: Everybody
) -> None:
    for rule, verb in org_rules(app, Policy.ADMIN):
        if verb in UNSAFE:
            answer = ask(everybody.admin, verb, address(rule, "northwind", number="987654"))
            assert answer.status_code < 500, (verb, rule.rule)
            assert answer.status_code not in (401, 403, 405), (verb, rule.rule)
            assert "/login" not in (answer.location or ""), (verb, rule.rule)


def test_a_sign_in_through_one_organisation_s_provider_reaches_no_other_one_no_account_and_not_the_site(
    app: Flask, cast: Cast
) -> None:
    mara = site_admin_of(app, cast.mara)
    assert mara.get("/ops/people").status_code == 200
    with app.app_context():
        people.set_role("mara@example.com", "cafe-nord", Role.ADMIN)
        own = select(Membership.id).filter_by(organisation_id=cast.northwind.id, user_id=cast.mara.id)
        with write() as current:
            current.execute(update(LoginSession).values(membership_id=own.scalar_subquery()))
    for rule, verb in org_rules(app, *GUARDED):
        here = without_what_always_differs(ask(mara, verb, address(rule, "cafe-nord")))
        assert here[0] == 404, (verb, rule.rule)
        assert here == without_what_always_differs(ask(mara, verb, address(rule, "never-existed")))
    for rule, verb in rules(app):
        if POLICIES[rule.endpoint] is Policy.SIGNED_IN and rule.endpoint not in OF_ANY_SIGN_IN:
            assert ask(mara, verb, address(rule, "northwind")).status_code == 403, (verb, rule.rule)
    assert mara.get("/orgs/northwind/people").status_code == 200
    assert {mara.get(f"/ops/{page}").status_code for page in SITE_LISTS} == {404}


def test_a_member_is_told_that_only_admins_change_things(app: Flask, everybody: Everybody) -> None:
    for rule, verb in org_rules(app, Policy.ADMIN):
        answer = ask(everybody.member, verb, address(rule, "northwind"))
        assert answer.status_code == 403, (verb, rule.rule)
        assert verb == "HEAD" or "Only admins can do this" in answer.text


def test_members_and_admins_get_in(app: Flask, everybody: Everybody) -> None:
    for rule, verb in org_rules(app, *GUARDED):
        if verb != "GET" or rule.endpoint == "live.events":
            continue
        admitted = [everybody.admin]
        if POLICIES[rule.endpoint] is Policy.MEMBER:
            admitted.append(everybody.member)
        for client in admitted:
            answer = ask(client, verb, address(rule, "northwind"))
            about_the_thing = answer.status_code == 404 and rule.arguments > {"org"}
            assert answer.status_code in (200, 303) or about_the_thing, (verb, rule.rule)


def test_public_pages_answer_everybody(app: Flask, everybody: Everybody) -> None:
    for rule, verb in org_rules(app, Policy.PUBLIC):
        statuses = {ask(client, verb, address(rule, "northwind")).status_code for client in everybody}
        is_there = "job_id" not in rule.arguments and rule.endpoint != "profile.logo"
        assert statuses == {200 if is_there else 404}, rule.rule


def test_no_unsafe_route_works_without_a_csrf_token(app: Flask, everybody: Everybody) -> None:
    for client in everybody:
        client.environ_base.pop("HTTP_X_CSRFTOKEN")
    stolen = masked("somebody else's")
    form = {"csrf_token": stolen}
    for rule, verb in rules(app):
        may = everybody.site_admin if POLICIES[rule.endpoint] is Policy.SITE_ADMIN else everybody.admin
        blueprint = rule.endpoint.partition(".")[0]
        is_signed = blueprint in SIGNED_BLUEPRINTS or POLICIES[rule.endpoint] in NO_SESSION
        if verb in UNSAFE and not is_signed:
            for given in (
                {},
                {"headers": HTMX},
                {"headers": {**HTMX, "X-CSRFToken": stolen}},
                {"data": form},
            ):
                answer = may.open(address(rule, "northwind"), method=verb, **given)
                # that form has a token of its own, and no session
                refused = (400, 404) if rule.endpoint in OWN_TOKENS else (400,)
                assert answer.status_code in refused, (verb, rule.rule)


def with_token(cast: Cast, user: User, scopes: Iterable[Scope], org: Organisation) -> dict[str, str]:
    _, sent = make_token(user.id, org.id, "matrix", list(scopes), 7)
    return {"Authorization": f"Bearer {sent}"}


@pytest.mark.parametrize("scope", Scope)
def test_a_token_does_what_its_scope_says_and_nothing_else_whoever_made_it(
    app: Flask, cast: Cast, client: PortalClient, scope: Scope
) -> None:
    with app.app_context():
        headers = with_token(cast, cast.mara, [scope], cast.northwind)
    personal = (Policy.SIGNED_IN, Policy.SITE_ADMIN)
    own = [(rule, verb) for rule, verb in rules(app) if POLICIES[rule.endpoint] in personal]
    for rule, verb in org_rules(app, *Policy) + own:
        path = address(rule, "northwind")
        answer = ask(client, verb, path, headers)
        if rule.endpoint in SCOPES and SCOPES[rule.endpoint] != scope:
            assert answer.status_code == 403, (verb, rule.rule)
        elif rule.endpoint in SCOPES:
            assert answer.status_code not in (401, 403), (verb, rule.rule)
            assert answer.headers["Cache-Control"] == "no-store"
        else:
            assert answer.status_code == ask(client, verb, path).status_code, (verb, rule.rule)


def test_a_members_token_and_one_of_another_organisation_change_nothing(
    app: Flask, cast: Cast, client: PortalClient, make_job: MakeJob
) -> None:
    job = make_job()
    with app.app_context():
        people.set_role("noor@example.com", "northwind", Role.ADMIN)
        noors = with_token(cast, cast.noor, Scope, cast.northwind)
        people.set_role("noor@example.com", "northwind", Role.MEMBER)
        ottos = with_token(cast, cast.otto, Scope, cast.cafe)
    for verb, path in (("PATCH", f"jobs/{job}"), ("POST", "sync")):
        asked = {"method": verb, "json": {"title": "Mine"}}
        assert client.open(f"/api/v1/orgs/northwind/{path}", headers=noors, **asked).status_code == 403
        here, never = (
            client.open(f"/api/v1/orgs/{org}/{path}", headers=ottos, **asked)
            for org in ("northwind", "never-existed")
        )
        assert here.status_code == 404
        assert without_what_always_differs(here) == without_what_always_differs(never)
    with app.app_context():
        assert session().get_one(Job, job).title == "Welder"
        assert session().scalar(select(func.count(Edit.id))) == 0


@pytest.mark.parametrize("number", [2**63, 2**200])
def test_a_number_that_no_database_holds_is_an_address_of_nothing(everybody: Everybody, number: int) -> None:
    for client in everybody:
        assert client.get(f"/orgs/northwind/jobs/{number}").status_code == 404


@pytest.mark.parametrize("slug", ["NORTHWIND", "north%00wind", "north%20wind", "%E2%98%83", "'--", "a" * 300])
def test_an_odd_address_is_one_that_never_existed(everybody: Everybody, slug: str) -> None:
    for client in everybody:
        assert client.get(f"/orgs/{slug}/jobs").status_code == 404


def test_a_text_that_no_database_holds_is_an_address_of_nothing(app: Flask, mara: PortalClient) -> None:
    """PostgreSQL refuses to look for a NUL; that is found out before any view asks it."""
    looked_for = [
        (verb, re.sub(r"<(?!int:|org>)[^>]+>", "%00", rule.rule).replace("<org>", "northwind"))
        for rule, verb in rules(app)
        if POLICIES.get(rule.endpoint) not in (None, Policy.OPS, Policy.HOOK, Policy.SITE_ADMIN)
    ]
    asked = {(verb, re.sub(r"<int:[^>]+>", "1", path)) for verb, path in looked_for if "%00" in path}
    assert ("GET", "/login/sso/%00") in asked
    found = {each: ask(mara, *each).status_code for each in sorted(asked)}
    assert set(found.values()) == {404}, found

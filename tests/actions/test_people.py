"""Organisations and people, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from portal.actions import people
from portal.actions.organisations import create_organisation
from portal.actions.passwords import WeakPassword, check_password
from portal.actions.people import PeopleError
from portal.actions.sign_in import hash_token, sign_in, signed_in
from portal.models import Role, User
from portal.store import members
from portal.store.transactions import write
from tests.fixtures.app import PASSWORD, Cast


@pytest.fixture(autouse=True)
def within(app: Flask):  # type: ignore[no-untyped-def]
    with app.app_context():
        yield


@pytest.mark.parametrize(
    ("name", "slug"), [("Café Nord", "cafe-nord"), ("  A & B, Ltd. ", "a-b-ltd"), ("x" * 80, "x" * 63)]
)
def test_an_organisations_address_comes_from_its_name(name: str, slug: str) -> None:
    assert create_organisation(name).slug == slug


@pytest.mark.parametrize(("name", "slug"), [("", None), ("x" * 121, None), ("日本", None), ("A", "Not OK")])
def test_an_organisation_that_cannot_be_is_said_in_words(name: str, slug: str | None) -> None:
    with pytest.raises(PeopleError):
        create_organisation(name, slug)


def test_no_two_organisations_share_an_address(cast: Cast) -> None:
    with pytest.raises(PeopleError, match="already"):
        create_organisation("Other", "northwind")


def test_an_address_that_a_database_cannot_hold_is_nobodys(cast: Cast) -> None:
    assert sign_in("mara\0@example.com", PASSWORD, datetime.now(UTC)) is None


def test_somebody_created_signs_in(cast: Cast) -> None:
    people.create_user(" Ada@Example.com ", "northwind", Role.ADMIN, PASSWORD)
    token = sign_in("ada@example.com", PASSWORD, datetime.now(UTC))
    assert token is not None
    row = signed_in(token, datetime.now(UTC))
    assert row is not None
    assert row.email == "ada@example.com"


def test_nobody_is_created_twice_nor_half(cast: Cast) -> None:
    with pytest.raises(PeopleError, match="exists already"):
        people.create_user("mara@example.com", "cafe-nord", Role.ADMIN, PASSWORD)
    with pytest.raises(PeopleError, match="no organisation"):
        people.create_user("ada@example.com", "nowhere", Role.ADMIN, PASSWORD)
    assert members.user_by_email("ada@example.com") is None


def test_a_role_can_be_given_changed_and_taken(cast: Cast) -> None:
    people.set_role("sasha@example.com", "northwind", Role.MEMBER)
    people.set_role("sasha@example.com", "northwind", Role.ADMIN)
    place = members.place_in("northwind", cast.sasha.id)
    assert place is not None
    assert place.membership is not None
    assert place.membership.role == Role.ADMIN
    people.remove_member("sasha@example.com", "northwind")
    with pytest.raises(PeopleError, match="is not in"):
        people.remove_member("sasha@example.com", "northwind")


def test_a_disabled_person_stays_out(cast: Cast) -> None:
    people.disable_user("mara@example.com", datetime.now(UTC), force=True)
    assert sign_in("mara@example.com", PASSWORD, datetime.now(UTC)) is None


@pytest.mark.parametrize(
    "email", ["", "mara", "mara@", "@example.com", "a b@example.com", "x" * 250 + "@e.com"]
)
def test_an_address_that_is_none_is_refused(cast: Cast, email: str) -> None:
    with pytest.raises(PeopleError):
        people.create_user(email, "northwind", Role.ADMIN, PASSWORD)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "x" * 129,
        "1234567890",
        "Password123",
        "aaaaaaaaaaaaaa",
        "northwind-labs",
        "Northwind Labs 2026!",
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        check_password(password, ("mara@example.com", "Northwind Labs", "northwind-labs"))


@pytest.mark.parametrize(
    "password", ["correct horse battery", " spaces kept ", "ünïcødé wörds", "🌬️" * 5 + "abcdef", "x1y2" * 32]
)
def test_any_other_password_is_taken_as_it_is(cast: Cast, password: str) -> None:
    people.set_password("mara@example.com", password)
    now = datetime.now(UTC)
    assert sign_in("mara@example.com", password, now) is not None
    assert sign_in("mara@example.com", password + " ", now) is None
    assert sign_in("mara@example.com", password.swapcase() + "x", now) is None


@pytest.mark.parametrize("slug", ["northwind", "cafe-nord", "nowhere", "NOT A SLUG"])
@pytest.mark.parametrize("state", ["signed in", "signed out", "disabled", "run out"])
def test_who_somebody_is_and_where_is_the_same_however_it_is_asked(cast: Cast, slug: str, state: str) -> None:
    now = datetime.now(UTC)
    token = sign_in(cast.mara.email, PASSWORD, now)
    assert token is not None
    if state == "disabled":
        with write() as writing:
            writing.get_one(User, cast.mara.id).disabled_at = now
    asked_at = now + timedelta(days=99) if state == "run out" else now
    known = hash_token("nonsense" if state == "signed out" else token)
    found, place = members.visit_of(known, slug, asked_at)
    apart = members.sign_in_of(known, asked_at)
    place_apart = members.place_in(slug, apart.user_id if apart else None)
    assert (found and vars(found)) == (apart and vars(apart))
    assert (found is not None) == (state == "signed in")
    assert (place and place.organisation.id) == (place_apart and place_apart.organisation.id)
    roles = [each.membership.role if each and each.membership else None for each in (place, place_apart)]
    assert roles[0] == roles[1] == ("admin" if state == "signed in" and slug == "northwind" else None)

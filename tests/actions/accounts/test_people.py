"""Organisations and people, on both databases where one of them could answer otherwise."""

import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask

from portal.actions.accounts import passwords, people
from portal.actions.accounts.organisations import create_organisation
from portal.actions.accounts.passwords import WeakPassword, check_password
from portal.actions.accounts.people import PeopleError
from portal.actions.accounts.sign_in import hash_token, sign_in, signed_in
from portal.db import db, write
from portal.domain.people import Role
from portal.models import User
from portal.store import people as people_store
from tests.support.app import PASSWORD, Cast
from tests.support.databases import on_sqlite
from tests.support.processes import wait_until

pytestmark = pytest.mark.usefixtures("in_app")


@on_sqlite
@pytest.mark.parametrize(
    ("name", "slug"), [("Café Nord", "cafe-nord"), ("  A & B, Ltd. ", "a-b-ltd"), ("x" * 80, "x" * 63)]
)
def test_an_organisations_address_comes_from_its_name(name: str, slug: str) -> None:
    assert create_organisation(name).slug == slug


@on_sqlite
@pytest.mark.parametrize(("name", "slug"), [("", None), ("x" * 121, None), ("日本", None), ("A", "Not OK")])
def test_an_organisation_that_cannot_be_is_said_in_words(name: str, slug: str | None) -> None:
    with pytest.raises(PeopleError):
        create_organisation(name, slug)


def test_no_two_organisations_share_an_address(cast: Cast) -> None:
    with pytest.raises(PeopleError, match="already"):
        create_organisation("Other", "northwind")


def test_of_two_that_look_alike_and_are_made_at_once_one_is_made(app: Flask, cast: Cast) -> None:
    def make(name: str) -> bool:
        with app.app_context():
            try:
                create_organisation(name)
            except PeopleError:
                return False
            return True

    names = ["Modern Mill", "Modem Mill", "Modern-Mill", "mоdern mill"]
    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(make, names)) == [False, False, False, True]


def test_an_address_that_a_database_cannot_hold_is_nobodys(cast: Cast) -> None:
    assert sign_in("mara\0@example.com", PASSWORD, datetime.now(UTC)) is None


@on_sqlite
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
    assert people_store.user_by_email("ada@example.com") is None


@on_sqlite
def test_a_role_can_be_given_changed_and_taken(cast: Cast) -> None:
    people.set_role("sasha@example.com", "northwind", Role.MEMBER)
    people.set_role("sasha@example.com", "northwind", Role.ADMIN)
    place = people_store.access_to("northwind", cast.sasha.id)
    assert place is not None
    assert place.membership is not None
    assert place.membership.role == Role.ADMIN
    people.remove_member("sasha@example.com", "northwind")
    with pytest.raises(PeopleError, match="is not in"):
        people.remove_member("sasha@example.com", "northwind")


@on_sqlite
def test_a_disabled_person_stays_out(cast: Cast) -> None:
    people.disable_user("mara@example.com", datetime.now(UTC), force=True)
    assert sign_in("mara@example.com", PASSWORD, datetime.now(UTC)) is None


@on_sqlite
@pytest.mark.parametrize(
    "email", ["", "mara", "mara@", "@example.com", "a b@example.com", "x" * 250 + "@e.com"]
)
def test_an_address_that_is_none_is_refused(cast: Cast, email: str) -> None:
    with pytest.raises(PeopleError):
        people.create_user(email, "northwind", Role.ADMIN, PASSWORD)


@on_sqlite
@pytest.mark.parametrize(
    "password",
    [
        "short",
        "seven c",
        "x1y2" * 32 + "z",
        "x1y2" + "\N{COMBINING ACUTE ACCENT}" * 100_000,
        "half a \ud83d character",
        "1234567890",
        "qwertyui",
        "Password123",
        "aaaaaaaaaaaaaa",
        "northwind-labs",
        "Northwind Labs 2026!",
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        check_password(password, ("mara@example.com", "Northwind Labs", "northwind-labs"))


@on_sqlite
@pytest.mark.parametrize(
    "password",
    ["8 chars!", "correct horse battery", " spaces kept ", "ünïcødé wörds", "🌬️" * 5 + "abcdef", "x1y2" * 32],
)
def test_any_other_password_is_taken_as_it_is(cast: Cast, password: str) -> None:
    people.set_password("mara@example.com", password)
    now = datetime.now(UTC)
    assert sign_in("mara@example.com", password, now) is not None
    assert sign_in("mara@example.com", password + " ", now) is None
    assert sign_in("mara@example.com", password.swapcase() + "x", now) is None


ACCENTED = "Grüße aus dem Café"
DECOMPOSED = unicodedata.normalize("NFD", ACCENTED)
NO_BREAK = ACCENTED.replace(" ", "\N{NO-BREAK SPACE}")


@on_sqlite
@pytest.mark.parametrize("chosen", [ACCENTED, DECOMPOSED, NO_BREAK])
def test_a_password_is_the_same_however_a_keyboard_spells_it(cast: Cast, chosen: str) -> None:
    people.set_password("mara@example.com", chosen)
    for typed in (ACCENTED, DECOMPOSED, NO_BREAK):
        assert sign_in("mara@example.com", typed, datetime.now(UTC)) is not None
    assert sign_in("mara@example.com", ACCENTED.replace("ß", "ss"), datetime.now(UTC)) is None


@on_sqlite
def test_what_was_hashed_as_typed_still_matches_and_is_hashed_anew(cast: Cast) -> None:
    with write() as writing:
        writing.get_one(User, cast.mara.id).password_hash = PasswordHasher().hash(DECOMPOSED)
    assert sign_in("mara@example.com", ACCENTED, datetime.now(UTC)) is None
    assert sign_in("mara@example.com", DECOMPOSED, datetime.now(UTC)) is not None
    assert sign_in("mara@example.com", ACCENTED, datetime.now(UTC)) is not None


@on_sqlite
@pytest.mark.parametrize("typed", ["wrong password", DECOMPOSED])
def test_as_much_is_hashed_for_an_unknown_address_as_for_a_known_one(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(passwords, "_matches", lambda _, password: bool(hashed.append(password)))
    counts = set()
    for email in ("mara@example.com", "nobody@example.com"):
        hashed.clear()
        assert sign_in(email, typed, datetime.now(UTC)) is None
        counts.add(len(hashed))
    assert counts == {len({typed, unicodedata.normalize("NFC", typed)})}


HASHING: dict[str, Callable[[], object]] = {
    "sign in": lambda: sign_in("mara@example.com", PASSWORD, datetime.now(UTC)),
    "set a password": lambda: people.set_password("mara@example.com", "another long pass phrase"),
    "create somebody": lambda: people.create_user("ada@example.com", "northwind", Role.ADMIN, PASSWORD),
}


@on_sqlite
@pytest.mark.parametrize("hashes", HASHING.values(), ids=HASHING)
def test_who_waits_to_hash_holds_no_connection(app: Flask, cast: Cast, hashes: Callable[[], object]) -> None:
    def hash_in_a_thread() -> object:
        with app.app_context():
            return hashes()

    with ThreadPoolExecutor(1) as threads, ExitStack() as busy:
        for _ in range(passwords.HASHES_AT_ONCE):
            busy.enter_context(passwords.hashing())
        db.session.remove()
        places = passwords._waiting._value
        waiting = threads.submit(hash_in_a_thread)
        wait_until(lambda: passwords._waiting._value < places, "the thread to wait")
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        busy.close()
        assert waiting.result() or hashes is HASHING["set a password"]


@on_sqlite
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
    found, place = people_store.sign_in_and_access(known, slug, asked_at)
    apart = people_store.sign_in_of(known, asked_at)
    place_apart = people_store.access_to(slug, apart.user_id if apart else None)
    assert (found and vars(found)) == (apart and vars(apart))
    assert (found is not None) == (state == "signed in")
    assert (place and place.organisation.id) == (place_apart and place_apart.organisation.id)
    roles = [each.membership.role if each and each.membership else None for each in (place, place_apart)]
    assert roles[0] == roles[1] == ("admin" if state == "signed in" and slug == "northwind" else None)

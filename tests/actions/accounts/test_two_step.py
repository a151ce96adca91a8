"""Codes of authenticator apps and recovery codes, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import update

from portal.actions.accounts import people, two_step
from portal.actions.accounts.invitations import LinkGone
from portal.actions.accounts.people import PeopleError
from portal.actions.accounts.second_step import finish_with_code
from portal.actions.accounts.sign_in import USUAL, SecondStepNeeded, sign_in, signed_in
from portal.actions.accounts.two_step import WrongCode, code_hash
from portal.actions.sync.credentials import UnreadableCredential, Use, open_sealed, rotate, seal
from portal.db import db, end_read, session, write
from portal.models import Authenticator
from portal.store.accounts import factors
from tests.support.app import PASSWORD, Cast
from tests.support.databases import on_sqlite
from tests.support.letters import waiting

SECRET = pyotp.random_base32()
NOW = datetime(2026, 11, 28, 12, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)
RECOVERY = "abcd-efgh-jkmn-pqrs"


@pytest.fixture(autouse=True)
def with_app(app: Flask, cast: Cast):  # type: ignore[no-untyped-def]
    """Mara has an app, and one recovery code."""
    with app.app_context():
        with write():
            sealed = seal(f"user {cast.mara.id}", SECRET, Use.AUTHENTICATOR)
            factors.add_authenticator(cast.mara.id, sealed, 0, NOW)
            factors.replace_recovery_codes(cast.mara.id, [code_hash(cast.mara.id, RECOVERY)])
        yield


def code(at: datetime = NOW) -> str:
    return pyotp.TOTP(SECRET).at(at)


def pending(now: datetime = NOW) -> str:
    """Mara's password was right: the token of what waits for a code."""
    with pytest.raises(SecondStepNeeded) as needed:
        sign_in("mara@example.com", PASSWORD, now)
    return needed.value.token


@on_sqlite
def test_the_password_alone_signs_nobody_in_who_has_an_app() -> None:
    waits = pending()
    assert signed_in(waits, NOW) is None
    token = finish_with_code(waits, f" {code()[:3]} {code()[3:]} ", NOW, USUAL)
    assert signed_in(token, NOW) is not None
    assert sign_in("mara@example.com", "wrong password", NOW) is None
    assert sign_in("noor@example.com", PASSWORD, NOW) is not None


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (1, True), (2, False)])
@on_sqlite
def test_the_clock_of_a_phone_may_be_wrong_by_one_step(steps: int, good: bool) -> None:
    waits = pending()
    if good:
        assert finish_with_code(waits, code(NOW + steps * STEP), NOW, USUAL)
    else:
        with pytest.raises(WrongCode):
            finish_with_code(waits, code(NOW + steps * STEP), NOW, USUAL)


@on_sqlite
def test_a_code_is_good_once_and_so_are_those_before_it() -> None:
    assert finish_with_code(pending(), code(), NOW, USUAL)
    for used in (code(), code(NOW - STEP)):
        with pytest.raises(WrongCode):
            finish_with_code(pending(), used, NOW, USUAL)
    assert finish_with_code(pending(), code(NOW + STEP), NOW, USUAL)


def test_a_clock_that_was_ahead_for_a_while_keeps_nobody_out(cast: Cast) -> None:
    later = NOW + timedelta(days=4000)
    assert finish_with_code(pending(later), code(later), later, USUAL)
    assert finish_with_code(pending(), code(), NOW, USUAL)


@on_sqlite
def test_a_half_finished_sign_in_is_used_once_and_lasts_for_minutes() -> None:
    waits = pending()
    with pytest.raises(WrongCode):
        finish_with_code(waits, "000000" if code() != "000000" else "111111", NOW, USUAL)
    assert finish_with_code(waits, code(), NOW, USUAL)
    with pytest.raises(LinkGone):
        finish_with_code(waits, code(NOW + STEP), NOW, USUAL)
    late = NOW + timedelta(minutes=5)
    with pytest.raises(LinkGone):
        finish_with_code(pending(), code(late), late, USUAL)


@pytest.mark.parametrize("what", ["password", "disabled", "deleted"])
@on_sqlite
def test_what_happens_to_the_account_meanwhile_ends_a_half_finished_sign_in(cast: Cast, what: str) -> None:
    waits = pending()
    if what == "password":
        people.set_password("mara@example.com", "another long pass phrase")
    elif what == "disabled":
        people.disable_user("mara@example.com", NOW, force=True)
    else:
        with write() as current:
            current.delete(current.get_one(type(cast.mara), cast.mara.id))
    with pytest.raises(LinkGone):
        finish_with_code(waits, code(), NOW, USUAL)


@on_sqlite
def test_a_recovery_code_is_good_once_however_it_is_spelled_and_a_mail_tells_of_it() -> None:
    waits = pending()
    assert finish_with_code(waits, " ABCD efgh-JKMN pqrs\n", NOW, USUAL)
    [mail] = waiting("mara@example.com")
    assert mail.subject == "A recovery code was used"
    assert "No recovery codes are left." in mail.text
    with pytest.raises(WrongCode):
        finish_with_code(pending(), RECOVERY, NOW, USUAL)


@on_sqlite
def test_a_recovery_code_is_nobody_elses(cast: Cast) -> None:
    with write():
        assert not factors.delete_recovery_code(cast.noor.id, code_hash(cast.mara.id, RECOVERY))
        assert not factors.delete_recovery_code(cast.noor.id, code_hash(cast.noor.id, RECOVERY))


@pytest.mark.parametrize("proof", [code, lambda: RECOVERY], ids=["code", "recovery code"])
def test_of_many_who_use_one_code_at_once_one_is_let_in(app: Flask, proof: Callable[[], str]) -> None:
    several, used = [pending() for _ in range(6)], proof()
    end_read()

    def finish(waits: str) -> bool:
        with app.app_context():
            try:
                return bool(finish_with_code(waits, used, NOW, USUAL))
            except WrongCode:
                return False
            finally:
                db.session.remove()

    with ThreadPoolExecutor(6) as browsers:
        assert sorted(browsers.map(finish, several)) == [False] * 5 + [True]


def test_an_operator_lets_somebody_in_who_lost_everything() -> None:
    two_step.switch_off_of(" Mara@Example.com")
    assert sign_in("mara@example.com", PASSWORD, NOW) is not None
    assert [mail.subject for mail in waiting("mara@example.com")] == ["Two-step sign-in is off"]
    for nobody in ("mara@example.com", "nobody@example.com", "x"):
        with pytest.raises(PeopleError):
            two_step.switch_off_of(nobody)


def test_the_secret_is_encrypted_for_its_person_alone_and_rotated_with_all_others(cast: Cast) -> None:
    stored = session().get_one(Authenticator, cast.mara.id).secret_ciphertext
    assert SECRET.encode() not in stored
    with pytest.raises(UnreadableCredential):
        open_sealed(f"user {cast.noor.id}", stored, Use.AUTHENTICATOR)
    assert rotate().unreadable == ()
    end_read()
    assert session().get_one(Authenticator, cast.mara.id).secret_ciphertext != stored
    assert finish_with_code(pending(), code(), NOW, USUAL)


def test_a_secret_that_no_key_opens_leaves_the_recovery_codes_good() -> None:
    with write() as current:
        current.execute(update(Authenticator).values(secret_ciphertext=b"x"))
    [unreadable] = rotate().unreadable
    assert "authenticator app" in unreadable
    waits = pending()
    with pytest.raises(WrongCode):
        finish_with_code(waits, code(), NOW, USUAL)
    assert finish_with_code(waits, RECOVERY, NOW, USUAL)

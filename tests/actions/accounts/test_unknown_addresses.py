"""Known and unknown addresses cost the same: the same statements and as many hashes, on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from portal.actions.accounts import account, invitations, passwords, reset
from portal.actions.accounts.sign_in import sign_in
from portal.db import db, end_read, write
from portal.domain.people import Role
from portal.models import LoginSession, User
from portal.store.people import sign_in_of
from tests.support.app import PASSWORD, Cast
from tests.support.databases import on_sqlite
from tests.support.statements import statements_sent

pytestmark = pytest.mark.usefixtures("in_app")

NOW = datetime.now(UTC)


def signed_in(user: User):  # type: ignore[no-untyped-def]
    with write() as rows:
        rows.add(LoginSession(token_hash="x", user_id=user.id, expires_at=NOW.replace(year=NOW.year + 1)))
    with write() as rows:
        rows.query(LoginSession).update({"expires_at": NOW.fromtimestamp(NOW.timestamp() + 9000, UTC)})
    found = sign_in_of("x", NOW)
    assert found is not None
    return found


def work(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> tuple[list[str], int]:
    """Return the kinds of statements and how many hashes something costs."""
    hashes: list[str] = []
    matches = passwords._matches

    def count(known: str, password: str) -> bool:
        hashes.append(password)
        return matches(known, password)

    monkeypatch.setattr(passwords, "_matches", count)
    end_read()
    try:
        with statements_sent(db.engine) as sent:
            do()
    finally:
        monkeypatch.undo()
    return [" ".join(each.statement.split()[:3]) for each in sent], len(hashes)


@on_sqlite
def test_a_wrong_password_costs_the_same_whether_or_not_there_is_such_an_account(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with write() as rows:
        rows.get_one(User, cast.remi.id).disabled_at = NOW
    costs = [
        work(monkeypatch, lambda email=email: sign_in(email, "not the password", NOW))  # type: ignore[misc]
        for email in ("mara@example.com", "nobody@example.com", "remi@example.com")
    ]
    assert costs[0] == costs[1] == costs[2]
    assert costs[0][1] == 1


@on_sqlite
def test_a_forgotten_password_costs_the_same_whether_or_not_there_is_such_an_account(
    monkeypatch: pytest.MonkeyPatch, cast: Cast
) -> None:
    known, unknown = (
        work(monkeypatch, lambda email=email: reset.ask_for_reset(email))  # type: ignore[misc]
        for email in ("mara@example.com", "nobody@example.com")
    )
    assert known == unknown
    assert known[1] == 0


@on_sqlite
def test_an_invitation_costs_the_same_whether_or_not_its_address_has_an_account(
    monkeypatch: pytest.MonkeyPatch, cast: Cast
) -> None:
    known, unknown = (
        work(
            monkeypatch,
            lambda email=email: invitations.invite(cast.northwind, email, Role.MEMBER, cast.mara.id),  # type: ignore[misc]
        )
        for email in ("otto@example.com", "nobody@example.com")
    )
    assert known == unknown


@on_sqlite
def test_a_new_address_that_is_taken_is_asked_for_by_the_same_hashes(
    monkeypatch: pytest.MonkeyPatch, cast: Cast
) -> None:
    asking = signed_in(cast.mara)
    taken, free = (
        work(monkeypatch, lambda email=email: account.ask_for_address(asking, PASSWORD, email))  # type: ignore[misc]
        for email in ("otto@example.com", "free@example.com")
    )
    assert taken[1] == free[1] == 1

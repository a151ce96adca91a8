"""Forgotten passwords: each link sets one password, once."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from portal.actions.accounts import people, reset
from portal.actions.accounts.invitations import LinkGone
from portal.actions.accounts.passwords import WeakPassword
from portal.actions.accounts.sign_in import sign_in, signed_in
from portal.db import session
from portal.domain.people import LinkKind
from portal.models import OneTimeLink
from tests.support.accounts import ANOTHER, at_once, run_out
from tests.support.app import PASSWORD, Cast
from tests.support.databases import on_sqlite
from tests.support.letters import token_for, waiting

pytestmark = pytest.mark.usefixtures("in_app")


@on_sqlite
def test_a_password_is_reset_once_and_ends_every_sign_in(cast: Cast) -> None:
    token = sign_in("mara@example.com", PASSWORD, datetime.now(UTC))
    assert token is not None
    reset.ask_for_reset(" Mara@example.com ")
    link = token_for("mara@example.com", "reset")
    with pytest.raises(WeakPassword):
        reset.reset_password(link, "northwind labs")
    assert reset.reset_password(link, ANOTHER) == "mara@example.com"
    assert signed_in(token, datetime.now(UTC)) is None
    assert sign_in("mara@example.com", PASSWORD, datetime.now(UTC)) is None
    assert sign_in("mara@example.com", ANOTHER, datetime.now(UTC)) is not None
    with pytest.raises(LinkGone):
        reset.reset_password(link, "a third long pass phrase")
    assert waiting("mara@example.com")[-1].subject == "Your password was changed"


def test_resetting_twice_at_once_sets_one_password(app: Flask, cast: Cast) -> None:
    reset.ask_for_reset("mara@example.com")
    link = token_for("mara@example.com", "reset")
    chosen = [f"{ANOTHER} {number}" for number in range(3)]
    results = at_once(app, *[lambda one=one: reset.reset_password(link, one) for one in chosen])  # type: ignore[misc]
    assert sum(isinstance(each, LinkGone) for each in results) == 2, results
    good = [one for one in chosen if sign_in("mara@example.com", one, datetime.now(UTC))]
    assert len(good) == 1


def test_only_accounts_that_may_sign_in_are_mailed_a_reset_and_each_once(cast: Cast) -> None:
    people.disable_user("noor@example.com", datetime.now(UTC))
    for address in ("mara@example.com", "mara@example.com", "noor@example.com", "nobody@example.com"):
        reset.ask_for_reset(address)
    reset.mail_resets()
    reset.ask_for_reset("mara@example.com")  # somebody asks again and again: the first mail is enough
    reset.mail_resets()
    assert [each.to for each in waiting()] == ["mara@example.com"]
    kinds = session().scalars(select(OneTimeLink.kind)).all()
    assert kinds == [LinkKind.RESET]


@on_sqlite
def test_a_reset_that_ran_out_or_whose_person_was_disabled_works_no_more(cast: Cast) -> None:
    for address in ("mara@example.com", "noor@example.com"):
        reset.ask_for_reset(address)
    maras, noors = (token_for(f"{name}@example.com", "reset") for name in ("mara", "noor"))
    people.disable_user("noor@example.com", datetime.now(UTC))
    with pytest.raises(LinkGone):
        reset.reset_password(noors, ANOTHER)
    run_out(LinkKind.RESET)
    with pytest.raises(LinkGone):
        reset.reset_password(maras, ANOTHER)


def test_what_is_asked_for_an_unknown_address_writes_as_much(cast: Cast) -> None:
    rows = []
    for address in ("mara@example.com", "nobody@example.com"):
        reset.ask_for_reset(address)
        link = session().scalars(select(OneTimeLink).where(OneTimeLink.address == address)).one()
        rows.append({each.name for each in OneTimeLink.__table__.columns if getattr(link, each.name) is None})
    assert rows[0] == rows[1]
    assert waiting() == []

"""One's own account: password, address, deletion, and mails of sign-ins."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.actions.accounts import account, people, reset
from portal.actions.accounts.invitations import LinkGone
from portal.actions.accounts.sign_in import SignInContext, sign_in, signed_in
from portal.db import session, write
from portal.domain.people import Role
from portal.models import Edit, Membership
from tests.support.accounts import ANOTHER, at_once, sign_in_of
from tests.support.app import PASSWORD, Cast, MakeJob
from tests.support.databases import on_sqlite
from tests.support.letters import token_for, waiting

pytestmark = pytest.mark.usefixtures("in_app")


def test_a_changed_password_ends_links_and_other_sign_ins(cast: Cast) -> None:
    other = sign_in("mara@example.com", PASSWORD, datetime.now(UTC))
    old = sign_in("mara@example.com", PASSWORD, datetime.now(UTC))
    assert other is not None
    assert old is not None
    sign = signed_in(old, datetime.now(UTC))
    assert sign is not None
    reset.ask_for_reset("mara@example.com")
    link = token_for("mara@example.com", "reset")
    account.ask_for_address(sign, PASSWORD, "mara@new.example")
    confirm = token_for("mara@new.example", "email")
    with pytest.raises(account.WrongPassword):
        account.change_password(sign, "not my password", ANOTHER)
    new = account.change_password(sign, PASSWORD, ANOTHER)
    now = datetime.now(UTC)
    assert signed_in(other, now) is None
    assert signed_in(old, now) is None  # a copy of the cookie
    assert signed_in(new, now) is not None
    with pytest.raises(LinkGone):
        reset.reset_password(link, PASSWORD)
    with pytest.raises(LinkGone):
        account.confirm_address(confirm)


def test_a_new_address_is_confirmed_there_and_the_old_one_is_told(cast: Cast) -> None:
    sign = sign_in_of("mara@example.com")
    reset.ask_for_reset("mara@example.com")
    old_reset = token_for("mara@example.com", "reset")
    with pytest.raises(account.WrongPassword):
        account.ask_for_address(sign, "not my password", "mara@new.example")
    assert account.ask_for_address(sign, PASSWORD, " Mara@New.example") == "mara@new.example"
    assert waiting("mara@example.com")[-1].subject == "Your e-mail address is about to change"
    assert sign_in("mara@example.com", PASSWORD, datetime.now(UTC)) is not None
    confirm = token_for("mara@new.example", "email")
    assert account.confirm_address(confirm) == "mara@new.example"
    assert waiting("mara@example.com")[-1].subject == "Your e-mail address was changed"
    assert sign_in("mara@example.com", PASSWORD, datetime.now(UTC)) is None
    assert sign_in("mara@new.example", PASSWORD, datetime.now(UTC)) is not None
    for gone in (lambda: account.confirm_address(confirm), lambda: reset.reset_password(old_reset, ANOTHER)):
        with pytest.raises(LinkGone):
            gone()


@on_sqlite
def test_an_address_of_another_account_is_told_of_by_nothing_but_silence(cast: Cast) -> None:
    sign = sign_in_of("mara@example.com")
    assert account.ask_for_address(sign, PASSWORD, "noor@example.com") == "noor@example.com"
    assert waiting("noor@example.com") == []
    assert len(waiting("mara@example.com")) == 1


def test_two_who_want_one_address_do_not_both_get_it(app: Flask, cast: Cast) -> None:
    tokens = []
    for email in ("mara@example.com", "noor@example.com"):
        account.ask_for_address(sign_in_of(email), PASSWORD, "same@example.com")
        tokens.append(token_for("same@example.com", "email"))
    results = at_once(app, *[lambda one=one: account.confirm_address(one) for one in tokens])  # type: ignore[misc]
    assert sum(isinstance(each, LinkGone) for each in results) == 1, results


def test_what_a_deleted_account_edited_stays_without_a_name(cast: Cast, make_job: MakeJob) -> None:
    job_id = make_job()
    people.set_role("noor@example.com", "northwind", Role.ADMIN)
    with write() as writing:
        writing.add(
            Edit(
                organisation_id=cast.northwind.id,
                job_id=job_id,
                user_id=cast.mara.id,
                field="location",
                version=1,
                before=None,
                after="Porto",
            )
        )
    token = sign_in("mara@example.com", PASSWORD, datetime.now(UTC))
    assert token is not None
    sign = signed_in(token, datetime.now(UTC))
    assert sign is not None
    with pytest.raises(account.WrongPassword):
        account.delete_account(sign, "not my password")
    account.delete_account(sign, PASSWORD)
    assert signed_in(token, datetime.now(UTC)) is None
    assert session().scalars(select(Edit.user_id)).all() == [None]
    assert session().scalar(select(func.count()).where(Membership.user_id == cast.mara.id)) == 0
    assert waiting("mara@example.com")[-1].subject == "Your account was deleted"


@on_sqlite
def test_a_sign_in_with_a_new_browser_is_mailed_but_not_the_first_of_all(cast: Cast) -> None:
    now, new = datetime.now(UTC), SignInContext("Firefox on Linux", "192.0.2.7", is_known=False)
    for context in (new, SignInContext("Firefox on Linux", "192.0.2.7"), new):
        assert sign_in("mara@example.com", PASSWORD, now, context) is not None
    mails = waiting("mara@example.com")
    assert [each.subject for each in mails] == ["New sign-in to your account"]
    assert "Firefox on Linux (from 192.0.2.7)" in mails[0].text

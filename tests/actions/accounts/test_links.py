"""Invitations, resets and new addresses: each link works once, for whom it was made, on both databases."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.actions.accounts import account, invitations, people, reset
from portal.actions.accounts.invitations import LinkGone
from portal.actions.accounts.passwords import WeakPassword
from portal.actions.accounts.people import LastAdmin, PeopleError
from portal.actions.accounts.sign_in import SignInContext, hash_token, sign_in, signed_in
from portal.db import db, end_read, session, write
from portal.domain.people import LinkKind, Role
from portal.models import Edit, Membership, OneTimeLink, User
from portal.store import people as people_store
from portal.store.accounts.links import delete_ended_links
from tests.support.app import PASSWORD, Cast, MakeJob
from tests.support.letters import token_for, waiting

ANOTHER = "another long pass phrase"


@pytest.fixture(autouse=True)
def within(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def at_once(app: Flask, *calls: Callable[[], object]) -> list[object]:
    """Call all at the same moment, each in a thread of its own; return what each returned or raised."""
    ready = Barrier(len(calls))

    def call(one: Callable[[], object]) -> object:
        with app.app_context():
            try:
                ready.wait(60)
                return one()
            except PeopleError as error:
                return error
            finally:
                db.session.remove()

    db.session.remove()
    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(call, calls))


def invite(cast: Cast, typed: str, role: Role = Role.MEMBER) -> invitations.Invited:
    return invitations.invite(cast.northwind, typed, role, cast.mara.id)


def role_of(cast: Cast, email: str) -> str | None:
    end_read()
    user = people_store.user_by_email(email)
    membership = people_store.membership_of(cast.northwind.id, user.id) if user else None
    return membership.role if membership else None


def sign_in_of(email: str, password: str = PASSWORD) -> people_store.SignIn:
    now = datetime.now(UTC)
    token = sign_in(email, password, now)
    assert token is not None
    found = signed_in(token, now)
    assert found is not None
    return found


def run_out(kind: LinkKind) -> None:
    with write() as writing:
        past = datetime.now(UTC) - timedelta(seconds=1)
        writing.execute(update(OneTimeLink).where(OneTimeLink.kind == kind).values(expires_at=past))


def age(kind: LinkKind) -> None:
    with write() as writing:
        past = datetime.now(UTC) - timedelta(minutes=2)
        writing.execute(update(OneTimeLink).where(OneTimeLink.kind == kind).values(created_at=past))


def test_a_second_click_on_an_invitation_mails_nothing_and_the_first_link_works(cast: Cast) -> None:
    for _ in range(2):
        assert invite(cast, "ada@example.com").sent == ["ada@example.com"]
    link = invitations.open_invitation(token_for("ada@example.com", "invites"))
    invitations.send_again(cast.northwind, link.id, cast.mara.id)
    assert len(waiting("ada@example.com")) == 1
    invite(cast, "ada@example.com", Role.ADMIN)  # another role is another invitation
    assert len(waiting("ada@example.com")) == 2


def test_several_are_invited_at_once_and_members_are_not(cast: Cast) -> None:
    invited = invite(cast, "Ada@Example.com, noor@example.com;\n <bo@example.com> ada@example.com")
    assert (invited.sent, invited.members) == (["ada@example.com", "bo@example.com"], ["noor@example.com"])
    assert [each.to for each in waiting()] == ["ada@example.com", "bo@example.com"]


@pytest.mark.parametrize("typed", ["", " , ", "ada@example.com mara", "a@b", "x@example.com " * 30_000])
def test_where_one_address_is_wrong_nobody_is_invited(cast: Cast, typed: str) -> None:
    with pytest.raises(PeopleError):
        invite(cast, typed)
    assert waiting() == []


def test_too_many_addresses_at_once_are_refused(cast: Cast) -> None:
    with pytest.raises(PeopleError, match="at most 50"):
        invite(cast, " ".join(f"p{number}@example.com" for number in range(51)))


def test_an_invitation_makes_an_account_that_is_signed_in_once(cast: Cast) -> None:
    invite(cast, "ada@example.com", Role.ADMIN)
    token = token_for("ada@example.com", "invites")
    organisation, signed = invitations.accept_with_new_account(
        token, " Ada\n Lovelace ", PASSWORD, SignInContext()
    )
    found = signed_in(signed, datetime.now(UTC))
    assert found is not None
    assert (organisation.slug, found.name, found.email) == ("northwind", "Ada Lovelace", "ada@example.com")
    assert role_of(cast, "ada@example.com") == Role.ADMIN
    with pytest.raises(LinkGone):
        invitations.accept_with_new_account(token, "Ada", PASSWORD, SignInContext())


def test_an_invitation_is_accepted_by_its_own_address_alone(cast: Cast) -> None:
    invite(cast, "sasha@example.com")
    token = token_for("sasha@example.com", "invites")
    with pytest.raises(PeopleError, match="is for sasha"):
        invitations.accept(token, cast.otto.id)
    with pytest.raises(PeopleError, match="account"):
        invitations.accept_with_new_account(token, "Sasha", PASSWORD, SignInContext())
    assert role_of(cast, "otto@example.com") is None
    assert invitations.accept(token, cast.sasha.id).slug == "northwind"
    assert role_of(cast, "sasha@example.com") == Role.MEMBER
    with pytest.raises(LinkGone):
        invitations.accept(token, cast.sasha.id)


def test_accepting_twice_at_once_joins_once(app: Flask, cast: Cast) -> None:
    invite(cast, "ada@example.com")
    token = token_for("ada@example.com", "invites")
    accept = partial(invitations.accept_with_new_account, token, "Ada", PASSWORD, SignInContext())
    results = at_once(app, *[accept] * 3)
    assert sum(isinstance(each, tuple) for each in results) == 1, results
    end_read()
    assert session().scalar(select(func.count()).where(User.email == "ada@example.com")) == 1


def test_an_invitation_lowers_nobody(cast: Cast) -> None:
    invite(cast, "sasha@example.com")
    people.set_role("sasha@example.com", "northwind", Role.ADMIN)
    invitations.accept(token_for("sasha@example.com", "invites"), cast.sasha.id)
    assert role_of(cast, "sasha@example.com") == Role.ADMIN


def test_only_the_newest_link_of_an_invitation_works_and_none_once_it_is_withdrawn(cast: Cast) -> None:
    tokens = []
    invite(cast, "ada@example.com")
    tokens.append(token_for("ada@example.com", "invites"))
    link = invitations.open_invitation(tokens[0])
    age(LinkKind.INVITATION)
    assert invitations.send_again(cast.northwind, link.id, cast.mara.id) == "ada@example.com"
    tokens.append(token_for("ada@example.com", "invites"))
    age(LinkKind.INVITATION)
    invite(cast, "ada@example.com")
    tokens.append(token_for("ada@example.com", "invites"))
    for old in tokens[:2]:
        with pytest.raises(LinkGone):
            invitations.open_invitation(old)
    link = invitations.open_invitation(tokens[2])
    for elsewhere in (
        lambda: invitations.withdraw(cast.cafe.id, link.id),
        lambda: invitations.send_again(cast.cafe, link.id, cast.otto.id),
    ):
        with pytest.raises(PeopleError, match="accepted or withdrawn"):
            elsewhere()
    assert invitations.withdraw(cast.northwind.id, link.id) == "ada@example.com"
    with pytest.raises(LinkGone):
        invitations.open_invitation(tokens[2])


def test_an_invitation_that_ran_out_works_no_more_and_goes_in_the_end(cast: Cast) -> None:
    invite(cast, "ada@example.com")
    token = token_for("ada@example.com", "invites")
    run_out(LinkKind.INVITATION)
    with pytest.raises(LinkGone):
        invitations.open_invitation(token)
    with write():
        assert delete_ended_links(datetime.now(UTC), 10) == (1, 1)


def test_the_database_holds_no_token_of_a_link(cast: Cast) -> None:
    invite(cast, "ada@example.com")
    token = token_for("ada@example.com", "invites")
    assert session().scalars(select(OneTimeLink.token_hash)).all() == [hash_token(token)]


def test_of_two_last_admins_who_are_taken_away_at_once_one_stays(app: Flask, cast: Cast) -> None:
    people.set_role("noor@example.com", "northwind", Role.ADMIN)
    sign = sign_in_of("noor@example.com")
    results = at_once(
        app,
        lambda: people.change_role(cast.northwind.id, cast.mara.id, Role.MEMBER),
        lambda: account.delete_account(sign, PASSWORD),
    )
    assert sum(isinstance(each, LastAdmin) for each in results) == 1, results
    end_read()
    assert len(people_store.admins_of(cast.northwind.id)) == 1


def test_the_last_admin_neither_steps_down_nor_goes(cast: Cast) -> None:
    sign = sign_in_of("mara@example.com")
    for going in (
        lambda: people.change_role(cast.northwind.id, cast.mara.id, Role.MEMBER),
        lambda: people.remove(cast.northwind.id, cast.mara.id),
        lambda: account.delete_account(sign, PASSWORD),
    ):
        with pytest.raises(LastAdmin):
            going()
    assert role_of(cast, "mara@example.com") == Role.ADMIN


def test_who_becomes_an_admin_stays_signed_in_and_who_is_removed_does_not(cast: Cast) -> None:
    token = sign_in("noor@example.com", PASSWORD, datetime.now(UTC))
    assert token is not None
    people.change_role(cast.northwind.id, cast.noor.id, Role.ADMIN)
    assert signed_in(token, datetime.now(UTC)) is not None
    people.remove(cast.northwind.id, cast.noor.id)
    assert signed_in(token, datetime.now(UTC)) is None
    with pytest.raises(PeopleError, match="not in this organisation"):
        people.change_role(cast.northwind.id, cast.noor.id, Role.ADMIN)


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


def test_a_sign_in_with_a_new_browser_is_mailed_but_not_the_first_of_all(cast: Cast) -> None:
    now, new = datetime.now(UTC), SignInContext("Firefox on Linux", "192.0.2.7", is_known=False)
    for context in (new, SignInContext("Firefox on Linux", "192.0.2.7"), new):
        assert sign_in("mara@example.com", PASSWORD, now, context) is not None
    mails = waiting("mara@example.com")
    assert [each.subject for each in mails] == ["New sign-in to your account"]
    assert "Firefox on Linux (from 192.0.2.7)" in mails[0].text

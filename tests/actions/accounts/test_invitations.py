"""Invitations: each works once, for its own address, on both databases."""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.actions.accounts import account, invitations, people
from portal.actions.accounts.invitations import LinkGone
from portal.actions.accounts.people import PeopleError
from portal.actions.accounts.sign_in import SignInContext, hash_token, signed_in
from portal.actions.mails import claim_mail, due_mails, note_sent
from portal.db import end_read, session, write
from portal.domain.people import LinkKind, Role
from portal.models import Mail, Membership, OneTimeLink, User
from portal.store.accounts.links import delete_ended_links
from tests.support.accounts import age, at_once, invite, role_of, run_out, sign_in_of
from tests.support.app import PASSWORD, Cast
from tests.support.databases import on_sqlite
from tests.support.letters import token_for, waiting

pytestmark = pytest.mark.usefixtures("in_app")


@on_sqlite
def test_a_second_click_on_an_invitation_mails_nothing_and_the_first_link_works(cast: Cast) -> None:
    for _ in range(2):
        assert invite(cast, "ada@example.com").sent == ["ada@example.com"]
    link = invitations.open_invitation(token_for("ada@example.com", "invites"))
    invitations.send_again(cast.northwind, link.id, cast.mara.id)
    assert len(waiting("ada@example.com")) == 1
    invite(cast, "ada@example.com", Role.ADMIN)  # another role is another invitation
    [mail] = waiting("ada@example.com")  # the former link works no more
    assert "as an admin" in mail.text


def test_several_are_invited_at_once_and_members_are_not(cast: Cast) -> None:
    invited = invite(cast, "Ada@Example.com, noor@example.com;\n <bo@example.com> ada@example.com")
    assert (invited.sent, invited.members) == (["ada@example.com", "bo@example.com"], ["noor@example.com"])
    assert [each.to for each in waiting()] == ["ada@example.com", "bo@example.com"]


@on_sqlite
@pytest.mark.parametrize("typed", ["", " , ", "ada@example.com mara", "a@b", "x@example.com " * 30_000])
def test_where_one_address_is_wrong_nobody_is_invited(cast: Cast, typed: str) -> None:
    with pytest.raises(PeopleError):
        invite(cast, typed)
    assert waiting() == []


def test_too_many_addresses_at_once_are_refused(cast: Cast) -> None:
    with pytest.raises(PeopleError, match="at most 50"):
        invite(cast, " ".join(f"p{number}@example.com" for number in range(51)))


@on_sqlite
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


@on_sqlite
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


@on_sqlite
def test_who_joined_otherwise_has_used_the_invitation_up(cast: Cast) -> None:
    invite(cast, "sasha@example.com ada@example.com")
    tokens = {to: token_for(to, "invites") for to in ("sasha@example.com", "ada@example.com")}
    people.set_role("sasha@example.com", "northwind", Role.ADMIN)
    people.create_user("ada@example.com", "northwind", Role.ADMIN, PASSWORD)
    for address, token in tokens.items():
        with pytest.raises(LinkGone):
            invitations.open_invitation(token)
        assert role_of(cast, address) == Role.ADMIN


@on_sqlite
def test_who_is_removed_does_not_come_back_by_an_invitation_to_an_address_they_took(cast: Cast) -> None:
    tokens = []
    for present, new in pairwise(["noor@example.com", "noor@new.example", "noor@newer.example"]):
        invite(cast, new, Role.ADMIN)
        tokens.append(token_for(new, "invites"))
        account.ask_for_address(sign_in_of(present), PASSWORD, new)
        account.confirm_address(token_for(new, "email"))
    people.remove(cast.northwind.id, cast.noor.id)
    for token in tokens:
        with pytest.raises(LinkGone):
            invitations.open_invitation(token)


@on_sqlite
def test_removing_somebody_ends_an_invitation_that_was_sent_as_they_joined(cast: Cast) -> None:
    invite(cast, "sasha@example.com", Role.ADMIN)
    token = token_for("sasha@example.com", "invites")
    with write() as writing:
        row = Membership(organisation_id=cast.northwind.id, user_id=cast.sasha.id, role=Role.MEMBER)
        writing.add(row)
    people.remove(cast.northwind.id, cast.sasha.id)
    with pytest.raises(LinkGone):
        invitations.open_invitation(token)


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


def test_a_link_that_works_no_more_is_not_mailed(cast: Cast) -> None:
    invite(cast, "ada@example.com bo@example.com")
    for again in (False, True):
        link = invitations.open_invitation(token_for("ada@example.com", "invites"))
        if again:
            invitations.withdraw(cast.northwind.id, link.id)
        else:
            with write() as writing:  # sent again at once nothing is mailed
                past = link.created_at - timedelta(minutes=2)
                writing.execute(update(OneTimeLink).values(created_at=past))
                writing.execute(update(Mail).values(created_at=past))
            invitations.send_again(cast.northwind, link.id, cast.mara.id)
            assert [each.to for each in waiting()] == ["bo@example.com", "ada@example.com"]
    assert [each.to for each in waiting()] == ["bo@example.com"]


@on_sqlite  # which uses ids again
def test_a_mail_that_was_on_its_way_as_it_was_withdrawn_takes_no_other_along(cast: Cast) -> None:
    invite(cast, "ada@example.com")
    link = invitations.open_invitation(token_for("ada@example.com", "invites"))
    [claimed] = [claim_mail(each) for each in due_mails(datetime.now(UTC))]
    assert claimed is not None
    invitations.withdraw(cast.northwind.id, link.id)
    invite(cast, "bo@example.com")
    note_sent(claimed)
    assert [each.to for each in waiting()] == ["bo@example.com"]


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

"""Mail domains and sign-ins that reach one organisation, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from portal.actions.accounts import people
from portal.actions.accounts.sign_in import USUAL, begin_sign_in, hash_token
from portal.actions.single_sign_on import domains
from portal.actions.single_sign_on.domains import DomainError
from portal.db import session, write
from portal.domain.accounts.sign_ins import Means
from portal.domain.people import Role
from portal.models import Authenticator, MailDomain, Membership, User
from portal.store.accounts.members import organisations_reached
from portal.store.accounts.single_sign_on import is_exempt_from_single_sign_on, offered_to
from portal.store.people import membership_of, sign_in_and_access, sign_in_of
from tests.support.app import Cast

pytestmark = pytest.mark.usefixtures("in_app")


def test_of_two_organisations_that_prove_a_domain_at_once_one_has_it(app: Flask, cast: Cast) -> None:
    together = Barrier(2)

    def prove(slug: str) -> str:
        with app.app_context():
            together.wait(60)
            try:
                return domains.set_by_operator(slug, "example.com")
            except DomainError:
                return ""

    with ThreadPoolExecutor(2) as threads:
        proved = sorted(threads.map(prove, ("northwind", "cafe-nord")))
    assert proved == ["", "example.com"]
    held = session().scalars(select(MailDomain).where(MailDomain.proved_at.is_not(None))).all()
    assert len(held) == 1
    assert offered_to("\0") is offered_to("example.com") is None


def test_a_sign_in_of_one_membership_reaches_it_alone_and_ends_with_it(cast: Cast) -> None:
    people.set_role("mara@example.com", "cafe-nord", Role.ADMIN)
    now = datetime.now(UTC)
    with write() as current:
        own, mara = membership_of(cast.northwind.id, cast.mara.id), current.get_one(User, cast.mara.id)
        hashed = hash_token(begin_sign_in(mara, USUAL, now, Means.SINGLE_SIGN_ON, only=own))
    found, there = sign_in_and_access(hashed, "northwind", now)
    assert found is not None
    assert there is not None
    assert there.membership is not None
    assert [each.slug for each in organisations_reached(found)] == ["northwind"]
    found, elsewhere = sign_in_and_access(hashed, "cafe-nord", now)
    assert found is not None
    assert elsewhere is not None
    assert elsewhere.membership is None
    people.set_role("noor@example.com", "northwind", Role.ADMIN)
    people.leave(cast.northwind.id, cast.mara.id)
    assert sign_in_of(hashed, now) is None


def test_admins_with_two_steps_come_in_otherwise_and_all_admins_while_none_has_them(cast: Cast) -> None:
    people.set_role("remi@example.com", "northwind", Role.ADMIN)

    def comes_in(user: User) -> bool:
        query = select(Membership.id).filter_by(user_id=user.id)
        return is_exempt_from_single_sign_on(session().scalars(query).one())

    def every() -> list[bool]:
        return [comes_in(each) for each in (cast.mara, cast.remi, cast.noor)]

    assert every() == [True, True, False]
    with write() as current:
        for user in (cast.remi, cast.noor):
            current.add(Authenticator(user_id=user.id, secret_ciphertext=b"x", last_step=0))
    assert every() == [False, True, False]
    people.disable_user("remi@example.com", datetime.now(UTC))
    assert every() == [True, True, False]

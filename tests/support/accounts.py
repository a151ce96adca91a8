"""Accounts in tests of actions: invite, sign in, let links run out, and do several things at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

from flask import Flask
from sqlalchemy import update

from portal.actions.accounts import invitations
from portal.actions.accounts.people import PeopleError
from portal.actions.accounts.sign_in import sign_in, signed_in
from portal.db import db, end_read, write
from portal.domain.people import LinkKind, Role
from portal.models import OneTimeLink
from portal.store import people as people_store
from tests.support.app import PASSWORD, Cast

ANOTHER = "another long pass phrase"


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

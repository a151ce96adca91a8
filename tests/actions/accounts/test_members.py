"""Members and their last admin, whoever leaves, is removed or changes at once."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from portal.actions.accounts import account, people
from portal.actions.accounts.people import LastAdmin, PeopleError
from portal.actions.accounts.sign_in import sign_in, signed_in
from portal.db import end_read
from portal.domain.people import Role
from portal.store import people as people_store
from tests.support.accounts import at_once, role_of, sign_in_of
from tests.support.app import PASSWORD, Cast
from tests.support.databases import on_sqlite

pytestmark = pytest.mark.usefixtures("in_app")


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


@on_sqlite
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


@on_sqlite
def test_who_becomes_an_admin_stays_signed_in_and_who_is_removed_does_not(cast: Cast) -> None:
    token = sign_in("noor@example.com", PASSWORD, datetime.now(UTC))
    assert token is not None
    people.change_role(cast.northwind.id, cast.noor.id, Role.ADMIN)
    assert signed_in(token, datetime.now(UTC)) is not None
    people.remove(cast.northwind.id, cast.noor.id)
    assert signed_in(token, datetime.now(UTC)) is None
    with pytest.raises(PeopleError, match="not in this organisation"):
        people.change_role(cast.northwind.id, cast.noor.id, Role.ADMIN)

"""What site admins' lists are read by, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from portal.actions.site_admins import appoint
from portal.db import write
from portal.models import Connection, Membership, Organisation, User
from portal.store.accounts import site
from portal.store.accounts.site import State
from tests.support.app import Cast


@pytest.fixture(autouse=True)
def context(app: Flask, cast: Cast) -> Iterator[None]:
    with app.app_context():
        yield


def test_the_lists_are_read_by_name_and_address_with_what_belongs_to_each(cast: Cast) -> None:
    with write() as rows:
        user = rows.get_one(User, cast.otto.id)
        user.name, user.disabled_at = "Otto 100% Ölund", datetime.now(UTC)
        more = Organisation(slug="atelier", name="Atelier")
        rows.add(more)
        rows.flush()
        rows.add(Membership(organisation_id=more.id, user_id=cast.otto.id, role="member"))
        rows.add(
            Connection(
                organisation_id=more.id,
                public_key="k",
                board_token="b",
                board_name="B",
                api_key_ciphertext=b"",
                api_key_last_four="1234",
            )
        )
    appoint("sasha@example.com", wanted=True)
    assert site.count_organisations("") == 3
    assert [each.slug for each in site.organisations_page("", 2, 0)] == ["atelier", "cafe-nord"]
    assert site.member_counts([cast.northwind.id, more.id]) == {cast.northwind.id: 2, more.id: 1}
    assert list(site.connections_of([cast.northwind.id, more.id])) == [more.id]
    assert site.count_people("100%", None) == site.count_people("öLUND", None) == 1
    assert site.count_people("10_", None) == 0
    assert [each.id for each in site.people_page("", State.DISABLED, 9, 0)] == [cast.otto.id]
    assert [each.id for each in site.people_page("", State.SITE_ADMINS, 9, 0)] == [cast.sasha.id]
    assert site.first_memberships_of([cast.otto.id, cast.sasha.id], 1) == {
        cast.otto.id: [site.PersonMembership("Atelier", "atelier", "member", 2)]
    }
    assert [(user.email, app) for user, app in site.site_admins()] == [("sasha@example.com", False)]
    assert site.count_site_entries() == len(site.site_entries(9, 0)) == 1

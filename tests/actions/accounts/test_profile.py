"""A profile that admins change, on both databases: nothing is overwritten unasked, and logos go with it."""

from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from portal.actions.accounts.profile import SavedProfile, change_profile, profile_of
from portal.db import end_read, session
from portal.domain.logos import read_logo
from portal.domain.profile import value_mark
from portal.models import Organisation, OrganisationLogo
from portal.store.people import present_revision
from portal.store.public.logos import logo_content
from tests.support.app import Cast
from tests.support.pictures import picture


def test_of_two_who_change_a_field_at_once_one_is_told_of_the_other(app: Flask, cast: Cast) -> None:
    seen = {name: value_mark(value) for name, value in profile_of(cast.northwind).items()}

    def change(summary: str) -> SavedProfile:
        with app.app_context():
            return change_profile(cast.northwind.id, {"summary": summary, "name": "Northwind Labs"}, seen)

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(change, ("First.", "Second.")))
    assert sorted(each.changed for each in outcomes) == [False, True]
    [refused] = [each for each in outcomes if not each.changed]
    [stored] = [each for each in outcomes if each.changed]
    assert refused.conflicts == {"summary"}
    assert refused.current["summary"] == stored.current["summary"]


def test_a_logo_is_stored_replaced_and_removed_with_its_organisation(app: Flask, cast: Cast) -> None:
    first, second = read_logo(picture()), read_logo(picture("JPEG", (90, 90)))
    with app.app_context():
        for logo in (first, second):
            before = present_revision(cast.northwind.id)
            assert change_profile(cast.northwind.id, {}, {}, logo).changed
            end_read()
            assert logo_content(cast.northwind.id, "png") == (logo.hash, logo.png)
            assert logo_content(cast.northwind.id, "webp") == (logo.hash, logo.webp)
            stored = session().get_one(Organisation, cast.northwind.id)
            assert (stored.logo_width, stored.logo_height) == logo.size
            assert present_revision(cast.northwind.id) == before + 1
        assert not change_profile(cast.northwind.id, {}, {}, second).changed
        assert change_profile(cast.northwind.id, {"logo_hash": None}, {}).changed
        end_read()
        assert logo_content(cast.northwind.id, "png") is None
        assert session().get(OrganisationLogo, cast.northwind.id) is None

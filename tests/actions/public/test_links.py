"""Two admins make the same link at the same moment, on both databases."""

import pytest
from flask import Flask

from portal.actions.public.links import MOST_LINKS, make_link
from portal.db import write
from portal.domain.texts import InvalidValue
from portal.models import TrackedLink
from portal.store.public import links
from tests.support.app import Cast


def test_the_second_of_two_admins_is_told_that_there_is_such_a_link(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        make_link(cast.northwind.id, "Fair", None, "", cast.mara.id)
        monkeypatch.setattr(links, "link_with", lambda *_: None)  # it had looked before the other saved
        with pytest.raises(InvalidValue, match="already"):
            make_link(cast.northwind.id, "Fair", None, "", cast.mara.id)
        assert make_link(cast.cafe.id, "Fair", None, "", cast.otto.id).source == "fair"
        assert [row.link.name for row in links.links_of(cast.northwind.id)] == ["Fair"]


def test_an_organisation_has_so_many_links(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with write() as session:
            for number in range(MOST_LINKS):
                session.add(TrackedLink(organisation_id=cast.northwind.id, name="x", source=f"s{number}"))
        with pytest.raises(InvalidValue, match="Delete one"):
            make_link(cast.northwind.id, "Fair", None, "", cast.mara.id)

"""Columns as each member keeps them, and saved views that keep them too, on both databases."""

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.actions.jobs.saved_views import (
    choose_columns,
    delete_view,
    resize_columns,
    save_view,
    update_view,
)
from portal.db import db, end_read
from portal.domain.jobs.columns import VIEWS, ColumnLayout, read_layout
from portal.store.people import membership_of
from portal.store.shortcuts import saved_views
from tests.support.app import Cast


@pytest.fixture(autouse=True)
def _context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        db.session.remove()


def preferences(cast: Cast) -> dict[str, object]:
    end_read()
    membership = membership_of(cast.northwind.id, cast.noor.id)
    assert membership
    return membership.preferences


def test_what_two_pages_of_a_member_change_is_kept_of_both(cast: Cast) -> None:
    org, noor = cast.northwind.id, cast.noor.id
    resize_columns(org, noor, {"salary": 200})
    choose_columns(org, noor, ["state", "salary"])
    resize_columns(org, noor, {"state": 90})
    layout = ColumnLayout(("state", "salary"), {"salary": 200, "state": 90})
    assert read_layout(preferences(cast)) == layout
    resize_columns(org, cast.otto.id, {"state": 99})  # who is no member has no columns
    choose_columns(org, noor, None)
    assert preferences(cast) == {}


def test_a_view_holds_no_columns_unless_it_was_saved_with_some(cast: Cast) -> None:
    org, noor = cast.northwind.id, cast.noor.id
    columns = ColumnLayout(("tags",)).stored()
    save_view(org, "Old", "q=a", cast.mara.id)
    save_view(org, "New", "q=b", cast.mara.id, columns)
    end_read()
    new, old = saved_views(org)
    assert (new.columns, old.columns) == (columns, None)
    resize_columns(org, noor, {"tags": 300}, old.id)
    assert preferences(cast)["widths"] == {"tags": 300}
    resize_columns(org, noor, {"tags": 200}, new.id)
    assert list(preferences(cast)[VIEWS]) == [str(new.id)]  # type: ignore[call-overload]
    assert update_view(org, new.id, "q=c", noor) == "New"
    assert update_view(cast.cafe.id, new.id, "q=d", cast.otto.id) is None
    assert preferences(cast)[VIEWS] == {}
    [new, old] = saved_views(org)
    assert (new.query, new.columns) == ("q=c", columns | {"widths": {"tags": 200}})


def test_what_was_changed_in_a_deleted_view_is_forgotten(cast: Cast) -> None:
    org, noor = cast.northwind.id, cast.noor.id
    save_view(org, "New", "q=b", cast.mara.id, ColumnLayout(("tags",)).stored())
    [view] = saved_views(org)
    resize_columns(org, noor, {"tags": 200}, view.id)
    delete_view(org, view.id)
    choose_columns(org, noor, ["state"])
    assert preferences(cast) == {"columns": ["state"], VIEWS: {}}

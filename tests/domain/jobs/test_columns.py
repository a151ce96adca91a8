"""Which columns of Manage jobs somebody sees, in which order, and how wide they are."""

from typing import Any

import pytest

from portal.domain.jobs.columns import (
    COLUMNS,
    NARROWEST,
    USUAL_COLUMNS,
    WIDEST,
    ColumnLayout,
    changed_views,
    layout_of,
    preferences_with_layout,
    preferences_without_views,
    read_layout,
)

VIEW = {"columns": ["state", "salary"], "widths": {"salary": 200}}


def test_who_chose_nothing_sees_the_usual_columns_in_their_usual_width() -> None:
    assert read_layout({}) == ColumnLayout(USUAL_COLUMNS, {})


@pytest.mark.parametrize(
    "names",
    [
        ["salary", "nonsense", "salary", "state"],
        ["salary", None, 3, ["state"], "state", "Salary"],
        ["salary", *(f"name {number}" for number in range(5_000)), "state", *["state"] * 5_000],
    ],
    ids=["unknown and repeated", "no texts", "thousands"],
)
def test_names_that_are_no_columns_or_come_again_are_left_out(names: list[Any]) -> None:
    assert read_layout({"columns": names}).names == ("salary", "state")
    assert ColumnLayout().choosing(names).names == ("salary", "state")


@pytest.mark.parametrize("stored", ["salary", 5, {"salary": 1}, None])
def test_what_is_no_list_of_columns_counts_as_not_said(stored: object) -> None:
    assert read_layout({"columns": stored, "widths": stored}).names == USUAL_COLUMNS


def test_widths_keep_within_their_limits_and_nonsense_is_none() -> None:
    widths = {"salary": 10**9, "state": -5, "tags": 200, "nonsense": 200}
    nonsense = {"location": "200", "department": float("nan"), "seniority": True, "featured": None}
    layout = read_layout({"columns": ["tags"], "widths": widths | nonsense})
    assert layout.widths == {"salary": WIDEST, "state": NARROWEST, "tags": 200}
    assert layout.resizing({"tags": None, "state": 100}).widths == {"salary": WIDEST, "state": 100}


def test_a_hidden_column_is_listed_behind_the_one_that_it_usually_follows() -> None:
    assert ColumnLayout(tuple(COLUMNS)).every_name == list(COLUMNS)
    assert ColumnLayout(()).every_name == list(COLUMNS)
    listed = ColumnLayout(("state", "salary", "department")).every_name
    assert listed[:4] == ["state", "changed_at", "salary", "seniority"]
    assert sorted(listed) == sorted(COLUMNS)


@pytest.mark.parametrize(
    ("name", "place", "names"),
    [
        ("tags", 1, ("tags", "salary", "state")),
        ("tags", 3, ("salary", "state", "tags")),
        ("state", 0, ("state", "salary", "tags")),
        ("salary", 10**18, ("tags", "state", "salary")),
        ("location", 1, ("salary", "tags", "state")),
    ],
)
def test_a_column_is_put_in_another_place_and_not_beyond_the_ends(
    name: str, place: int, names: tuple[str, ...]
) -> None:
    assert ColumnLayout(("salary", "tags", "state")).placing(name, place).names == names


def test_what_is_stored_is_read_again() -> None:
    layout = ColumnLayout(("state", "salary")).resizing({"salary": 200})
    assert read_layout(layout.stored()) == layout
    assert read_layout(preferences_with_layout({}, None, None, layout)) == layout


def test_in_a_view_one_sees_its_columns_until_one_changes_them_there() -> None:
    own = preferences_with_layout({"other": 1}, None, None, ColumnLayout(("tags",)))
    assert layout_of(own, 7, VIEW) == read_layout(VIEW)
    assert layout_of(own, 7, None) == ColumnLayout(("tags",))
    changed = preferences_with_layout(own, 7, VIEW, read_layout(VIEW).resizing({"state": 90}))
    assert layout_of(changed, 7, VIEW).widths == {"salary": 200, "state": 90}
    assert layout_of(changed, 8, VIEW) == read_layout(VIEW)
    assert layout_of(changed, None, None) == ColumnLayout(("tags",))
    for layout in (None, read_layout(VIEW)):
        assert changed_views(preferences_with_layout(changed, 7, VIEW, layout)) == {}
    assert preferences_with_layout(own, None, None, None) == {"other": 1}


def test_what_was_changed_in_a_view_goes_with_it() -> None:
    changed = preferences_with_layout({}, 7, VIEW, ColumnLayout())
    assert changed_views(preferences_without_views(changed, but={7: None})) == {"7": ColumnLayout().stored()}
    assert changed_views(preferences_without_views(changed, but={8: None})) == {}
    assert preferences_without_views({"columns": ["tags"]}, but=()) == {"columns": ["tags"]}
    assert changed_views({"view_columns": "nonsense"}) == {}

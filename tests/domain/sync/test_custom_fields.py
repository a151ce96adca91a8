"""A board's custom fields, the choices made for them, and what another reading does to what follows."""

from collections.abc import Mapping
from typing import Any

import pytest

from portal.domain.jobs.fields import EmploymentType
from portal.domain.sync.custom_fields import (
    MOST_FIELDS,
    MOST_VALUES_SHOWN,
    CustomField,
    FieldMapping,
    changed_choices,
    completed_before,
    custom_fields,
    parse_choices,
    stored_choices,
    value_texts,
)
from portal.domain.sync.following import ALL_FOLLOW, FOLLOWABLE_COLUMNS, reread_values, with_following
from portal.domain.sync.metadata import Column
from portal.domain.sync.posts import JobPost, Metadata

EMPTY: Mapping[str, Any] = {name: [] if name == "tags" else None for name in FOLLOWABLE_COLUMNS}


def post(*fields: tuple[str, Any]) -> JobPost:
    return JobPost(1, "Keeper", "", metadata=tuple(Metadata(name, None, value) for name, value in fields))


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("Full-time", ["Full-time"]),
        ("  Full\n time ", ["Full time"]),
        ("", []),
        ("\x00\u2028", []),
        (None, []),
        (True, ["Yes"]),
        (False, ["No"]),
        ("40.0", ["40"]),
        ("1250000.0", ["1,250,000"]),
        ("37.50", ["37.50"]),
        ("0049", ["0049"]),
        (40, ["40"]),
        (12_500.5, ["12,500.5"]),
        (["Lisbon", None, "Faro", 3], ["Lisbon", "Faro", "3"]),
        ([], []),
        ({"unit": "EUR", "min_value": "50000.0", "max_value": "60000.0"}, ["EUR 50,000–60,000"]),
        ({"unit": "EUR", "min_value": None, "max_value": None}, []),
        ({"unit": "USD", "amount": "80000"}, ["USD 80,000"]),
        ({"name": "Ada Marsh", "email": "ada@example.com"}, ["Ada Marsh"]),
        ({"unknown": "shape"}, []),
        ("x" * 500, ["x" * 59 + "…"]),
    ],
)
def test_a_value_of_any_shape_is_said_as_people_read_it(value: Any, texts: list[str]) -> None:
    assert value_texts(value) == texts


def test_fields_come_by_how_often_they_are_filled_in_and_those_that_feed_something_first() -> None:
    posts = [
        post(("Crew", "Dawn"), ("Commitment", "Full-time"), ("Berths", ["Faro", "Lisbon", "Faro"])),
        post(("crew ", "Dawn"), ("Commitment", None), ("Berths", ["Faro"])),
        post(("CREW", "Dusk"), ("Commitment", ""), ("Sail", False)),
    ]
    found, more = custom_fields(posts)
    assert [(each.name, each.posts, each.values) for each in found] == [
        ("Commitment", 1, (("Full-time", 1),)),
        ("Crew", 3, (("Dawn", 2), ("Dusk", 1))),
        ("Berths", 2, (("Faro", 2), ("Lisbon", 1))),
        ("Sail", 1, (("No", 1),)),
    ]
    assert more == 0
    assert [CustomField.from_json(each.as_json()) for each in found] == found


def test_a_board_of_many_fields_with_many_values_is_summed_up_within_bounds() -> None:
    posts = [post(*((f"Field {n}", f"{n} {number}") for n in range(250))) for number in range(40)]
    found, more = custom_fields(posts)
    assert (len(found), more) == (MOST_FIELDS, 50)
    assert {(each.posts, each.distinct, len(each.values)) for each in found} == {(40, 40, MOST_VALUES_SHOWN)}
    wide, _ = custom_fields(post(("Code", f"value {number}")) for number in range(10_000))
    assert wide[0].posts == 10_000
    assert wide[0].distinct <= 2_000


def test_choices_are_stored_only_where_they_differ_from_the_guess() -> None:
    fields, _ = custom_fields([post(("Commitment", "Full-time"), ("Crew", "Dawn"), ("Level", "5"))])
    sent = {
        "commitment": Column.EMPLOYMENT_TYPE,
        "crew": Column.TAGS,
        "level": None,
        "nobody knows": Column.TAGS,
    }
    choices = changed_choices({"of a field that is gone": Column.TAGS}, sent, fields)
    assert stored_choices(choices) == {"of a field that is gone": "tags", "crew": "tags", "level": ""}
    assert parse_choices(stored_choices(choices)) == choices
    assert stored_choices(changed_choices(choices, {"level": Column.SENIORITY, "crew": None}, fields)) == {
        "of a field that is gone": "tags"
    }


def test_a_column_that_this_version_does_not_know_counts_as_not_chosen() -> None:
    assert parse_choices({"a": "tags", "b": "moon phase", "c": "", "d": None, "e": 3}) == {
        "a": Column.TAGS,
        "c": None,
    }
    assert parse_choices(None) == {}


def test_a_default_type_counts_only_where_the_post_says_none() -> None:
    mapping = FieldMapping(default_type=EmploymentType.FULL_TIME)
    assert mapping.complete({"location": "Faro"}) == {"location": "Faro", "employment_type": "full_time"}
    assert mapping.complete({"employment_type": "internship"}) == {"employment_type": "internship"}
    assert FieldMapping().complete({}) == {}
    assert completed_before({}, mapping.stamp) == {"employment_type": "full_time"}
    assert completed_before({}, FieldMapping().stamp) == completed_before({}, "1") == {}


def test_each_mapping_has_a_stamp_of_its_own() -> None:
    mappings = [
        FieldMapping(),
        FieldMapping({"crew": Column.TAGS}),
        FieldMapping({"crew": None}),
        FieldMapping({"crew": Column.TAGS}, EmploymentType.CONTRACT),
        FieldMapping({}, EmploymentType.CONTRACT),
    ]
    assert len({each.stamp for each in mappings}) == len(mappings)
    assert max(len(each.stamp) for each in mappings) < 40
    assert not any(":" in each.stamp for each in mappings)


@pytest.mark.parametrize(
    ("row", "follows", "before", "after", "taken"),
    [
        ({"seniority": "5"}, ALL_FOLLOW, {"seniority": "5"}, {}, {"seniority": {"seniority": None}}),
        ({"seniority": "Lead"}, ALL_FOLLOW, {"seniority": "5"}, {}, {}),
        (
            {"seniority": "5"},
            with_following(ALL_FOLLOW, "seniority", following=False),
            {"seniority": "5"},
            {},
            {},
        ),
        ({"tags": ["a"]}, ALL_FOLLOW, {"tags": ["a"]}, {}, {"tags": {"tags": []}}),
        (
            {"tags": ["a"]},
            ALL_FOLLOW,
            {"tags": ["a"]},
            {"seniority": "Lead"},
            {"tags": {"tags": []}, "seniority": {"seniority": "Lead"}},
        ),
        (
            {},
            ALL_FOLLOW,
            {},
            {"employment_type": "contract"},
            {"employment_type": {"employment_type": "contract"}},
        ),
        ({"location": "Faro"}, ALL_FOLLOW, {}, {}, {}),
    ],
)
def test_what_is_read_no_more_empties_the_field_that_holds_it_unless_it_is_the_organisations_own(
    row: Mapping[str, Any],
    follows: int,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    taken: Mapping[str, Any],
) -> None:
    assert reread_values(follows, {**EMPTY, **row}, before, after) == taken

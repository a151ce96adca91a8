"""Which fields follow Greenhouse, what they take from it, and how a run says so."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.jobs.fields import FIELDS
from portal.domain.sync.following import (
    ALL_FOLLOW,
    FOLLOWABLE,
    FOLLOWABLE_COLUMNS,
    as_source_value,
    bit_of,
    followed_values,
    is_following,
    label_of,
    source_columns,
    value_words,
    with_following,
)
from portal.domain.sync.plan import PLAIN_COLUMNS, changed_fields

PAY = {"salary_min": 5_000_000, "salary_max": 6_000_000, "salary_currency": "EUR", "salary_period": "year"}
SAID = {
    "location": "Berlin",
    "workplace_type": "hybrid",
    "employment_type": "full_time",
    "department": "Optics",
    "seniority": "Senior",
    "salary": PAY,
    "closes_on": "2027-01-15",
    "hiring_manager": "Mara Lind",
    "tags": ["Sea"],
}
EMPTY: dict[str, Any] = dict.fromkeys(FOLLOWABLE_COLUMNS) | {"tags": []}
names = st.sampled_from(FOLLOWABLE)


def columns_of(said: dict[str, Any]) -> dict[str, Any]:
    found = dict(EMPTY)
    for name, value in said.items():
        found |= source_columns(FIELDS[name], value)
    return found


@given(st.integers(0, ALL_FOLLOW), names, st.booleans())
def test_one_field_begins_or_ends_to_follow_and_no_other_does(follows: int, name: str, on: bool) -> None:
    after = with_following(follows, name, on)
    assert is_following(after, name) is on
    assert all(is_following(after, each) == is_following(follows, each) for each in set(FOLLOWABLE) - {name})


def test_the_place_of_each_field_among_the_stored_bits_never_changes() -> None:
    assert [bit_of(name) for name in (*SAID, "summary", "visibility", "title")] == [
        *(2**place for place in range(9)),
        *(0, 0, 0),
    ]


@given(st.integers(0, ALL_FOLLOW))
def test_a_field_that_follows_takes_what_greenhouse_says_and_an_own_one_takes_nothing(follows: int) -> None:
    taken = followed_values(follows, EMPTY, SAID)
    assert set(taken) == {name for name in FOLLOWABLE if is_following(follows, name)}
    for name, values in taken.items():
        assert values == {column: columns_of(SAID)[column] for column in FIELDS[name].columns}


def test_what_is_there_already_is_not_taken_again() -> None:
    assert followed_values(ALL_FOLLOW, columns_of(SAID), SAID) == {}


def test_what_greenhouse_no_longer_says_anything_of_stays_but_for_the_closing_date() -> None:
    assert followed_values(ALL_FOLLOW, columns_of(SAID), {}) == {"closes_on": {"closes_on": None}}


def test_a_pay_range_is_taken_whole() -> None:
    row = columns_of(SAID) | {"salary_max": 7_000_000}
    assert followed_values(ALL_FOLLOW, row, SAID) == {"salary": PAY}


@pytest.mark.parametrize("name", FOLLOWABLE)
def test_columns_are_told_in_the_form_in_which_greenhouses_values_are_kept(name: str) -> None:
    assert as_source_value(FIELDS[name], columns_of(SAID)) == SAID[name]
    assert as_source_value(FIELDS[name], EMPTY) is None


def row(said: dict[str, Any], **columns: Any) -> dict[str, Any]:
    own = dict.fromkeys(PLAIN_COLUMNS) | {"description_html": ""}
    return own | columns_of(said) | {"source_values": said} | columns


def told(before: dict[str, Any], said: dict[str, Any], follows: int) -> list[tuple[str, str, str]]:
    changes = changed_fields(before, row(said), followed_values(follows, before, said))
    return [
        (
            label_of(each["field"], followed=each.get("followed", False)),
            value_words(each["field"], each["before"]),
            value_words(each["field"], each["after"]),
        )
        for each in changes
    ]


def test_a_run_tells_what_followed_once_and_what_is_only_said_otherwise_as_such() -> None:
    before, said = row(SAID), SAID | {"location": "Munich", "closes_on": "2027-02-01"}
    assert told(before, said, bit_of("closes_on")) == [
        ("Closes on", "15 Jan 2027", "1 Feb 2027"),
        ("Location in Greenhouse", "Berlin", "Munich"),
    ]


def test_a_run_tells_the_value_that_stood_here_where_greenhouse_was_silent_for_a_while() -> None:
    before = row({}, location="Berlin")
    assert told(before, {"location": "Oslo"}, ALL_FOLLOW) == [("Location", "Berlin", "Oslo")]


def test_a_deadline_that_went_is_told_as_followed_and_a_place_that_went_as_no_longer_said() -> None:
    said = {"location": "Berlin", "closes_on": "2027-01-15"}
    assert told(row(said), {}, ALL_FOLLOW) == [
        ("Closes on", "15 Jan 2027", ""),
        ("Location in Greenhouse", "Berlin", ""),
    ]


def test_a_deadline_of_today_is_a_date_in_the_columns() -> None:
    assert followed_values(ALL_FOLLOW, EMPTY, {"closes_on": "2027-01-15"})["closes_on"] == {
        "closes_on": date(2027, 1, 15)
    }

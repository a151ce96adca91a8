"""Several values of a filter widen the public list, and filters narrow each other."""

from typing import Any

import pytest

from portal.domain.jobs.public_list import FILTERS, MOST_VALUES, Group, PublicFilter, read_filter, tally
from portal.domain.places.keys import nearest_keys, place_keys


def group(count: int = 1, **values: str | bool | None) -> Group:
    said: dict[str, Any] = {name: values.get(name) for name in FILTERS}
    places = place_keys(said["location"])
    return Group(places=places, featured=bool(values.get("featured")), jobs=count, **said)


GROUPS = [
    group(4, department="Data", location="Austin, TX", workplace_type="hybrid", language="en"),
    group(2, department="Data", location="Remote (US)", workplace_type="remote", language="en"),
    group(1, department="data", location="Berlin", workplace_type="hybrid", language="de"),
    group(3, department="Sales", location="Berlin", workplace_type="onsite", language="de-CH"),
    group(1, department=None, location=None, workplace_type=None, language=None, featured=True),
]


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ({}, 11),
        ({"department": ["Data"]}, 7),
        ({"department": ["DATA", "sales"]}, 10),
        ({"location": ["United States"]}, 6),
        ({"location": ["Texas", "Germany"]}, 8),
        ({"location": ["Berlin"], "workplace_type": ["hybrid", "remote"]}, 1),
        ({"language": ["de"]}, 4),
        ({"language": ["de-AT"]}, 4),
        ({"department": ["Gone"]}, 0),
        ({"language": ["%"], "employment_type": ["x"]}, 0),
    ],
)
def test_values_of_one_filter_add_up_and_filters_narrow_each_other(
    asked: dict[str, list[str]], total: int
) -> None:
    assert tally(GROUPS, read_filter("", asked)).total == total


def test_a_choice_counts_what_the_other_filters_leave_beside_it() -> None:
    found = tally(GROUPS, read_filter("", {"department": ["Data"], "workplace_type": ["remote"]}))
    assert found.choices["workplace_type"] == {"hybrid": 5, "remote": 2}
    assert found.choices["department"] == {"Data": 2}
    assert found.choices["location"] == {"United States": 2}
    assert found.without == {"department": 2, "workplace_type": 7}


def test_headings_count_their_jobs_whatever_the_spelling_and_featured_ones_stand_apart() -> None:
    found = tally(GROUPS, PublicFilter())
    assert found.departments == {"data": 7, "sales": 3}
    assert found.featured == 1


def test_an_empty_list_knows_which_filter_to_drop() -> None:
    found = tally(GROUPS, read_filter("", {"department": ["Sales"], "workplace_type": ["remote"]}))
    assert found.total == 0
    assert found.without == {"department": 2, "workplace_type": 3}


def test_whatever_is_asked_for_is_cut_to_what_can_be_meant() -> None:
    wild = ["\0", "", " \u200b", "a" * 100_000, "Data", " data ", *map(str, range(5_000))]
    read = read_filter("x\0" * 100_000, {"department": wild, "nonsense": ["1"]})
    assert len(read.q) == 200
    assert "\0" not in read.q
    values = read.values("department")
    assert len(values) == MOST_VALUES
    assert all(0 < len(value) <= 200 and "\0" not in value for value in values)
    assert read_filter("", {"department": ["b", "a", "B"]}) == read_filter("", {"department": ["a", "B"]})


@pytest.mark.parametrize(
    ("location", "nearest"),
    [("Austin, TX", "town"), ("Texas, United States", "|=us-tx|"), ("Remote (US)", "|=us|"), (None, None)],
)
def test_the_most_exact_place_is_what_similar_jobs_share(location: str | None, nearest: str | None) -> None:
    found = nearest_keys(place_keys(location))
    if nearest == "town":
        assert len(found) == 1
        assert not found[0].startswith("|=us")
    else:
        assert found == ([nearest] if nearest else [])

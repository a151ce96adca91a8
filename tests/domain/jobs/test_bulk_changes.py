"""What one change of many jobs makes of each."""

from datetime import date
from typing import Any

import pytest

from portal.domain.jobs.bulk import BulkPlan, How, bulk_change, plan_bulk
from portal.domain.jobs.fields import FIELDS
from portal.domain.jobs.values import MOST_TAGS
from portal.domain.sync.following import ALL_FOLLOW, bit_of
from portal.domain.texts import InvalidValue


def plan(name: str, how: How, text: str, *rows: dict[str, Any]) -> tuple[list[Any], int, int]:
    found = plan_of(name, how, text, *rows)
    return [step.after for step in found.steps], found.same, found.unfit


def plan_of(name: str, how: How, text: str, *rows: dict[str, Any]) -> BulkPlan:
    return plan_bulk(bulk_change(FIELDS[name], how, text), enumerate({"follows": 0} | row for row in rows))


def test_a_value_is_set_where_it_is_not_there_already() -> None:
    rows = [{"location": "Porto"}, {"location": "Lisbon"}, {"location": None}]
    assert plan("location", How.SET, " Lisbon ", *rows) == ([{"location": "Lisbon"}] * 2, 1, 0)


def test_tags_are_added_once_and_no_more_than_fit() -> None:
    rows = [{"tags": ["Sea"]}, {"tags": ["wind"]}, {"tags": []}, {"tags": [str(n) for n in range(MOST_TAGS)]}]
    steps, same, unfit = plan("tags", How.ADD, "sea, Wind", *rows)
    assert steps == [{"tags": ["Sea", "Wind"]}, {"tags": ["wind", "sea"]}, {"tags": ["sea", "Wind"]}]
    assert (same, unfit) == (0, 1)


def test_tags_are_removed_whatever_their_case_and_invisible_characters() -> None:
    rows = [{"tags": ["Se\u200ba", "wind"]}, {"tags": ["wind"]}]
    assert plan("tags", How.REMOVE, "SEA", *rows) == ([{"tags": ["wind"]}], 1, 0)


def test_greenhouses_value_is_taken_where_it_says_one_of_an_imported_job() -> None:
    said = {"location": "Berlin", "salary": {"salary_min": 1}}
    rows = [
        {"location": None, "source": "greenhouse", "source_values": said},
        {"location": "Berlin", "source": "greenhouse", "source_values": said, "follows": bit_of("location")},
        {"location": "Faro", "source": "greenhouse", "source_values": {}},
        {"location": None, "source": "own", "source_values": said},
    ]
    assert plan("location", How.TAKE, "", *rows) == ([{"location": "Berlin"}], 1, 2)


def test_an_own_field_that_says_the_same_as_greenhouse_already_still_follows_again() -> None:
    row = {"location": "Berlin", "source": "greenhouse", "source_values": {"location": "Berlin"}}
    [step] = plan_of("location", How.TAKE, "", row).steps
    assert (step.before == step.after, step.followed, step.follows) == (True, False, True)


def test_following_a_deadline_that_greenhouse_does_not_have_ends_ours() -> None:
    row = {"closes_on": date(2031, 2, 3), "source": "greenhouse", "source_values": {}}
    assert plan("closes_on", How.TAKE, "", row) == ([{"closes_on": None}], 0, 0)


def test_what_a_person_sets_follows_no_longer_and_what_was_there_already_goes_on_following() -> None:
    rows = [{"location": "Porto", "follows": ALL_FOLLOW}, {"location": "Lisbon", "follows": ALL_FOLLOW}]
    found = plan_of("location", How.SET, "Lisbon", *rows)
    assert [(step.job_id, step.followed, step.follows) for step in found.steps] == [(0, True, False)]
    assert found.same == 1


@pytest.mark.parametrize(
    ("name", "how", "text"),
    [
        ("salary", How.SET, "90k"),
        ("salary", How.SET, "110k – 85k EUR"),
        ("workplace_type", How.SET, "moon"),
        ("visibility", How.SET, ""),
        ("location", How.ADD, "Porto"),
        ("tags", How.ADD, " , "),
        ("tags", How.REMOVE, ""),
    ],
)
def test_what_no_job_can_have_is_refused_before_any_is_touched(name: str, how: How, text: str) -> None:
    with pytest.raises(InvalidValue):
        bulk_change(FIELDS[name], how, text)

import pytest

from portal.domain.sync.metadata import Column, field_key, guessed_column
from portal.domain.sync.posts import JobPost, Metadata
from portal.domain.sync.prefill import source_values


def said(*fields, choices=None):
    post = JobPost(id=1, title="Baker", content="", metadata=tuple(Metadata(*field) for field in fields))
    return source_values(post, choices or {})


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("Employment Type", Column.EMPLOYMENT_TYPE),
        ("Workplace", Column.WORKPLACE_TYPE),
        ("Experience Level", Column.SENIORITY),
        ("Salary range", Column.SALARY),
        ("Core skills", None),
        ("", None),
    ],
)
def test_the_column_that_a_field_feeds_is_guessed_by_its_name(name, column):
    assert guessed_column(name) is column


@pytest.mark.parametrize("name", ["Team kind", " TEAM  KIND ", "team_kind", "Team: kind?", "team-kind"])
def test_field_names_equal_but_for_case_space_and_punctuation_are_one(name):
    assert field_key(name) == field_key("Team kind")
    values = said((name, "single_select", "Part-time"), choices={"team kind": Column.EMPLOYMENT_TYPE})
    assert values == {"employment_type": "part_time"}


def test_fields_named_in_signs_alone_are_told_apart():
    assert field_key("???") != field_key("€€")


def test_a_chosen_column_replaces_the_guessed_one():
    fields = ("Worker type", "short_text", "Hybrid"), ("Workplace", "short_text", "Remote")
    assert said(*fields)["workplace_type"] == "remote"
    choices = {"worker type": Column.WORKPLACE_TYPE, "workplace": None}
    assert said(*fields, choices=choices) == {"workplace_type": "hybrid"}

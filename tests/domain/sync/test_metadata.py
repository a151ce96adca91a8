import pytest

from portal.domain.sync.metadata import Column, field_key, guessed_column
from portal.domain.sync.posts import Department, JobPost, Location, Metadata
from portal.domain.sync.prefill import prefill, source_values


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


@pytest.mark.parametrize(
    ("column", "value", "kept"),
    [
        (Column.LOCATION, "  Lyon,  France ", "Lyon, France"),
        (Column.LOCATION, ["Lyon", "Lille", "lyon"], "Lyon; Lille"),
        (Column.DEPARTMENT, ["Bakery", "Kitchen"], "Bakery"),
        (Column.HIRING_MANAGER, {"user_id": 7, "name": "Ada  Low", "email": "ada@example.com"}, "Ada Low"),
        (Column.HIRING_MANAGER, "Ada Low", "Ada Low"),
        (Column.TAGS, "night shift, oven;\nNight Shift", ["night shift", "oven"]),
        (Column.TAGS, ["night shift", "oven"], ["night shift", "oven"]),
        (Column.CLOSES_ON, "2027-01-31", "2027-01-31"),
        (Column.CLOSES_ON, "next week", None),
        (Column.HIRING_MANAGER, 7, None),
        (Column.TAGS, {"name": None}, None),
    ],
)
def test_a_field_can_be_chosen_for_what_is_never_guessed(column, value, kept):
    values = said(("Odd field", None, value), choices={"odd field": column})
    assert values.get(column.value) == kept
    assert said(("Odd field", None, value)) == {}


def test_a_chosen_field_outweighs_what_greenhouse_has_of_its_own_where_it_says_anything():
    fields = (Metadata("Public team", None, "Bakery"), Metadata("City", None, None))
    post = JobPost(
        id=1,
        title="Baker",
        content="",
        location=Location("Paris"),
        departments=(Department(1, "Dept 12"),),
        metadata=fields,
    )
    values = source_values(post, {"public team": Column.DEPARTMENT, "city": Column.LOCATION})
    assert (values["department"], values["location"]) == ("Bakery", "Paris")
    assert values["departments"] == ["Dept 12"]
    assert prefill(values)["department"] == "Bakery"

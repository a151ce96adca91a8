from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.jobs.fields import (
    FIELDS,
    GREENHOUSE_FIELDS,
    OWN_FIELDS,
    EmploymentType,
    Visibility,
    WorkplaceType,
)
from portal.domain.texts import InvalidValue

ALL = FIELDS | OWN_FIELDS
EMPTY = {
    "location": None, "workplace_type": None, "employment_type": None, "department": None, "seniority": None,
    "salary_min": None, "salary_max": None, "salary_currency": None, "salary_period": None,
    "salary_visible": False, "hiring_manager": None, "summary": None, "tags": [], "featured": False,
    "visibility": "shown", "closes_on": None, "title": "Engineer", "description_html": "",
    "description_markdown": None, "apply_url": None,
}  # fmt: skip


def described(html, source):
    return {"description_html": html, "description_markdown": source}


def test_the_fields_are_those_of_the_organisation_in_the_order_they_are_shown():
    assert list(FIELDS) == [
        "location", "workplace_type", "employment_type", "department", "seniority", "salary",
        "salary_visible", "hiring_manager", "summary", "tags", "featured", "visibility", "closes_on",
    ]  # fmt: skip
    assert set(OWN_FIELDS) == GREENHOUSE_FIELDS
    assert not set(FIELDS) & GREENHOUSE_FIELDS


def test_every_choice_has_a_name_for_people():
    assert [kind.label for kind in WorkplaceType] == ["On site", "Hybrid", "Remote"]
    assert EmploymentType.FULL_TIME.label == "Full-time"
    assert Visibility.HIDDEN.label == "Hidden"


@pytest.mark.parametrize(
    ("name", "typed", "columns", "shown"),
    [
        ("location", "  Berlin,\n Germany ", {"location": "Berlin, Germany"}, "Berlin, Germany"),
        ("location", " ", {"location": None}, ""),
        ("workplace_type", "onsite", {"workplace_type": "onsite"}, "On site"),
        ("workplace_type", "", {"workplace_type": None}, ""),
        ("employment_type", "full_time", {"employment_type": "full_time"}, "Full-time"),
        ("visibility", "hidden", {"visibility": "hidden"}, "Hidden"),
        ("featured", "on", {"featured": True}, "Featured"),
        ("featured", "", {"featured": False}, "Not featured"),
        ("summary", "One\r\ntwo ", {"summary": "One\ntwo"}, "One\ntwo"),
        ("tags", " Go, go,My  work,,C", {"tags": ["Go", "My work", "C"]}, "Go, My work, C"),
        ("tags", "Go\r\nMy work\tC;D", {"tags": ["Go", "My work", "C", "D"]}, "Go, My work, C, D"),
        ("tags", "風，計器、組込み；C++", {"tags": ["風", "計器", "組込み", "C++"]}, "風, 計器, 組込み, C++"),
        ("closes_on", "2027-01-31", {"closes_on": date(2027, 1, 31)}, "31 Jan 2027"),
        ("closes_on", "", {"closes_on": None}, ""),
        ("apply_url", "https://acme.example/jobs?a=1", {"apply_url": "https://acme.example/jobs?a=1"}, None),
        ("apply_url", "http://müller.example/a b", {"apply_url": "https://xn--mller-kva.example/a%20b"}, "https://xn--mller-kva.example/a%20b"),
        ("apply_url", "acme.example/jobs", {"apply_url": "https://acme.example/jobs"}, None),
        ("department", "Engi\u200bneering\ufeff ", {"department": "Engineering"}, "Engineering"),
        ("description", "a\nb\n\n&", described("<p>a<br>\nb</p>\n<p>&amp;</p>", "a\nb\n\n&"), "a b &"),
        ("description", "# **a**", described("<h2><strong>a</strong></h2>", "# **a**"), "a"),
        ("description", "<p onclick=x>a</p>", described("<p>a</p>", "<p onclick=x>a</p>"), "a"),
        (
            "salary",
            "25.50 EUR per hour",
            {"salary_min": 2_550, "salary_max": 2_550, "salary_currency": "EUR", "salary_period": "hour"},
            "€25.50 / hour",
        ),
    ],
)  # fmt: skip
def test_what_is_typed_is_kept_shown_and_filled_into_the_editor_again(name, typed, columns, shown):
    field = ALL[name]
    row = EMPTY | columns
    assert field.parse(typed) == columns
    assert set(field.columns) == set(columns)
    assert shown is None or field.display(row) == shown
    assert field.parse(field.read(row)) == columns
    assert field.read(SimpleNamespace(**row)) == field.read(row)


@pytest.mark.parametrize(
    ("name", "typed", "advice"),
    [
        ("location", "x" * 301, "at most 300"),
        ("location", "a\x00b", "cannot be shown"),
        ("location", "a\ud800", "cannot be shown"),
        ("summary", "a\x1bb", "cannot be shown"),
        ("workplace_type", "moon", "Choose one of: On site, Hybrid, Remote"),
        ("visibility", "", "cannot be empty"),
        ("featured", "perhaps", "Choose one of"),
        ("tags", ",".join(map(str, range(21))), "at most 20 tags"),
        ("tags", "x" * 41, "at most 40"),
        ("closes_on", "31.1.2027", "year-month-day"),
        ("closes_on", "2027-02-31", "year-month-day"),
        ("salary", "lots", "Type one amount"),
        ("title", "  ", "cannot be empty"),
        ("title", "x" * 201, "at most 200"),
        ("apply_url", "javascript:alert(1)", "begins with https"),
        ("apply_url", "https://known.example@evil.example/", "begins with https"),
    ],
)
def test_what_cannot_be_kept_is_answered_at_the_cell(name, typed, advice):
    with pytest.raises(InvalidValue, match=advice):
        ALL[name].parse(typed)


def test_a_salary_typed_without_a_currency_takes_that_of_the_job():
    row = EMPTY | {"salary_min": 1, "salary_currency": "GBP", "salary_period": "year"}
    assert FIELDS["salary"].parse("30 per hour", row)["salary_currency"] == "GBP"


@given(st.sampled_from(sorted(ALL)), st.text(max_size=60))
def test_anything_typed_is_kept_and_read_back_the_same_or_answered_with_a_sentence(name, typed):
    field = ALL[name]
    try:
        columns = field.parse(typed)
    except InvalidValue as error:
        message = str(error)
    else:
        assert field.parse(field.read(EMPTY | columns)) == columns
        field.display(EMPTY | columns)
        return
    assert message.endswith(".")


def test_a_description_that_came_as_html_is_offered_as_markdown_and_stays_until_it_is_changed():
    row = EMPTY | described("<h2>Tasks</h2><p>Weld <strong>masts</strong>.</p>", None)
    offered = OWN_FIELDS["description"].read(row)
    assert offered == "## Tasks\n\nWeld **masts**."
    assert OWN_FIELDS["description"].parse(offered, row) == described(row["description_html"], None)
    changed = OWN_FIELDS["description"].parse(offered + "!", row)
    assert changed == described("<h2>Tasks</h2>\n<p>Weld <strong>masts</strong>.!</p>", offered + "!")

import json
import time
from collections.abc import Callable
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.descriptions.clean import clean_description
from portal.domain.jobs.fields import FIELDS
from portal.domain.sync.posts import Department, JobPost, Location, Metadata, Office, PayRange
from portal.domain.sync.prefill import office_places, prefill, source_values


def post(**fields):
    return JobPost(id=1, title="Engineer", content="", **fields)


def said(name, value, value_type=None):
    return source_values(post(metadata=(Metadata(name, value_type, value),)))


@pytest.mark.parametrize(
    ("offices", "places"),
    [
        ((), None),
        ((Office(name="Remote"), Office(name="N/A"), Office()), None),
        ((Office(name="Parow", location="South Africa"), Office(name="Lyon")), "Parow, South Africa; Lyon"),
        ((Office(name="Berlin", location="Berlin, Germany"),), "Berlin, Germany"),
        ((Office(name="Lin", location="Berlin, Germany"),), "Lin, Berlin, Germany"),
        ((Office(name="Faro"), Office(name=" Faro ")), "Faro"),
    ],
)
def test_offices_are_kept_by_name_and_address_where_they_say_where_they_are(offices, places):
    assert office_places(post(offices=offices)) == places


@pytest.mark.parametrize(
    ("location", "offices", "place", "model"),
    [
        ("Berlin, Germany", (), "Berlin, Germany", None),
        ("  Cape   Town ", (), "Cape Town", None),
        ("Home Based - EMEA", (), "Home Based - EMEA", "remote"),
        ("Remote", (), None, "remote"),
        (
            "Hybrid",
            (Office(name="HQ", location="Porto, Portugal"), Office(name="Faro")),
            "Porto, Portugal; Faro",
            "hybrid",
        ),
        ("Remote", (Office(name="Any"), Office(name="Remote")), None, "remote"),
        ("Taipei", (Office(name="Office Based - Taipei, Taiwan"),), "Taipei", "onsite"),
        ("Taipei", (Office(name="Office Based - Taipei"), Office(name="Home Based - APAC")), "Taipei", None),
        (None, (Office(name="Lisbon"),), "Lisbon", None),
    ],
)
def test_place_and_work_model_are_each_taken_from_where_they_truly_stand(location, offices, place, model):
    values = source_values(post(location=Location(location), offices=offices))
    assert values.get("location") == place
    assert values.get("workplace_type") == model


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("Employment Type", "Full-time", "full_time"),
        ("Employment Length", "Part Time", "part_time"),
        ("Job type", ["Full-time", "Internship"], "internship"),
        ("Contract Type", "Permanent contract, full time", "full_time"),
        ("Contract Type", "Fixed term", "temporary"),
        ("Vertragsart", "Unbefristet, Vollzeit", "full_time"),
        ("Employment Type", "Contractor", "contract"),
        ("Employment Type", "Full-time or part-time", None),
        ("Employment Type", "Permanent", None),
        ("Employment Type", "Other", "other"),
        ("Employment Type", None, None),
        ("Core skills", "Full-time", None),
    ],
)
def test_the_employment_type_is_taken_where_a_field_says_one(name, value, kind):
    assert said(name, value).get("employment_type") == kind


@pytest.mark.parametrize(
    ("title", "employment", "kind"),
    [
        ("Store Associate (Part-Time)", None, "part_time"),
        ("Design Intern, Summer", None, "internship"),
        ("Design Intern, Summer", "Full-time", "internship"),
        ("Design Intern, Summer", "Contract", "contract"),
        ("Store Associate (Part-Time)", "Full-time", "full_time"),
        ("Recruiter (Contract)", "Full-time", "contract"),
        ("Contract Manager", None, None),
        ("Engineer", "Full-time or part-time", None),
    ],
)
def test_the_title_says_the_employment_where_no_field_says_as_much(title, employment, kind):
    job = JobPost(id=1, title=title, content="", metadata=(Metadata("Employment Type", None, employment),))
    assert source_values(job).get("employment_type") == kind


@pytest.mark.parametrize(
    ("field", "location", "title", "content", "offices", "model"),
    [
        (None, None, "Engineer (Remote) - UK", "", (), "remote"),
        (None, "Toronto", "Data Analyst (Hybrid/Toronto)", "", (), "hybrid"),
        (None, "Leeds, UK", "Baker", "&lt;p&gt;Hello&lt;/p&gt;&lt;p&gt;#LI-Hybrid&lt;/p&gt;", (), "hybrid"),
        (None, "Leeds, UK", "Baker", "&lt;p&gt;#LI-AB1 #LI-REMOTE&lt;/p&gt;", (), "remote"),
        (None, "Leeds, UK", "Baker", "&lt;p&gt;#LI-Hybrid #LI-Remote&lt;/p&gt;", (), None),
        (None, "Leeds, UK", "Baker (Remote)", "&lt;p&gt;#LI-Hybrid&lt;/p&gt;", (), "remote"),
        (None, "Remote - UK", "Baker (Hybrid)", "&lt;p&gt;#LI-Onsite&lt;/p&gt;", (), "remote"),
        ("On-site", "Remote - UK", "Baker (Hybrid)", "&lt;p&gt;#LI-Hybrid&lt;/p&gt;", (), "onsite"),
        ("Remote or Hybrid", "Leeds", "Baker (Remote)", "", (), None),
        (None, "San Francisco or Remote", "Baker", "&lt;p&gt;#LI-Remote&lt;/p&gt;", (), None),
        (None, "Leeds", "Baker", "&lt;p&gt;#LI-Hybrid&lt;/p&gt;", (Office(name="Remote - UK"),), "hybrid"),
        (None, "Leeds", "Remote Operations Engineer", "", (), None),
        (None, "Leeds", "Hybrid Cloud Architect", "", (), None),
    ],
)
def test_the_work_model_is_taken_from_the_strongest_source_that_says_any(
    field, location, title, content, offices, model
):
    job = JobPost(
        id=1,
        title=title,
        content=content,
        location=Location(location),
        offices=offices,
        metadata=(Metadata("Workplace Type", None, field),),
    )
    assert source_values(job).get("workplace_type") == model


def test_a_field_about_the_workplace_outweighs_the_location():
    fields = (Metadata("Workplace Type", "single_select", "Hybrid"),)
    assert (
        source_values(post(location=Location("Remote - EMEA"), metadata=fields))["workplace_type"] == "hybrid"
    )
    assert said("Remote?", True)["workplace_type"] == "remote"
    assert "workplace_type" not in said("Remote?", False)


def test_the_deepest_department_is_prefilled_and_all_are_kept():
    chain = (Department(1, "Engineering"), Department(3, "Data", 2), Department(2, "Platform", 1))
    values = source_values(post(departments=chain))
    assert values["department"] == "Data"
    assert values["departments"] == ["Engineering", "Data", "Platform"]
    assert source_values(post(departments=(Department(1, "No Department"),))) == {}
    assert (
        source_values(post(departments=(Department(1, "A", 2), Department(2, "B", 1))))["department"] == "A"
    )


def test_seniority_and_closing_date_are_taken_where_they_are_said():
    assert said("Experience Level", " Mid-Senior ")["seniority"] == "Mid-Senior"
    assert "seniority" not in said("Experience Level", ["Junior", "Senior"])
    assert source_values(post(application_deadline="2027-01-31T23:59:00-05:00"))["closes_on"] == "2027-01-31"
    assert source_values(post(application_deadline="2027-02-31")) == {}
    assert source_values(post(application_deadline="soon")) == {}


def test_prefill_gives_the_columns_as_they_are_stored():
    values = source_values(
        post(
            location=Location("Berlin"),
            application_deadline="2027-01-31",
            departments=(Department(1, "Data"),),
            pay_input_ranges=(PayRange(8_500_000, None, "EUR", ""),),
        )
    )
    assert prefill(json.loads(json.dumps(values))) == {
        "location": "Berlin",
        "department": "Data",
        "closes_on": date(2027, 1, 31),
        "salary_min": 8_500_000,
        "salary_max": None,
        "salary_currency": "EUR",
        "salary_period": "year",
    }
    assert prefill({}) == {}


NAMES = [
    "Pay Frequency",
    "Job Post Range (Canada)",
    "Salary maximum",
    "Employment Type",
    "Remote?",
    "Workplace",
    "Experience Level",
    "Salary",
    "Hourly rate",
    "Salary per day",
    "",
]
odd = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["40.0", "45000", "EUR", "Remote", "Hourly", "$120k – 150k + bonus", "3.200 €/Monat"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["unit", "amount", "min_value", "max_value"]), inner, max_size=4)
    ),
    max_leaves=6,
)
texts = (
    st.none()
    | st.text(max_size=400)
    | st.sampled_from(["Remote", "Any", "Hybrid, Berlin", "2027-01-31", "EUR"])
)
ids = st.none() | st.integers(0, 4)
cents = st.none() | st.integers(0, 2**63 - 1)
posts = st.builds(
    post,
    application_deadline=texts,
    location=st.none() | st.builds(Location, texts),
    departments=st.lists(st.builds(Department, ids, texts, ids), max_size=4).map(tuple),
    offices=st.lists(st.builds(Office, ids, texts, texts, ids), max_size=3).map(tuple),
    metadata=st.lists(st.builds(Metadata, st.none() | st.sampled_from(NAMES), texts, odd), max_size=4).map(
        tuple
    ),
    pay_input_ranges=st.lists(st.builds(PayRange, cents, cents, texts, texts, texts), max_size=3).map(tuple),
)


@given(posts)
def test_whatever_greenhouse_says_the_columns_are_values_that_an_admin_could_have_typed(odd_post):
    values = source_values(odd_post)
    columns = prefill(json.loads(json.dumps(values)))
    for field in FIELDS.values():
        held = {column: columns[column] for column in field.columns if column in columns}
        assert not held or field.parse(field.read(columns)) == held


def test_the_boards_say_where_they_are_and_how_they_employ(board_posts):
    read = [msgspec.convert(job | {"metadata": job.get("metadata") or ()}, JobPost) for job in board_posts]
    values = [source_values(job) for job in read]
    assert all(
        value.get("location") or value.get("workplace_type")
        for job, value in zip(read, values, strict=True)
        if job.location or job.offices
    )
    assert sum(value.get("employment_type") == "full_time" for value in values) > 0.575 * len(values)
    assert all(value.get("department") in value.get("departments", [None]) for value in values)


def test_prefilling_costs_less_than_cleaning_the_description(board_posts):
    read = [msgspec.convert(job | {"metadata": job.get("metadata") or ()}, JobPost) for job in board_posts]

    def spent(work: Callable[[JobPost], object]) -> float:
        for post in read:
            work(post)  # once for the caches
        began = time.process_time()
        for post in read:
            work(post)
        return time.process_time() - began

    cleaning = spent(lambda post: clean_description(post.content, post.absolute_url))
    assert spent(lambda post: prefill(source_values(post))) < cleaning

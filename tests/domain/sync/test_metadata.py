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
        ("Worker Sub-Type", Column.EMPLOYMENT_TYPE),
        ("Employee Class", Column.EMPLOYMENT_TYPE),
        ("Employment Class", Column.EMPLOYMENT_TYPE),
        ("Careers page: Commitment", Column.EMPLOYMENT_TYPE),
        ("Schedule", Column.EMPLOYMENT_TYPE),
        ("Full Time / Part Time", Column.EMPLOYMENT_TYPE),
        ("Is this an internship?", Column.EMPLOYMENT_TYPE),
        ("Scheduled Weekly Hours", Column.EMPLOYMENT_TYPE),
        ("FTE", Column.EMPLOYMENT_TYPE),
        ("Vertragsart", Column.EMPLOYMENT_TYPE),
        ("Type de contrat", Column.EMPLOYMENT_TYPE),
        ("Tipo de contrato", Column.EMPLOYMENT_TYPE),
        ("雇用形態", Column.EMPLOYMENT_TYPE),
        ("Work Arrangement", Column.WORKPLACE_TYPE),
        ("Work Style", Column.WORKPLACE_TYPE),
        ("Careers Page - Open to Remote", Column.WORKPLACE_TYPE),
        ("Télétravail", Column.WORKPLACE_TYPE),
        ("Modalidad", Column.WORKPLACE_TYPE),
        ("Level", Column.SENIORITY),
        ("Niveau d’expérience", Column.SENIORITY),
        ("English level", None),
        ("Security level", None),
        ("Core skills", None),
        ("Job category", None),
        ("Internal notes", None),
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


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ([("Time Type", None, "Full time"), ("Worker Sub-Type", None, "Intern (Trainee)")], "internship"),
        ([("Worker Sub-Type", None, "Intern"), ("Time Type", None, "Full time")], "internship"),
        ([("Time Type", None, "Part time"), ("Employment Type", None, "Temporary")], "temporary"),
        ([("Time Type", None, "Full time"), ("Employment Type", None, "Regular")], "full_time"),
        ([("Employment Type", None, "Other"), ("Time Type", None, "Full time")], "full_time"),
        ([("Employment Type", None, "Unlimited Contract")], None),
        ([("Employment Type", None, "Unlimited Contract"), ("Hours", None, "x")], None),
        ([("Employment Type", None, "Full-time"), ("Schedule", None, "Part-time")], None),
        ([("Employment Class", None, "Casual")], "temporary"),
        ([("Full Time / Part Time", "single_select", "Part Time")], "part_time"),
        ([("Full Time / Part Time", "yes_no", True)], None),
        ([("Full Time", "yes_no", True)], "full_time"),
        ([("Full Time", "yes_no", False)], None),
        ([("Is this an internship?", "yes_no", True), ("Time Type", None, "Full time")], "internship"),
        ([("Internship?", "single_select", "Yes")], "internship"),
        ([("Intern conversion", "yes_no", True)], None),
        ([("Job type", "multi_select", ["Full-time", "Internship"])], "internship"),
        ([("Job type", "multi_select", ["Full-time", "Part-time"])], None),
        ([("Scheduled Weekly Hours", "number", "40.0")], "full_time"),
        ([("Hours per week", "number", 20)], "part_time"),
        (
            [("Scheduled Weekly Hours", "number", "40.0"), ("Worker Sub-Type", None, "Fixed Term")],
            "temporary",
        ),
        ([("Scheduled Weekly Hours", "number", "40.0"), ("Time Type", None, "Part time")], "part_time"),
        ([("FTE", "number", "0.5")], "part_time"),
        ([("Working hours", "short_text", "9:00 - 17:00")], None),
        ([("Remote work", None, "100%")], None),
        ([("Hours", None, "Part-time")], "part_time"),
        ([("Jornada", None, "Completa")], "full_time"),
        ([("Tipo de jornada", None, "Parcial")], "part_time"),
        ([("Wymiar etatu", None, "Pełny")], "full_time"),
        ([("היקף משרה", None, "חלקית")], "part_time"),
        ([("Employment type", None, "Full")], "full_time"),
        ([("Etat", None, "1/2")], "part_time"),
        ([("Etat", None, "1/1")], "full_time"),
        ([("Télétravail", None, "Partiel")], None),
        ([("Type de contrat", None, "CDI ou CDD")], None),
        ([("Work Type", None, "Full-time")], "full_time"),
        ([("Workplace", None, "Full-time")], "full_time"),
    ],
)
def test_the_more_specific_word_outranks_hours_whichever_field_says_it(fields, kind):
    assert said(*fields).get("employment_type") == kind


@pytest.mark.parametrize(
    ("fields", "model"),
    [
        ([("Work Arrangement", None, "3 days/week in office")], "hybrid"),
        ([("Work Style", None, "In Office")], "onsite"),
        ([("Work Schedule", None, "Hybrid")], "hybrid"),
        ([("Work Schedule", None, "Hybrid"), ("Workplace", None, "Remote")], "remote"),
        ([("Careers Page - Open to Remote", "yes_no", True)], None),
        ([("Remote eligible", "yes_no", True)], None),
        ([("Remote eligible", "single_select", "Yes")], None),
        ([("Remote stipend", "yes_no", True)], None),
        ([("Remote", "yes_no", True)], "remote"),
        ([("Is this role fully remote?", "single_select", "Yes")], "remote"),
        ([("Remote?", "yes_no", False)], None),
        ([("Remote?", "yes_no", True), ("Workplace", None, "Hybrid")], "hybrid"),
        ([("Workplace", "multi_select", ["Remote", "Hybrid"])], None),
        ([("Workplace", "multi_select", ["Hybrid"])], "hybrid"),
        ([("Workplace", None, "Remote or On-site")], None),
        ([("Location Type", None, "Remote-Friendly")], None),
        ([("Arbeitsmodell", None, "3 Tage im Büro")], "hybrid"),
        ([("Modalidad", None, "Presencial")], "onsite"),
        ([("Employment Type", None, "Remote")], "remote"),
        ([("Days in office", "number", "3.0")], "hybrid"),
        ([("Days in office", "number", 3)], "hybrid"),
        ([("In-office requirement", None, "5 days")], "onsite"),
        ([("Office days per week", None, "2-3")], "hybrid"),
        ([("Homeoffice", None, "2 Tage pro Woche")], "hybrid"),
        ([("Remote work", None, "100%")], "remote"),
        ([("Remote?", None, "Partially")], "hybrid"),
        ([("Remote?", None, "Fully")], "remote"),
        ([("Office", None, "3rd floor")], None),
    ],
)
def test_the_work_model_is_what_fields_say_and_not_what_they_offer(fields, model):
    assert said(*fields).get("workplace_type") == model


@pytest.mark.parametrize(
    ("value", "seniority"),
    [
        ("Senior", "Senior"),
        (["Senior"], "Senior"),
        (["Junior", "Senior"], None),
        ("IC4 - Senior", "Senior"),
        ("5", None),
        (5, None),
        ("Lv. 6-II", None),
        ("Select an Option", None),
        ("", None),
        (True, None),
    ],
)
def test_seniority_is_words(value, seniority):
    assert said(("Seniority Level", None, value)).get("seniority") == seniority


def test_placeholders_are_no_values():
    choices = {"team": Column.DEPARTMENT, "words": Column.TAGS, "boss": Column.HIRING_MANAGER}
    fields = ("Team", None, "Select an Option"), ("Words", None, ["N/A", "oven"]), ("Boss", None, "TBD")
    assert said(*fields, choices=choices) == {"tags": ["oven"]}


@pytest.mark.parametrize(
    ("field", "tags"),
    [
        (("Travel expected", "yes_no", True), ["Travel expected"]),
        (("Travel expected", "yes_no", False), None),
        (("Berths", "number", "40.0"), ["40"]),
        (("Berths", "number", "2.5"), ["2.5"]),
        (("Berths", "number", 40), ["40"]),
        (("Skills", "multi_select", ["Rope", "Sail, mast", None]), ["Rope", "Sail", "mast"]),
    ],
)
def test_a_chosen_field_of_any_kind_says_something_as_a_tag(
    field: tuple[str, str, object], tags: list[str] | None
) -> None:
    assert said(field, choices={field_key(field[0]): Column.TAGS}).get("tags") == tags


def test_several_fields_that_feed_tags_give_all_of_them() -> None:
    fields = (("Skills", "multi_select", ["Rope", "Mast"]), ("Knots", "yes_no", True))
    choices = {"skills": Column.TAGS, "knots": Column.TAGS}
    assert said(*fields, choices=choices)["tags"] == ["Rope", "Mast", "Knots"]

"""Answers are checked here, since Greenhouse takes an application that lacks required ones."""

from typing import Any

import pytest

from portal.domain.applications.files import MOST_BYTES, MOST_FILES
from portal.domain.applications.forms import (
    ApplicationForm,
    Consent,
    Field,
    FieldKind,
    Option,
    Question,
    Section,
    Wanted,
)
from portal.domain.applications.history import (
    MOST_ENTRIES,
    entries_of,
    names_of,
    with_another,
    without_entry,
)
from portal.domain.applications.validation import LONGEST_LINE, LONGEST_TEXT, HeldFile, Judged, Typed, judge

YES_NO = (Option("1", "Yes"), Option("0", "No"))
NAME = Question("First Name", True, (Field("first_name", FieldKind.LINE),))
EMAIL = Question("Email", True, (Field("email", FieldKind.LINE),))
RESUME = Question("Resume/CV", True, (Field("resume", FieldKind.FILE), Field("resume_text", FieldKind.TEXT)))
WHY = Question("Why?", False, (Field("question_1", FieldKind.TEXT),))
PERMIT = Question("Permit?", True, (Field("question_2", FieldKind.ONE, YES_NO),))
SPOKEN = Question(
    "Languages?",
    True,
    (Field("question_3[]", FieldKind.SEVERAL, (Option("7", "German"), Option("5", "Welsh"))),),
)
PLACE = Question("Location", True, (Field("location", FieldKind.LINE),))
CV = {"resume": HeldFile("cv.pdf", 10)}


def judged(
    *questions: Question, files: dict[str, HeldFile] | None = None, typed: Any = (), **form: Any
) -> Judged:
    values = {name: [value] if isinstance(value, str) else value for name, value in dict(typed).items()}
    return judge(ApplicationForm(questions, **form), Typed(values), files or {}, {})


def test_answers_are_sent_under_the_names_of_greenhouse_and_in_its_order() -> None:
    typed = {
        "first_name": " Ada  L. ",
        "question_1": "One\r\ntwo ",
        "question_2": "0",
        "question_3[]": ["5", "7"],
    }
    found = judged(NAME, WHY, PERMIT, SPOKEN, typed=typed)
    assert found.errors == {}
    assert found.parts == [
        ("first_name", "Ada L."),
        ("question_1", "One\ntwo"),
        ("question_2", "0"),
        ("question_3[]", "7"),
        ("question_3[]", "5"),
    ]


def test_a_missing_answer_is_named_at_the_first_field_of_its_question() -> None:
    found = judged(NAME, RESUME, WHY, PERMIT, SPOKEN)
    assert found.errors == {
        "first_name": "Answer this question.",
        "resume": "Choose a file, or paste the text.",
        "question_2": "Choose an answer.",
        "question_3[]": "Choose at least one.",
    }


@pytest.mark.parametrize(
    ("files", "typed"), [(CV, {}), ({}, {"resume_text": "I measure."}), (CV, {"resume_text": "I measure."})]
)
def test_one_of_two_alternatives_is_enough(files: dict[str, HeldFile], typed: dict[str, str]) -> None:
    assert judged(RESUME, files=files, typed=typed).errors == {}


def test_only_white_space_is_no_answer() -> None:
    assert set(judged(NAME, RESUME, typed={"first_name": " \t", "resume_text": "\n \u2028"}).errors) == {
        "first_name",
        "resume",
    }


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("first_name", "x" * (LONGEST_LINE + 1), "255"),
        ("first_name", "A\x00da", "characters that cannot be shown"),
        ("first_name", "see https://spam.example", "Leave out links"),
        ("first_name", "www.spam.example", "Leave out links"),
        ("first_name", "buy-now.com", "Leave out links"),
        ("email", "ada at example", "e-mail address"),
        ("email", "ada@example.com\r\nBcc: x@example.com", "e-mail address"),
        ("question_1", "x" * (LONGEST_TEXT + 1), "30,000"),
        ("question_2", "7", "not offered any more"),
        ("question_2", ["1", "0"], "one only"),
        ("question_3[]", ["7", "8"], "not offered any more"),
    ],
)
def test_an_answer_that_greenhouse_would_not_take_is_named(name: str, value: Any, said: str) -> None:
    good = {"first_name": "Ada", "email": "ada@example.com", "question_2": "1", "question_3[]": "7"}
    found = judged(NAME, EMAIL, WHY, PERMIT, SPOKEN, typed=good | {name: value})
    assert list(found.errors) == [name]
    assert said in found.errors[name]


@pytest.mark.parametrize("name", ["O'Neill-Åström", "J. R. R.", "Nguyễn Văn A", "李"])
def test_a_name_as_people_have_them_is_taken(name: str) -> None:
    assert judged(NAME, typed={"first_name": name}).errors == {}


def test_a_location_is_sent_with_its_coordinates_or_not_at_all() -> None:
    found = judged(NAME, typed={"first_name": "Ada", "location": "lisbon"}, location=PLACE)
    assert found.parts[1:] == [
        ("location", "Lisbon, Portugal"),
        ("latitude", "38.72509"),
        ("longitude", "-9.14980"),
    ]
    unknown = judged(NAME, typed={"first_name": "Ada", "location": "Nowhere at all"}, location=PLACE)
    assert unknown.parts == [("first_name", "Ada")]
    assert "nearest larger town" in unknown.errors["location"]
    assert judged(NAME, typed={"first_name": "Ada"}, location=PLACE).errors == {
        "location": "Type the town where you live."
    }


def test_of_several_places_of_a_name_one_is_chosen() -> None:
    found = judged(NAME, typed={"first_name": "Ada", "location": "Springfield"}, location=PLACE)
    assert len(found.places) > 2
    assert "several places" in found.errors["location"]
    chosen = str(found.places[1].id)
    typed = {"first_name": "Ada", "location": "Springfield", "location_choice": chosen}
    assert ("location", found.places[1].label) in judged(NAME, typed=typed, location=PLACE).parts
    elsewhere = typed | {"location": "Porto"}
    assert ("location", "Porto, Portugal") in judged(NAME, typed=elsewhere, location=PLACE).parts


def test_too_many_or_too_large_files_are_refused() -> None:
    many = {f"question_{number}": HeldFile("a.pdf", 1) for number in range(MOST_FILES + 1)}
    assert "at most 8 files" in "".join(judged(NAME, files=many, typed={"first_name": "Ada"}).errors.values())
    large = {"resume": HeldFile("a.pdf", MOST_BYTES), "cover_letter": HeldFile("b.pdf", 1)}
    assert "10 MB" in judged(RESUME, files=large).errors["cover_letter"]


STATISTICS = Section(
    "About you",
    "",
    (
        Question("Gender", False, (Field("gender", FieldKind.ONE, YES_NO),)),
        Question(
            "Disability",
            True,
            (Field("demographic_90", FieldKind.SEVERAL, (Option("91", "Yes"), Option("93", "Other", True))),),
        ),
    ),
)


def test_statistics_go_under_their_names_or_as_one_of_a_list() -> None:
    typed = {"gender": "1", "demographic_90": ["91", "93"], "demographic_90_93_text": "in my words"}
    assert judged(NAME, typed={"first_name": "Ada"} | typed, sections=(STATISTICS,)).parts[1:] == [
        ("gender", "1"),
        ("demographic_answers[][question_id]", "90"),
        ("demographic_answers[][answer_options][][answer_option_id]", "91"),
        ("demographic_answers[][answer_options][][answer_option_id]", "93"),
        ("demographic_answers[][answer_options][][text]", "in my words"),
    ]
    missing = judged(NAME, typed={"first_name": "Ada"}, sections=(STATISTICS,))
    assert missing.errors == {"demographic_90": "Choose at least one."}


CONSENTS = (
    Consent("gdpr_processing_consent_given", "Processing"),
    Consent("gdpr_retention_consent_given", "Retention", required=False),
    Consent("gdpr_demographic_data_consent_given", "Statistics", with_answers=True),
)


def test_a_consent_is_needed_only_for_what_it_is_about() -> None:
    ada = {"first_name": "Ada"}
    assert set(judged(NAME, typed=ada, consents=CONSENTS).errors) == {"gdpr_processing_consent_given"}
    with_answers = ada | {"gdpr_processing_consent_given": "1", "demographic_90": "91"}
    found = judged(NAME, typed=with_answers, consents=CONSENTS, sections=(STATISTICS,))
    assert set(found.errors) == {"gdpr_demographic_data_consent_given"}
    assert ("data_compliance[gdpr_processing_consent_given]", "true") in found.parts


SCHOOLED = {
    "education_school": "1",
    "education_degree": "2",
    "education_discipline": "3",
    "education_start_month": "9",
    "education_start_year": "2001",
    "education_end_month": "6",
    "education_end_year": "2004",
}


def test_education_is_sent_whole_or_named_where_it_is_not() -> None:
    ada = {"first_name": "Ada"}
    assert judged(NAME, typed=ada, education=Wanted.OPTIONAL).errors == {}
    assert set(judged(NAME, typed=ada, education=Wanted.REQUIRED).errors) == {
        "education_school",
        "education_degree",
        "education_discipline",
        "education_start_month",
        "education_end_month",
    }
    found = judged(NAME, typed=ada | SCHOOLED, education=Wanted.REQUIRED)
    assert found.parts[1:] == [
        ("educations[][school_name_id]", "1"),
        ("educations[][degree_id]", "2"),
        ("educations[][discipline_id]", "3"),
        ("educations[][start_date][month]", "9"),
        ("educations[][start_date][year]", "2001"),
        ("educations[][end_date][month]", "6"),
        ("educations[][end_date][year]", "2004"),
    ]
    backwards = judged(NAME, typed=ada | SCHOOLED | {"education_end_year": "1999"}, education=Wanted.OPTIONAL)
    assert backwards.errors == {"education_end_month": "The end lies before the start."}


def test_employment_that_goes_on_has_no_end() -> None:
    job = {"employment_company": "Wind Ltd", "employment_title": "Engineer", "employment_current": "1"}
    started = {"employment_start_month": "1", "employment_start_year": "2020"}
    found = judged(NAME, typed={"first_name": "Ada"} | job | started, employment=Wanted.REQUIRED)
    assert found.errors == {}
    assert found.parts[-1] == ("employments[][current]", "true")
    over = {name: value for name, value in (job | started).items() if name != "employment_current"}
    assert set(judged(NAME, typed=over, employment=Wanted.OPTIONAL).errors) >= {"employment_end_month"}
    assert "employment_current" in names_of("employment")


def second(typed: dict[str, str]) -> dict[str, str]:
    """The same, typed into the second entry."""
    return {name.replace("_", "_2_", 1): value for name, value in typed.items()}


def test_several_entries_are_sent_one_after_the_other_and_empty_ones_are_none() -> None:
    ada = {"first_name": "Ada", "form-education": "3"}
    typed = ada | SCHOOLED | second(SCHOOLED | {"education_school": "9"})
    found = judged(NAME, typed=typed, education=Wanted.REQUIRED)
    assert found.errors == {}
    assert [value for name, value in found.parts if name == "educations[][school_name_id]"] == ["1", "9"]
    assert found.parts[1][0] == found.parts[8][0] == "educations[][school_name_id]"
    only_second = judged(NAME, typed=ada | second(SCHOOLED), education=Wanted.REQUIRED)
    assert (only_second.errors, len(only_second.parts)) == ({}, 8)
    wrong = judged(NAME, typed=typed | {"education_2_end_year": "x"}, education=Wanted.OPTIONAL)
    assert set(wrong.errors) == {"education_2_end_month"}


def test_an_entry_more_is_empty_and_one_taken_away_lets_those_behind_it_move_up() -> None:
    typed = {name: [value] for name, value in SCHOOLED.items()}
    two = with_another("education", typed)
    assert two == typed | {"form-education": ["2"]}
    three = with_another("education", two | {"education_2_search": ["porto"], "question_1": ["x"]})
    without = without_entry("education", three)
    assert without["education_search"] == ["porto"]
    assert not without["education_school"]
    assert (without["question_1"], without["form-education"]) == (["x"], ["2"])
    last = without_entry("education_2", without_entry("education_2", without))
    assert last["form-education"] == ["1"]
    assert last["education_search"] == ["porto"]
    for nonsense in ("education_9", "x", "", "education_", "employment_2"):
        assert without_entry(nonsense, three) == three


@pytest.mark.parametrize("said", ["", "0", "-1", "999", "9" * 5_000, "²", "x"])
def test_there_are_as_many_entries_as_there_is_room_for(said: str) -> None:
    for part, most in MOST_ENTRIES.items():
        assert 1 <= len(entries_of(part, {f"form-{part}": said})) <= most
        assert (
            len(
                entries_of(
                    part,
                    dict.fromkeys(
                        [f"form-{part}"], with_another(part, {f"form-{part}": [said]})[f"form-{part}"][0]
                    ),
                )
            )
            <= most
        )

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.vocabulary.seniority import LONGEST, seniority_in


@pytest.mark.parametrize(
    "text",
    [
        "5",
        "5.0",
        "Lv. 6-II",
        "IC4",
        "L5",
        "P-3",
        "SWE 3",
        "Level 5",
        "Level II",
        "Grade 7",
        "Band C",
        "Job Grade 12",
        "III",
        "M",
        "等級 4",
        "Select an Option",
        "Please select",
        "--Select--",
        "Select a level",
        "Choose one...",
        "N/A",
        "n.a.",
        "-",
        "TBD",
        "None",
        "Not Applicable",
        "Bitte wählen",
        "Non applicable",
        "選択してください",
        "3-5 years",
        "5+ years of experience",
        "2 Jahre",
        "Level",
        "",
        "x" * 101,
        "The person in this role leads " * 10,
    ],
)
def test_codes_placeholders_and_years_are_no_seniority(text):
    assert seniority_in(text) is None


@pytest.mark.parametrize(
    ("text", "seniority"),
    [
        ("Senior", "Senior"),
        (" Mid-Senior ", "Mid-Senior"),
        ("Mid-level", "Mid-level"),
        ("Entry level", "Entry level"),
        ("Entry-Level (0-2 years)", "Entry-Level (0-2 years)"),
        ("C-Level", "C-Level"),
        ("VP", "VP"),
        ("Sr.", "Sr."),
        ("Engineer II", "Engineer II"),
        ("Senior 2", "Senior 2"),
        ("IC4 - Senior", "Senior"),
        ("L5: Senior", "Senior"),
        ("L5 Senior", "Senior"),
        ("4 - Expert", "Expert"),
        ("8 Individual Contributor", "Individual Contributor"),
        ("Senior (L5)", "Senior"),
        ("Senior - IC4", "Senior"),
        ("Senior IC4", "Senior"),
        ("Level 3 - Senior", "Senior"),
        ("Berufserfahren", "Berufserfahren"),
        ("Débutant", "Débutant"),
        ("初級", "初級"),
        ("신입", "신입"),
        ("Старший", "Старший"),
        ("1st line manager", "1st line manager"),
    ],
)
def test_seniority_is_the_words_without_the_codes_beside_them(text, seniority):
    assert seniority_in(text) == seniority


@given(st.text(alphabet=st.sampled_from("LVIC 0123-.()/Senior"), max_size=60) | st.text())
def test_whatever_a_field_says_a_seniority_is_one_short_line(text):
    found = seniority_in(text)
    assert found is None or (found == " ".join(found.split()) and 0 < len(found) <= LONGEST)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.vocabulary.employment import employment_by_hours, employment_by_share, employment_said


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Full time", "full_time"),
        ("FullTime", "full_time"),
        ("FT", "full_time"),
        ("FTE", "full_time"),
        ("0.5 FTE", "part_time"),
        ("Regular Full-Time (30+ hrs)", "full_time"),
        ("Part-time", "part_time"),
        ("非常勤", "part_time"),
        ("常勤", "full_time"),
        ("非全日制", "part_time"),
        ("P/T", "part_time"),
        ("Vollzeit, unbefristet", "full_time"),
        ("Temps partiel", "part_time"),
        ("Jornada completa", "full_time"),
        ("アルバイト", "part_time"),
        ("파트타임", "part_time"),
        ("Полная занятость", "full_time"),
        ("Part time, temporary", "temporary"),
        ("Full-time (Fixed term)", "temporary"),
        ("Fixed-term contract", "temporary"),
        ("Befristet", "temporary"),
        ("CDD", "temporary"),
        ("Contrat à durée déterminée", "temporary"),
        ("Plazo fijo", "temporary"),
        ("Tempo determinato", "temporary"),
        ("Seasonal", "temporary"),
        ("Casual", "temporary"),
        ("Per Diem", "temporary"),
        ("PRN", "temporary"),
        ("Non-permanent", "temporary"),
        ("Temp to perm", "temporary"),
        ("Contract", "contract"),
        ("Full-time contract", "contract"),
        ("Contract-to-hire", "contract"),
        ("Contingent Worker", "contract"),
        ("Freelance", "contract"),
        ("1099", "contract"),
        ("W2 contract", "contract"),
        ("B2B", "contract"),
        ("Freiberuflich", "contract"),
        ("業務委託", "contract"),
        ("Intern (Trainee)", "internship"),
        ("Temporary Intern", "internship"),
        ("Praktikum", "internship"),
        ("Stage", "internship"),
        ("Alternance", "internship"),
        ("Apprentice", "internship"),
        ("Co-op", "internship"),
        ("Estágio", "internship"),
        ("Prácticas", "internship"),
        ("实习", "internship"),
        ("Werkstudent (m/w/d)", "part_time"),
        ("Minijob", "part_time"),
        ("Volunteer", "volunteer"),
        ("Ehrenamtlich", "volunteer"),
        ("Other", "other"),
        ("40h", "full_time"),
        ("24 hours/week", "part_time"),
        ("100%", "full_time"),
        ("50 %", "part_time"),
    ],
)
def test_the_type_of_employment_is_read_in_many_languages(words, kind):
    assert employment_said(words).employment == kind


@pytest.mark.parametrize(
    "words",
    [
        "Unlimited Contract",
        "Permanent contract",
        "Open-ended contract",
        "Unbefristet",
        "Unbefristeter Vertrag",
        "CDI",
        "Perm",
        "Contrat à durée indéterminée",
        "Contrato indefinido",
        "Contratto a tempo indeterminato",
        "Vast contract",
        "Tillsvidareanställning",
        "Umowa o pracę",
        "正社員",
        "정규직",
        "Permanent",
        "Regular",
        "W2",
    ],
)
def test_a_permanent_contract_is_no_contract_work(words):
    assert employment_said(words).employment is None


@pytest.mark.parametrize(
    "words",
    [
        "Full-time or part-time",
        "Full/Part-Time",
        "FT / PT",
        "Voll- oder Teilzeit",
        "Contract or full-time",
        "Intern / Contractor",
        "Permanent / Fixed term",
        "Umowa o pracę / B2B",
        "80-100%",
        "30-40h/week",
    ],
)
def test_several_options_are_no_type(words):
    said = employment_said(words)
    assert len(said.kinds or said.hours) > 1
    assert said.employment is None


@pytest.mark.parametrize(
    "words",
    ["", "Yes", "Select an Option", "Monday to Friday", "Not an internship", "non-exempt", "8 hours", "9-5"],
)
def test_what_is_no_type_says_nothing(words):
    assert not employment_said(words)


@pytest.mark.parametrize(
    ("read", "value", "kind"),
    [
        (employment_by_hours, "40.0", "full_time"),
        (employment_by_hours, "37,5", "full_time"),
        (employment_by_hours, "20", "part_time"),
        (employment_by_hours, "20-40", None),
        (employment_by_hours, "32", None),
        (employment_by_hours, "0", None),
        (employment_by_hours, "168", None),
        (employment_by_share, "1.0", "full_time"),
        (employment_by_share, "0.5", "part_time"),
        (employment_by_share, "80 %", "part_time"),
        (employment_by_share, "80-100 %", None),
        (employment_by_share, "2", None),
    ],
)
def test_hours_and_shares_of_a_position_say_its_length(read, value, kind):
    assert read(value).employment == kind


@given(st.text(alphabet=st.sampled_from("full part time contract or/0-9%hintern"), max_size=80) | st.text())
def test_any_words_can_be_asked_for_the_employment(words):
    said = employment_said(words)
    assert (said.employment is not None) == (len(said.kinds or said.hours - {"other"} or said.hours) == 1)

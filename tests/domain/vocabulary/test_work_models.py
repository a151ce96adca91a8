import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.jobs.fields import WorkplaceType
from portal.domain.vocabulary.work_models import work_models_in

REMOTE, HYBRID, ONSITE = WorkplaceType.REMOTE, WorkplaceType.HYBRID, WorkplaceType.ONSITE


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("Remote", REMOTE),
        ("Fully-Remote", REMOTE),
        ("100% remote", REMOTE),
        ("Work from Home", REMOTE),
        ("Virtual", REMOTE),
        ("Remote (US or Canada)", REMOTE),
        ("Remote, 4-day week", REMOTE),
        ("Remote (2 days a month in the office)", REMOTE),
        ("Hybrid", HYBRID),
        ("Hybrid Remote", HYBRID),
        ("Hybrid (2 days on-site, 3 remote)", HYBRID),
        ("Partially remote", HYBRID),
        ("In Office", ONSITE),
        ("OnSite", ONSITE),
        ("In-person", ONSITE),
        ("Office", ONSITE),
        ("Office-based", ONSITE),
        ("Homeoffice", REMOTE),
        ("Télétravail", REMOTE),
        ("Présentiel", ONSITE),
        ("Híbrido", HYBRID),
        ("Presencial", ONSITE),
        ("Ibrido", HYBRID),
        ("Praca zdalna", REMOTE),
        ("Praca hybrydowa", HYBRID),
        ("フルリモート", REMOTE),
        ("ハイブリッド勤務", HYBRID),
        ("출근", ONSITE),
        ("Удалённая работа", REMOTE),
    ],
)
def test_a_work_model_is_read_in_many_languages(text, model):
    assert work_models_in(text) == {model}


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("3 days/week in office", HYBRID),
        ("2-3 days in the office", HYBRID),
        ("2x/week on site", HYBRID),
        ("in person 3 days a week", HYBRID),
        ("Remote 2 days per week", HYBRID),
        ("Remote, 2-3 days on site per week", HYBRID),
        ("In-office: 4 days", HYBRID),
        ("3 Tage im Büro", HYBRID),
        ("2 jours de télétravail par semaine", HYBRID),
        ("3 días en oficina", HYBRID),
        ("60% remote", HYBRID),
        ("Remote up to 40%", HYBRID),
        ("5 days a week in the office", ONSITE),
        ("100% on-site", ONSITE),
        ("0 days in office", REMOTE),
        ("5 days remote", REMOTE),
    ],
)
def test_days_and_shares_of_the_time_are_counted(text, model):
    assert work_models_in(text) == {model}


@pytest.mark.parametrize(
    ("text", "models"),
    [
        ("Remote or Hybrid", {REMOTE, HYBRID}),
        ("Hybrid/Remote", {REMOTE, HYBRID}),
        ("On-site, Remote", {REMOTE, ONSITE}),
        ("remote and on-site", {REMOTE, ONSITE}),
        ("Office or home", {REMOTE, ONSITE}),
        ("San Francisco or Remote", {REMOTE, ONSITE}),
        ("New York, NY (or Remote in the United States)", {REMOTE, ONSITE}),
        ("Paris ou télétravail", {REMOTE, ONSITE}),
        ("3 days in office or fully remote", {REMOTE, HYBRID}),
    ],
)
def test_several_options_are_not_one(text, models):
    assert work_models_in(text) == models


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Flexible",
        "New York",
        "Remote-friendly",
        "Remote-Friendly (Travel-Required)",
        "Remote eligible",
        "Open to remote",
        "Remote work possible",
        "Remote or hybrid possible",
        "Not remote",
        "non-remote",
        "Kein Homeoffice",
        "リモート可",
        "リモートワーク可能",
        "Remote not available",
        "Officer",
    ],
)
def test_what_is_merely_possible_or_denied_is_no_work_model(text):
    assert work_models_in(text) == frozenset()


@given(st.text(alphabet=st.sampled_from("remote hybrid office3 days/week%(),or"), max_size=80) | st.text())
def test_any_text_can_be_asked_for_its_work_model(text):
    assert work_models_in(text) <= set(WorkplaceType)

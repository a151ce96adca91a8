"""Work models, by the words for them."""

import pytest

from portal.domain.jobs.fields import WorkplaceType
from portal.domain.vocabulary.work_models import is_only_work_model, location_work_model

REMOTE, HYBRID, ONSITE = WorkplaceType.REMOTE, WorkplaceType.HYBRID, WorkplaceType.ONSITE


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("Remote", REMOTE),
        ("Remote - EMEA", REMOTE),
        ("Home Based - EMEA", REMOTE),
        ("Home-based EMEA", REMOTE),
        ("Home Office", REMOTE),
        ("Anywhere in the United States", REMOTE),
        ("Télétravail", REMOTE),
        ("à distance", REMOTE),
        ("Trabajo remoto", REMOTE),
        ("Lavoro da remoto", REMOTE),
        ("Praca zdalna", REMOTE),
        ("在宅勤務", REMOTE),
        ("Hybrid – Berlin", HYBRID),
        ("Hybrid (2 days on-site, 3 remote)", HYBRID),
        ("Híbrido", HYBRID),
        ("Partially remote", HYBRID),
        ("3 days/week in office", HYBRID),
        ("In office 2-3 days per week", HYBRID),
        ("3 Tage im Büro", HYBRID),
        ("Office Based - London, UK", ONSITE),
        ("On site", ONSITE),
        ("In-office", ONSITE),
        ("5 days a week in office", ONSITE),
        ("Presencial", ONSITE),
        ("Remote or on-site", None),
        ("Not remote", None),
        ("Remote-friendly", None),
        ("Open to remote", None),
        ("Cape Town", None),
        ("Home Office, Chicago", None),
        ("", None),
    ],
)
def test_the_work_model_in_a_text_is_known_where_it_is_said(text, model):
    assert location_work_model(text) == model


@pytest.mark.parametrize(
    "text",
    ["Remote", " hybrid ", "Remote / Home Based", "100% remote", "Fully Remote", "On-site", "Télétravail"],
)
def test_a_text_of_nothing_but_a_work_model_is_told_apart(text):
    assert is_only_work_model(text)


@pytest.mark.parametrize(
    "text", ["", "Berlin", "Remote - EMEA", "Hybrid, Berlin", "Home based - Worldwide", "100"]
)
def test_a_text_with_a_place_or_without_a_model_is_not_only_a_work_model(text):
    assert not is_only_work_model(text)

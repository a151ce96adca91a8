"""Work models, by the words for them."""

import pytest

from portal.domain.jobs.fields import WorkplaceType
from portal.domain.vocabulary.work_models import (
    is_only_work_model,
    location_work_model,
    offers_remote,
    without_work_model,
)

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


IN_ASCII = {
    REMOTE: (
        "remotely|remote|home based|homeoffice|home-office|wfh|virtual|anywhere|work from home|"
        "based from home|working-from-anywhere|telecommuting|telework|mobiles arbeiten|teletravail|"
        "teletrabajo|teletrabalho|telelavoro|da remota|em remoto|en remota|"
        "lavoro da remoto|a distancia|smart working|thuis|thuiswerken|"
        "op afstand|distans|fjernarbejde|hjemmefra|zdalnie|praca zdalna"
    ),
    HYBRID: (
        "hybrid|hybride|hibrido|ibrida|hybrydowa|hybridi|partly remote|teilweise-remote|remote/office|"
        "2 days in person|3 days on-site|2 tage home|1 day wfh|2 jours bureau|3 dias oficina|2 dagen kantoor|"
        "3 dni biuro|2 giorni sede|3 giorni ufficio|2 tage vor ort|2 dias casa|2 dagen thuis|1 x zdaln|"
        "office 2 days"
    ),
    ONSITE: (
        "on site|onsite|office-based|in the office|in person|vor ort|sur site|sur place|presencial|in sede|"
        "op locatie|5 days in the office"
    ),
}
"""Every word for a work model that has none but ASCII letters."""


@pytest.mark.parametrize(("model", "words"), IN_ASCII.items())
def test_each_word_in_plain_letters_is_known(model, words):
    for word in words.split("|"):
        assert location_work_model(word) is location_work_model(word.upper()) is model, word


@pytest.mark.parametrize("word", [*IN_ASCII[REMOTE].split("|"), "Fully", "100%", "Mostly"])
def test_what_a_text_says_besides_is_left(word):
    assert without_work_model(f"{word} - Xyz") == "Xyz"


@pytest.mark.parametrize("text", ["Non-remote", "Remote possible", "teletravail partiel"])
def test_remote_work_that_is_only_possible_is_told(text):
    assert offers_remote(text)


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

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.jobs.fields import WorkplaceType
from portal.domain.jobs.places import is_only_work_model, split_places, workplace_in

REMOTE, HYBRID, ONSITE = WorkplaceType.REMOTE, WorkplaceType.HYBRID, WorkplaceType.ONSITE


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Berlin, Germany", ("Berlin, Germany",)),
        ("Berlin; Munich", ("Berlin", "Munich")),
        ("Lisbon or Porto", ("Lisbon", "Porto")),
        ("Ontario or British Columbia", ("Ontario", "British Columbia")),
        ("London | Paris | london", ("London", "Paris")),
        ("AMERICAS/EMEA", ("AMERICAS", "EMEA")),
        ("Portland, OR", ("Portland, OR",)),
        ("Portland, OR or Seattle, WA", ("Portland, OR", "Seattle, WA")),
        ("UK and Southern Europe", ("UK", "Southern Europe")),
        ("Berlin & München", ("Berlin", "München")),
        ("Trinidad and Tobago", ("Trinidad and Tobago",)),
        ("Brighton & Hove or London", ("Brighton & Hove", "London")),
        ("Frankfurt/Main", ("Frankfurt/Main",)),
        ("Campinas/SP", ("Campinas/SP",)),
        ("Hybrid – Berlin", ("Berlin",)),
        ("Berlin (Hybrid)", ("Berlin",)),
        ("Berlin (fully remote)", ("Berlin",)),
        ("Remote", ()),
        ("Remote / Home Based", ()),
        ("Home Based - EMEA", ("EMEA",)),
        ("Home based - Americas, EMEA", ("Americas", "EMEA")),
        ("European Union, UK", ("European Union", "UK")),
        ("Northern Ireland, UK", ("Northern Ireland, UK",)),
        ("Home Based - EMEA, Home Based - North America", ("EMEA", "North America")),
        ("Home-based, America or EMEA", ("America", "EMEA")),
        ("Office Based - Taipei, Taiwan", ("Taipei, Taiwan",)),
        ("Office-based / Taipei", ("Taipei",)),
        ("Anywhere in the United States", ("the United States",)),
        ("Remote in Ireland", ("Ireland",)),
        ("", ()),
    ],
)
def test_the_places_in_a_text_are_known(text, places):
    assert split_places(text) == places


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("Remote", REMOTE),
        ("Remote - EMEA", REMOTE),
        ("Home Based - EMEA", REMOTE),
        ("Home-based EMEA", REMOTE),
        ("Anywhere in the United States", REMOTE),
        ("Hybrid – Berlin", HYBRID),
        ("Hybrid (2 days on-site, 3 remote)", HYBRID),
        ("Partially remote", HYBRID),
        ("Office Based - London, UK", ONSITE),
        ("On site", ONSITE),
        ("In-office", ONSITE),
        ("Remote or on-site", None),
        ("Not remote", None),
        ("Remote-friendly", None),
        ("Cape Town", None),
        ("Home Office, Chicago", None),
        ("", None),
    ],
)
def test_the_work_model_in_a_text_is_known_where_it_is_said(text, model):
    assert workplace_in(text) == model


@pytest.mark.parametrize(
    "text", ["Remote", " hybrid ", "Remote / Home Based", "100% remote", "Fully Remote", "On-site"]
)
def test_a_text_of_nothing_but_a_work_model_is_told_apart(text):
    assert is_only_work_model(text)


@pytest.mark.parametrize(
    "text", ["", "Berlin", "Remote - EMEA", "Hybrid, Berlin", "Home based - Worldwide", "100"]
)
def test_a_text_with_a_place_or_without_a_model_is_not_only_a_work_model(text):
    assert not is_only_work_model(text)


@given(st.text(alphabet=st.sampled_from("Remote hybrid-–;|/,()&orand BE"), max_size=80) | st.text())
def test_any_text_has_places_without_space_around_them_and_each_once(text):
    places = split_places(text)
    assert all(place == place.strip() and place for place in places)
    assert len({place.casefold() for place in places}) == len(places)
    assert not (is_only_work_model(text) and workplace_in(text) is None)


def test_every_location_of_the_boards_names_a_place_or_only_a_work_model(board_posts):
    named = {post["location"]["name"] for post in board_posts if "location" in post} - {None}
    assert len(named) > 10
    for text in named:
        assert bool(split_places(text)) != is_only_work_model(text)

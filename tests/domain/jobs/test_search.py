"""Folded text, the places a location is found under, and what follows from a job's columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.jobs.derived import (
    DERIVED,
    derived,
    fold,
    place_key,
    place_keys,
    places_in,
    search_text,
    touched,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Café NORD", "cafe nord"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("Łódź", "lodz"),
        ("København", "kobenhavn"),
        ("İstanbul", "istanbul"),
        ("Ǆ ﬁeld", "dz field"),
        ("two\u00a0 \tspaces\n", "two spaces"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("", ""),
    ],
)
def test_text_is_folded_to_what_people_type(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once_and_case_never_matters(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert fold(text.lower()) == fold(text.casefold().lower())


def test_tags_are_searched_like_words() -> None:
    assert search_text("Yard", None, ["Night Shift", "Öl"]) == "yard night shift ol"


@pytest.mark.parametrize(
    ("location", "places"),
    [
        ("Berlin; Lisbon", ("Berlin", "Lisbon")),
        ("Berlin, Germany or Remote", ("Berlin, Germany",)),
        ("Remote", ("Remote",)),
    ],
)
def test_a_location_is_found_under_each_place_it_names_and_as_a_whole(
    location: str, places: tuple[str, ...]
) -> None:
    assert places_in(location) == places
    for place in (*places, location):
        assert place_key(place) in place_keys(location)
        assert place_key(place.upper()) in place_keys(location)


def test_no_place_is_found_in_a_part_of_another() -> None:
    assert place_key("York") not in place_keys("New York")
    assert place_keys(None) == ""


def test_nothing_follows_from_both_owners_columns() -> None:
    greenhouse = {"title", "requisition_id", "description_html"}
    for sources, _ in DERIVED.values():
        assert set(sources) <= greenhouse or not set(sources) & greenhouse


def test_what_follows_from_written_columns_needs_all_its_sources() -> None:
    assert derived({"title": "Welder", "requisition_id": "R-1"}) == {"search_source": "welder r-1"}
    assert derived({"title": "Welder"}, {"title": "Old", "requisition_id": "R-1"}) == {
        "search_source": "welder r-1"
    }
    with pytest.raises(KeyError, match="requisition_id"):
        derived({"title": "Welder"})
    assert set(touched({"location"})) == {"search_own", "places", "lacks"}

"""The places a location is found under, and what follows from a job's columns."""

import pytest

from portal.domain.jobs.derived import (
    DERIVED,
    derived,
    place_key,
    place_keys,
    places_in,
    touched,
)


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
    whole = derived({"title": "Welder", "requisition_id": "R-1"})
    assert set(whole) == {"search_source", "title_sort", "requisition_id_sort"}
    assert whole["search_source"] == "welder\nr 1"
    assert derived({"title": "Welder"}, {"title": "Old", "requisition_id": "R-1"}) == {
        name: whole[name] for name in ("search_source", "title_sort")
    }
    with pytest.raises(KeyError, match="requisition_id"):
        derived({"title": "Welder"})
    assert set(touched({"location"})) == {"search_own", "places", "lacks", "location_sort"}

"""Places as lists are filtered by them."""

import pytest

from portal.domain.places.keys import count_places, place_key, place_keys


@pytest.mark.parametrize(
    ("value", "location"),
    [
        ("United States", "Remote (US)"),
        ("United States", "Austin, TX"),
        ("United States", "Austin"),
        ("USA", "Berlin, Germany; Remote - United States"),
        ("Texas, United States", "Austin"),
        ("Texas", "Austin, TX"),
        ("Austin", "Austin, TX, USA"),
        ("Austin, TX", "Austin"),
        ("Munich", "München, Deutschland"),
        ("munich", "Munich or Berlin"),
        ("Germany", "Munich or Berlin"),
        ("EMEA", "Home based - EMEA"),
        ("Xyzzyville", "XYZZYVILLE"),
        ("Berlin; Lisbon", "Berlin; Lisbon"),
        ("Remote", "remote"),
    ],
)
def test_a_place_is_found_under_itself_and_under_what_it_lies_in(value, location):
    assert place_key(value) in place_keys(location)


@pytest.mark.parametrize(
    ("value", "location"),
    [
        ("Austin", "Texas"),
        ("Austin", "Remote (US)"),
        ("Texas", "United States"),
        ("York", "New York"),
        ("Paris", "Paris, TX"),
        ("Georgia, USA", "Tbilisi, Georgia"),
        ("Remote", "Remote (US)"),
    ],
)
def test_a_place_is_not_found_under_what_lies_in_it_nor_under_its_namesakes(value, location):
    assert place_key(value) not in place_keys(location)


def test_no_location_is_found_under_nothing():
    assert place_keys(None) == ""


def test_every_place_is_counted_with_what_it_lies_in():
    counted = count_places(
        [
            ("Austin, TX", None, 2),
            ("Dallas, TX", None, 1),
            ("Remote (US)", None, 4),
            ("Porto; Lisbon", None, 1),
        ]
    )
    assert counted == {
        "Austin, TX": 2,
        "Dallas, TX": 1,
        "Texas, United States": 3,
        "United States": 7,
        "Porto": 1,
        "Lisbon": 1,
        "Portugal": 1,
    }


def test_a_region_with_no_more_than_one_of_its_towns_is_no_choice_of_its_own():
    counted = count_places([("Austin, TX", None, 2), ("Austin", None, 1)])
    assert counted == {"Austin, TX": 3, "United States": 3}


def test_a_towns_name_alone_is_no_choice_beside_the_one_that_it_always_means():
    beside = ("Lisbon | Aberdeen", "Lisbon, Portugal; Aberdeen, Scotland", 1)
    spelled, alone = ("Aberdeen, United Kingdom", None, 3), ("Aberdeen", None, 1)
    assert count_places([beside, spelled])["Aberdeen, United Kingdom"] == 4
    assert "Aberdeen" not in count_places([beside, spelled])
    assert count_places([beside])["Aberdeen"] == 1
    assert count_places([beside, spelled, alone])["Aberdeen"] == 2  # it may be another one


def test_a_location_without_a_place_is_counted_as_it_is_written():
    assert count_places([("Remote", None, 2), ("Worldwide", None, 1)]) == {"Remote": 2, "Worldwide": 1}


@pytest.mark.parametrize(
    ("location", "offices", "within", "outside"),
    [
        ("Cambridge", "London, UK", "United Kingdom", "United States"),
        ("Cambridge", "Boston, MA", "United States", "United Kingdom"),
        ("Springfield", "Springfield, Illinois, United States", "Illinois, United States", "Missouri, USA"),
        ("Paris", "Paris, Texas, United States", "Texas, United States", "France"),
        ("Paris", "Berlin, Germany", "France", "Germany"),
        ("Cambridge; London, UK", "", "United Kingdom", "United States"),
    ],
)
def test_a_town_that_only_its_office_tells_lies_in_the_country_and_is_found_by_its_name(
    location, offices, within, outside
):
    keys = place_keys(location, offices)
    assert place_key(within) in keys
    assert place_key(outside) not in keys
    assert place_key(location.partition(";")[0]) in keys


def test_every_choice_finds_as_many_jobs_as_it_says():
    jobs = [
        ("Cambridge", "London, UK", 1),
        ("Cambridge", "Boston, MA", 2),
        ("Cambridge, MA", None, 4),
        ("Cambridge", None, 8),
        ("Paris", "Paris, Texas, United States", 16),
        ("Paris", None, 32),
        ("Cambridge; London, UK", None, 64),
    ]
    counted = count_places(jobs)
    assert counted["Cambridge"] == 1 + 2 + 8 + 64
    assert counted["Paris"] == 16 + 32
    for name, count in counted.items():
        found = [n for location, offices, n in jobs if place_key(name) in place_keys(location, offices)]
        assert sum(found) == count, name

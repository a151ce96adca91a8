"""Places as lists are filtered by them: Austin is found under Austin, Texas and the United States."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from portal.domain.places.countries import country_name, place_name_key
from portal.domain.places.locations import Place, read_location, region_label

_AREA: Final = re.compile("=[a-z]{2}(?:-[a-z0-9]{1,3})?")
"""The key of a country or region."""


class _Option(NamedTuple):
    """A place that a list can be narrowed to; ``within`` is the key of the town whose region it is.

    The ``name`` leads to the key again; a place without one is named so only beside others. ``town`` is the
    key of the one that is meant where its name alone may be another's.
    """

    key: str
    name: str | None
    within: str | None = None
    town: str | None = None


def place_keys(location: str | None, office_places: str | None = None) -> str:
    """All keys of a location, its own words among them: "|austin, tx|=4671654|=us-tx|=us|".

    A town that offices or other places tell from its namesakes is also found by its name alone.
    """
    if not location:
        return ""
    options = _options(location, office_places or "")
    keys = dict.fromkeys([_words(location), *(option.key for option in options)])
    return f"|{'|'.join(keys)}|"


@lru_cache(maxsize=4_096)
def place_key(value: str) -> str:
    """What a filter's value looks for in ``place_keys``: its place, or its words where they are several."""
    places = read_location(value).places
    key = _own_key(places[0]) if len(places) == 1 else _words(value)
    return f"|{key}|"


def nearest_keys(keys: str) -> list[str]:
    """The most exact of the places among the keys of a location: its towns, else its regions or countries."""
    places = [key for key in keys.split("|") if key.startswith("=")]
    regions = [key for key in places if "-" in key and _AREA.fullmatch(key)]
    towns = [key for key in places if not _AREA.fullmatch(key)]
    return [f"|{key}|" for key in towns or regions or places]


def count_places(locations: Iterable[tuple[str, str | None, int]]) -> dict[str, int]:
    """How many jobs each place holds, given how many jobs are at each location, beside these offices.

    ``place_key`` of a name leads to the place again. A region that holds no more than one of its towns is
    left out, and so is a town's name alone where it always means one that others spell out.
    """
    counts: Counter[str] = Counter()
    names: dict[str, Counter[str]] = {}
    towns: dict[str, set[str]] = {}
    meant: dict[str, Counter[str]] = {}
    for location, office_places, count in locations:
        for option in _options(location, office_places or "") or (_Option(_words(location), location),):
            counts[option.key] += count
            if option.name:
                names.setdefault(option.key, Counter())[option.name] += count
            if option.within:
                towns.setdefault(option.key, set()).add(option.within)
            if option.town:
                meant.setdefault(option.key, Counter())[option.town] += count
    return {
        names[key].most_common(1)[0][0]: count
        for key, count in counts.items()
        if key in names
        and all(counts[town] < count for town in towns.get(key, ()))
        and not any(town in names and times == count for town, times in meant.get(key, {}).items())
    }


@lru_cache(maxsize=4_096)
def _options(location: str, offices: str) -> tuple[_Option, ...]:
    """Every place that a location lies in, each once."""
    found = (option for place in read_location(location, offices).places for option in _keys(place))
    return tuple({option.key: option for option in found}.values())


def _keys(place: Place) -> Iterator[_Option]:
    """The place itself and those above it."""
    town = None
    if place.locality or not place.country:
        # Asked as in ``_options``: most locations are a town's name alone, which was just read.
        town, alone = _own_key(place), read_location(place.text, "").places
        if len(alone) != 1 or not alone[0].locality or _own_key(alone[0]) == town:
            yield _Option(town, place.text)
        else:
            yield _Option(town, None)
            yield _Option(_own_key(alone[0]), place.text, town=town)
    if place.region:
        yield _Option(f"={place.region.lower()}", region_label(place.region), town)
    if place.country:
        yield _Option(f"={place.country.lower()}", country_name(place.country))


def _own_key(place: Place) -> str:
    if place.locality or not place.country:
        name = place_name_key(place.locality or place.text)
        where = (place.region or place.country or "").lower()
        return f"={place.town or f'{name}@{where}'}"
    return f"={(place.region or place.country).lower()}"


def _words(text: str) -> str:
    return " ".join(text.casefold().replace("|", "/").split())

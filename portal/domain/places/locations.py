"""Read a location as boards write it: which places it names, and which work model.

What a name leaves open is decided by the others in the text, then by the offices of the post, then by the
number of people; between equals nothing is guessed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from portal.domain.jobs.fields import WorkplaceType
from portal.domain.places.countries import country_name, country_of, members_of, place_name_key, region_name
from portal.domain.places.drafts import Draft, drafts_of, people
from portal.domain.places.tokens import (
    Token,
    alternatives,
    clean,
    is_world,
    names_in,
    says_something,
    token_of,
)
from portal.domain.places.towns import Town, meant
from portal.domain.vocabulary.work_models import is_only_work_model, location_work_model, offers_remote

_MOST_ALTERNATIVES: Final = 60


@dataclass(frozen=True, slots=True)
class Place:
    """One place. ``text`` is how it is written; ``region`` and ``country`` are ISO codes ("US-TX", "US").

    ``town`` is the number of a town that is known by several names. An area is a part of the world that is no
    country.
    """

    text: str
    locality: str | None = None
    region: str | None = None
    country: str | None = None
    town: int | None = None
    is_area: bool = False

    @property
    def label(self) -> str:
        """The place as a choice: a region or a country by its English name, a town as it is written."""
        if self.locality or self.is_area or not self.country:
            return self.text
        return region_label(self.region) if self.region else country_name(self.country)


def region_label(region: str) -> str:
    """A region with its country: "Texas, United States"."""
    return f"{region_name(region)}, {country_name(country_of(region))}"


@dataclass(frozen=True, slots=True)
class Location:
    """What a text says: its places, the work model where it is one, whether remote is one way among others.

    ``says_nothing`` where it names neither a place nor the whole world.
    """

    places: tuple[Place, ...] = ()
    model: WorkplaceType | None = None
    offers_remote: bool = False
    says_nothing: bool = True

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries of the places, each once; those of a part of the world where they are undisputed."""
        found = (members_of(place.text) if place.is_area else (place.country,) for place in self.places)
        return tuple(dict.fromkeys(country for each in found for country in each if country))


class _Office(NamedTuple):
    """An office of a post: the key of its text between spaces, and its places."""

    key: str
    places: tuple[Place, ...]


@lru_cache(maxsize=4_096)
def read_location(text: str, offices: str = "") -> Location:
    """Read a location; ``offices`` are the post's, between semicolons, and decide what it leaves open."""
    plain = clean(text)
    pieces = alternatives(plain)[:_MOST_ALTERNATIVES]
    offices_read = _read_offices(offices)
    read = [_alternative(each) for each in pieces]
    context = {draft.country for each in read for draft in each.drafts if draft.country}
    for _ in range(2):  # what was decided the first time decides others
        for each in read:
            each.places = [_place(draft, offices_read, context) for draft in each.drafts]
        context |= {place.country for each in read for place in each.places if place.country}
    model, offered = _model(plain, read)
    places = _each_once(place for each in read for place in each.places)
    return Location(
        places, model, offered, not any(says_something(piece) for each in pieces for piece in each)
    )


@lru_cache(maxsize=1_024)
def _read_offices(offices: str) -> tuple[_Office, ...]:
    each = [office for office in map(str.strip, offices.split(";")) if office][:_MOST_ALTERNATIVES]
    return tuple(_Office(f" {place_name_key(office)} ", read_location(office).places) for office in each)


def _countries(offices: Iterable[_Office]) -> set[str]:
    return {place.country for office in offices for place in office.places if place.country}


def _each_once(places: Iterable[Place]) -> tuple[Place, ...]:
    first: dict[object, Place] = {}
    for place in places:
        name = place_name_key(place.locality or ("" if place.country else place.text))
        first.setdefault(place.town or (name, place.region, place.country), place)
    return tuple(first.values())


@dataclass(slots=True)
class _Alternative:
    """One of the alternatives that a text gives, and its own work model.

    ``is_led``: the model stands before the places, and goes for what follows too ("Remote - US or Canada").
    ``is_open``: remote stands at the end of several places.
    """

    drafts: list[Draft]
    model: WorkplaceType | None
    is_led: bool
    is_open: bool
    places: list[Place] = field(default_factory=list)


def _alternative(pieces: list[str]) -> _Alternative:
    whole = ", ".join(pieces)
    names = [name for piece in pieces for name in names_in(piece)]
    drafts = drafts_of([token_of(name) for name in names if not is_world(name)])
    model = location_work_model(whole)
    has_town = any(draft.locality for draft in drafts)
    if model is None and not has_town and "home office" in whole.casefold():
        model = WorkplaceType.REMOTE
    models = [bool(location_work_model(piece)) for piece in pieces]
    is_open = len(drafts) > 1 and models[-1] and not any(models[:-1]) and is_only_work_model(pieces[-1])
    return _Alternative(drafts, model, models[0], is_open)


def _model(text: str, read: Sequence[_Alternative]) -> tuple[WorkplaceType | None, bool]:
    """The work model of all alternatives; ``None`` where they differ, and whether remote is offered."""
    offered = offers_remote(text)
    models = {each.model for each in read} - {None}
    if location_work_model(text) is WorkplaceType.HYBRID and models <= {WorkplaceType.HYBRID}:
        return WorkplaceType.HYBRID, offered
    if len(models) != 1:
        return None, offered or WorkplaceType.REMOTE in models
    [model] = models
    if model is WorkplaceType.REMOTE and _is_one_option(read):
        return None, True
    return model, offered


def _is_one_option(read: Sequence[_Alternative]) -> bool:
    """Whether remote stands beside a town where the work is done as well."""
    is_led = False
    for each in read:
        is_led = is_led or bool(each.model and each.is_led and each.places)
        has_town = any(place.locality for place in each.places)
        if each.is_open or (each.model is None and has_town and not is_led):
            return True
    return False


def _place(draft: Draft, offices: Sequence[_Office], context: set[str]) -> Place:
    """Decide what the names of a place leave open."""
    text = ", ".join(draft.names)
    if draft.is_area:
        return Place(text, is_area=True)
    country, region = draft.country, draft.region
    if draft.either is not None and not country:
        country, region = _either(draft, draft.either, offices, context)
    if draft.locality is None:
        is_nowhere = country is None and draft.either is None
        return Place(text, text if is_nowhere else None, region, country)
    town = _town(draft.locality, country, region, offices, context)
    if town is not None:
        country, region = town.country, region or (town.region if town.country == "US" else None) or None
    return Place(text, draft.locality.text, region, country, town.id or None if town else None)


def _either(
    draft: Draft, either: Token, offices: Sequence[_Office], context: set[str]
) -> tuple[str | None, str | None]:
    """Georgia: by the town before it, or by the countries that are said elsewhere."""
    senses: list[tuple[str, str | None]] = [(country_of(region), region) for region in either.regions]
    senses += [(either.shared, None)] if either.shared else []
    around = [draft.locality] if draft.locality else []
    by_town = [sense for sense in senses if people(around, sense[1] or sense[0])]
    known = context | _countries(offices)
    by_country = [sense for sense in senses if sense[0] in known]
    return next((left[0] for left in (by_town, by_country, senses) if len(left) == 1), (None, None))


def _town(
    token: Token, country: str | None, region: str | None, offices: Sequence[_Office], context: set[str]
) -> Town | None:
    """The town that a name is: as an office of that name has it, by its size, or by where the others are.

    Of several offices one that names the town counts alone. A town of which nothing but its country is known
    has no number.
    """
    key = place_name_key(token.text)
    for place in (place for office in offices for place in office.places):
        is_same = place.locality is not None and place_name_key(place.locality) == key
        if is_same and place.country and country in (None, place.country) and region in (None, place.region):
            return Town(place.town or 0, place.country, place.region or "", 0)
    towns = [town for town in token.towns if _is_there(town, country, region)]
    if town := meant(towns):
        is_state_too = any(each[:2] == town.country and each != town.region for each in token.regions)
        return town._replace(id=0, region="") if is_state_too and not region else town
    if country:
        return None
    naming = [office for office in offices if f" {key} " in office.key]
    known = _countries(naming) or _countries(offices) or context
    near = {other.country for other in towns} & known if towns else known
    if len(near) != 1:
        return None
    [only] = near
    return meant(other for other in towns if other.country == only) or Town(0, only, "", 0)


def _is_there(town: Town, country: str | None, region: str | None) -> bool:
    return country in (None, town.country) and (not region or not town.region or town.region == region)

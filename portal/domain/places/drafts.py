"""Combine the names of an alternative into places: "US, CA, Santa Clara" is one, "Rome, Paris" are two."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from portal.domain.places.countries import (
    CODED_COUNTRIES,
    country_of,
    country_of_three,
    is_country_code,
    is_nation,
    place_name_key,
    region_coded,
    regions_named,
)
from portal.domain.places.tokens import Token
from portal.domain.places.towns import Town

_STATES_FIRST: Final = frozenset({"US", "CA", "AU"})
"""Where a name that is a state's and a town's is the state's, unless the town is large: New York, Quebec."""
_STATE_OVER: Final = 300_000
_CITY: Final = 400_000
"""Two towns of so many people are two places, though one may be in a region named after the other."""


@dataclass(slots=True)
class Draft:
    """A place being put together from its names, in the order in which they are written.

    ``either`` is a name that is that of a state and of a country.
    """

    names: list[str] = field(default_factory=list)
    locality: Token | None = None
    region: str | None = None
    country: str | None = None
    is_area: bool = False
    is_country_first: bool = False
    either: Token | None = None

    @property
    def is_whole(self) -> bool:
        """Whether another town would be another place."""
        return bool(self.country and (self.locality or self.region) and not self.is_country_first)


def drafts_of(tokens: Sequence[Token]) -> list[Draft]:
    """Return the places that names make."""
    said = {token.country for token in tokens if token.country}
    decided = [token for each in tokens if (token := _decided(each, tokens, said)) is not None]
    context = said | {country for token in decided if (country := _country(token))}
    drafts = [Draft()]
    for index, token in enumerate(decided):
        _put(drafts, token, decided[index + 1 :], context)
    return [draft for draft in drafts if draft.names]


def _country(token: Token) -> str | None:
    if token.country or not (token.is_code and len(token.regions) == 1 and not token.shared):
        return token.country
    return country_of(token.regions[0])


def _decided(token: Token, tokens: Sequence[Token], context: set[str]) -> Token | None:
    """The token, a code as the region or the country that it stands for here; ``None`` for one of neither."""
    others = [other for other in tokens if other is not token]
    if not token.is_code or (token.towns and not others):
        return token
    alpha_3 = country_of_three(token.text)
    if alpha_3 and people(others, alpha_3):
        return _as(token, alpha_3)
    where = context or {*CODED_COUNTRIES, *(town.country for other in others for town in other.towns)}
    regions = [region for each in sorted(where) if (region := region_coded(token.text, each))]
    is_country = is_country_code(token.text) and (not context or token.text in context or not regions)
    senses = [*regions, token.text] if is_country else regions
    if (likely := likeliest(senses, others)) is not None:
        return _as(token, likely)
    common = [region for region in regions if context or (others and country_of(region) in _STATES_FIRST)]
    doubtful = any(people(others, sense) for sense in senses)
    if len(common) == 1 and not doubtful:
        return _as(token, common[0])
    if is_country and not common and all(country_of(region) == "BR" for region in regions):
        return _as(token, token.text)
    if not is_country and len(regions) == 1:
        return _as(token, regions[0])
    shared = token.text if is_country else None
    if not senses:
        return token if token.towns else None
    return replace(token, regions=tuple(regions), shared=shared)


def _as(token: Token, code: str) -> Token:
    return replace(token, country=code) if len(code) == 2 else replace(token, regions=(code,))


def likeliest(senses: Sequence[str], others: Iterable[Token]) -> str | None:
    """The country or region where far more people live in towns of the other names; ``None`` if none is."""
    around = tuple(others)
    ranked = sorted(((people(around, sense), sense) for sense in senses), reverse=True)
    if not ranked or not ranked[0][0]:
        return None
    return ranked[0][1] if len(ranked) == 1 or ranked[0][0] > 3 * ranked[1][0] else None


def people(around: Iterable[Token], where: str) -> int:
    """How many people live in the towns that names can be, if they lie in a country or region."""
    most = 0
    for token in around:
        weights = [town.weight for town in token.towns if _lies_in(town, where)]
        is_region = len(where) == 2 and any(country_of(region) == where for region in token.regions)
        most = max(most, *weights, 100_000 if is_region else 0)
    return most


def _lies_in(town: Town, where: str) -> bool:
    is_there = country_of(where) == town.country
    return is_there and (len(where) == 2 or not town.region or town.region == where)


def _put(drafts: list[Draft], token: Token, later: Sequence[Token], context: set[str]) -> None:
    """Let a name complete the place before it, or begin the next."""
    draft = drafts[-1]
    if token.country:
        _put_country(drafts, token)
    elif token.is_area:
        _begin(drafts).is_area = True
        drafts[-1].names.append(token.text)
    elif region := _region(draft, token, later, context):
        _put_region(drafts, token, region)
    elif token.shared and (token.regions or not token.towns):
        target = draft if draft.names and draft.either is None and not draft.country else _begin(drafts)
        target.either = token
        target.names.append(token.text)
    else:
        _put_town(drafts, token)


def _begin(drafts: list[Draft]) -> Draft:
    if drafts[-1].names:
        drafts.append(Draft())
    return drafts[-1]


def _put_country(drafts: list[Draft], token: Token) -> None:
    draft, country = drafts[-1], token.country or ""
    fits = draft.country in (None, country) and not draft.is_area
    target = draft if fits else _begin(drafts)
    target.is_country_first = target.is_country_first or not target.names
    target.country = country
    if is_nation(token.text) and target.region is None:
        target.region = next(iter(regions_named(token.text, "GB")), None)
    if token.text not in target.names:
        target.names.append(token.text)


def _put_region(drafts: list[Draft], token: Token, region: str) -> None:
    draft = drafts[-1]
    is_free = draft.names and draft.region is None and draft.either is None and not draft.is_area
    fits = is_free and draft.country in (None, country_of(region))
    target = draft if fits or draft.region == region else _begin(drafts)
    target.region, target.country = region, country_of(region)
    target.names.append(token.text)


def _put_town(drafts: list[Draft], token: Token) -> None:
    """A town; or a street or a district, which says nothing once the town is known."""
    draft = drafts[-1]
    if draft.is_area:
        _begin(drafts).locality = token
    elif draft.locality is None and not (draft.is_whole and token.towns):
        if not draft.is_whole:
            draft.locality = token
    elif not token.towns or (draft.locality and _is_same(draft.locality, token)):
        return
    elif draft.is_whole or (draft.locality and draft.locality.towns):
        _begin(drafts).locality = token
    else:
        draft.locality = token
        draft.names.clear()
    drafts[-1].names.append(token.text)


def _is_same(one: Token, other: Token) -> bool:
    """Whether two names are those of one town: "Bangalore (Bengaluru)"."""
    return bool({town.id for town in one.towns[:1]} & {town.id for town in other.towns[:1]})


def _region(draft: Draft, token: Token, later: Sequence[Token], context: set[str]) -> str | None:
    """The region that a name is here; ``None`` where it is rather a town, or may be several."""
    regions = [region for country in sorted(context) for region in regions_named(token.text, country)]
    regions = regions or [each for each in token.regions if not context or country_of(each) in context]
    if draft.country and not draft.is_whole:
        regions = [region for region in regions if country_of(region) == draft.country]
    follows = draft.locality is not None and not draft.is_whole
    if follows and draft.locality and draft.locality.towns:
        regions = _regions_of_town(draft.locality, token, regions)
    if len(regions) != 1 or (token.shared and not context and not follows):
        return None
    [region] = regions
    if follows or token.is_code or (draft.is_country_first and later and not draft.region):
        return region
    return region if _is_rather_region(token, region, later) else None


def _regions_of_town(town: Token, token: Token, regions: list[str]) -> list[str]:
    """Those of the regions in which the town before can lie."""
    if token.is_code and not token.shared:
        return regions
    near = [region for region in regions if people([town], region)]
    is_list = (
        place_name_key(town.text) != place_name_key(token.text) and min(_most(town), _most(token)) >= _CITY
    )
    if token.shared and people([town], token.shared) >= max(
        (people([town], each) for each in near), default=0
    ):
        return []
    return [each for each in near if country_of(each) in (*CODED_COUNTRIES, "IN", "MX") or not is_list]


def _most(token: Token) -> int:
    return max((town.weight for town in token.towns), default=0)


def _is_rather_region(token: Token, region: str, later: Sequence[Token]) -> bool:
    """Whether a name that begins a place is that of a state, and not of a town in it or elsewhere."""
    country = country_of(region)
    towns = [town.weight for town in token.towns if town.country == country]
    following = later[0] if later else None
    if following and following.is_code and following.shared:
        return False
    if following and towns and region in following.regions:
        return False
    if country in _STATES_FIRST:
        return max(towns, default=0) < _STATE_OVER
    return not token.towns

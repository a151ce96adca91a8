"""Where a job is, as search engines read it: schema.org's Place, and where people may apply from."""

from typing import Any

from portal.domain.countries import country_named, is_region
from portal.domain.job_fields import WorkplaceType
from portal.domain.places import split_places
from portal.models import Job


def places_of(job: Job) -> dict[str, Any]:
    """Return what a posting says of the places that a job names, each once; nothing is guessed."""
    places = split_places(job.location or "")
    said: dict[str, Any] = {}
    if places:
        said["jobLocation"] = _one_or_all([_place(place) for place in places])
    if job.workplace_type == WorkplaceType.REMOTE:
        said["jobLocationType"] = "TELECOMMUTE"
        if areas := [area for place in places if (area := _area(place))]:
            said["applicantLocationRequirements"] = _one_or_all(areas)
    return said


def _one_or_all(things: list[dict[str, Any]]) -> dict[str, Any] | list[dict[str, Any]]:
    return things[0] if len(things) == 1 else things


def _place(place: str) -> dict[str, Any]:
    return {"@type": "Place", "address": {"@type": "PostalAddress", **_address(place)}}


def _address(place: str) -> dict[str, str]:
    """A town with its country apart, where the last of its names is one."""
    if country := country_named(place):
        return {"addressCountry": country}
    if is_region(place):
        return {"addressRegion": place}
    town, _, last = place.rpartition(",")
    country = country_named(last)
    if town and country:
        return {"addressLocality": town.strip(), "addressCountry": country}
    return {"addressLocality": place}


def _area(place: str) -> dict[str, str] | None:
    """A country or region that is all that is named; a town says where the office is, not who may apply."""
    if country := country_named(place):
        return {"@type": "Country", "name": country}
    return {"@type": "AdministrativeArea", "name": place} if is_region(place) else None

"""A job as a JobPosting of schema.org."""

import json
from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup

from portal.domain.feeds.public_job import address_region
from portal.domain.jobs.currencies import to_major
from portal.domain.jobs.fields import WorkplaceType
from portal.domain.jobs.public_words import public_salary
from portal.domain.jobs.salary import Salary, SalaryPeriod
from portal.domain.places.countries import country_name, members_of
from portal.domain.places.locations import Location, Place, read_location, region_label
from portal.domain.zones import zone_of
from portal.models import Organisation
from portal.store.jobs import PageJob
from portal.web.requests import logo_address


def places_of(job: PageJob) -> dict[str, Any]:
    """Return what a posting says of a job's places; nothing where search engines would refuse it.

    A place needs its country, and remote work a place or the countries and states that one may apply from.
    """
    where = read_location(job.location or "", job.office_places or "")
    if job.workplace_type == WorkplaceType.REMOTE:
        return _remote(where)
    places = [place for place in where.places if place.country]
    if where.offers_remote:  # the countries that one may also work from are no place of work
        places = [place for place in places if place.locality] or places
    return {"jobLocation": _one_or_all([_place(place) for place in places])} if places else {}


def _remote(where: Location) -> dict[str, Any]:
    towns = [place for place in where.places if place.locality and place.country]
    areas = [area for place in where.places if not place.locality for area in _areas(place)]
    if not towns and not areas:
        return {}
    said: dict[str, Any] = {"jobLocationType": "TELECOMMUTE"}
    if towns:
        said["jobLocation"] = _one_or_all([_place(place) for place in towns])
    if areas:
        countries = [_country(place.country) for place in towns if place.country]
        said["applicantLocationRequirements"] = _one_or_all(_each_once(areas + countries))
    return said


def _one_or_all(things: list[dict[str, Any]]) -> dict[str, Any] | list[dict[str, Any]]:
    return things[0] if len(things) == 1 else things


def _each_once(areas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({area["name"]: area for area in areas}.values())


def _place(place: Place) -> dict[str, Any]:
    address = {
        "addressLocality": place.locality,
        "addressRegion": address_region(place.region) if place.region else None,
        "addressCountry": place.country,
    }
    said = {name: value for name, value in address.items() if value}
    return {"@type": "Place", "address": {"@type": "PostalAddress", **said}}


def _areas(place: Place) -> list[dict[str, Any]]:
    """The country, state, or countries of a part of the world, that one may apply from."""
    if place.is_area:
        return [_country(country) for country in members_of(place.text)]
    if place.region:
        return [{"@type": "State", "name": region_label(place.region)}]
    return [_country(place.country)] if place.country else []


def _country(code: str) -> dict[str, Any]:
    return {"@type": "Country", "name": country_name(code)}


EMPLOYMENT_TYPES = {
    "full_time": "FULL_TIME",
    "part_time": "PART_TIME",
    "contract": "CONTRACTOR",
    "temporary": "TEMPORARY",
    "internship": "INTERN",
    "volunteer": "VOLUNTEER",
    "other": "OTHER",
}


_encode: Final = json.JSONEncoder(ensure_ascii=False).encode
_DESCRIPTION: Final = "\0description"
"""Stands for the description, with which ``_encode`` takes four times as long; no stored text can hold it."""
_DESCRIBED: Final = json.dumps(_DESCRIPTION)
_IN_SCRIPT: Final = {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
_IN_JSON: Final = {sign: json.dumps(sign)[1:-1] for sign in ("\\", '"', *map(chr, range(32)))} | _IN_SCRIPT


def job_posting(job: PageJob, org: Organisation, *, applies_here: bool = False) -> Markup | None:
    """Return the JSON, safe inside ``<script type="application/ld+json">``.

    ``None`` where it would be refused: without a description, or without what has to be said of places.
    """
    places = places_of(job) if job.description_html else None
    if not places:
        return None
    text = _encode(_posting(job, org, places) | {"directApply": applies_here})
    before, _, after = _escaped(text, _IN_SCRIPT).partition(_DESCRIBED)
    description = _escaped(job.description_html, _IN_JSON)
    return Markup(f'{before}"{description}"{after}')  # noqa: S704 - nothing in it can end the element


def _escaped(text: str, escapes: Mapping[str, str]) -> str:
    for character, escape in escapes.items():
        if character in text:  # to look for what is rare is far quicker than to replace it
            text = text.replace(character, escape)
    return text


def _posting(job: PageJob, org: Organisation, places: dict[str, Any]) -> dict[str, Any]:
    posting: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "title": job.title,
        "description": _DESCRIPTION,
        "datePosted": job.opened_at.astimezone(zone_of(org.time_zone)).date().isoformat(),
        "hiringOrganization": hiring_organization(org),
        "identifier": {"@type": "PropertyValue", "name": org.name, "value": str(job.id)},
        **places,
    }
    if job.closes_on:
        posting["validThrough"] = job.closes_on.isoformat()
    if job.employment_type:
        posting["employmentType"] = EMPLOYMENT_TYPES.get(job.employment_type, "OTHER")
    salary = public_salary(job)
    if salary and isinstance(salary.period, SalaryPeriod):  # schema.org knows no other
        posting["baseSalary"] = _salary(salary)
    return posting


def hiring_organization(org: Organisation) -> dict[str, Any]:
    """Return what search engines are told of the organisation."""
    said: dict[str, Any] = {"@type": "Organization", "name": org.name}
    if org.website:
        said["sameAs"] = org.website
    if org.logo_hash:
        said["logo"] = logo_address(org)
    return said


def _salary(salary: Salary) -> dict[str, Any]:
    bounds = {"minValue": salary.min_minor, "maxValue": salary.max_minor}
    value: dict[str, Any] = {"@type": "QuantitativeValue", "unitText": salary.period.upper()}
    value |= {
        name: float(to_major(minor, salary.currency)) for name, minor in bounds.items() if minor is not None
    }
    return {"@type": "MonetaryAmount", "currency": salary.currency, "value": value}

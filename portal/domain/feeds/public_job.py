"""The description of a public job for feeds, the JSON API and webhooks, made from the columns of its row."""

from enum import StrEnum
from typing import Any, TypeVar

from portal.domain.feeds.jobs import FeedJob, FeedPlace, timestamp
from portal.domain.jobs.currencies import to_major
from portal.domain.jobs.fields import EmploymentType, WorkplaceType
from portal.domain.jobs.public_words import public_salary
from portal.domain.jobs.salary import Salary
from portal.domain.places.countries import CODED_COUNTRIES, country_name, country_of, region_name
from portal.domain.places.locations import read_location

E = TypeVar("E", bound=StrEnum)


def feed_job_of(
    row: Any,
    id_address: str,
    *,
    address: str | None = None,
    apply_url: str | None = None,
    facts: tuple[str, ...] = (),
) -> FeedJob:
    """Return what is told of a row of jobs; ``address`` and ``apply_url`` where they carry a source."""
    return FeedJob(
        id=row.id,
        id_address=id_address,
        address=address or id_address,
        apply_url=apply_url or row.apply_url,
        title=row.title,
        language=row.language,
        description_html=row.description_html,
        summary=row.summary,
        facts=facts,
        department=row.department,
        seniority=row.seniority,
        tags=tuple(row.tags),
        location=row.location,
        places=_places(row),
        workplace_type=_known(WorkplaceType, row.workplace_type),
        employment_type=_known(EmploymentType, row.employment_type),
        requisition_id=row.requisition_id,
        featured=row.featured,
        salary=public_salary(row),
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        closes_on=row.closes_on,
    )


def _known(kind: type[E], stored: str | None) -> E | None:
    """Return the value, unless a newer version stored one that is not known here."""
    try:
        return kind(stored) if stored else None
    except ValueError:
        return None


def _places(row: Any) -> tuple[FeedPlace, ...]:
    places = read_location(row.location or "", row.office_places or "").places
    return tuple(
        FeedPlace(
            place.locality,
            address_region(place.region) if place.region else None,
            place.country,
            country_name(place.country),
        )
        for place in places
        if place.country
    )


def address_region(region: str) -> str:
    """Return the state as its country's people write it in addresses."""
    country = country_of(region)
    return region.removeprefix(f"{country}-") if country in CODED_COUNTRIES else region_name(region)


def public_json(job: FeedJob) -> dict[str, Any]:
    """Return what the JSON API says of a job, without its description."""
    return {
        "id": job.id,
        "url": job.address,
        "apply_url": job.apply_url,
        "title": job.title,
        "summary": job.summary,
        "language": job.language,
        "department": job.department,
        "seniority": job.seniority,
        "location": job.location,
        "places": [
            {"town": place.town, "region": place.state, "country": place.country} for place in job.places
        ],
        "workplace_type": job.workplace_type,
        "employment_type": job.employment_type,
        "salary": _salary(job.salary) if job.salary else None,
        "tags": list(job.tags),
        "featured": job.featured,
        "reference": job.requisition_id,
        "published_at": timestamp(job.opened_at),
        "updated_at": timestamp(job.updated),
        "closes_on": job.closes_on.isoformat() if job.closes_on else None,
    }


def whole_public_json(job: FeedJob) -> dict[str, Any]:
    """Return what the JSON API says of one job, with its description."""
    return public_json(job) | {"description_html": job.description_html}


def _salary(salary: Salary) -> dict[str, Any]:
    bounds = {"min": salary.min_minor, "max": salary.max_minor}
    amounts = {
        name: None if minor is None else float(to_major(minor, salary.currency))
        for name, minor in bounds.items()
    }
    return {**amounts, "currency": salary.currency, "period": salary.period}

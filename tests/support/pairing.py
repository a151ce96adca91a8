"""An own job and what became of its pair, in tests."""

from datetime import date
from typing import Any

from portal.db import end_read, session
from portal.models import Job, JobPair
from portal.store.jobs import merged_into

TODAY = date(2027, 1, 1)


WRITTEN: dict[str, Any] = {
    "location": "Faro",
    "salary_min": 2550,
    "salary_max": 2550,
    "salary_currency": "EUR",
    "salary_period": "hour",
    "tags": ["climbing"],
    "hiring_manager": "Mara",
    "closes_on": date(2027, 5, 4),
    "featured": True,
}


def org_of(job: Job) -> int:
    return job.organisation_id


def written(job: Job) -> dict[str, Any]:
    return {name: getattr(job, name) for name in WRITTEN}


def heir(job: Job) -> int | None:
    found = merged_into(org_of(job), job.id)
    return found.id if found else None


def pair() -> JobPair:
    end_read()
    return session().query(JobPair).populate_existing().one()

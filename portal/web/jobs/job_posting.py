"""A public job as search engines read it: schema.org's JobPosting, as JSON for a data block."""

import json
from typing import Any

from markupsafe import Markup

from portal.domain.currencies import to_major
from portal.domain.money import Salary, SalaryPeriod
from portal.models import Job, Organisation
from portal.web.jobs.job_places import places_of
from portal.web.jobs.openings import public_salary

EMPLOYMENT_TYPES = {
    "full_time": "FULL_TIME",
    "part_time": "PART_TIME",
    "contract": "CONTRACTOR",
    "temporary": "TEMPORARY",
    "internship": "INTERN",
    "volunteer": "VOLUNTEER",
    "other": "OTHER",
}


def job_posting(job: Job, org: Organisation) -> Markup:
    """Return the JSON, safe inside ``<script type="application/ld+json">``."""
    text = json.dumps(_posting(job, org), ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - nothing in it can end the element


def _posting(job: Job, org: Organisation) -> dict[str, Any]:
    posting: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "title": job.title,
        "description": job.description_html,
        "datePosted": job.opened_at.date().isoformat(),
        "hiringOrganization": {"@type": "Organization", "name": org.name},
        "identifier": {"@type": "PropertyValue", "name": org.name, "value": str(job.id)},
        "directApply": False,
        **places_of(job),
    }
    if job.closes_on:
        posting["validThrough"] = job.closes_on.isoformat()
    if job.employment_type:
        posting["employmentType"] = EMPLOYMENT_TYPES.get(job.employment_type, "OTHER")
    salary = public_salary(job)
    if salary and salary.period in list(SalaryPeriod):  # schema.org knows no other
        posting["baseSalary"] = _salary(salary)
    return posting


def _salary(salary: Salary) -> dict[str, Any]:
    bounds = {"minValue": salary.min_minor, "maxValue": salary.max_minor}
    value: dict[str, Any] = {"@type": "QuantitativeValue", "unitText": salary.period.upper()}
    value |= {
        name: float(to_major(minor, salary.currency)) for name, minor in bounds.items() if minor is not None
    }
    return {"@type": "MonetaryAmount", "currency": salary.currency, "value": value}

"""A job as the public pages show it."""

from dataclasses import dataclass
from datetime import datetime

from portal.domain.job_fields import FIELDS
from portal.domain.money import Salary, format_salary, period_of
from portal.models import Job


@dataclass(frozen=True, slots=True)
class Opening:
    """What a list says of a job; ``facts`` are in the order in which they are read."""

    id: int
    title: str
    department: str | None
    facts: tuple[str, ...]
    featured: bool
    opened_at: datetime


def opening(job: Job) -> Opening:
    """Return what anybody may read of ``job``."""
    facts = (job.location, workplace_label(job), employment_label(job), salary_label(job))
    return Opening(
        id=job.id,
        title=job.title,
        department=job.department,
        facts=tuple(fact for fact in (job.department, *facts) if fact),
        featured=job.featured,
        opened_at=job.opened_at,
    )


def workplace_label(job: Job) -> str | None:
    """Return "Hybrid" and the like."""
    return FIELDS["workplace_type"].display(job) or None


def employment_label(job: Job) -> str | None:
    """Return "Full-time" and the like."""
    return FIELDS["employment_type"].display(job) or None


def public_salary(job: Job) -> Salary | None:
    """Return the salary if the organisation shows it."""
    amount = job.salary_min if job.salary_min is not None else job.salary_max
    if not job.salary_visible or amount is None or not job.salary_currency:
        return None
    return Salary(job.salary_min, job.salary_max, job.salary_currency, period_of(job.salary_period))


def salary_label(job: Job) -> str | None:
    """Return "€85k – 110k" and the like."""
    salary = public_salary(job)
    return format_salary(salary) if salary else None

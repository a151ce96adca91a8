"""Jobs as anybody may see them: what is public now, and nothing else."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select

from portal.domain.job_fields import Visibility
from portal.extensions import session
from portal.models import Job
from portal.store.jobs import standing


def public(organisation_id: int, today: date) -> ColumnElement[bool]:
    """Listed, shown, and its closing date (the last day it is open) not passed."""
    return and_(
        standing(organisation_id),
        Job.listed,
        Job.visibility == Visibility.SHOWN,
        or_(Job.closes_on.is_(None), Job.closes_on >= today),
    )


def is_public(job: Job, today: date) -> bool:
    """Whether anybody may see the job on ``today``, the organisation's own date."""
    return job.visibility == Visibility.SHOWN and is_open(job, today)


def is_open(job: Job, today: date) -> bool:
    """Whether the job takes applications on ``today``, the organisation's own date."""
    return job.listed and (job.closes_on is None or job.closes_on >= today)


def public_jobs(organisation_id: int, today: date, *, limit: int, offset: int = 0) -> Sequence[Job]:
    """Return a page of the public jobs, the newest first, without their descriptions."""
    query = (
        select(Job)
        .where(public(organisation_id, today))
        .order_by(Job.opened_at.desc(), Job.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return session().scalars(query).all()


def count_public_jobs(organisation_id: int, today: date) -> int:
    """Return how many jobs are public."""
    return session().scalar(select(func.count()).where(public(organisation_id, today))) or 0

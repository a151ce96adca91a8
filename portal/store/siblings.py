"""Posts of one job: Greenhouse lists a job as often as it is posted, and each post is a job here."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, and_, select

from portal.extensions import session
from portal.models import Job
from portal.store.jobs import standing
from portal.store.public_jobs import public

MOST: Final = 50


def siblings_of(job: Job) -> Sequence[Job]:
    """Return the other posts of the same job, of every state, by their places."""
    return _siblings(job, standing(job.organisation_id))


def public_siblings_of(job: Job, today: date) -> Sequence[Job]:
    """Return those of them that anybody may see."""
    return _siblings(job, public(job.organisation_id, today))


def _siblings(job: Job, condition: ColumnElement[bool]) -> Sequence[Job]:
    if job.internal_job_id is None or job.board_token is None:
        return ()
    same = and_(
        Job.internal_job_id == job.internal_job_id, Job.board_token == job.board_token, Job.id != job.id
    )
    query = select(Job).where(condition, same).order_by(Job.location, Job.title, Job.id).limit(MOST)
    return session().scalars(query).all()

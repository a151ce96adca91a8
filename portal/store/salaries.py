"""What an organisation's salaries have in common."""

from sqlalchemy import func, select

from portal.extensions import session
from portal.models import Job
from portal.store.jobs import standing


def usual_currency(organisation_id: int) -> str | None:
    """Return the currency that most of the organisation's salaries are in; ``None`` where there are none."""
    query = (
        select(Job.salary_currency)
        .where(standing(organisation_id), Job.salary_currency.is_not(None))
        .group_by(Job.salary_currency)
        .order_by(func.count().desc(), Job.salary_currency)
        .limit(1)
    )
    return session().scalar(query)

"""What is counted of all of an organisation's jobs, once a process for each state of them.

Every commit that changes a job, or a closing that is held, raises the organisation's revision.
"""

from datetime import date
from typing import Final

from flask import Flask, current_app

from portal.models import Organisation
from portal.store import job_counts
from portal.store.job_counts import JobCounts
from portal.store.job_filters import JobFilter
from portal.web.jobs.blueprint import bp
from portal.web.kept import Kept

MOST_KEPT: Final = 500
_COUNTS: Final = "job_counts"
_SALARIES: Final = "shown_salaries"


@bp.record_once
def _begin(state: object) -> None:
    app: Flask = state.app  # type: ignore[attr-defined] # a BlueprintSetupState
    app.extensions[_COUNTS], app.extensions[_SALARIES] = Kept[JobCounts](MOST_KEPT), Kept[bool](MOST_KEPT)


def count_views(org: Organisation, wanted: JobFilter, today: date, *, shows_salaries: bool) -> JobCounts:
    """Count every view of a list; of a list that nothing narrows, what was counted at this revision."""

    def count() -> JobCounts:
        return job_counts.count_views(org.id, wanted, today, shows_salaries=shows_salaries)

    if wanted.is_narrow:
        return count()
    kept: Kept[JobCounts] = current_app.extensions[_COUNTS]
    return kept.known((org.id, org.revision, today, shows_salaries), count)


def shows_salaries(org: Organisation) -> bool:
    """Whether any of the organisation's jobs had a salary that the public may see, at this revision."""
    kept: Kept[bool] = current_app.extensions[_SALARIES]
    return kept.known((org.id, org.revision), lambda: job_counts.shows_salaries(org.id))

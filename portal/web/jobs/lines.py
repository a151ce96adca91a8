"""The drawn rows of Manage jobs, each drawn once a process for all who look, until its job changes."""

from collections.abc import Sequence
from typing import Final

from flask import Flask, current_app
from markupsafe import Markup

from portal.models import Organisation
from portal.store.jobs import JobState, jobs_by_id
from portal.web.jobs.blueprint import bp
from portal.web.jobs.rows import EVERY_COLUMN, job_row, place_of
from portal.web.kept import Kept
from portal.web.templating import draw

MOST_KEPT: Final = 4_000  # of some 3 KB each
_KEPT: Final = "drawn_rows"


@bp.record_once
def _begin(state: object) -> None:
    app: Flask = state.app  # type: ignore[attr-defined] # a BlueprintSetupState
    app.extensions[_KEPT] = Kept[str](MOST_KEPT)


@bp.app_template_global()
def job_lines(
    jobs: Sequence[JobState], organisation: Organisation, columns: tuple[str, ...] = EVERY_COLUMN
) -> Markup:
    """Return the rows of ``jobs`` as HTML; only those are read that were not drawn before.

    Every commit that changes what a row shows stamps its job with a new revision. Live changes are sent
    with every column, whatever each reader has chosen: a page takes its own.
    """
    place = place_of(organisation)
    drawn: Kept[str] = current_app.extensions[_KEPT]
    lines = {job.id: drawn.get((job, place, columns)) for job in jobs}
    missing = [job_id for job_id, line in lines.items() if line is None]
    for job in jobs_by_id(organisation.id, missing).values() if missing else ():
        line = str(draw("partials/jobs/list/_row.html", "line", job_row(job, place, columns)))
        lines[job.id] = line
        drawn.keep((JobState(job.id, job.revision, job.changed_at), place, columns), line)
    return Markup("".join(line for line in lines.values() if line))  # noqa: S704 - a template's own output

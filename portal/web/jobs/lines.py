"""The drawn rows of Manage jobs, each drawn once a process for all who look, until its job changes."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from threading import Lock
from typing import Final, cast

from flask import Flask, current_app
from markupsafe import Markup

from portal.models import Job, Organisation
from portal.web.jobs.blueprint import bp
from portal.web.jobs.rows import EVERY_COLUMN, Place, job_row, place_of

MOST_KEPT: Final = 4_000  # of some 3 KB each
_KEPT: Final = "drawn_rows"


class DrawnRows:
    """What was drawn last, by what it was drawn from; the oldest goes when there are too many."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> str | None:
        """Return what was drawn from this very state of a job."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: Hashable, drawn: str) -> None:
        """Remember it."""
        with self._lock:
            self._kept[key] = drawn
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


@bp.record_once
def _begin(state: object) -> None:
    app: Flask = state.app  # type: ignore[attr-defined] # a BlueprintSetupState
    app.extensions[_KEPT] = DrawnRows()


@bp.app_template_global()
def job_lines(
    jobs: Iterable[Job], organisation: Organisation, columns: tuple[str, ...] = EVERY_COLUMN
) -> Markup:
    """Return the rows of ``jobs``, whose ``source_values`` must be loaded, as HTML.

    Every commit that changes what a row shows stamps its job with a new revision. Live changes are sent
    with every column, whatever each reader has chosen: a page takes its own.
    """
    place = place_of(organisation)
    drawn = cast(DrawnRows, current_app.extensions[_KEPT])
    return Markup("").join(Markup(_line(job, place, columns, drawn)) for job in jobs)  # noqa: S704


def _line(job: Job, place: Place, columns: tuple[str, ...], drawn: DrawnRows) -> str:
    key = (job.id, job.revision, job.changed_at, place, columns)
    line = drawn.get(key)
    if line is None:
        template = current_app.jinja_env.get_template("partials/jobs/_row.html")
        line = str(template.module.line(job_row(job, place, columns)))  # type: ignore[attr-defined] # a macro
        drawn.keep(key, line)
    return line

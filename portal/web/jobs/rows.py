"""The rows of Manage jobs: columns, cells and states, and a cache of rendered rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from types import MappingProxyType
from typing import Final

from flask import Flask, current_app, g
from markupsafe import Markup

from portal.domain.jobs.derived import Remedy, lacks_of
from portal.domain.jobs.fields import FIELDS, GREENHOUSE_FIELDS, HIDDEN_FROM_ALL, Visibility
from portal.models import Job, Organisation
from portal.store.connections import is_prefilling
from portal.store.jobs import JobState, is_open, jobs_by_id
from portal.web.blueprints import jobs as bp
from portal.web.cache import LRUCache
from portal.web.jobs.cells import Cell, job_cell, row_speech
from portal.web.jobs.lists import any_salary_shown
from portal.web.templating import draw, today_in, zone_of

FIELD_COLUMNS: Final = (
    "department",
    "location",
    "workplace_type",
    "employment_type",
    "salary",
    "seniority",
    "hiring_manager",
    "tags",
    "closes_on",
    "featured",
)
COLUMNS: Final = {
    **{name: FIELDS[name].label for name in FIELD_COLUMNS},
    "requisition_id": "Requisition",
    "state": "State",
    "changed_at": "Changed",
}
"""Name and label of each column that can be left out: all but the title, in their order."""

USUAL: Final = frozenset(
    {"department", "location", "workplace_type", "employment_type", "salary", "state", "changed_at"}
)
PREFERENCE: Final = "columns"


def chosen_columns() -> tuple[str, ...]:
    """Return the columns that the member asking has chosen for this organisation, or the usual ones."""
    membership = g.get("membership")
    kept = membership.preferences.get(PREFERENCE) if membership else None
    chosen = USUAL if kept is None else frozenset(kept)
    return tuple(name for name in COLUMNS if name in chosen)


def headings(columns: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return name and label of each heading of the table."""
    return [("title", "Title"), *((name, COLUMNS[name]) for name in columns)]


EVERY_COLUMN: Final = tuple(COLUMNS)


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that a job lacks, and the field that mends it: ``is_ours``, or Greenhouse's.

    One that ``blocks`` keeps people from finding the job or from applying.
    """

    label: str
    field: str
    is_ours: bool
    blocks: bool


@dataclass(frozen=True, slots=True)
class State:
    """Where a job stands, in words and a colour (good, warn or soft), and what it lacks.

    ``is_undecided`` says that nobody has decided yet who sees it.
    """

    label: str
    kind: str
    gaps: tuple[Gap, ...] = ()
    is_undecided: bool = False

    @property
    def first_gap(self) -> Gap | None:
        """What a row has room to say: what blocks the job, or else the first that it lacks."""
        return next((gap for gap in self.gaps if gap.blocks), self.gaps[0] if self.gaps else None)


@dataclass(frozen=True, slots=True)
class JobRow:
    """All that a row shows. Only the columns asked for stand in it."""

    id: int
    revision: int
    title: str
    speech: Markup
    imported: bool
    featured: bool
    requisition_id: str | None
    cells: tuple[Cell, ...]
    state: State
    changed_at: datetime
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowContext:
    """What the rows of one answer share: read and built once, since a list has hundreds of cells."""

    today: date
    any_salary_shown: bool
    zone: tzinfo
    prefills: bool


def row_context(organisation: Organisation, *, prefills: bool | None = None) -> RowContext:
    """Return what is the same for every row of an organisation in the answer that is being made.

    ``prefills`` is looked up, unless whoever asks first has read the connection already.
    """
    places: dict[int, RowContext] = g.setdefault("row_contexts", {})
    if organisation.id not in places:
        if prefills is None:
            prefills = is_prefilling(organisation.id)
        places[organisation.id] = _row_context(organisation, prefills)
    return places[organisation.id]


def _row_context(organisation: Organisation, prefills: bool) -> RowContext:
    return RowContext(
        today=today_in(organisation.time_zone),
        any_salary_shown=any_salary_shown(organisation),
        zone=zone_of(organisation.time_zone),
        prefills=prefills,
    )


def job_row(job: Job, context: RowContext, columns: tuple[str, ...] = EVERY_COLUMN) -> JobRow:
    """Return the row of ``job``."""
    return JobRow(
        id=job.id,
        revision=job.revision,
        title=job.title,
        speech=row_speech(job.title, job.language),
        imported=job.imported,
        featured=job.featured,
        requisition_id=job.requisition_id,
        cells=tuple(
            job_cell(job, FIELDS[name], prefills=context.prefills) for name in columns if name in FIELDS
        ),
        state=state_of(job, context),
        changed_at=job.changed_at.astimezone(context.zone),
        columns=columns,
    )


def state_of(job: Job, context: RowContext) -> State:
    """Return where ``job`` stands today."""
    if not job.listed:
        return State("Closed", "soft")
    if job.visibility in HIDDEN_FROM_ALL:
        is_new = job.visibility == Visibility.NEW
        return State("New", "warn", is_undecided=True) if is_new else State("Hidden", "soft")
    if job.visibility == Visibility.MEMBERS:
        return State("Members only" if is_open(job, context.today) else "Closed", "soft")
    lacks = lacks_of(job, context.today, any_salary_shown=context.any_salary_shown)
    gaps = tuple(_gap(job, lack) for lack in lacks)
    if job.closes_on is not None and job.closes_on < context.today:
        return State("Closed", "soft", gaps)
    return State("Open", "good", gaps)


BLOCKING: Final = frozenset({"apply_url", "location"})
"""The fields without which nobody can apply for a job, or job search engines refuse it."""


def _gap(job: Job, lack: Remedy) -> Gap:
    is_ours = not (job.imported and lack.field in GREENHOUSE_FIELDS)
    return Gap(lack.label, lack.field, is_ours, lack.field in BLOCKING)


CACHED_ROWS: Final = 4_000  # of some 3 KB each
_ROWS: Final = "drawn_rows"


@bp.record_once
def _begin(state: object) -> None:
    app: Flask = state.app  # type: ignore[attr-defined] # a BlueprintSetupState
    app.extensions[_ROWS] = LRUCache[str](CACHED_ROWS)


@bp.app_template_global()
def rendered_rows(
    jobs: Sequence[JobState],
    organisation: Organisation,
    columns: tuple[str, ...] = EVERY_COLUMN,
    headings: Mapping[int, str] = MappingProxyType({}),
) -> Markup:
    """Return the rows of ``jobs`` as HTML; only those are read that were not drawn before.

    Every commit that changes what a row shows stamps its job with a new revision. Live changes are sent
    with every column, whatever each reader has chosen: a page takes its own. ``headings`` stand above
    some jobs.
    """
    context = row_context(organisation)
    cached: LRUCache[str] = current_app.extensions[_ROWS]
    lines = {job.id: cached.get((job, context, columns)) for job in jobs}
    missing = [job_id for job_id, line in lines.items() if line is None]
    for job in jobs_by_id(organisation.id, missing).values() if missing else ():
        line = str(draw("partials/jobs/list/_row.html", "line", job_row(job, context, columns)))
        lines[job.id] = line
        cached.set((JobState(job.id, job.revision, job.changed_at), context, columns), line)
    shown = (f"{headings.get(job_id, '')}{line}" for job_id, line in lines.items() if line)
    return Markup("".join(shown))  # noqa: S704 - a template's own output

"""The rows of Manage jobs: columns, cells and states, and a cache of rendered rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from types import MappingProxyType
from typing import Any, Final

from flask import Flask, current_app, g
from markupsafe import Markup

from portal.domain.jobs.columns import COLUMNS, USUAL_COLUMNS, ColumnLayout, layout_of, read_layout
from portal.domain.jobs.derived import Remedy, lacks_of
from portal.domain.jobs.fields import FIELDS, GREENHOUSE_FIELDS, HIDDEN_FROM_ALL, Visibility
from portal.domain.zones import zone_of
from portal.models import Job, Organisation, SavedView
from portal.store.connections import is_prefilling
from portal.store.job_lists import Status
from portal.store.jobs import JobState, is_open, jobs_by_id
from portal.web.blueprints import jobs as bp
from portal.web.cache import LRUCache
from portal.web.jobs.cells import Cell, job_cell, row_speech
from portal.web.jobs.lists import ListQuery, any_salary_shown
from portal.web.templating import draw, today_in

EVERY_COLUMN: Final = tuple(COLUMNS)


def open_view(query: ListQuery, views: Sequence[SavedView]) -> SavedView | None:
    """Return the saved view that the list stands in."""
    return next((view for view in views if view.id == query.view), None)


def shown_layout(view: SavedView | None) -> ColumnLayout:
    """Return the columns that the member asking sees: in a saved view, or everywhere else."""
    membership = g.get("membership")
    preferences = membership.preferences if membership else {}
    return layout_of(preferences, view.id if view else None, view.columns if view else None)


def column_facts(query: ListQuery, views: Sequence[SavedView]) -> dict[str, Any]:
    """Return the saved views, the one that is open, and the columns as the member asking sees them there."""
    view = open_view(query, views)
    layout = shown_layout(view)
    columns = _columns(query, layout.names)
    return {
        "saved_views": views,
        "kept_views": tuple((each.id, each.name, each.parameters, query.is_in(each)) for each in views),
        "open_view": view,
        "is_view_changed": view is not None and _differs(view, query, layout),
        "layout": layout,
        "labels": COLUMNS,
        "every_column": tuple(COLUMNS.items()),
        "columns": columns,
        "are_usual": frozenset(layout.names) == frozenset(USUAL_COLUMNS),
        "headings": (("title", "Title"), *((name, COLUMNS[name]) for name in columns)),
    }


def _differs(view: SavedView, query: ListQuery, layout: ColumnLayout) -> bool:
    """Whether the list as it is filtered, sorted and laid out is another one than the view keeps."""
    return view.query != query.saved() or (view.columns is not None and layout != read_layout(view.columns))


def _columns(query: ListQuery, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that the member has chosen; among new jobs the state has more room: there one decides."""
    if query.wanted.status is not Status.NEW:
        return chosen
    names = chosen if "state" in chosen else (*chosen, "state")
    return tuple(name for name in names if name != "changed_at")


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
    cells: tuple[tuple[str, Cell | None], ...]
    """Each column by its name, in their order; those that are no fields have no cell."""
    state: State
    changed_at: datetime


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
            (name, job_cell(job, FIELDS[name], prefills=context.prefills) if name in FIELDS else None)
            for name in columns
        ),
        state=state_of(job, context),
        changed_at=job.changed_at.astimezone(context.zone),
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
    variant = repr((context, columns))  # a text is hashed once, and not for every row
    lines = {job.id: cached.get((job, variant)) for job in jobs}
    missing = [job_id for job_id, line in lines.items() if line is None]
    for job in jobs_by_id(organisation.id, missing).values() if missing else ():
        line = str(draw("partials/jobs/list/_row.html", "line", job_row(job, context, columns)))
        lines[job.id] = line
        cached.set((JobState(job.id, job.revision, job.changed_at), variant), line)
    shown = (f"{headings.get(job_id, '')}{line}" for job_id, line in lines.items() if line)
    return Markup("".join(shown))  # noqa: S704 - a template's own output

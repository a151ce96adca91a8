"""Manage jobs: the list that members work in, and the panel of one job beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from http import HTTPStatus

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal.models import Job, JobPair, Organisation
from portal.store.connections import connection_of
from portal.store.job_counts import MOST_COUNTED, JobCounts, count_all, count_views
from portal.store.job_filters import Status
from portal.store.job_lists import list_jobs
from portal.store.job_pairs import pairs_into
from portal.store.jobs import job_of
from portal.store.public_jobs import is_public
from portal.store.saved_views import saved_views
from portal.web.connection.status import sync_status
from portal.web.jobs.blueprint import bp
from portal.web.jobs.bulk_values import SAID, SETTABLE
from portal.web.jobs.columns import COLUMNS, UNSORTED, chosen_columns, headings
from portal.web.jobs.finders import Finder, counted_finder, finders
from portal.web.jobs.history import Change, last_changes
from portal.web.jobs.listing import FILTER_LABELS, SIZES, STATUS_LABELS, ListQuery, read_query
from portal.web.jobs.rows import Cell, State, panel_cells, place_of, state_of
from portal.web.paging import Pages, pages_of
from portal.web.partials import wants_partial
from portal.web.permissions import is_admin


@dataclass(frozen=True, slots=True)
class Panel:
    """One job, whole, beside the list."""

    job: Job
    state: State
    cells: list[Cell]
    description: Markup
    is_public: bool
    pairs: Sequence[JobPair]
    edits: dict[str, Change]


@bp.get("/manage")
def manage(org: Organisation) -> ResponseReturnValue:
    """The list and, with ``?job=``, the panel; htmx is given the one that it has a place for."""
    revision = org.revision  # read before the rows: what is committed meanwhile is told by the stream
    panel = _panel_asked_for(org)
    if _is_for("panel"):
        return render_template(
            "partials/jobs/_panel.html", panel=panel, organisation=org, is_admin=is_admin()
        )
    listed = _listed(org)
    if _is_for("jobs"):
        return render_template("partials/jobs/_jobs.html", **listed)
    return render_template("pages/jobs/manage.html", revision=revision, panel=panel, **listed)


def panel_of(org: Organisation, job: Job) -> Panel:
    """Return the panel of a job that was read whole."""
    place = place_of(org)
    return Panel(
        job=job,
        state=state_of(job, place),
        cells=panel_cells(job, org.slug),
        description=Markup(job.description_html),  # noqa: S704 - cleaned when it was stored
        is_public=is_public(job, place.today),
        pairs=pairs_into(org.id, job.id),
        edits=last_changes(job),
    )


def _is_for(element: str) -> bool:
    return wants_partial() and request.headers.get("HX-Target") == element


def _panel_asked_for(org: Organisation) -> Panel | None:
    asked = request.args.get("job", "")
    if not asked:
        return None
    job = (
        job_of(org.id, int(asked), whole=True)
        if asked.isascii() and asked.isdigit() and len(asked) < 19
        else None
    )
    if job is None:
        abort(HTTPStatus.NOT_FOUND)
    return panel_of(org, job)


def _listed(org: Organisation) -> dict[str, object]:
    """Return what the list's card shows."""
    query = read_query(org.slug, request.args)
    place = place_of(org)
    today, pays = place.today, place.shows_salaries
    counts = count_views(org.id, query.wanted, today, shows_salaries=pays)
    pages = _pages(org, query, counts, today, pays)
    jobs = _jobs(org, query, pages, today, pays) if counts.of(query.wanted.status) else []
    columns = chosen_columns()
    return {
        "organisation": org,
        "query": query,
        "jobs": jobs,
        "pages": pages,
        "counts": counts,
        "finders": _finders(org, query, today, pays),
        "columns": columns,
        "every_column": COLUMNS,
        "headings": headings(columns),
        "unsorted": UNSORTED,
        "views": [view for view in STATUS_LABELS if _is_shown(view[0], query, counts)],
        "saved_views": saved_views(org.id),
        "sizes": SIZES,
        "bulk_fields": SETTABLE,
        "said_fields": SAID,
        **_connection_facts(org),
    }


def _jobs(org: Organisation, query: ListQuery, pages: Pages, today: date, pays: bool) -> Sequence[Job]:
    return list_jobs(
        org.id,
        query.wanted,
        today,
        shows_salaries=pays,
        sort=query.sort,
        limit=pages.size,
        offset=pages.offset,
    )


def _pages(org: Organisation, query: ListQuery, counts: JobCounts, today: date, pays: bool) -> Pages:
    """Which page is asked for; a deep one of a large list counts all that is listed."""
    total = counts.of(query.wanted.status)
    pages = pages_of(query.page, total, query.per_page)
    if total <= MOST_COUNTED:
        return pages
    if pages.number < pages.last:
        return replace(pages, is_open=True)
    return pages_of(query.page, count_all(org.id, query.wanted, today, shows_salaries=pays), pages.size)


def _is_shown(status: Status | None, query: ListQuery, counts: JobCounts) -> bool:
    """Held closings are rare: their view comes and goes with them."""
    return status is not Status.HELD or query.wanted.status is status or counts.of(status) > 0


def _connection_facts(org: Organisation) -> dict[str, object]:
    return {"connection": connection_of(org.id), "status": sync_status(org.id), "is_admin": is_admin()}


def _finders(org: Organisation, query: ListQuery, today: date, pays: bool) -> list[Finder]:
    """The filters; without a script, a link asks for all of their choices at once."""
    if "choices" not in request.args:
        return finders(query)
    return [counted_finder(org.id, query, name, today, shows_salaries=pays) for name in FILTER_LABELS]

"""Manage jobs: the list that members work in, and the panel of one job beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal.config import current_settings
from portal.domain.sync.runs import DELETED
from portal.models import Connection, Job, JobPair, Organisation, SearchNotice
from portal.store.connections import connection_of
from portal.store.job_counts import MOST_COUNTED, JobCounts, count_all
from portal.store.job_lists import Status, list_jobs
from portal.store.jobs import JobState, is_public, job_of, merged_into
from portal.store.pairs import pairs_into
from portal.store.public.search_notices import notices_of
from portal.store.public.traffic import Sums
from portal.web.blueprints import jobs as bp
from portal.web.connection.status import status_of
from portal.web.jobs.bulk import SETTABLE, said_fields
from portal.web.jobs.cells import FOLLOWS, Cell, FieldGroup, panel_groups
from portal.web.jobs.editor import blank_editor
from portal.web.jobs.filters import counted_filters, drops, filters, group_headings, group_spellings
from portal.web.jobs.history import Change, last_changes
from portal.web.jobs.lists import (
    GROUP_LABELS,
    NEWEST_CHANGE,
    SIZES,
    SORT_LABELS,
    STATUS_LABELS,
    USUAL_SIZE,
    ListQuery,
    count_views,
    read_query,
    saved_views_of,
)
from portal.web.jobs.public import Notice, Post, notice_of, other_posts
from portal.web.jobs.rows import State, column_facts, row_context, state_of
from portal.web.permissions import is_admin
from portal.web.requests import parse_number, wants_only
from portal.web.templating import Pages, day, pages_of
from portal.web.traffic.routes import recent_sums


@dataclass(frozen=True, slots=True)
class Provenance:
    """Whose value a field is, in a word, and who set it when; whether it has a history."""

    word: str
    title: str
    has_history: bool


@dataclass(frozen=True, slots=True)
class ListPosition:
    """Where a job stands in the list, and the addresses of the jobs before and after it."""

    number: int
    total: int
    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class Panel:
    """One job, whole, beside the list."""

    job: Job
    state: State
    groups: list[FieldGroup]
    description: Markup
    is_public: bool
    pairs: Sequence[JobPair]
    edits: dict[str, Change]
    posts: list[Post]
    notice: Notice | None
    search_notices: Sequence[SearchNotice]
    seen: Sums | None
    restorable_days: int = DELETED.days

    def provenance(self, name: str, cell: Cell | None = None) -> Provenance | None:
        """Whose value a field is; nothing where it is only a default."""
        change = self.edits.get(name)
        whose = cell.whose if cell else ""
        if whose == FOLLOWS or (change and change.run_id and not whose):
            return Provenance("Greenhouse", "Follows Greenhouse until you change it", change is not None)
        if not whose and change is None:
            return None
        by_person = change is not None and change.run_id is None
        title = f"Set by {change.who} on {day(change.at)}" if change and by_person else "No sync changes it"
        if cell and cell.says:
            title += f". {cell.offer_label}"
        return Provenance("Yours", title, change is not None)


@bp.get("/manage")
def manage(org: Organisation) -> ResponseReturnValue:
    """The list and, with ``?job=``, the panel; htmx is given the one that it asks for."""
    if wants_only("keys"):
        connection = connection_of(org.id)
        return render_template("partials/jobs/list/_keys.html", is_admin=is_admin(), connection=connection)
    asked = request.args.get("job", "")
    job = _job_asked_for(org, asked)
    if wants_only("panel"):
        return _panel_alone(org, asked, job)
    query = read_query(org.slug, request.args)
    listed = _listed(org, query)
    if wants_only("jobs"):
        return render_template("partials/jobs/list/_jobs.html", **listed)
    return render_template(
        "pages/jobs/manage.html",
        panel=panel_of(org, job) if job else None,
        asked=asked,
        position=_position(org, query, listed, job.id) if job else None,
        editor=blank_editor() if listed["is_admin"] else "",
        **listed,
    )


def panel_of(org: Organisation, job: Job) -> Panel:
    """Return the panel of a job that was read whole."""
    context, tells = row_context(org), current_settings().tells_search_engines
    return Panel(
        job=job,
        state=state_of(job, context),
        groups=panel_groups(job),
        description=Markup(job.description_html),  # noqa: S704 - cleaned when it was stored
        is_public=is_public(job, context.today, to_members=True),
        pairs=pairs_into(org.id, job.id),
        edits=last_changes(job),
        posts=other_posts(job, context),
        notice=notice_of(job),
        search_notices=notices_of(job.id) if tells and is_admin() else (),
        seen=recent_sums(org, job.id) if is_admin() else None,
    )


def _job_asked_for(org: Organisation, asked: str) -> Job | None:
    """The job whose panel is asked for, or the one that it was paired into."""
    if (job_id := parse_number(asked)) is None:
        return None
    return job_of(org.id, job_id, whole=True) or merged_into(org.id, job_id, whole=True)


def _panel_alone(org: Organisation, asked: str, job: Job | None) -> ResponseReturnValue:
    panel = panel_of(org, job) if job else None
    page = render_template(
        "partials/jobs/panel/_panel.html", panel=panel, organisation=org, is_admin=is_admin(), asked=asked
    )
    if asked and job is None:
        return page, HTTPStatus.NOT_FOUND
    return (page, {"HX-Push-Url": _address_with(job)}) if job else page


def _address_with(job: Job) -> str:
    """The address asked for, with this job's panel open."""
    said = {**request.args.to_dict(flat=False), "job": [str(job.id)]}
    return f"{request.path}?{urlencode(said, doseq=True)}"


def _position(
    org: Organisation, query: ListQuery, listed: dict[str, Any], job_id: int
) -> ListPosition | None:
    """Where a job stands in the list; nothing where this page of it does not have the job."""
    pages: Pages = listed["pages"]
    ids = [job.id for job in listed["jobs"]]
    if job_id not in ids:
        return None
    index, offset = ids.index(job_id), pages.offset

    def address_at(index: int) -> str | None:
        """The address of the job at an index of the whole list, on its own page."""
        if index < 0:
            return None
        if offset <= index < offset + len(ids):
            return query.address(page=pages.number, job=ids[index - offset])
        found = _jobs(org, query, 1, index)
        return query.address(page=index // pages.size + 1, job=found[0].id) if found else None

    number = offset + index
    total = listed["counts"].of(query.wanted.status)
    return ListPosition(number + 1, total, address_at(number - 1), address_at(number + 1))


def _listed(org: Organisation, query: ListQuery) -> dict[str, Any]:
    """Return what the list's card shows."""
    views = saved_views_of(org)
    if query.view not in {view.id for view in views}:
        query = replace(query, view=None)
    facts = _connection_facts(org)
    connection: Connection | None = facts["connection"]
    context = row_context(org, prefills=connection is not None and connection.prefill)
    today, pays = context.today, context.any_salary_shown
    counts = count_views(org, query.wanted, today, any_salary_shown=pays)
    pages = _pages(org, query, counts, today, pays)
    before, jobs = _page(org, query, pages, counts.found) if counts.of(query.wanted.status) else (None, [])
    columns = column_facts(query, views)
    return {
        "organisation": org,
        "revision": org.revision,  # read before the rows: what is committed meanwhile is told by the stream
        "query": query,
        "jobs": jobs,
        "pages": pages,
        "counts": counts,
        "drops": drops(org, query, context) if counts.total and not jobs else (),
        "filters": counted_filters(org, query, context) if "choices" in request.args else filters(query),
        "groups": group_headings(org, query, jobs, before, context, columns["columns"]),
        "group_labels": tuple(GROUP_LABELS.items()),
        "views": tuple(
            (status, label, counts.of(status))
            for status, label in STATUS_LABELS
            if _is_shown(status, query, counts, connection)
        ),
        "sizes": SIZES,
        "usual_size": USUAL_SIZE,
        "sorts": tuple(SORT_LABELS.items()),
        "sorted_by": "" if query.sort == NEWEST_CHANGE else query.sort,
        "bulk_fields": SETTABLE,
        **columns,
        **facts,
    }


def _jobs(
    org: Organisation, query: ListQuery, limit: int, offset: int, found: Sequence[int] | None = None
) -> list[JobState]:
    context = row_context(org)
    return list_jobs(
        org.id,
        query.wanted,
        context.today,
        any_salary_shown=context.any_salary_shown,
        sort=query.sort,
        limit=limit,
        offset=offset,
        group=query.group,
        spellings=group_spellings(org, query.group),
        found=found,
    )


def _page(
    org: Organisation, query: ListQuery, pages: Pages, found: Sequence[int] | None
) -> tuple[JobState | None, list[JobState]]:
    """The jobs of a page and, where groups stand on it, the last one of the page before."""
    more = 1 if query.group and pages.offset else 0
    jobs = _jobs(org, query, pages.size + more, pages.offset - more, found)
    return (jobs[0] if more and jobs else None), jobs[more:]


def _pages(org: Organisation, query: ListQuery, counts: JobCounts, today: date, pays: bool) -> Pages:
    """Which page is asked for; a deep one of a large list counts all that is listed."""
    total = counts.of(query.wanted.status)
    pages = pages_of(query.page, total, query.per_page)
    if total <= MOST_COUNTED:
        return pages
    if pages.number < pages.last:
        return replace(pages, is_open=True)
    return pages_of(query.page, count_all(org.id, query.wanted, today, any_salary_shown=pays), pages.size)


RARE: Final = frozenset({Status.HELD, Status.NEW, Status.MEMBERS})
"""Views that come and go with their jobs."""


def _is_shown(
    status: Status | None, query: ListQuery, counts: JobCounts, connection: Connection | None
) -> bool:
    if status is Status.NEW and connection is not None and connection.hides_new:
        return True
    return status not in RARE or query.wanted.status is status or counts.of(status) > 0


def _connection_facts(org: Organisation) -> dict[str, Any]:
    connection = connection_of(org.id)
    return {
        "connection": connection,
        "said_fields": said_fields(connection),
        "status": status_of(connection, org),
        "is_admin": is_admin(),
    }

"""Sync history: every run, and one run with all that it changed."""

import json
from datetime import datetime
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.sync.plan import ChangeKind
from portal.domain.sync.runs import RunStatus, waits_long
from portal.models import Connection, Organisation, SyncRun
from portal.models.base import utc_now
from portal.store.closings import count_pending
from portal.store.connections import connection_of
from portal.store.job_counts import count_new
from portal.store.jobs import jobs_of_posts, languages_of
from portal.store.runs import count_runs, queued_run, run_of, runs_of
from portal.store.sync_changes import changes_of, count_kinds, later_descriptions
from portal.web.permissions import is_admin
from portal.web.requests import wants_only
from portal.web.sync_runs.chart import chart_of
from portal.web.sync_runs.rows import KINDS, RunRow, change_rows, run_row
from portal.web.templating import pages_of

bp = Blueprint("sync_runs", __name__, url_prefix="/orgs/<org>/sync-runs")

PAGE_SIZE: Final = 25
CHANGES_A_PAGE: Final = 50
MOST_SET_ASIDE: Final = 200


@bp.get("")
def index(org: Organisation) -> ResponseReturnValue:
    """The runs, the latest first, below what the last days brought."""
    pages = pages_of(request.args.get("page"), count_runs(org.id), PAGE_SIZE)
    runs = runs_of(org.id, limit=pages.size, offset=pages.offset)
    return render_template(
        "pages/sync_runs/index.html",
        organisation=org,
        connection=connection_of(org.id),
        is_admin=is_admin(),
        rows=[run_row(run) for run in runs],
        chart=chart_of(org) if pages.number == 1 else None,
        pages=pages,
        address=lambda number: url_for("sync_runs.index", org=org.slug, page=number),
    )


@bp.get("/<int:run_id>")
def show(org: Organisation, run_id: int) -> ResponseReturnValue:
    """One run with each job it changed; while it is on its way the page asks again for its middle."""
    run = run_of(org.id, run_id)
    if run is None:
        abort(HTTPStatus.NOT_FOUND)
    row = run_row(run)
    shown = {"organisation": org, "run": run, "row": row, "is_admin": is_admin(), **_changes(org, run)}
    shown |= _connection_facts(org, run)
    shown["set_aside"] = _set_aside(org, run)
    if wants_only("run"):
        return Response(render_template("partials/sync_runs/_run.html", **shown), headers=_said(row))
    return render_template("pages/sync_runs/show.html", **shown)


def _changes(org: Organisation, run: SyncRun) -> dict[str, object]:
    """Return one page of the run's changes, and the ways to the others."""
    counts = count_kinds(run.id)
    asked = request.args.get("kind", "")
    kind = ChangeKind(asked) if asked in set(counts) else None
    total = counts[kind] if kind else sum(counts.values())
    pages = pages_of(request.args.get("page"), total, CHANGES_A_PAGE)
    changes = changes_of(run.id, kind, limit=pages.size, offset=pages.offset)
    jobs = [change.job_id for change in changes if change.job_id is not None]
    filters = [
        (None, "All", sum(counts.values())),
        *((each, KINDS[each][0], counts[each]) for each in counts),
    ]
    return {
        "changes": change_rows(changes, later_descriptions(changes), languages_of(jobs)),
        "kind": kind,
        "filters": [
            (label, number, url_for("sync_runs.show", org=org.slug, run_id=run.id, kind=each), each == kind)
            for each, label, number in filters
        ],
        "pages": pages,
        "address": lambda number: url_for(
            "sync_runs.show", org=org.slug, run_id=run.id, kind=kind, page=number
        ),
    }


def _set_aside(org: Organisation, run: SyncRun) -> list[tuple[dict[str, object], int | None]]:
    """Return the posts that could not be read, each with its job if there is one; not too many of them."""
    posts = run.set_aside[:MOST_SET_ASIDE]
    jobs = jobs_of_posts(org.id, run.board_token, [post["id"] for post in posts]) if posts else {}
    return [(post, jobs.get(post["id"])) for post in posts]


def _connection_facts(org: Organisation, run: SyncRun) -> dict[str, object]:
    """Return what the run's connection, if it still stands, has to do yet."""
    connection = connection_of(org.id)
    stands = connection is not None and connection.id == run.connection_id
    return {
        "connection": connection,
        "new_jobs": count_new(org.id) if run.hides_new else 0,
        "pending": count_pending(connection.id) if connection and stands else 0,
        "next_attempt": _next_attempt(connection if stands else None, run),
    }


def _next_attempt(connection: Connection | None, run: SyncRun) -> datetime | None:
    """Return when a run that did not work is tried again: itself, or the next in its place."""
    if run.status == RunStatus.QUEUED:
        return run.not_before if waits_long(run.not_before, utc_now()) else None
    if run.status != RunStatus.FAILED or connection is None or connection.paused_at is not None:
        return None
    waiting = queued_run(connection.id)
    if waiting is not None and waiting.attempt:
        return waiting.not_before
    return connection.next_sync_at if connection.failing_since is not None else None


def _said(row: RunRow) -> dict[str, str]:
    """Return the header that has a run's end announced."""
    said = f"{row.state}. {row.sentence}" if row.sentence else row.state
    return {"HX-Trigger": json.dumps({"portal:announce": said})} if row.is_over else {}

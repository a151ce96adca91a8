"""Views of public jobs and clicks on Apply: counted without cookies or addresses, shown to admins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any, Final

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue

from portal.actions.audit import record_alone
from portal.actions.public.counting import count_visit
from portal.db import end_read
from portal.domain.audit import Action
from portal.domain.jobs.tables import BOM, csv_line
from portal.domain.traffic import LABELS, LONGEST_KEPT, is_robot, source_of
from portal.models import Job, Organisation
from portal.store.jobs import job_of
from portal.store.public.traffic import (
    TAB,
    Sums,
    traffic_by_day,
    traffic_by_job,
    traffic_by_source,
    traffic_rows,
)
from portal.web.extensions import remote_network
from portal.web.requests import parse_number
from portal.web.sync_runs.chart import Lane, bars_of
from portal.web.templating import count, today_in
from portal.web.traffic.throttle import Throttle

bp = Blueprint("traffic", __name__, url_prefix="/orgs/<org>")

SPANS: Final = (30, 90)
MOST_LISTED: Final = 50
LARGEST: Final = 4_096  # bytes that a page sends to be counted
_ALLOWED = Throttle(300)


@bp.post("/jobs/seen", endpoint="seen")
@bp.post("/jobs/<int:job_id>/seen", endpoint="seen")
def seen(org: Organisation, job_id: int = TAB) -> ResponseReturnValue:
    """Count what a page's script says: a view, or a click on Apply.

    It answers the same whether or not it counts. A page that a cache sends is counted like any other.
    """
    if (request.content_length or 0) > LARGEST:
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if _is_a_visitors():
        source = source_of(request.form.get("source", ""), request.form.get("from", ""), request.host)
        is_click = job_id != TAB and request.form.get("what") == "click"
        app = current_app._get_current_object()  # type: ignore[attr-defined] # the documented way
        count_visit(app, org.id, job_id, today_in(org.time_zone), source, is_click=is_click)
    return Response(status=HTTPStatus.NO_CONTENT, headers={"Cache-Control": "no-store"})


def _is_a_visitors() -> bool:
    """Whether a person's browser asks from a page of ours, and not so often that no person could."""
    is_ours = request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    return is_ours and not is_robot(request.user_agent.string) and _ALLOWED.allows(remote_network())


@dataclass(frozen=True, slots=True)
class DayTraffic:
    """One day: views of jobs, clicks on Apply, views of the Jobs tab."""

    day: date
    views: int
    clicks: int
    tab: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: a source or a job, with where it leads."""

    label: str
    sums: Sums
    address: str = ""

    @property
    def rate(self) -> str:
        """How many of a hundred views led to a click."""
        return f"{100 * self.sums.clicks / self.sums.views:.0f} %" if self.sums.views else "–"


@bp.get("/traffic")
def show(org: Organisation) -> ResponseReturnValue:
    """The last days of all jobs or of one: a chart, the sources, the jobs."""
    job, span = asked_job(org), asked_span()
    today = today_in(org.time_zone)
    first = today - timedelta(days=span - 1)
    job_id = job.id if job else None
    days = _days(org, first, span, job_id)
    sources = traffic_by_source(org.id, first, job_id, limit=MOST_LISTED)
    jobs = [] if job else traffic_by_job(org.id, first, limit=MOST_LISTED)
    return render_template(
        "pages/orgs/traffic.html",
        organisation=org,
        job=job,
        span=span,
        spans=SPANS,
        days=days,
        lanes=_lanes(days, with_tab=job is None),
        has_counts=any(each.views or each.clicks or each.tab for each in days),
        sources=[Line(LABELS.get(source, source), sums) for source, sums in sources],
        jobs=[
            Line(title or "A deleted job", sums, _address(org, job_id, span) if title else "")
            for job_id, title, sums in jobs
        ],
        address=lambda days: _address(org, job_id, days),
        csv=url_for(".export", org=org.slug, days=span, job=job_id),
        kept_years=LONGEST_KEPT // 365,
    )


def _address(org: Organisation, job_id: int | None, span: int) -> str:
    return url_for("traffic.show", org=org.slug, job=job_id, days=None if span == SPANS[0] else span)


def recent_sums(org: Organisation, job_id: int) -> Sums:
    """Return how often a job was seen in the last days."""
    first = today_in(org.time_zone) - timedelta(days=SPANS[0] - 1)
    days = traffic_by_day(org.id, first, job_id).values()
    return Sums(sum(each.views for each in days), sum(each.clicks for each in days))


def asked_span() -> int:
    """Return for how many days the address asks."""
    days = parse_number(request.args.get("days", ""))
    return days if days in SPANS else SPANS[0]


def asked_job(org: Organisation) -> Job | None:
    """Return the job that the address names; one that is not the organisation's does not exist."""
    if "job" not in request.args:
        return None
    job_id = parse_number(request.args["job"])
    return (job_of(org.id, job_id) if job_id else None) or abort(HTTPStatus.NOT_FOUND)


def _days(org: Organisation, first: date, span: int, job_id: int | None) -> list[DayTraffic]:
    jobs = traffic_by_day(org.id, first, job_id)
    tab = traffic_by_day(org.id, first, TAB) if job_id is None else {}
    return [
        DayTraffic(day, *jobs.get(day, Sums()), tab.get(day, Sums()).views)
        for day in (first + timedelta(days=number) for number in range(span))
    ]


def _lanes(days: Sequence[DayTraffic], *, with_tab: bool) -> tuple[Lane, ...]:
    views, clicks, tab = (sum(getattr(day, name) for day in days) for name in ("views", "clicks", "tab"))
    lanes = (
        Lane("Views", f"{views:,} in all", bars_of(days, lambda each: each.views, ("view", "views")), True),
        Lane(
            "Clicks on Apply",
            f"{clicks:,} in all",
            bars_of(days, lambda each: each.clicks, ("click", "clicks")),
        ),
        Lane(
            "Jobs tab", count(tab, "view", "views"), bars_of(days, lambda each: each.tab, ("view", "views"))
        ),
    )
    return lanes if with_tab else lanes[:2]


@bp.get("/traffic.csv")
def export(org: Organisation) -> Response:
    """Every day, job and source of the days that are kept, or of those that are shown, as CSV."""
    job, today = asked_job(org), today_in(org.time_zone)
    if request.method == "GET":
        record_alone(org.id, Action.EXPORTED, "views and clicks")
    span = asked_span() if "days" in request.args else LONGEST_KEPT
    days = [today - timedelta(days=number) for number in reversed(range(span))]
    lines = _csv(org.id, days, job.id if job else None)
    headers = {
        "Content-Disposition": f'attachment; filename="{org.slug}-views-{today}.csv"',
        "Cache-Control": "no-store",
    }
    return Response(stream_with_context(lines), mimetype="text/csv", headers=headers)


def _csv(organisation_id: int, days: Sequence[date], job_id: int | None) -> Iterator[str]:
    """The lines of the file, a day at a time; between them no connection is held."""
    yield BOM + csv_line(["Day", "Job id", "Job", "Source", "Views", "Clicks on Apply"])
    for day in days:
        rows = traffic_rows(organisation_id, day, job_id)
        end_read()
        yield "".join(
            csv_line(
                [
                    day.isoformat(),
                    str(row.job_id or ""),
                    _job_name(row),
                    row.source,
                    str(row.views),
                    str(row.clicks),
                ]
            )
            for row in rows
        )


def _job_name(row: Any) -> str:
    return "Jobs tab" if row.job_id == TAB else row.title or "A deleted job"

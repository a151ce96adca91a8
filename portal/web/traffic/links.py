"""The maker of tracked links: to a job or the Jobs tab, with a source, a QR code and what came by it."""

from http import HTTPStatus
from io import BytesIO
from urllib.parse import urlencode

import segno
from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.public.links import delete_link, make_link
from portal.domain.jobs.public_list import EVERY_JOB
from portal.domain.texts import InvalidValue, sort_key
from portal.models import Organisation, TrackedLink
from portal.store.public.jobs import list_public_jobs
from portal.store.public.links import link_of, links_of
from portal.web.requests import parse_number, site_address
from portal.web.templating import today_in
from portal.web.traffic.tracking import SOURCE

bp = Blueprint("links", __name__, url_prefix="/orgs/<org>/links")

MOST_JOBS = 1_000


@bp.get("")
def index(org: Organisation) -> ResponseReturnValue:
    """The links, and the form for another one."""
    return _page(org, {"name": "", "job": request.args.get("job", ""), "code": ""})


@bp.post("")
def create(org: Organisation) -> ResponseReturnValue:
    """Make a link, and show it at the head of the others."""
    typed = {name: request.form.get(name, "") for name in ("name", "job", "code")}
    job_id = parse_number(typed["job"]) if typed["job"] else None
    try:
        if typed["job"] and not job_id:
            raise InvalidValue("There is no such job any more. Choose another.")
        link = make_link(org.id, typed["name"], job_id, typed["code"], current_user.user_id)
    except InvalidValue as error:
        return _page(org, typed, str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(f"“{link.name}” is ready to copy.")
    return redirect(url_for(".index", org=org.slug), HTTPStatus.SEE_OTHER)


@bp.post("/<int:link_id>/delete")
def delete(org: Organisation, link_id: int) -> ResponseReturnValue:
    """Delete a link; one that somebody else has deleted is gone as well."""
    if delete_link(org.id, link_id):
        flash("Deleted. Whoever has the link can still follow it.")
    return redirect(url_for(".index", org=org.slug), HTTPStatus.SEE_OTHER)


@bp.get("/<int:link_id>/qr.svg")
def qr_code(org: Organisation, link_id: int) -> ResponseReturnValue:
    """The address as a QR code, for print."""
    link = link_of(org.id, link_id)
    if link is None:
        abort(HTTPStatus.NOT_FOUND)
    drawing = BytesIO()
    code = segno.make(address_of(org, link), error="m", micro=False)
    code.save(drawing, kind="svg", scale=8, border=4, dark="#000", light="#fff")
    return Response(drawing.getvalue(), mimetype="image/svg+xml")


def address_of(org: Organisation, link: TrackedLink) -> str:
    """Return the address that people are given."""
    page = (
        url_for("jobs.show", org=org.slug, job_id=link.job_id)
        if link.job_id
        else url_for("jobs.index", org=org.slug)
    )
    return f"{site_address()}{page}?{urlencode({SOURCE: link.source})}"


def _page(org: Organisation, typed: dict[str, str], error: str = "") -> str:
    jobs = list_public_jobs(org.id, today_in(org.time_zone), EVERY_JOB, limit=MOST_JOBS)
    return render_template(
        "pages/orgs/links.html",
        organisation=org,
        typed=typed,
        error=error,
        jobs=sorted(jobs, key=lambda job: sort_key(job.title)),
        links=[(row, address_of(org, row.link)) for row in links_of(org.id)],
    )

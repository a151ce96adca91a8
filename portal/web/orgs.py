"""The first page, the page of an organisation, and the help."""

from http import HTTPStatus

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.config import Settings
from portal.models import Organisation
from portal.store.accounts.members import organisations_reached
from portal.store.jobs import count_public_jobs
from portal.store.people import membership_of
from portal.store.public.jobs import list_public_jobs
from portal.web.permissions import is_member
from portal.web.public.pages import cached_for_everybody
from portal.web.public.rows import in_one, openings
from portal.web.requests import logo_address, site_address
from portal.web.single_sign_on.gate import way_in
from portal.web.templating import today_in
from portal.web.traffic.tracking import asked_tracking

bp = Blueprint("orgs", __name__)

LATEST = 5


@bp.get("/")
def home() -> ResponseReturnValue:
    """Send people to their organisation, and everybody else to the login page."""
    if not current_user.is_authenticated:
        return redirect(url_for("auth.login"), HTTPStatus.SEE_OTHER)
    organisations = organisations_reached(current_user._get_current_object())
    if not organisations:
        return render_template("pages/orgs/none.html")
    membership = membership_of(organisations[0].id, current_user.user_id)
    first = way_in(organisations[0], membership) if membership else None
    return redirect(first or url_for("jobs.index", org=organisations[0].slug), HTTPStatus.SEE_OTHER)


@bp.get("/orgs/<org>")
@cached_for_everybody(asked_tracking, is_tracked=True)
def show(org: Organisation) -> ResponseReturnValue:
    """The organisation, with its latest jobs."""
    today = today_in(org.time_zone)
    latest = list_public_jobs(org.id, today, to_members=is_member(), limit=LATEST)
    return render_template(
        "pages/orgs/show.html",
        address=site_address() + url_for(".show", org=org.slug).partition("?")[0],
        picture=logo_address(org),
        total=count_public_jobs(org.id, today, to_members=is_member()),
        rows=in_one(openings(org, latest, show_featured=True)),
    )


help_bp = Blueprint("help", __name__, url_prefix="/help")


@help_bp.get("/greenhouse")
def greenhouse() -> ResponseReturnValue:
    """How to connect Greenhouse, step by step, what is imported, and what stays the organisation's."""
    settings: Settings = current_app.extensions["settings"]
    return render_template("pages/help/greenhouse.html", interval=_minutes(settings.sync_interval_minutes))


def _minutes(minutes: int) -> str:
    """Return an interval in words: "every 30 minutes", "every hour"."""
    if minutes % 60:
        return "every minute" if minutes == 1 else f"every {minutes} minutes"
    hours = minutes // 60
    return "every hour" if hours == 1 else f"every {hours} hours"

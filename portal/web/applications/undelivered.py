"""Undelivered applications: the list in which an admin decides about each."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.applications.decide import Applicant, applicant_of, mark_delivered, send_again
from portal.domain.applications.states import ApplicationStatus
from portal.models import Organisation
from portal.store.applications.steps import count_undelivered, undelivered_of
from portal.web.requests import parse_number

bp = Blueprint("applications", __name__, url_prefix="/orgs/<org>/applications")

MOST_SHOWN: Final = 200
QUEUED: Final = "It is being sent again. If it is not taken, it comes back to this list."
MARKED: Final = "Marked as delivered. Its answers and files are deleted."
OVER: Final = "Nothing was done: somebody decided about it meanwhile, or Greenhouse's answer came."


@dataclass(frozen=True, slots=True)
class Undelivered:
    """One of them, as the page shows it."""

    id: int
    generation: int
    applicant: Applicant
    job_id: int | None
    job_title: str
    created_at: datetime
    forget_at: datetime
    reason: str
    is_uncertain: bool


@bp.get("")
def index(org: Organisation) -> ResponseReturnValue:
    """List them, the newest first."""
    found = [
        Undelivered(
            each.id,
            each.generation,
            applicant_of(each),
            each.job_id,
            each.job_title,
            each.created_at,
            each.forget_at,
            each.reason or "",
            each.status == ApplicationStatus.UNCERTAIN,
        )
        for each in undelivered_of(org.id, MOST_SHOWN)
    ]
    return render_template(
        "pages/applications/index.html", organisation=org, applications=found, total=count_undelivered(org.id)
    )


@bp.post("/<int:application_id>/send")
def send(org: Organisation, application_id: int) -> ResponseReturnValue:
    """Send one again."""
    done = send_again(org.id, application_id, _seen(), current_user.user_id)
    return _back(org, QUEUED if done else OVER)


@bp.post("/<int:application_id>/delivered")
def delivered(org: Organisation, application_id: int) -> ResponseReturnValue:
    """Take the admin's word that it needs no delivery any more."""
    done = mark_delivered(org.id, application_id, _seen(), current_user.user_id)
    return _back(org, MARKED if done else OVER)


def _seen() -> int:
    """Return which generation of it the page showed."""
    seen = parse_number(request.form.get("seen", ""))
    if seen is None or seen >= 2**31:
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, "Decide on the list: something else was sent.")
    return seen


def _back(org: Organisation, said: str) -> ResponseReturnValue:
    flash(said)
    return redirect(url_for("applications.index", org=org.slug), HTTPStatus.SEE_OTHER)

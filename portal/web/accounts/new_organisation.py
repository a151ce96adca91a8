"""Organisations made by people themselves, where the operator allows it."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.accounts.organisations import create_organisation, slug_from
from portal.actions.accounts.people import PeopleError
from portal.config import current_settings
from portal.web.accounts.forms import NewOrganisationForm, refuse
from portal.web.extensions import limiter, person_or_network

bp = Blueprint("new_organisation", __name__)

MOST_NEW: Final = "10 per hour"


@bp.route("/orgs/new", methods=["GET", "POST"])
@limiter.limit(MOST_NEW, key_func=person_or_network, methods=["POST"])
def create() -> ResponseReturnValue:
    """Make an organisation, whose first admin is who makes it."""
    if not current_settings().allow_org_creation:
        abort(HTTPStatus.NOT_FOUND)
    form = NewOrganisationForm()
    if form.validate_on_submit():
        name = form.name.data or ""
        try:
            slug = slug_from(form.slug.data or name)
            made = create_organisation(name, slug or None, admin_id=current_user.user_id)
        except PeopleError as error:
            refuse(form.slug if form.slug.data else form.name, error)
        else:
            flash(f"{made.name} is there. Connect a job board, or add a job.")
            return redirect(url_for("jobs.manage", org=made.slug), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.OK if request.method != "POST" else HTTPStatus.UNPROCESSABLE_ENTITY
    return render_template("pages/accounts/new_organisation.html", form=form), status

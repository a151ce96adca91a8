"""Saved views of Manage jobs, and each person's choice of columns."""

from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from portal.actions.jobs.saved_views import choose_columns, delete_view, rename_view, restore_view, save_view
from portal.domain.texts import InvalidValue
from portal.models import Organisation
from portal.store.job_lists import EXACT_FILTERS
from portal.store.shortcuts import saved_views
from portal.web.blueprints import jobs as bp
from portal.web.jobs.filters import counted_filter
from portal.web.jobs.lists import read_query
from portal.web.jobs.rows import COLUMNS, row_context
from portal.web.requests import is_local_path, return_address
from portal.web.responses import answer_done, toast_of, toast_with

LONGEST_QUERY: Final = 4000


@bp.get("/manage/choices/<field>")
def choices(org: Organisation, field: str) -> ResponseReturnValue:
    """The choices of one filter under all the others, each with how many jobs it leaves."""
    if field not in EXACT_FILTERS:
        abort(HTTPStatus.NOT_FOUND)
    query = read_query(org.slug, request.args)
    finder = counted_filter(org, query, field, row_context(org))
    return render_template("partials/jobs/list/_choices.html", finder=finder)


@bp.post("/manage/columns")
def columns(org: Organisation) -> ResponseReturnValue:
    """Remember which columns the person asking wants to see."""
    asked = request.form.getlist("column")
    usual = "usual" in request.form
    wanted = [name for name in COLUMNS if name in asked]
    choose_columns(org.id, current_user.user_id, None if usual else wanted)
    return _back(org)


@bp.post("/manage/views", endpoint="save_view")
def save(org: Organisation) -> ResponseReturnValue:
    """Keep the list as it is filtered and sorted under a name, for everybody of the organisation."""
    query = read_query(org.slug, MultiDict(parse_qsl(request.form.get("query", "").removeprefix("?"))))
    kept = query.parameters()
    try:
        if len(kept) > LONGEST_QUERY:
            raise InvalidValue("Clear some filters first: these are more than a view can keep.")
        name = save_view(org.id, request.form.get("name", ""), kept, current_user.user_id)
    except InvalidValue as error:
        flash(str(error))
    else:
        flash(f"Saved the view “{name}”.")
    return redirect(query.address(), HTTPStatus.SEE_OTHER)


@bp.post("/manage/views/<int:view_id>", endpoint="rename_view")
def rename(org: Organisation, view_id: int) -> ResponseReturnValue:
    """Give a view another name."""
    try:
        name = rename_view(org.id, view_id, request.form.get("name", ""))
    except InvalidValue as error:
        flash(str(error))
        return _back(org)
    if name is None:
        abort(HTTPStatus.NOT_FOUND)
    flash(f"The view is called “{name}” now.")
    return _back(org)


@bp.post("/manage/views/<int:view_id>/delete", endpoint="delete_view")
def delete(org: Organisation, view_id: int) -> ResponseReturnValue:
    """Delete a view; the jobs in it stay as they are."""
    deleted = delete_view(org.id, view_id)
    if deleted is None:
        abort(HTTPStatus.NOT_FOUND)
    undo = url_for("jobs.restore_view", org=org.slug, name=deleted.name, query=deleted.query)
    flash(toast_with(f"Deleted the view “{deleted.name}”.", undo))  # type: ignore[arg-type] # any JSON is kept
    return _back(org)


@bp.post("/manage/views/restore", endpoint="restore_view")
def restore(org: Organisation) -> ResponseReturnValue:
    """Keep a deleted view again; 409 when its name is another view's by now."""
    query = read_query(org.slug, MultiDict(parse_qsl(request.values.get("query", "")[:LONGEST_QUERY])))
    try:
        name = restore_view(org.id, request.values.get("name", ""), query.parameters(), current_user.user_id)
    except InvalidValue as error:
        abort(HTTPStatus.CONFLICT, str(error))
    toast = toast_of(f"Undone. The view “{name}” is back.")
    kept = {"organisation": org, "query": query, "saved_views": saved_views(org.id), "is_admin": True}
    menu = render_template("partials/jobs/list/_keep_views.html", swaps_itself=True, **kept)
    return answer_done(toast, return_address(org), org.id, beside=menu)


def _back(org: Organisation) -> ResponseReturnValue:
    path = request.form.get("return", "")
    address = path if is_local_path(path) else url_for("jobs.manage", org=org.slug)
    return redirect(address, HTTPStatus.SEE_OTHER)

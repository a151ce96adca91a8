"""Saved views of Manage jobs, and each person's columns: which, in which order, and how wide."""

import json
import re
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from portal.actions.jobs.saved_views import (
    choose_columns,
    delete_view,
    rename_view,
    resize_columns,
    restore_view,
    save_view,
    update_view,
)
from portal.domain.jobs.columns import ColumnLayout, read_layout
from portal.domain.texts import InvalidValue
from portal.models import Organisation
from portal.store.job_lists import EXACT_FILTERS
from portal.store.shortcuts import saved_views, view_named
from portal.web.blueprints import jobs as bp
from portal.web.jobs.filters import counted_filter
from portal.web.jobs.lists import ListQuery, read_query, read_text
from portal.web.jobs.rows import open_view, row_context, shown_layout
from portal.web.requests import is_local_path, parse_number, return_address
from portal.web.responses import answer_done, toast_of, toast_with

LONGEST_QUERY: Final = 4000


@bp.get("/manage/choices/<field>")
def choices(org: Organisation, field: str) -> ResponseReturnValue:
    """The choices of one filter under the others (those that hold ``find``), with the jobs each leaves."""
    if field not in EXACT_FILTERS:
        abort(HTTPStatus.NOT_FOUND)
    query = read_query(org.slug, request.args)
    finder = counted_filter(org, query, field, row_context(org), read_text(request.args, "find"))
    return render_template("partials/jobs/list/_choices.html", finder=finder)


@bp.post("/manage/columns")
def columns(org: Organisation) -> ResponseReturnValue:
    """Remember which columns the person asking wants to see, in the order in which they are sent.

    ``moved`` and ``to`` put one of them in another place first, where no script does.
    """
    layout = ColumnLayout().choosing(request.form.getlist("column"))
    name, place = request.form.get("moved", ""), parse_number(request.form.get("to", "").strip())
    layout = layout if place is None else layout.placing(name, place)
    names = None if "usual" in request.form else layout.names
    choose_columns(org.id, current_user.user_id, names, parse_number(request.form.get("view", "")))
    return _back(org, f"#column-{name}" if place is not None and name in layout.names else "")


WIDTH: Final = re.compile(r"(?P<name>[a-z_]{1,40}):(?P<width>-?[0-9]{1,6})?")


@bp.post("/manage/columns/widths", endpoint="column_widths")
def widths(org: Organisation) -> ResponseReturnValue:
    """Remember how wide the person asking wants columns: "salary:200", or "salary:" for the usual width."""
    found = (WIDTH.fullmatch(text) for text in request.form.getlist("width"))
    wanted = {each["name"]: int(each["width"]) if each["width"] else None for each in found if each}
    resize_columns(org.id, current_user.user_id, wanted, parse_number(request.form.get("view", "")))
    return "", HTTPStatus.NO_CONTENT


@bp.post("/manage/views", endpoint="save_view")
def save(org: Organisation) -> ResponseReturnValue:
    """Keep the list as it is filtered, sorted and laid out under a name, for all of the organisation."""
    query = _posted_query(org)
    columns = shown_layout(open_view(query, saved_views(org.id))).stored()
    try:
        kept = _kept(query)
        name = save_view(org.id, request.form.get("name", ""), kept, current_user.user_id, columns)
    except InvalidValue as error:
        flash(str(error))
    else:
        flash(f"Saved the view “{name}”.")
        view = view_named(org.id, name)
        query = replace(query, view=view.id if view else None)
    return redirect(query.address(), HTTPStatus.SEE_OTHER)


@bp.post("/manage/views/<int:view_id>/update", endpoint="update_view")
def update(org: Organisation, view_id: int) -> ResponseReturnValue:
    """Save the list as it is now to the view that is open, for all of the organisation."""
    query = _posted_query(org)
    try:
        name = update_view(org.id, view_id, _kept(query), current_user.user_id)
    except InvalidValue as error:
        flash(str(error))
        return redirect(replace(query, view=view_id).address(), HTTPStatus.SEE_OTHER)
    if name is None:
        abort(HTTPStatus.NOT_FOUND)
    flash(f"Saved to the view “{name}”.")
    return redirect(replace(query, view=view_id).address(), HTTPStatus.SEE_OTHER)


def _posted_query(org: Organisation) -> ListQuery:
    return read_query(org.slug, MultiDict(parse_qsl(request.form.get("query", "").removeprefix("?"))))


def _kept(query: ListQuery) -> str:
    """What a view keeps of the list."""
    kept = query.saved()
    if len(kept) > LONGEST_QUERY:
        raise InvalidValue("Clear some filters first: these are more than a view can keep.")
    return kept


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
    columns = None if deleted.columns is None else json.dumps(deleted.columns)
    undo = url_for("jobs.restore_view", org=org.slug, name=deleted.name, query=deleted.query, columns=columns)
    flash(toast_with(f"Deleted the view “{deleted.name}”.", undo))  # type: ignore[arg-type] # any JSON is kept
    return _back(org)


@bp.post("/manage/views/restore", endpoint="restore_view")
def restore(org: Organisation) -> ResponseReturnValue:
    """Keep a deleted view again; 409 when its name is another view's by now."""
    query = read_query(org.slug, MultiDict(parse_qsl(request.values.get("query", "")[:LONGEST_QUERY])))
    try:
        name = restore_view(
            org.id, request.values.get("name", ""), query.saved(), current_user.user_id, _posted_columns()
        )
    except InvalidValue as error:
        abort(HTTPStatus.CONFLICT, str(error))
    toast = toast_of(f"Undone. The view “{name}” is back.")
    kept = {"organisation": org, "query": query, "saved_views": saved_views(org.id), "is_admin": True}
    menu = render_template("partials/jobs/list/_keep_views.html", swaps_itself=True, **kept)
    return answer_done(toast, return_address(org), org.id, beside=menu)


def _posted_columns() -> dict[str, Any] | None:
    """The columns of a deleted view, as its undo names them."""
    try:
        said = json.loads(request.values.get("columns", "")[:LONGEST_QUERY])
    except (ValueError, RecursionError):
        return None
    return read_layout(said).stored() if isinstance(said, dict) else None


def _back(org: Organisation, place: str = "") -> ResponseReturnValue:
    path = request.form.get("return", "").partition("#")[0]
    address = path if is_local_path(path) else url_for("jobs.manage", org=org.slug)
    return redirect(f"{address}{place}", HTTPStatus.SEE_OTHER)

"""A block copied from a spreadsheet, or one job's values, filled into the cells of Manage jobs."""

from http import HTTPStatus
from typing import Any, Final

from flask import Response, abort, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.jobs.table_edit import Applied, ConflictsChanged, edit_cells, judge, version_of
from portal.domain.jobs.table_cells import TABLE_FIELDS, cell_text
from portal.domain.jobs.table_edits import MOST_ROWS, Block, Change, Refusal, TablePlan, read_block, shortened
from portal.domain.jobs.tables import InvalidTable, split_cells
from portal.models import Organisation
from portal.store.jobs import job_of
from portal.store.people import revisions
from portal.web.blueprints import jobs as bp
from portal.web.requests import parse_number, posted_ids
from portal.web.responses import toast_of
from portal.web.tables.imports import done_words
from portal.web.templating import draw

MOST_CELLS: Final = 20_000
CHANGED: Final = "Somebody changed these jobs meanwhile. Look at them again; nothing was changed yet."
_NAMES: Final = {field.label: name for name, field in TABLE_FIELDS.items()}


@bp.post("/paste")
def paste(org: Organisation) -> ResponseReturnValue:
    """Judge a ``block``, or the values of the job ``source``, over ``job_id`` and ``field``, many of each.

    ``apply`` is ``all`` (only if nothing is refused), ``good`` (what is accepted), or nothing: a preview.
    """
    how, block = request.form.get("apply", ""), _block(org)
    if how not in ("", "all", "good"):
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, "Apply all cells, or the good ones.")
    if not how:
        return _answer(org, block, judge(org.id, block.proposals).plan)
    seen = request.form.get("seen")
    try:
        plan, done = edit_cells(
            org.id, block.proposals, current_user.user_id, partly=how == "good", seen=seen
        )
    except ConflictsChanged:
        plan = judge(org.id, block.proposals).plan
        return _answer(org, block, plan, said=CHANGED), HTTPStatus.CONFLICT
    if done is None:
        return _answer(org, block, plan), HTTPStatus.UNPROCESSABLE_ENTITY
    return _answer(org, block, plan, done=done)


def _block(org: Organisation) -> Block:
    """Read what is laid where; a repeated job, or too many cells, are refused."""
    job_ids, fields = posted_ids("job_id"), request.form.getlist("field")
    if not job_ids or not fields or len(set(job_ids)) < len(job_ids) or len(set(fields)) < len(fields):
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, "Choose the first cell again.")
    fill = "fill" in request.form
    if "source" in request.form:
        rows, fill = [_values_of(org, request.form["source"], fields)], True
    else:
        rows = _copied(request.form.get("block", ""))
    if not rows:
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, "There is nothing to paste.")
    down = len(job_ids) if fill else min(len(rows), len(job_ids))
    if down > MOST_ROWS or down * len(fields) > MOST_CELLS:
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, f"At most {MOST_CELLS:,} cells are filled at once.")
    return read_block(rows, job_ids, fields, fill=fill)


def _copied(text: str) -> list[list[str]]:
    try:
        return split_cells(text)
    except InvalidTable as error:
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))


def _values_of(org: Organisation, job_id: str, fields: list[str]) -> list[str]:
    job = job_of(org.id, parse_number(job_id) or 0)
    if job is None:
        abort(HTTPStatus.NOT_FOUND)
    return [cell_text(TABLE_FIELDS[name], job) if name in TABLE_FIELDS else "" for name in fields]


def _answer(
    org: Organisation, block: Block, plan: TablePlan, *, done: Applied | None = None, said: str = ""
) -> Response:
    """Tell what becomes of each cell that is not the same; of what is done, also its toast and its undo."""
    answer: dict[str, Any] = {
        "cells": [*map(_refused, plan.refused), *map(_changed, plan.changes)],
        "changes": len(plan.changes),
        "refused": len(plan.refused),
        "same": plan.same,
        "skipped": block.skipped,
        "outside": block.outside,
        "seen": version_of(plan.changes),
        "applied": done is not None,
        "said": done_words(done) if done else said,
    }
    if done:
        toast = toast_of(answer["said"], org.slug, done.edit_id)
        answer |= {
            "toast": draw("partials/_toast.html", "note", toast),
            "undo": toast["undo"],
            "revision": revisions([org.id]).get(org.id, 0),
        }
    return jsonify(answer)


def _changed(change: Change) -> dict[str, Any]:
    before, after = (
        shortened(change.field.display(each)) for each in (change.step.before, change.step.after)
    )
    return {
        "job_id": change.job_id,
        "field": change.field.name,
        "state": "change",
        "text": shortened(change.proposal.text),
        "before": before,
        "after": after,
        "reason": "",
    }


def _refused(refusal: Refusal) -> dict[str, Any]:
    """A refused cell; without a field where the job is not here any more."""
    return {
        "job_id": int(refusal.job),
        "field": _NAMES.get(refusal.column),
        "state": "refused",
        "text": refusal.text,
        "before": "",
        "after": "",
        "reason": refusal.reason,
    }

"""Pairs of jobs with the same title: make one job of two, leave them two, or take them apart again."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.actions.jobs.pair import ListChanged, ListVersion, accept_pairs, decline_pairs, part_pair
from portal.models import Organisation
from portal.store.pairs import count_offered, offered_pairs, offers_of
from portal.web.connection.closings import list_version_text, sent_list_version
from portal.web.permissions import is_admin
from portal.web.requests import posted_ids
from portal.web.responses import go
from portal.web.templating import count, pages_of

bp = Blueprint("pairs", __name__, url_prefix="/orgs/<org>/pairs")

PAGE_SIZE: Final = 50
CHANGED: Final = "Nothing was decided: this list has changed since you opened it. Look at it again."
CHOOSE: Final = "Choose for each of these titles which of the jobs is the same."
ANSWERED: Final = "These pairs were answered meanwhile."


@bp.get("")
def index(org: Organisation) -> ResponseReturnValue:
    """The pairs that wait for an answer."""
    return _page(org)


def _page(org: Organisation, trouble: str = "") -> str:
    offers = offers_of(org.id)
    pages = pages_of(request.args.get("page"), len(offers.rows), PAGE_SIZE)
    return render_template(
        "pages/pairs/index.html",
        organisation=org,
        pairs=offered_pairs(org.id, limit=pages.size, offset=pages.offset),
        total=offers.jobs,
        clear=len(offers.rows) - len(offers.unclear),
        unclear=offers.unclear,
        list_version=list_version_text(offers.list_version),
        trouble=trouble,
        pages=pages,
        address=lambda number: url_for("pairs.index", org=org.slug, page=number),
        is_admin=is_admin(),
    )


@bp.post("/accept")
def accept(org: Organisation) -> ResponseReturnValue:
    """These are the same job each; without a ``pair_id``, all of them that leave no choice."""
    try:
        done = accept_pairs(org.id, current_user.user_id, *_asked())
    except ListChanged:
        return _page(org, CHANGED), HTTPStatus.CONFLICT
    left = offers_of(org.id).unclear if not done else ()
    said = f"Made one job of {count(done, 'pair', 'pairs')}."
    return _answered(org, said if done else CHOOSE if left else ANSWERED)


@bp.post("/decline")
def decline(org: Organisation) -> ResponseReturnValue:
    """These are two jobs each; without a ``pair_id``, all of them are."""
    try:
        done = decline_pairs(org.id, current_user.user_id, *_asked())
    except ListChanged:
        return _page(org, CHANGED), HTTPStatus.CONFLICT
    said = f"{count(done, 'pair stays', 'pairs stay')} two jobs. You are not asked again."
    return _answered(org, said if done else ANSWERED)


@bp.post("/<int:pair_id>/part")
def part(org: Organisation, pair_id: int) -> ResponseReturnValue:
    """Take a pair apart again."""
    own = part_pair(org.id, pair_id, current_user.user_id)
    if own is None:
        abort(HTTPStatus.NOT_FOUND, "This pair was taken apart already.")
    return go(url_for("jobs.manage", org=org.slug, job=own.id), f"“{own.title}” is a job of its own again.")


def _asked() -> tuple[tuple[int, ...], ListVersion | None]:
    """Return the pairs named, or none for all and what the page showed of them.

    Something that names none is not "all of them".
    """
    ids = posted_ids("pair_id")
    return ids, None if ids else sent_list_version()


def _answered(org: Organisation, said: str) -> ResponseReturnValue:
    flash(said)
    address = "pairs.index" if count_offered(org.id) else "jobs.manage"
    return redirect(url_for(address, org=org.slug), HTTPStatus.SEE_OTHER)

"""Connect, sync now, disconnect."""

from http import HTTPStatus
from typing import Final

from flask import abort, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_login import current_user

from portal.actions.connect import AlreadyConnected, KeyRejected
from portal.actions.connect import connect as connect_board
from portal.actions.disconnect import disconnect as end_connection
from portal.actions.greenhouse_errors import GreenhouseError
from portal.actions.start_sync import start_sync
from portal.domain.run_states import Trigger
from portal.models import Organisation
from portal.store.connections import connection_of
from portal.store.imported_jobs import count_imported, former_boards
from portal.web.connection.answers import go, show, too_often
from portal.web.connection.blueprint import bp
from portal.web.connection.former import foretold, happened
from portal.web.connection.forms import KEEP, ConnectForm, DisconnectForm
from portal.web.connection.settings import TOO_OFTEN, count_question
from portal.web.connection.status import SyncState, render_status, sync_status
from portal.web.partials import wants_partial

MOST_FORMER: Final = 3
PAUSED: Final = "Syncing is paused. Resume it to sync."
NOT_CONNECTED: Final = "Greenhouse is not connected. Connect it first."
QUEUED_ALREADY: Final = "A sync was queued already. This page shows what it changes."
RELOAD: Final = "Reload the page in a moment to see what it brought."
WORDS: Final = {
    SyncState.WAITING_FOR_QUEUE: "Queued. The sync starts when the queue is back.",
    SyncState.WAITING_FOR_WORKER: "Queued. The sync starts as soon as a worker is free.",
    SyncState.RUNNING: f"Syncing. {RELOAD}",
}


@bp.get("/connect")
def connect(org: Organisation) -> ResponseReturnValue:
    """Ask for API key and board token."""
    if connection_of(org.id):
        return go(url_for("connection.settings", org=org.slug))
    return show("connect", form=ConnectForm(), organisation=org, sentence="", former=_foretold(org))


@bp.post("/connect")
def create(org: Organisation) -> ResponseReturnValue:
    """Ask the board itself; connect it, or say at the field what is wrong."""
    form = ConnectForm()
    if not form.validate_on_submit():
        return _refused(form)
    former = former_boards(org.id)  # asked before a worker takes their jobs up
    try:
        if connection_of(org.id) is None:
            count_question()
        _, board = connect_board(
            org, form.token, form.key, prefill=form.prefill.data, user_id=current_user.user_id
        )
    except RateLimitExceeded:
        return too_often(_refused(form, TOO_OFTEN, HTTPStatus.TOO_MANY_REQUESTS))
    except KeyRejected as error:
        form.api_key.errors = [str(error)]
    except GreenhouseError as error:
        form.board_token.errors = [error.with_advice]
    except AlreadyConnected:
        return _connected_already(form)
    else:
        return _manage(org, happened(board, form.token, former))
    return _refused(form)


@bp.post("/sync")
def sync(org: Organisation) -> ResponseReturnValue:
    """The arrow: queue a sync, or join the one that waits."""
    connection = connection_of(org.id)
    if connection is not None and connection.paused_at is not None:
        return render_status(org.id) if wants_partial() else _manage(org, PAUSED)
    if connection is None or start_sync(connection, Trigger.MANUAL, current_user.user_id) is None:
        abort(HTTPStatus.NOT_FOUND, NOT_CONNECTED)
    if wants_partial():
        return render_status(org.id)
    return _manage(org, WORDS.get(sync_status(org.id).state, f"Queued. {RELOAD}"))


@bp.post("/preview")
def preview(org: Organisation) -> ResponseReturnValue:
    """Find out what a sync would change; where one waits already, that one shows it by doing it."""
    connection = connection_of(org.id)
    run = start_sync(connection, Trigger.PREVIEW, current_user.user_id) if connection else None
    if run is None:
        abort(HTTPStatus.NOT_FOUND, NOT_CONNECTED)
    said = (
        "" if run.trigger == Trigger.PREVIEW else "A sync was queued already. It shows here what it changes."
    )
    return go(url_for("sync_runs.show", org=org.slug, run_id=run.id), said)


@bp.route("/disconnect", methods=["GET", "POST"])
def disconnect(org: Organisation) -> ResponseReturnValue:
    """Say what will happen; then do it."""
    connection = connection_of(org.id)
    if connection is None:
        return _manage(org, "Greenhouse is not connected any more.")
    form = DisconnectForm()
    if request.method == "GET" or not form.validate_on_submit():
        jobs = count_imported(org.id, connection.board_token)
        status = HTTPStatus.OK if request.method == "GET" else HTTPStatus.UNPROCESSABLE_ENTITY
        return show("disconnect", status, form=form, connection=connection, jobs=jobs, organisation=org)
    kept = form.jobs.data == KEEP
    end_connection(org.id, keep_jobs=kept)
    fate = "The jobs are your own now." if kept else "Its jobs are off the page."
    return _manage(org, f"Greenhouse is disconnected and the API key is deleted. {fate}")


def _foretold(org: Organisation) -> list[str]:
    return [foretold(board) for board in former_boards(org.id)[:MOST_FORMER]]


def _manage(org: Organisation, message: str) -> ResponseReturnValue:
    return go(url_for("jobs.manage", org=org.slug), message)


def _refused(
    form: ConnectForm, sentence: str = "", status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
) -> ResponseReturnValue:
    told = _foretold(g.org)
    return show("connect", status, form=form, organisation=g.org, sentence=sentence, former=told)


def _connected_already(form: ConnectForm) -> ResponseReturnValue:
    """A second click on the same board has come to what it wanted; another board is a plain notice."""
    held = connection_of(g.org.id)
    if held is None:
        return _refused(form, "Greenhouse was disconnected meanwhile. Try again.", HTTPStatus.CONFLICT)
    if held.board_token == form.token:
        return _manage(g.org, f"{held.board_name} is connected already. Its jobs are on Manage jobs.")
    sentence = f"Greenhouse is connected already, to {held.board_name}. Disconnect it first."
    return _refused(form, sentence, HTTPStatus.CONFLICT)

"""Connect, sync, preview and disconnect, and what a page says before and after."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from flask import abort, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_login import current_user

from portal.actions.sync.connection import AlreadyConnected, Board, GreenhouseError, KeyRejected
from portal.actions.sync.connection import connect as connect_board
from portal.actions.sync.connection import disconnect as end_connection
from portal.actions.sync.schedule import start_sync
from portal.domain.sync.runs import Trigger
from portal.models import Organisation
from portal.store.connections import FormerBoard, connection_of, former_boards
from portal.store.jobs import count_imported
from portal.web.blueprints import connection as bp
from portal.web.connection.forms import KEEP, ConnectForm, DisconnectForm
from portal.web.connection.settings import TOO_OFTEN, count_question
from portal.web.connection.status import SyncState, render_status, sync_status
from portal.web.requests import wants_partial
from portal.web.responses import connection_view, go, too_often
from portal.web.templating import count


def before_connecting(board: FormerBoard) -> str:
    """Say what becomes of a former board's jobs if it, or another one, is connected."""
    said, them = f"Connecting “{board.token}” again ", "it" if board.open == 1 else "them"
    if not board.open:
        closed = count(board.closed, "closed job", "closed jobs")
        said += f"reopens those of its {closed} that it lists, with all your edits."
        return f"{said} Another board’s jobs come beside them, and these stay closed."
    reopened = " Closed ones that it lists reopen." if board.closed else ""
    stays = "stays as it is" if board.open == 1 else "stay as they are"
    return (
        f"{said}takes up its {count(board.open, 'job', 'jobs')} with all your edits; title and description "
        f"become Greenhouse’s again. Every other value stays yours.{reopened} "
        f"Another board’s jobs come beside {them}, and "
        f"{'this one' if board.open == 1 else f'these {board.open:,}'} {stays}."
    )


def happened(board: Board, token: str, former: Sequence[FormerBoard]) -> str:
    """Say what connecting did, to this board's jobs and to those of others."""
    this = next((each for each in former if each.token == token), None)
    first = f"Connected to {board.name}. {_coming(board.jobs)}" if this is None else _again(board, this)
    return " ".join([first, *(_beside(each) for each in former if each.token != token)])


def _again(board: Board, this: FormerBoard) -> str:
    again = f"Connected to {board.name} again:"
    if not this.open:
        return f"{again} its closed jobs reopen with all your edits where it lists them."
    return (
        f"{again} {count(this.open, 'job is', 'jobs are')} taken up with all your edits. "
        "Title and description are Greenhouse’s again."
    )


def _beside(other: FormerBoard) -> str:
    if not other.open:
        return f"The closed jobs of “{other.token}” stay closed."
    if other.open == 1:
        return f"The job of “{other.token}” stays your own."
    return f"The {other.open:,} jobs of “{other.token}” stay your own."


def _coming(jobs: int) -> str:
    if not jobs:
        return "It lists no jobs yet; they come as they are published."
    return f"{count(jobs, 'job is', 'jobs are')} coming."


MOST_FORMER: Final = 3
PAUSED: Final = "Syncing is paused. Resume it to sync."
NOT_CONNECTED: Final = "Greenhouse is not connected. Connect it first."
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
    return connection_view(
        "connect", form=ConnectForm(), organisation=org, sentence="", former=_before_connecting(org)
    )


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
            org,
            form.token,
            form.key,
            prefill=form.prefill.data,
            hides_new=form.hides_new.data,
            user_id=current_user.user_id,
            default_type=form.default_type,
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
    if request.method != "POST" or not form.validate_on_submit():
        jobs = count_imported(org.id, connection.board_token)
        status = HTTPStatus.OK if request.method != "POST" else HTTPStatus.UNPROCESSABLE_ENTITY
        return connection_view(
            "disconnect", status, form=form, connection=connection, jobs=jobs, organisation=org
        )
    kept = form.jobs.data == KEEP
    end_connection(org.id, keep_jobs=kept)
    fate = "The jobs are your own now." if kept else "Its jobs are off the page."
    return _manage(org, f"Greenhouse is disconnected and the API key is deleted. {fate}")


def _before_connecting(org: Organisation) -> list[str]:
    return [before_connecting(board) for board in former_boards(org.id)[:MOST_FORMER]]


def _manage(org: Organisation, message: str) -> ResponseReturnValue:
    return go(url_for("jobs.manage", org=org.slug), message)


def _refused(
    form: ConnectForm, sentence: str = "", status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
) -> ResponseReturnValue:
    told = _before_connecting(g.org)
    return connection_view("connect", status, form=form, organisation=g.org, sentence=sentence, former=told)


def _connected_already(form: ConnectForm) -> ResponseReturnValue:
    """A second click on the same board has come to what it wanted; another board is a plain notice."""
    held = connection_of(g.org.id)
    if held is None:
        return _refused(form, "Greenhouse was disconnected meanwhile. Try again.", HTTPStatus.CONFLICT)
    if held.board_token == form.token:
        return _manage(g.org, f"{held.board_name} is connected already. Its jobs are on Manage jobs.")
    sentence = f"Greenhouse is connected already, to {held.board_name}. Disconnect it first."
    return _refused(form, sentence, HTTPStatus.CONFLICT)

"""Greenhouse settings: how the connection does, its key, and how it imports."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from flask import abort, g, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_login import current_user
from sqlalchemy.exc import NoResultFound

from portal.actions.sync import credentials
from portal.actions.sync import schedule as pausing
from portal.actions.sync.connection import (
    BoardKnown,
    GreenhouseError,
    KeyRejected,
    OtherBoard,
    change_settings,
    rename_board,
    replace_key,
)
from portal.actions.sync.connection import check_key as check_key_of
from portal.actions.sync.credentials import CIPHERTEXTS, UnreadableCredential, is_readable, old_secrets_end
from portal.models import Connection, Organisation
from portal.models.base import utc_now
from portal.store.closings import any_held
from portal.store.connections import connection_of
from portal.store.job_counts import count_new
from portal.web.blueprints import connection as bp
from portal.web.connection.forms import BoardForm, KeyForm, SwitchesForm
from portal.web.connection.mapping import COLUMNS, MappingView, mapping_view
from portal.web.connection.status import render_status, sync_status
from portal.web.extensions import limiter
from portal.web.requests import FOR_ONE_READER, site_address, wants_only, wants_partial
from portal.web.responses import connection_view, go, too_often

GONE: Final = "Greenhouse was disconnected meanwhile."
REJECTED: Final = "Greenhouse rejects this key. Replace it with another one."
NOT_REJECTED: Final = "Greenhouse did not reject the key."
WITH_A_SYNC: Final = "Saved. A sync has started: what changes appears on Manage jobs by itself."
WHEN_RESUMED: Final = "Saved. It takes effect once syncing is resumed."
SWITCHES: Final = frozenset({"prefill", "include_prospects", "hides_new"})
PER_PERSON: Final = "20 per minute"
PER_ORGANISATION: Final = "40 per minute"
TOO_OFTEN: Final = "That was too often. Wait a minute, then try again."


@limiter.shared_limit(PER_ORGANISATION, "greenhouse", key_func=lambda: f"organisation {g.org.id}")
@limiter.shared_limit(PER_PERSON, "greenhouse", key_func=lambda: f"person {current_user.user_id}")
def count_question() -> None:
    """Count a question to Greenhouse about a board or a key, before it is asked.

    Raises ``RateLimitExceeded``. What never gets as far as a question costs nobody anything.
    """


@bp.get("", endpoint="settings")
def page(org: Organisation) -> ResponseReturnValue:
    """Show how the connection does, and what can be changed."""
    connection = connection_of(org.id)
    if connection is None:
        return go(url_for("connection.connect", org=org.slug))
    return show_settings(org, connection)


@bp.post("")
def save_settings(org: Organisation) -> ResponseReturnValue:
    """Store the switches that were sent, the key, or the new token of a renamed board."""
    connection = connection_of(org.id)
    if connection is None:
        return go(url_for("connection.connect", org=org.slug), GONE)
    try:
        if "board_token" in request.form:
            return _save_board(org, connection)
        if SWITCHES.isdisjoint(request.form) or request.form.get("api_key"):
            return _save_key(org, connection)
        return _save_switches(org, connection)
    except NoResultFound:
        abort(HTTPStatus.NOT_FOUND, GONE)


def _save_switches(org: Organisation, connection: Connection) -> ResponseReturnValue:
    form = SwitchesForm(obj=connection)
    takes_effect = change_settings(
        connection,
        prefill=_switch(form, connection, "prefill"),
        include_prospects=_switch(form, connection, "include_prospects"),
        hides_new=_switch(form, connection, "hides_new"),
        user_id=current_user.user_id,
    )
    return saved(org, said_of_sync(org) if takes_effect else "Saved.")


def _save_board(org: Organisation, connection: Connection) -> ResponseReturnValue:
    form = BoardForm()
    if form.validate_on_submit():
        try:
            count_question()
            rename_board(connection, form.token, current_user.user_id)
        except RateLimitExceeded:
            form.board_token.errors = [TOO_OFTEN]
            return _too_often(org, board_form=form)
        except (OtherBoard, BoardKnown) as error:
            form.board_token.errors = [str(error)]
        except GreenhouseError as error:
            form.board_token.errors = [error.with_advice]
        else:
            return saved(org, f"The board is read as “{form.token}” from now on.")
    return _refused(org, board_form=form)


def _save_key(org: Organisation, connection: Connection) -> ResponseReturnValue:
    form = KeyForm()
    if form.validate_on_submit():
        try:
            count_question()
            replace_key(connection, form.key)
        except RateLimitExceeded:
            form.api_key.errors = [TOO_OFTEN]
            return _too_often(org, key_form=form)
        except KeyRejected as error:
            form.api_key.errors = [str(error)]
        except GreenhouseError as error:
            form.api_key.errors = [error.with_advice]
        else:
            return saved(org, "The new key is kept. Greenhouse did not reject it.")
    return _refused(org, key_form=form)


@bp.post("/check-key")
def check_key(org: Organisation) -> ResponseReturnValue:
    """Ask Greenhouse whether it rejects the key by now."""
    connection = present_connection(org)
    try:
        count_question()
        rejected = check_key_of(connection)
    except RateLimitExceeded:
        return _too_often(org, trouble=TOO_OFTEN)
    except (GreenhouseError, UnreadableCredential) as error:
        trouble = error.with_advice if isinstance(error, GreenhouseError) else str(error)
        return _refused(org, trouble=trouble)
    except NoResultFound:
        abort(HTTPStatus.NOT_FOUND, GONE)
    return saved(org, REJECTED if rejected else NOT_REJECTED)


def _too_often(org: Organisation, **shown: Any) -> ResponseReturnValue:
    return too_often(
        show_settings(org, present_connection(org), status=HTTPStatus.TOO_MANY_REQUESTS, **shown)
    )


def _refused(org: Organisation, **shown: Any) -> ResponseReturnValue:
    return show_settings(org, present_connection(org), status=HTTPStatus.UNPROCESSABLE_ENTITY, **shown)


def _switch(form: SwitchesForm, connection: Connection, name: str) -> bool:
    """What was sent for a switch; one that was not sent stays as it is."""
    return bool(form[name].data if name in request.form else getattr(connection, name))


def present_connection(org: Organisation) -> Connection:
    """Return the connection, or answer 404: it may have ended since the page was made."""
    connection = connection_of(org.id)
    if connection is None:
        abort(HTTPStatus.NOT_FOUND, GONE)
    return connection


def said_of_sync(org: Organisation) -> str:
    """Say that what was saved takes effect by a sync, now or once it is resumed."""
    connection = connection_of(org.id)
    return WHEN_RESUMED if connection is not None and connection.paused_at is not None else WITH_A_SYNC


def saved(org: Organisation, message: str) -> ResponseReturnValue:
    """Answer that something was done: the settings again, with ``message``."""
    connection = connection_of(org.id)
    if wants_partial() and connection is not None:
        return show_settings(org, connection, message=message)
    return go(url_for("connection.settings", org=org.slug), message)


def show_settings(
    org: Organisation,
    connection: Connection,
    *,
    key_form: KeyForm | None = None,
    board_form: BoardForm | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    message: str = "",
    trouble: str = "",
    hook_secret: str = "",
    mapping: MappingView | None = None,
) -> ResponseReturnValue:
    """Answer with the settings as they are; ``hook_secret`` is shown this once."""
    return connection_view(
        "settings",
        status,
        organisation=org,
        connection=connection,
        status=sync_status(org.id),
        unreadable={use.value for use in CIPHERTEXTS if not is_readable(connection, use)},
        has_held=any_held(connection.id),
        new_jobs=count_new(org.id),
        key_form=key_form or KeyForm(formdata=None),
        board_form=board_form or BoardForm(formdata=None),
        switches=SwitchesForm(formdata=None, obj=connection),
        mapping=mapping or mapping_view(connection),
        columns=COLUMNS,
        message=message,
        trouble=trouble,
        hook_secret=hook_secret,
        hook_address=_hook_address(connection),
        old_hook_secrets_end=old_secrets_end(connection, utc_now()),
    )


def _hook_address(connection: Connection) -> str:
    return site_address() + url_for("hooks.greenhouse", connection_key=connection.public_key)


PAUSED = "Syncing is paused. Your jobs stay as they are."
STILL_ENDS = "Syncing is paused. The sync that is running still brings its changes."
RESUMED = "Syncing again. Changed rows appear on Manage jobs by themselves."


@bp.post("/pause")
def pause(org: Organisation) -> ResponseReturnValue:
    """Start no more syncs until somebody resumes."""
    try:
        is_running = pausing.pause(present_connection(org))
    except NoResultFound:
        abort(HTTPStatus.NOT_FOUND, GONE)
    return saved(org, STILL_ENDS if is_running else PAUSED)


@bp.post("/resume")
def resume(org: Organisation) -> ResponseReturnValue:
    """Sync again: asked from the settings they answer, asked beside the arrow the status does."""
    try:
        pausing.resume(present_connection(org), current_user.user_id)
    except NoResultFound:
        abort(HTTPStatus.NOT_FOUND, GONE)
    if not wants_partial():
        return go(url_for("jobs.manage", org=org.slug), RESUMED)
    if wants_only("settings"):
        return saved(org, RESUMED)
    return render_status(org.id)


MADE_MEANWHILE: Final = "A newer secret was made meanwhile. If nobody has copied it, make another one."


@bp.post("/hook-secret")
def make_hook_secret(org: Organisation) -> ResponseReturnValue:
    """Make a secret and show it, in this answer and in no other: there is nothing to redirect to."""
    connection = present_connection(org)
    try:
        secret = credentials.make_hook_secret(connection, _seen())
    except NoResultFound:
        abort(HTTPStatus.NOT_FOUND, GONE)
    if secret is None:
        return show_settings(org, connection, status=HTTPStatus.CONFLICT, trouble=MADE_MEANWHILE)
    answer = make_response(show_settings(org, connection, hook_secret=secret))
    answer.headers["Cache-Control"] = FOR_ONE_READER
    return answer


def _seen() -> datetime | None:
    """When the secret was set that the page showed; nonsense is a time that none was set at."""
    sent = request.form.get("seen", "")
    try:
        moment = datetime.fromisoformat(sent) if sent else None
    except ValueError:
        return datetime.min
    return moment if moment is None or moment.tzinfo else datetime.min

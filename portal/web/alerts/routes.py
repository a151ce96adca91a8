"""E-mail alerts: ask for one on the Jobs tab, and confirm, change or stop it by the links in its mails.

None of these pages needs a cookie. A GET changes nothing: programs that look after mail follow all links.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, abort, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded

from portal.actions.alerts import subscribe as action
from portal.actions.alerts.links import jobs_path, key_from, sign
from portal.actions.alerts.subscribe import Asked, TooManyAlerts
from portal.domain.alerts.schedule import Cadence
from portal.domain.alerts.searches import parse_stored
from portal.domain.jobs.public_list import tally
from portal.domain.jobs.public_words import search_words
from portal.domain.people import parse_address
from portal.models import Alert, AlertReader, Organisation
from portal.store.public.alerts import alerts_of, reader_by_key
from portal.store.public.jobs import count_groups
from portal.web.accounts.known_browsers import account_key
from portal.web.alerts.form import TRAP, is_of_person, sent_form
from portal.web.extensions import limiter, remote_network
from portal.web.requests import FOR_ONE_READER, parse_number
from portal.web.templating import today_in

bp = Blueprint("alerts", __name__)

PER_SENDER: Final = "20 per hour"
PER_ADDRESS: Final = "6 per day"
WRONG_ADDRESS: Final = "Enter an e-mail address such as lea@example.com."
ONCE_MORE: Final = "Press the button once more."
CROWDED: Final = "Too many people ask for e-mails at this moment. Try again tomorrow."
TOO_OFTEN: Final = "That was too often. Try again later."
NOT_WHOLE: Final = "The link is not whole. Open it once more from the mail."
DONE: Final = {"saved": "Saved.", "stopped": "Stopped. You get no more of these mails."}


@bp.after_request
def keep_private(response: Response) -> Response:
    """Keep what one reader sees out of caches and search engines."""
    response.headers["Cache-Control"] = FOR_ONE_READER
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.get("/orgs/<org>/alerts/new")
def new(org: Organisation) -> ResponseReturnValue:
    """The form, for the search in the address."""
    return _form_page(org)


def _address_asked() -> str:
    """Whom somebody asks for, hashed: the limiter logs it."""
    return account_key(request.form.get("email", ""))


@bp.post("/orgs/<org>/alerts")
@limiter.limit(PER_ADDRESS, key_func=_address_asked)
@limiter.limit(PER_SENDER, key_func=remote_network)
def subscribe(org: Organisation) -> ResponseReturnValue:
    """Store what is asked for and mail a link that confirms it.

    The answer is the same whatever is known of the address.
    """
    if not is_of_person(org):
        return _form_page(org, sentence=ONCE_MORE if request.form.get("email") else "")
    if request.form.get(TRAP):
        return _to_sent(org)
    form = sent_form(org)
    address = parse_address(form.email)
    if address is None:
        return _form_page(org, error=WRONG_ADDRESS), HTTPStatus.UNPROCESSABLE_ENTITY
    asked = Asked(address, form.wanted, Cadence(form.cadence), form.source)
    try:
        action.ask_for_alert(org, asked, datetime.now(UTC))
    except TooManyAlerts:
        return _form_page(org, sentence=CROWDED), HTTPStatus.SERVICE_UNAVAILABLE
    return _to_sent(org)


def _to_sent(org: Organisation) -> ResponseReturnValue:
    return redirect(url_for(".sent", org=org.slug), HTTPStatus.SEE_OTHER)


@bp.get("/orgs/<org>/alerts/sent")
def sent(org: Organisation) -> ResponseReturnValue:
    """Say that there is a mail to look for."""
    return render_template("pages/alerts/sent.html")


def _form_page(org: Organisation, error: str = "", sentence: str = "") -> str:
    return render_template("pages/alerts/new.html", alert=sent_form(org, error, sentence))


@bp.errorhandler(RateLimitExceeded)
def too_often(_: RateLimitExceeded) -> ResponseReturnValue:
    """Say so at the form, with what was typed."""
    response = make_response(_form_page(g.org, sentence=TOO_OFTEN), HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = "3600"
    return response


@dataclass(frozen=True, slots=True)
class AlertRow:
    """What a page says of an alert: its search in words, the list of its jobs, how often it comes.

    ``count`` says how many open jobs it finds: none, perhaps, where a department has another name by now.
    """

    id: int
    words: list[str]
    jobs_path: str
    cadence: str
    is_on: bool
    count: int

    @property
    def said(self) -> str:
        """The search on one line."""
        return ", ".join(self.words) or "Every new job"


def _rows(reader: AlertReader) -> list[AlertRow]:
    return [_row(reader, alert) for alert in alerts_of(reader.id)]


def _row(reader: AlertReader, alert: Alert) -> AlertRow:
    organisation, wanted = reader.organisation, parse_stored(alert.wanted)
    found = tally(count_groups(organisation.id, today_in(organisation.time_zone), wanted.q), wanted)
    path = jobs_path(organisation.slug, alert)
    is_on = alert.confirmed_at is not None
    return AlertRow(alert.id, search_words(wanted), path, alert.cadence, is_on, found.total)


@bp.get("/alerts/confirm", endpoint="question")
def ask() -> ResponseReturnValue:
    """Show what a link would turn on."""
    token = request.args.get("key", "")
    reader = action.reader_to_confirm(token, datetime.now(UTC))
    if reader is None:
        return _over()
    if reader.confirmed_at is not None:
        return _to_manage(sign(reader.key))
    waiting = [row for row in _rows(reader) if not row.is_on]
    return _page("question", reader, token=token, waiting=waiting)


@bp.post("/alerts/confirm")
def confirm() -> ResponseReturnValue:
    """Turn on what was ticked."""
    ids = _ids(request.form.getlist("alert"))
    reader = action.confirm(request.values.get("key", ""), ids, datetime.now(UTC))
    if reader is None:
        return _over()
    return _to_manage(sign(reader.key), "on") if ids else _gone_or_manage(reader)


def _ids(texts: Sequence[str]) -> list[int]:
    return [number for text in texts if (number := parse_number(text)) is not None]


def _gone_or_manage(reader: AlertReader) -> ResponseReturnValue:
    """Where nothing was ticked: what else they get, or that nothing is stored any more."""
    return _to_manage(sign(reader.key)) if alerts_of(reader.id) else render_template("pages/alerts/gone.html")


def _over() -> ResponseReturnValue:
    return render_template("pages/alerts/over.html"), HTTPStatus.GONE


def _to_manage(key: str, done: str | None = None) -> ResponseReturnValue:
    return redirect(url_for(".manage", key=key, done=done), HTTPStatus.SEE_OTHER)


def _reader() -> AlertReader | None:
    """Return whose link is used; ``None`` where nothing of theirs is stored any more."""
    key = key_from(request.values.get("key", ""))
    if key is None:
        abort(HTTPStatus.NOT_FOUND, NOT_WHOLE)
    return reader_by_key(key)


def _page(view: str, reader: AlertReader, **context: object) -> str:
    g.org = reader.organisation
    return render_template(f"pages/alerts/{view}.html", reader=reader, **context)


@bp.get("/alerts")
def manage() -> ResponseReturnValue:
    """All that a reader gets of an organisation."""
    reader = _reader()
    rows = [row for row in _rows(reader) if row.is_on] if reader else []
    if reader is None or not rows:
        return render_template("pages/alerts/gone.html")
    done = request.args.get("done", "")
    return _page(
        "manage",
        reader,
        key=request.args["key"],
        rows=rows,
        cadences=list(Cadence),
        is_new=done == "on",
        done=DONE.get(done, ""),
    )


@bp.post("/alerts")
def change() -> ResponseReturnValue:
    """Let an alert come more or less often."""
    reader, cadence = _reader(), request.form.get("cadence", "")
    [alert_id] = _ids([request.form.get("alert", "")]) or [0]
    if cadence not in list(Cadence):
        abort(HTTPStatus.BAD_REQUEST)
    if reader is None or not action.change_cadence(reader.id, alert_id, Cadence(cadence), datetime.now(UTC)):
        return render_template("pages/alerts/gone.html")
    return _to_manage(request.values["key"], "saved")


@bp.get("/alerts/stop", endpoint="stop_question")
def ask_to_stop() -> ResponseReturnValue:
    """Ask whether to stop an alert."""
    reader = _reader()
    rows = [row for row in _rows(reader) if row.is_on] if reader else []
    if reader is None or not rows:
        return render_template("pages/alerts/gone.html")
    named = _ids(request.args.getlist("alert"))
    row = next((each for each in rows if each.id in named), None)
    return _page("stop", reader, key=request.args["key"], row=row, count=len(rows))


@bp.post("/alerts/stop")
def stop() -> ResponseReturnValue:
    """Stop an alert, or all where none is named: at once, since mail programs send this for their users."""
    reader = _reader()
    named = request.values.getlist("alert")
    is_gone = reader is None or action.stop(reader.id, _ids(named) if named else None)
    if reader is None or is_gone:
        return render_template("pages/alerts/gone.html")
    if "List-Unsubscribe" in request.form:
        return render_template("pages/alerts/gone.html")
    return _to_manage(request.values["key"], "stopped")

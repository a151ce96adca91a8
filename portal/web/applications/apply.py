"""Apply for a job on the portal's own page: the form, its checks, and what became of an application.

The one public page that is read fresh each time and cached for nobody else: questions change, and what was
typed is nobody else's. It is not ``no-store``: Firefox would keep nothing of what was typed for Back.
"""

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError

from portal.actions.applications.reading import GreenhouseError, PostClosed, read_form, remembered_form
from portal.actions.applications.receive import Sender, receive
from portal.actions.applications.switch import applied_board, applies_here
from portal.db import detached
from portal.domain.applications.forms import ApplicationForm, changes_since, renamed_fields
from portal.domain.applications.history import MOST_ENTRIES, entries_of, with_another, without_entry
from portal.domain.applications.validation import HeldFile, Judged, Typed, judge
from portal.domain.jobs.fields import HIDDEN_FROM_ALL
from portal.models import Application, Connection, Job, Organisation
from portal.store.applications import steps
from portal.store.connections import connection_of
from portal.store.jobs import is_open, job_of, merged_into
from portal.store.public.jobs import job_of_page
from portal.web.applications import confirming
from portal.web.applications.confirming import to_sent_page
from portal.web.applications.form_view import ADD, DROP, FIND, SEEN, FormView, choices_of
from portal.web.applications.tokens import FormToken, make_token, read_token
from portal.web.applications.uploads import take_files
from portal.web.blueprints import jobs as bp
from portal.web.extensions import CSRF_FIELD, CSRF_HEADER, limiter, remote_network
from portal.web.jobs.public import apply_host, closed_page, may_know
from portal.web.requests import attempt
from portal.web.templating import today_in
from portal.web.traffic.tracking import apply_link, asked_source, asked_tracking

LEAST_SECONDS: Final = 3.0
"""Nobody reads a form and answers it faster."""
READ_BY_SENDER: Final = "60 per minute"
SENT_BY_SENDER: Final = "40 per hour"
SENT_FOR_JOB: Final = "600 per hour"
SHORTEST_SHOWN: Final = 20
SOURCE_PART: Final = "mapped_url_token"
TOO_OFTEN: Final = (
    "There were too many attempts. What you wrote is still here: send it again in a few minutes."
)
TOO_FAST: Final = "Please look through your answers once more, then send them: this went very fast."
OLD: Final = "This form was open for too long. What you wrote is still here: send it once more."
FILES_LOST: Final = "Choose your files again."
CHANGED: Final = "The form was changed while you filled it in. Look at what is new, then send it again."
MOVED: Final = "Nothing was sent yet: the form there may ask something else."
NOT_SENT: Final = "Nothing was sent yet, and what you wrote is still here."


class _Gone(Exception):
    """There is nothing to apply for here; ``answer`` says why."""

    def __init__(self, answer: ResponseReturnValue) -> None:
        super().__init__()
        self.answer = answer


@bp.route("/<int:job_id>/apply", methods=["GET", "POST"])
def apply(org: Organisation, job_id: int) -> ResponseReturnValue:
    """Show the form, or take in an application."""
    if request.method == "POST" and not (CSRF_FIELD in request.form or CSRF_HEADER in request.headers):
        raise CSRFError("The form came without its token.")
    try:
        answered = _about_sent(org, job_id)
        if answered is not None:
            return answered
        job, connection = _applied_for(org, job_id)
        return _send(org, job, connection) if request.method == "POST" else _show(org, job, connection)
    except _Gone as gone:
        return gone.answer


def _about_sent(org: Organisation, job_id: int) -> ResponseReturnValue | None:
    """Return what is answered about an application that came before, whatever became of its job since."""
    if request.method == "POST":
        if confirming.CONFIRM in request.form:
            return confirming.confirm(org, job_id)
        token = read_token(request.form.get(CSRF_FIELD, ""), job_id)
        before = steps.application_by_form(token.key) if token else None
        return to_sent_page(org, job_id, before) if before else None  # a double click, or a page sent again
    if confirming.CONFIRM in request.args:
        return confirming.ask(org, job_id)
    sent = steps.application_by_key(org.id, request.args.get("sent", ""))
    return _sent_page(org, sent) if sent and sent.job_id == job_id else None


def _applied_for(org: Organisation, job_id: int) -> tuple[Job, Connection]:
    """Return an open job that people apply for here, and the connection; raises ``_Gone``."""
    job = job_of(org.id, job_id, whole=True) or merged_into(org.id, job_id, whole=True)
    if job is None or not may_know(job):
        abort(HTTPStatus.NOT_FOUND)
    job = detached(job)
    if job.id != job_id and request.method != "POST":
        address = url_for("jobs.apply", org=org.slug, job_id=job.id)
        raise _Gone(redirect(address, HTTPStatus.MOVED_PERMANENTLY))
    if job.visibility in HIDDEN_FROM_ALL or not is_open(job, today_in(org.time_zone)):
        raise _Gone(_closed(org, job))
    if job.id != job_id:
        raise _Gone(_elsewhere(org, job, MOVED, HTTPStatus.GONE, moved=True))
    connection = connection_of(org.id)
    if connection is not None and applies_here(applied_board(connection), job):
        return job, detached(connection)
    if request.method == "POST":
        raise _Gone(_elsewhere(org, job, "Applications for this job are no longer taken on this page."))
    raise _Gone(redirect(url_for("jobs.show", org=org.slug, job_id=job.id)))


def _show(org: Organisation, job: Job, connection: Connection) -> ResponseReturnValue:
    try:
        count_reading()
        form = read_form(connection.board_token, job.external_id or 0)
    except RateLimitExceeded:
        trouble = "There were too many questions from your network. Wait a minute, then try again."
        return _elsewhere(org, job, trouble, HTTPStatus.TOO_MANY_REQUESTS)
    except PostClosed:
        return _closed(org, job)
    except GreenhouseError as error:
        return _elsewhere(org, job, error.with_advice)
    view = FormView(form, make_token(job.id))
    return _page(org, job, replace(view, choices=choices_of(form, connection.board_token, view.typed)))


@limiter.shared_limit(READ_BY_SENDER, "application-forms", key_func=remote_network)
def count_reading() -> None:
    """Count a question for a form; raises ``RateLimitExceeded``."""


@limiter.shared_limit(SENT_FOR_JOB, "applications-for-job", key_func=lambda: request.path)
@limiter.shared_limit(SENT_BY_SENDER, "applications", key_func=remote_network)
def count_sending() -> None:
    """Count an attempt to send an application; raises ``RateLimitExceeded``."""


def _send(org: Organisation, job: Job, connection: Connection) -> ResponseReturnValue:
    token = read_token(request.form.get(CSRF_FIELD, ""), job.id)
    typed = Typed({name: request.form.getlist(name) for name in request.form})
    try:
        count_sending()
    except RateLimitExceeded:
        return _again(org, job, connection, typed, TOO_OFTEN, HTTPStatus.TOO_MANY_REQUESTS)
    if token is None:
        return _again(org, job, connection, typed, OLD, HTTPStatus.BAD_REQUEST)
    try:
        form = read_form(connection.board_token, job.external_id or 0)
    except PostClosed:
        return _closed(org, job)
    except GreenhouseError as error:
        said = f"{error.with_advice} {NOT_SENT}"
        return _again(org, job, connection, typed, said, HTTPStatus.SERVICE_UNAVAILABLE, token)
    return _check(org, job, connection, form, token)


def _check(
    org: Organisation, job: Job, connection: Connection, form: ApplicationForm, token: FormToken
) -> ResponseReturnValue:
    """Check what came with a form, and take it in, or show the form again with all of it."""
    seen = request.form.get(SEEN, "")
    renamed = renamed_fields(seen, form)
    typed = Typed({renamed.get(name, name): request.form.getlist(name) for name in request.form})
    typed, focus = _rearranged(typed)
    held, wrong_files = take_files(org, form, token)
    choices = choices_of(form, connection.board_token, typed)
    view = FormView(form, token, typed, held=held, choices=choices, focus=focus)
    if FIND in request.form or focus:
        return _page(org, job, view)
    judged = judge(form, typed, held, wrong_files)
    view = replace(view, errors=judged.errors, places=judged.places)
    if changes := changes_since(seen, form):
        return _page(org, job, replace(view, changes=changes, notice=CHANGED), HTTPStatus.CONFLICT)
    if judged.errors:
        return _page(org, job, view, HTTPStatus.UNPROCESSABLE_ENTITY)
    sender, doubtful = _sender(judged), confirming.is_doubtful(typed)
    if token.age < LEAST_SECONDS or (doubtful and not sender.email):
        return _page(org, job, replace(view, notice=TOO_FAST), HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        letter = confirming.letter_for(org, job) if doubtful else None
    except RateLimitExceeded:
        return _page(org, job, replace(view, notice=TOO_OFTEN), HTTPStatus.TOO_MANY_REQUESTS)
    application = receive(connection, job, token.key, _parts(judged), held, sender, letter)
    return to_sent_page(org, job.id, application)


def _rearranged(typed: Typed) -> tuple[Typed, str]:
    """Add an entry, or take one away, where a button of the form asks for it; return what was changed."""
    part, entry = typed.one(ADD), typed.one(DROP)
    if part in MOST_ENTRIES:
        added = Typed(with_another(part, typed.values()))
        return added, entries_of(part, added.single())[-1]
    if entry:
        return Typed(without_entry(entry, typed.values())), entry.partition("_")[0]
    return typed, ""


def _parts(judged: Judged) -> list[tuple[str, str]]:
    source = asked_source()
    return judged.parts + ([(SOURCE_PART, source)] if source else [])


def _sender(judged: Judged) -> Sender:
    said = dict(judged.parts)
    name = f"{said.get('first_name', '')} {said.get('last_name', '')}"
    return Sender(name.strip(), said.get("email", ""))


def _again(
    org: Organisation,
    job: Job,
    connection: Connection,
    typed: Typed,
    notice: str,
    status: HTTPStatus,
    token: FormToken | None = None,
) -> ResponseReturnValue:
    """Show the form as it was read last, with what was typed; where it is not known, that alone.

    Without a ``token`` no file is kept that came with it.
    """
    form = remembered_form(connection.board_token, job.external_id or 0)
    if form is None:
        return _elsewhere(org, job, notice, status)
    shown, held = token or make_token(job.id), dict[str, HeldFile]()
    if token is not None:
        held = dict(take_files(org, form, token)[0])
    elif any(upload.filename for upload in request.files.values()):
        notice = f"{notice} {FILES_LOST}"
    view = FormView(form, shown, typed, held=held, notice=notice)
    view = replace(view, choices=choices_of(form, connection.board_token, typed))
    return _page(org, job, view, status)


def _page(
    org: Organisation, job: Job, view: FormView, status: HTTPStatus = HTTPStatus.OK
) -> ResponseReturnValue:
    address = url_for("jobs.apply", org=org.slug, job_id=job.id, attempt=attempt())
    page = render_template(
        "pages/applications/apply.html", organisation=org, job=job, view=view, address=address
    )
    return page, status


def _elsewhere(
    org: Organisation,
    job: Job,
    trouble: str,
    status: HTTPStatus = HTTPStatus.SERVICE_UNAVAILABLE,
    *,
    moved: bool = False,
) -> ResponseReturnValue:
    """Lead to the form at Greenhouse, say why, and show what was typed so that it can be copied.

    If it ``moved``, to the form of the job here.
    """
    here = url_for("jobs.apply", org=org.slug, job_id=job.id)
    page = render_template(
        "pages/applications/elsewhere.html",
        organisation=org,
        job=job,
        trouble=trouble,
        moved=moved,
        link=here if moved else apply_link(job.apply_url, asked_tracking()),
        host=apply_host(job.apply_url),
        written=_written(),
    )
    return page, status


def _closed(org: Organisation, job: Job) -> ResponseReturnValue:
    shown = job_of_page(org.id, job.id) or abort(HTTPStatus.NOT_FOUND)
    return closed_page(org, shown, today_in(org.time_zone), written=_written()), HTTPStatus.GONE


def _written() -> list[str]:
    """Return the longer texts that were typed."""
    if request.method != "POST":
        return []
    ours = (CSRF_FIELD, "form-")
    texts = [request.form[name] for name in request.form if not name.startswith(ours)]
    return [text for text in texts if len(text) >= SHORTEST_SHOWN]


def _sent_page(org: Organisation, application: Application) -> ResponseReturnValue:
    return render_template(
        "pages/applications/sent.html",
        organisation=org,
        application=application,
        language=confirming.language_of(application),
    )

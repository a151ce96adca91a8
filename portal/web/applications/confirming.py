"""Ask by mail to confirm an application that looks automated, before it is delivered."""

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded

from portal.actions.applications.receive import confirm_application
from portal.domain.applications import mails
from portal.domain.applications.states import CONFIRMED_WITHIN, ApplicationStatus
from portal.domain.applications.validation import Typed
from portal.domain.mails import Letter
from portal.models import Application, Job, Organisation
from portal.store.applications import steps
from portal.store.jobs import job_of
from portal.web.accounts.known_browsers import account_key
from portal.web.applications.form_view import TRAP
from portal.web.applications.tokens import confirmation_token, make_token, read_confirmation
from portal.web.extensions import limiter
from portal.web.requests import site_address

CONFIRM: Final = "confirm"
DELIVERED_UNASKED: Final = "120 per hour"
"""For one job. With more than that at once, each sender proves that somebody reads their mails."""
MAILS_TO_ADDRESS: Final = "3 per day"
GONE: Final = (
    "This link is no longer good: the application was confirmed, or deleted after two days. Apply again."
)


def is_doubtful(typed: Typed) -> bool:
    """Whether an application that is right may be a program's; each counts for its job."""
    if typed.one(TRAP):
        return True
    with suppress(RateLimitExceeded):
        _count_delivered()
        return False
    return True


@limiter.shared_limit(DELIVERED_UNASKED, "applications-unasked", key_func=lambda: request.path)
def _count_delivered() -> None:
    """Raise ``RateLimitExceeded`` where very many come for one job."""


def _typed_address() -> str:
    """Whose mailbox it is, hashed: the limiter logs it."""
    return account_key(request.form.get("email", ""))


@limiter.shared_limit(MAILS_TO_ADDRESS, "applications-mails", key_func=_typed_address)
def _count_mail() -> None:
    """Raise ``RateLimitExceeded`` where an address got so many already."""


def letter_for(org: Organisation, job: Job) -> Callable[[str], Letter]:
    """Return what writes the mail for the application of a key; raises ``RateLimitExceeded``."""
    _count_mail()
    path = url_for("jobs.apply", org=org.slug, job_id=job.id)

    def write(key: str) -> Letter:
        joint = "&" if "?" in path else "?"
        link = f"{site_address()}{path}{joint}{CONFIRM}={confirmation_token(key)}"
        return mails.confirmation(org.name, job.title, link)

    return write


def ask(org: Organisation, job_id: int) -> ResponseReturnValue:
    """Show a button: programs that look after mail follow links, and press none."""
    token = request.args[CONFIRM]
    application = _unconfirmed(org, job_id, token) or abort(HTTPStatus.GONE, GONE)
    return render_template(
        "pages/applications/confirm.html",
        organisation=org,
        application=application,
        language=language_of(application),
        token=token,
        csrf=make_token(job_id).text,
    )


def confirm(org: Organisation, job_id: int) -> ResponseReturnValue:
    """Have the application delivered, whatever became of its job: an admin hears where it cannot be."""
    application = _unconfirmed(org, job_id, request.form[CONFIRM]) or abort(HTTPStatus.GONE, GONE)
    confirm_application(application)
    return to_sent_page(org, job_id, application)


def language_of(application: Application) -> str | None:
    """Return the language of the title that an application bears, as far as its job is there to tell."""
    job = job_of(application.organisation_id, application.job_id or 0)
    return job.language if job else None


def _unconfirmed(org: Organisation, job_id: int, token: str) -> Application | None:
    key = read_confirmation(token, CONFIRMED_WITHIN.total_seconds())
    found = steps.application_by_key(org.id, key) if key else None
    waits = found is not None and found.status == ApplicationStatus.UNCONFIRMED and found.job_id == job_id
    return found if waits else None


def to_sent_page(org: Organisation, job_id: int, application: Application) -> Response:
    """Lead to the page that says what became of an application."""
    address = url_for("jobs.apply", org=org.slug, job_id=job_id, sent=application.key)
    return make_response(redirect(address, HTTPStatus.SEE_OTHER))

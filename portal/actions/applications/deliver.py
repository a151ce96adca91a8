"""Deliver applications to Greenhouse: each once, or listed for an admin to decide."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from portal.actions.applications.sealing import UnreadableApplication, Use, seal, unseal
from portal.actions.applications.switch import note_rejected_key, tell_of_undelivered
from portal.actions.changing import OrganisationLocked, changing
from portal.actions.sync import credentials
from portal.actions.sync.connection import ASK_SECONDS, greenhouse_client
from portal.actions.sync.credentials import UnreadableCredential
from portal.actions.sync.lease import lease
from portal.boards.errors import (
    AnswerUnclear,
    ApplicationRefused,
    BoardUnavailable,
    GreenhouseError,
    KeyRefused,
    PostClosed,
)
from portal.config import current_settings
from portal.db import detached, end_read, write
from portal.domain.applications.files import File
from portal.domain.applications.forms import unasked
from portal.domain.applications.states import (
    MOST_ATTEMPTS,
    TRACE,
    UNDELIVERED,
    ApplicationStatus,
    pause_after,
)
from portal.domain.applications.validation import Part
from portal.domain.sync.board_tokens import ApiKey, BoardToken
from portal.models import Application
from portal.models.base import utc_now
from portal.queues import enqueue_applications, is_reachable
from portal.store.applications import steps
from portal.store.applications.files import files_of_application
from portal.store.applications.steps import WaitingApplication
from portal.store.connections import connection_of, is_unchanged, locked_connection
from portal.store.jobs import job_of, merged_into

DISCONNECTED = "Greenhouse was disconnected, or another board is connected now."
KEY_REJECTED = "Greenhouse rejects the API key. Replace it in Greenhouse settings, then send this again."
KEY_UNREADABLE = "The API key must be entered again in Greenhouse settings; then send this again."
CLOSED = "The job was closed in Greenhouse before the application came."
OTHER_QUESTIONS = (
    "The job was posted anew in Greenhouse, and its form does not ask all that was answered. "
    "Ask the applicant to apply again."
)
STOPPED = "The process that sent it was stopped before Greenhouse answered."
UNEXPECTED = "Something unexpected went wrong while it was sent."

log = structlog.get_logger()


def deliver(application_id: int, generation: int) -> None:
    """Send a queued application to the post of its job, unless another worker took it.

    All that can be prepared is prepared before it is claimed: a worker that is killed after the claim may
    have sent it, and one that is killed before it has not.
    """
    waiting = WaitingApplication(application_id, generation)
    found = steps.waiting_application(waiting)
    if found is None:
        return
    application = detached(found)
    try:
        request = _prepare(application)
    except _Undeliverable as error:
        end_read()
        _finish(application, waiting, ApplicationStatus.FAILED, str(error))
        return
    end_read()
    claimed = _claim(waiting, request)
    if claimed is not None:
        _send(application, claimed, request)


class _Undeliverable(Exception):
    """An application that cannot even be tried; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class _Request:
    """What is sent, to which post, and the key of which connection with."""

    connection_id: int
    board_token: BoardToken
    post_id: int
    sealed_key: bytes
    key: ApiKey = field(repr=False)
    parts: list[Part] = field(repr=False)
    files: list[File] = field(repr=False)


def _prepare(application: Application) -> _Request:
    connection = connection_of(application.organisation_id)
    board_token, post_id = _post_of(application)
    if connection is None or connection.board_token != board_token:
        raise _Undeliverable(DISCONNECTED)
    if connection.key_rejected_at is not None:
        raise _Undeliverable(KEY_REJECTED)
    try:
        key = credentials.unseal(connection)
        parts, files = _parts_of(application), _files_of(application)
    except UnreadableCredential:
        raise _Undeliverable(KEY_UNREADABLE) from None
    except UnreadableApplication as error:
        raise _Undeliverable(str(error)) from None
    token = BoardToken(board_token)
    return _Request(connection.id, token, post_id, connection.api_key_ciphertext, key, parts, files)


def _post_of(application: Application) -> tuple[str, int]:
    """Return board and post of the job as they are by now; the post of the form where the job is gone."""
    organisation_id, job_id = application.organisation_id, application.job_id or 0
    job = job_of(organisation_id, job_id) or merged_into(organisation_id, job_id)
    if job is None or job.board_token is None or job.external_id is None:
        return application.board_token, application.external_id
    return job.board_token, job.external_id


def _claim(waiting: WaitingApplication, request: _Request) -> WaitingApplication | None:
    """Claim it where the connection is as it was read; if it is not, the tick has it prepared anew."""
    seconds = ASK_SECONDS + current_settings().greenhouse_timeout_seconds
    holds = is_unchanged(request.connection_id, request.board_token, request.sealed_key)
    with write():
        return steps.claim(waiting, utc_now() + timedelta(seconds=seconds) + lease(), holds)


def _send(application: Application, claimed: WaitingApplication, request: _Request) -> None:
    client = greenhouse_client(current_settings().greenhouse_timeout_seconds)
    try:
        if request.post_id != application.external_id:
            _expect_same_questions(request)
        client.submit(request.board_token, request.post_id, request.key, request.parts, request.files)
    except KeyRefused:
        _reject_key(application.organisation_id, request)
        _finish(application, claimed, ApplicationStatus.FAILED, KEY_REJECTED)
    except PostClosed:
        _finish(application, claimed, ApplicationStatus.FAILED, CLOSED)
    except ApplicationRefused as error:
        _finish(application, claimed, ApplicationStatus.FAILED, str(error), error.said)
    except GreenhouseError as error:
        if isinstance(error, AnswerUnclear) or error.may_have_arrived:
            _finish(application, claimed, ApplicationStatus.UNCERTAIN, str(error))
        else:
            _retry(application, claimed, error)
    except BaseException:
        _finish(application, claimed, ApplicationStatus.UNCERTAIN, UNEXPECTED)
        raise
    else:
        _finish(application, claimed, ApplicationStatus.DELIVERED)


def _expect_same_questions(request: _Request) -> None:
    """Raise ``ApplicationRefused`` where the form of another post lacks a question that was answered.

    Greenhouse would take the application without that answer, and say nothing of it. Raises ``PostClosed``,
    and ``BoardUnavailable`` where the form cannot be read: nothing was sent then.
    """
    try:
        form = greenhouse_client().application_form(request.board_token, request.post_id)
    except PostClosed:
        raise
    except GreenhouseError as error:
        raise BoardUnavailable(str(error), retry_after=error.retry_after) from None
    names = [name for name, _ in request.parts] + [file.field for file in request.files]
    if unasked(names, form):
        raise ApplicationRefused(OTHER_QUESTIONS)


def _retry(application: Application, claimed: WaitingApplication, error: GreenhouseError) -> None:
    """Send it later: Greenhouse took nothing."""
    attempt = application.attempt + 1
    if attempt >= MOST_ATTEMPTS:
        _finish(application, claimed, ApplicationStatus.FAILED, f"{error} Nothing was sent.")
        return
    with write():
        again = utc_now() + pause_after(attempt, error.retry_after)
        steps.move(claimed, ApplicationStatus.QUEUED, not_before=again, reason=str(error))


def _finish(
    application: Application,
    waiting: WaitingApplication,
    status: ApplicationStatus,
    reason: str | None = None,
    said: str = "",
) -> None:
    """Note how it ended, if this worker's word still counts; who applied is in no log."""
    log.info("application_sent", application_id=application.id, outcome=status.value)
    with changing(application.organisation_id) as change:
        moved = move_in_change(application.organisation_id, waiting, status, change.now, reason=reason)
        if moved and said:
            note_said(application, said)
        if moved and status in UNDELIVERED:
            tell_of_undelivered(application.organisation_id, change.now)
            change.raise_revision()


def move_in_change(
    organisation_id: int, waiting: WaitingApplication, status: ApplicationStatus, now: datetime, **values: Any
) -> bool:
    """Move an application while its organisation is locked; once delivered, its contents are deleted."""
    if status != ApplicationStatus.DELIVERED:
        return steps.move(waiting, status, **values)
    wiped = {"answers": None, "applicant": None, "reason": None, "forget_at": now + TRACE}
    moved = steps.move(waiting, status, **values | wiped)
    if moved:
        steps.wipe(waiting.application_id)
    return moved


def note_said(application: Application, said: str) -> None:
    """Keep Greenhouse's own words, which may repeat what somebody answered, beside who it was."""
    who = json.loads(unseal(application.key, Use.APPLICANT, application.applicant)) | {"said": said}
    steps.store_applicant(application.id, seal(application.key, Use.APPLICANT, json.dumps(who).encode()))


def _reject_key(organisation_id: int, request: _Request) -> None:
    """Note that the key is rejected, unless it was replaced meanwhile."""
    with changing(organisation_id) as change:
        held = connection_of(organisation_id)
        if held is not None and held.id == request.connection_id:
            held = locked_connection(held.id)
            if held.api_key_ciphertext == request.sealed_key:
                note_rejected_key(held, change)


def _parts_of(application: Application) -> list[Part]:
    answers = json.loads(unseal(application.key, Use.ANSWERS, application.answers))
    return [(name, value) for name, value in answers]


def _files_of(application: Application) -> list[File]:
    """Return one file for each input: of a form that is sent twice at once both may have been kept."""
    found = {}
    for each in files_of_application(application.id):
        name, kind = json.loads(unseal(each.key, Use.FILE_NAME, each.name))
        found[each.field] = File(each.field, name, kind, unseal(each.key, Use.FILE, each.content))
    return list(found.values())


def carry_on(now: datetime) -> None:
    """Do what time brings about: list those that were interrupted, enqueue those that wait."""
    is_due = steps.any_due(now, lease())
    end_read()
    if is_due:
        sweep_applications(now)
        enqueue_applications_waiting(now)


def sweep_applications(now: datetime) -> int:
    """List those whose worker fell silent while it sent as uncertain; return how many."""
    found = steps.lapsed(now)
    end_read()
    return sum(_take_back(organisation_id, waiting) for organisation_id, waiting in found)


def _take_back(organisation_id: int, waiting: WaitingApplication) -> bool:
    try:
        with changing(organisation_id, wait=False) as change:
            moved = steps.move(waiting, ApplicationStatus.UNCERTAIN, reason=STOPPED)
            if moved:
                tell_of_undelivered(organisation_id, change.now)
                change.raise_revision()
    except OrganisationLocked:  # the next tick sees
        return False
    return moved


def enqueue_applications_waiting(now: datetime) -> int:
    """Enqueue every queued application that may be sent and was not taken for a lease; return how many."""
    if not is_reachable():
        return 0
    with write():
        waiting = steps.claim_for_enqueueing(now, lease())
    return len(waiting) if enqueue_claimed(waiting) else 0


def enqueue_claimed(waiting: list[WaitingApplication]) -> bool:
    """Enqueue applications that are noted as enqueued; where Redis is away, note that they are not."""
    if enqueue_applications(waiting):
        return True
    with write():
        steps.note_not_enqueued(waiting)
    return False

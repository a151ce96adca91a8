"""Receive an application: store its files as they arrive, and the whole once every answer is valid."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe

from sqlalchemy.exc import IntegrityError

from portal.actions.applications.deliver import enqueue_claimed
from portal.actions.applications.sealing import UnreadableApplication, Use, seal, unseal
from portal.actions.mails import mail_text
from portal.db import detached, end_read, write
from portal.domain.applications.files import File
from portal.domain.applications.states import CONFIRMED_WITHIN, FILES_WAIT, KEPT, ApplicationStatus
from portal.domain.applications.validation import HeldFile, Part
from portal.domain.mails import Letter
from portal.models import Application, ApplicationFile, Connection, Job
from portal.models.base import utc_now
from portal.store.applications import files as stored
from portal.store.applications import steps
from portal.store.applications.steps import WaitingApplication
from portal.store.mails import add_mail


@dataclass(frozen=True, slots=True)
class Sender:
    """Who applied, as they wrote it."""

    name: str
    email: str


def held_files(form_key: str) -> dict[str, HeldFile]:
    """Return the files that are kept for a form, by the input that they were chosen at."""
    found = {}
    for each in stored.files_of_form(form_key, utc_now() - FILES_WAIT):
        try:
            name, _ = json.loads(unseal(each.key, Use.FILE_NAME, each.name))
        except UnreadableApplication:
            continue
        found[each.field] = HeldFile(name, each.size)
    return found


def hold_files(organisation_id: int, form_key: str, files: Sequence[File], removed: Collection[str]) -> None:
    """Keep files for an hour, encrypted, until their form is sent; each replaces the one chosen before."""
    if not files and not removed:
        return
    rows = [_row(organisation_id, form_key, file) for file in files]
    with write() as session:
        stored.drop_files(form_key, {*removed, *(file.field for file in files)})
        session.add_all(rows)


def _row(organisation_id: int, form_key: str, file: File) -> ApplicationFile:
    key = token_urlsafe(24)
    return ApplicationFile(
        key=key,
        form_key=form_key,
        organisation_id=organisation_id,
        field=file.field,
        size=len(file.content),
        name=seal(key, Use.FILE_NAME, json.dumps([file.name, file.kind]).encode()),
        content=seal(key, Use.FILE, file.content),
    )


def receive(
    connection: Connection,
    job: Job,
    form_key: str,
    parts: Sequence[Part],
    files: Mapping[str, HeldFile],
    sender: Sender,
    letter: Callable[[str], Letter] | None = None,
) -> Application:
    """Store an application and have it delivered; a form that was sent before brings the same one.

    With a ``letter``, of which the application's key makes a mail, its sender confirms it before.
    """
    now, is_queued = utc_now(), letter is None
    application = _application(connection, job, form_key, parts, sender, now)
    if is_queued:
        application.status, application.enqueued_at = ApplicationStatus.QUEUED, now
    else:
        application.status, application.forget_at = ApplicationStatus.UNCONFIRMED, now + CONFIRMED_WITHIN
    try:
        with write() as session:
            session.add(application)
            session.flush()
            stored.hand_over_files(form_key, files.keys(), application.id)
            if letter is not None:
                mail, to = mail_text(letter(application.key)), sender.email
                add_mail(mail, now, address=to, organisation_id=job.organisation_id)
    except IntegrityError:
        end_read()
        before = steps.application_by_form(form_key)
        if before is None:
            raise
        return before
    if is_queued:
        enqueue_claimed([WaitingApplication(application.id, 0)])
    return detached(application)


def _application(
    connection: Connection, job: Job, form_key: str, parts: Sequence[Part], sender: Sender, now: datetime
) -> Application:
    key = token_urlsafe(24)
    who = {"name": sender.name, "email": sender.email}
    return Application(
        key=key,
        form_key=form_key,
        organisation_id=job.organisation_id,
        job_id=job.id,
        job_title=job.title,
        board_token=connection.board_token,
        external_id=job.external_id,
        answers=seal(key, Use.ANSWERS, json.dumps(list(parts)).encode()),
        applicant=seal(key, Use.APPLICANT, json.dumps(who).encode()),
        created_at=now,
        forget_at=now + KEPT,
    )


def confirm_application(application: Application) -> bool:
    """Deliver an application whose sender confirmed it; ``False`` where that was done before."""
    waiting = WaitingApplication(application.id, application.generation)
    with write():
        moved = steps.confirm(waiting, utc_now())
    if moved:
        enqueue_claimed([waiting])
    return moved

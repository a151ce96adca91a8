"""What an admin decides about applications that were not delivered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal.actions.applications.deliver import enqueue_claimed, move_in_change
from portal.actions.applications.sealing import UnreadableApplication, Use, unseal
from portal.actions.audit import record
from portal.actions.changing import changing
from portal.domain.applications.states import ApplicationStatus
from portal.domain.audit import Action
from portal.models import Application
from portal.store.applications import steps
from portal.store.applications.steps import WaitingApplication


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applied, and what Greenhouse said of it."""

    name: str
    email: str
    said: str = ""


UNREADABLE = Applicant("", "")


def applicant_of(application: Application) -> Applicant:
    """Return who applied, as far as that can be read."""
    try:
        return Applicant(**json.loads(unseal(application.key, Use.APPLICANT, application.applicant)))
    except UnreadableApplication:
        return UNREADABLE


_ACTIONS: Final = {
    ApplicationStatus.QUEUED: Action.APPLICATION_SENT_AGAIN,
    ApplicationStatus.DELIVERED: Action.APPLICATION_DELIVERED,
}


def send_again(organisation_id: int, application_id: int, generation: int, user_id: int) -> bool:
    """Deliver it once more; ``False`` where somebody else decided since that ``generation`` was shown."""
    waiting = WaitingApplication(application_id, generation)
    values = {"attempt": 0, "not_before": None, "reason": None, "decided_by_id": user_id}
    if not _decide(organisation_id, waiting, ApplicationStatus.QUEUED, values):
        return False
    enqueue_claimed([waiting])
    return True


def mark_delivered(organisation_id: int, application_id: int, generation: int, user_id: int) -> bool:
    """Take an admin's word that it needs no delivery any more: its contents are deleted."""
    waiting = WaitingApplication(application_id, generation)
    return _decide(organisation_id, waiting, ApplicationStatus.DELIVERED, {"decided_by_id": user_id})


def _decide(
    organisation_id: int, waiting: WaitingApplication, status: ApplicationStatus, values: Mapping[str, object]
) -> bool:
    with changing(organisation_id) as change:
        application = steps.undelivered_application(organisation_id, waiting.application_id)
        if application is None:
            return False
        moved = move_in_change(organisation_id, waiting, status, change.now, **values)
        if moved:
            if status == ApplicationStatus.QUEUED:
                steps.note_enqueued(waiting, change.now)
            change.raise_revision()
            record(organisation_id, _ACTIONS[status], application.job_title)
    return moved

"""Notify receivers of public jobs that opened, changed or closed since they were told last.

Whoever wrote the change, and whatever became of the process: what is public now differs from what was told,
until it is told. A closing date that passes is such a difference, without anybody writing.
"""

from collections.abc import Iterator
from datetime import date, datetime
from secrets import token_urlsafe
from typing import Any

import structlog

from portal.actions.applications.switch import applied_board, applies_here
from portal.config import current_settings
from portal.db import end_read, write
from portal.domain.feeds.public_job import feed_job_of, whole_public_json
from portal.domain.jobs.public_list import EVERY_JOB
from portal.domain.outgoing.deliveries import DeliveryStatus
from portal.domain.outgoing.events import (
    MOST_EVENTS,
    Changes,
    EventType,
    Format,
    Sender,
    ToldJob,
    job_body,
    many_body,
)
from portal.domain.outgoing.slack import slack_body
from portal.domain.zones import date_in
from portal.models import WebhookEndpoint
from portal.models.base import Json, utc_now
from portal.store.connections import connection_of
from portal.store.outgoing import told
from portal.store.outgoing.deliveries import add_deliveries, count_waiting, has_untried_summary
from portal.store.outgoing.endpoints import endpoints_of
from portal.store.outgoing.told import Compared
from portal.store.public.jobs import jobs_with_descriptions, public_job_ids

MOST_WAITING = 1_000
"""How many messages may wait for a receiver: beyond, one tells it to read all jobs anew."""

log = structlog.get_logger()


def notify_of_changes(now: datetime) -> int:
    """Compare every organisation that changed or began another day; return how many messages that made.

    Any number may do it at once: of two that compare the same, one is kept.
    """
    end_read()
    compared = told.told_organisations()
    made = 0
    for each in compared:
        today = date_in(each.time_zone, now)
        if (each.revision, today) != (each.told_revision, each.told_on):
            made += _notify_or_log(each, today)
    return made


def _notify_or_log(compared: Compared, today: date) -> int:
    """Compare one organisation; a failure is logged and leaves the others as they are."""
    try:
        return _notify(compared, today)
    except Exception:
        end_read()
        log.exception("changes_not_told", organisation_id=compared.organisation_id)
        return 0


def _notify(compared: Compared, today: date) -> int:
    organisation_id = compared.organisation_id
    sender = sender_of(compared.slug, compared.name)
    changes = _changes(compared, today, sender)
    end_read()
    with write():
        if not told.move_on(compared, today):
            return 0
        told.note_told(organisation_id, changes.told, changes.closed_ids)
        rows = [row for each in endpoints_of(organisation_id) for row in _messages(each, sender, changes)]
        add_deliveries(rows)
    return len(rows)


def _changes(compared: Compared, today: date, sender: Sender) -> Changes:
    """What became of the public jobs. Only those that were stamped since, or are new, are read."""
    organisation_id, changes = compared.organisation_id, Changes()
    before = told.told_jobs(organisation_id)
    public = set(public_job_ids(organisation_id, today, EVERY_JOB))
    stamped = told.stamped_after(organisation_id, compared.told_revision)
    for said in api_jobs(organisation_id, today, sender, sorted(public & stamped | public - before.keys())):
        changes.compare(said, before.get(said["id"]))
    for job_id in sorted(before.keys() - public):
        changes.close(job_id, before[job_id], sender.job_page(job_id))
    return changes


def api_jobs(
    organisation_id: int, today: date, sender: Sender, job_ids: list[int]
) -> Iterator[dict[str, Any]]:
    """Yield the JSON by which the API describes each of these jobs that is public."""
    board = applied_board(connection_of(organisation_id))
    for row in jobs_with_descriptions(organisation_id, today, job_ids):
        page = sender.job_page(row.id)
        here = f"{page}/apply" if applies_here(board, row) else None
        yield whole_public_json(feed_job_of(row, page, apply_url=here))


def public_now(organisation_id: int, today: date, sender: Sender) -> dict[int, ToldJob]:
    """Return what there is to be told of each public job."""
    changes = Changes()
    for said in api_jobs(organisation_id, today, sender, public_job_ids(organisation_id, today, EVERY_JOB)):
        changes.compare(said, None)
    return changes.told


def sender_of(slug: str, name: str) -> Sender:
    """Return an organisation as messages name it."""
    base = current_settings().address
    page = f"{base}/orgs/{slug}/jobs"
    return Sender(slug, name, jobs_page=page, jobs_api=f"{base}/api/v1/orgs/{slug}/jobs")


def _messages(endpoint: WebhookEndpoint, sender: Sender, changes: Changes) -> list[Json]:
    """What a receiver is sent: a message for each job, or one for all of them."""
    events, count = changes.of(endpoint.events)
    if not (endpoint.is_on and count):
        return []
    now, waiting = utc_now(), count_waiting(endpoint.id)
    if endpoint.format == Format.SLACK:
        body = slack_body(sender, changes, endpoint.events)
        message = message_to(endpoint.id, EventType.MANY, _how_many(count), body, now)
        return [message] if waiting < MOST_WAITING else []
    if count <= min(MOST_EVENTS, MOST_WAITING - waiting):
        return [
            message_to(endpoint.id, event.type, event.title, job_body(sender, event, now), now)
            for event in events
        ]
    if has_untried_summary(endpoint.id):  # which says the same of these
        return []
    return [message_to(endpoint.id, EventType.MANY, _how_many(count), many_body(sender, now), now)]


def _how_many(count: int) -> str:
    return "1 change" if count == 1 else f"{count:,} changes"


def message_to(endpoint_id: int, kind: EventType, subject: str, body: str, now: datetime) -> Json:
    """Return the row of a message that is to be delivered at once."""
    return {
        "endpoint_id": endpoint_id,
        "message_id": f"msg_{token_urlsafe(20)}",
        "type": kind.value,
        "subject": subject,
        "body": body,
        "status": DeliveryStatus.WAITING,
        "generation": 0,
        "attempt": 0,
        "not_before": now,
        "begun_at": now,
        "created_at": now,
    }

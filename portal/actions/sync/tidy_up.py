"""Delete what nobody needs any more, in batches."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portal.actions.alerts.subscribe import UNCONFIRMED_LIFE
from portal.actions.jobs.table_edit import IMPORT_LIFE
from portal.db import write
from portal.domain.applications.states import FILES_WAIT
from portal.domain.audit import KEPT
from portal.domain.people import LinkKind
from portal.domain.sync.runs import DELETED, EVENTFUL
from portal.domain.traffic import LONGEST_KEPT
from portal.queues import redis
from portal.store import closings, edits, jobs, mails, people, runs
from portal.store.accounts import audit, links, tokens
from portal.store.applications import files, steps
from portal.store.outgoing import deliveries
from portal.store.public import alerts, fetches, traffic

BATCH = 200
TRAFFIC_LIFE = timedelta(days=LONGEST_KEPT)
READER_LIFE = timedelta(days=90)
MAIL_LIFE = timedelta(days=7)
LINK_LIFE = timedelta(days=7)
"""For so long after it ran out, admins see an invitation, and may send it again."""
SHOWN_LINKS = (LinkKind.INVITATION, LinkKind.COLLEAGUE)
TOKEN_LIFE = timedelta(days=90)
"""For so long after it ran out, its person sees which token a program still tries."""
MESSAGE_LIFE = timedelta(days=30)
MESSAGES_KEPT = 200  # of each receiver of webhooks
STAYS_ON = timedelta(days=1)
LAST_KEY = "portal:tidied-up-to"
LONGEST_STEP = timedelta(hours=6)

log = structlog.get_logger()


def bounded(now: datetime) -> datetime:
    """Return the time to tidy up by: at most some hours later than the last time's, and remembered.

    Tidying comes each hour. With a clock that is far ahead it would delete what is to stay for months.
    After a stop of weeks it catches up within days. Raises ``RedisError``.
    """
    last = redis().get(LAST_KEY)
    if isinstance(last, bytes):
        now = min(now, datetime.fromtimestamp(float(last), UTC) + LONGEST_STEP)
    redis().set(LAST_KEY, now.timestamp())
    return now


def tidy_up(now: datetime) -> int:
    """Delete what is over, in short transactions; return how many rows went. Any number may do it at once.

    The newest ended run of a connection stays, whatever it was: it says how the connection does. So
    does the newest that counted its open jobs: the chart begins with it.
    """
    deletions = (
        partial(runs.delete_old_runs, now, now + STAYS_ON, BATCH),
        partial(closings.delete_old_closings, now - EVENTFUL, BATCH),
        partial(people.delete_ended_sign_ins, now, BATCH),
        partial(links.delete_ended_links, now - LINK_LIFE, BATCH),
        partial(links.delete_ended_links, now, BATCH, but_for=SHOWN_LINKS),
        partial(tokens.delete_ended_tokens, now - TOKEN_LIFE, BATCH),
        partial(audit.delete_old_entries, now - KEPT, BATCH),
        partial(mails.delete_old_mails, now - MAIL_LIFE, BATCH),
        partial(alerts.delete_unconfirmed, now - UNCONFIRMED_LIFE, BATCH),
        partial(alerts.delete_empty_readers, BATCH),
        partial(alerts.delete_published, BATCH),
        partial(deliveries.delete_old_deliveries, now - MESSAGE_LIFE, BATCH),
        partial(deliveries.delete_surplus, MESSAGES_KEPT, BATCH),
        partial(edits.delete_old_imports, now - IMPORT_LIFE, BATCH),
        partial(traffic.delete_old_traffic, (now - TRAFFIC_LIFE).date(), BATCH),
        partial(fetches.delete_old_fetches, now - READER_LIFE, BATCH),
        partial(jobs.delete_jobs, now - DELETED, BATCH),
        partial(steps.delete_old_applications, now, BATCH),
        partial(files.delete_old_files, now - FILES_WAIT, BATCH),
    )
    return sum(_tidied(step) for step in deletions)


def _tidied(step: partial[tuple[int, int]]) -> int:
    """Carry out one step; where it fails, the others go on, and the next hour tries it again."""
    try:
        return _in_batches(step)
    except SQLAlchemyError as error:
        log.error("tidying_failed", step=step.func.__name__, error=type(error).__name__)
        return 0


def _in_batches(forget: Callable[[], tuple[int, int]]) -> int:
    """Repeat until less than a batch is found; ``forget`` returns how many rows it found, and took away."""
    total = 0
    while True:
        with write():
            found, gone = forget()
        total += gone
        if found < BATCH:
            return total

"""Prepare a worker once for what each of its forks does: a fork would forget it with its end."""

from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portal.actions.apply_plan import write_answer
from portal.actions.prepare_sync import Prepared
from portal.domain.run_states import Trigger
from portal.extensions import db
from portal.models import Connection, Organisation, SyncRun
from portal.models.base import utc_now
from portal.store import run_queue, run_steps, sync_runs
from portal.store.connections import connection_by_id
from portal.store.jobs import stored_posts
from portal.store.organisations import next_revision
from portal.store.transactions import write

LEASE = timedelta(minutes=1)

log = structlog.get_logger()


class _Undone(Exception):
    """Ends the transaction without a trace."""


def warm_up() -> None:
    """Carry out a sync without changes in a transaction that is undone: its statements are compiled then.

    A database that is away or locked is no reason not to begin. No database connection stays open.
    """
    try:
        with write():
            _sync_nothing(_queued_run(), utc_now())
            raise _Undone
    except _Undone:
        pass
    except SQLAlchemyError as error:
        log.warning("warm_up_failed", error=type(error).__name__)
    finally:
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def _queued_run() -> SyncRun:
    session = db.session()
    name = f"warm-up-{uuid4().hex}"
    organisation = Organisation(slug=name, name=name)
    session.add(organisation)
    session.flush()
    connection = Connection(
        organisation_id=organisation.id,
        public_key=uuid4().hex,
        board_token=name,
        board_name=name,
        api_key_ciphertext=b"",
        api_key_last_four="",
    )
    session.add(connection)
    session.flush()
    return run_queue.queue_run(connection, Trigger.SCHEDULE, None, utc_now())


def _sync_nothing(queued: SyncRun, now: datetime) -> None:
    connection_id = queued.connection_id or 0
    db.session.expunge_all()
    run = sync_runs.run_by_id(queued.id)
    next_revision(queued.organisation_id)
    run = run_steps.claim(queued.id, 0, now, LEASE)
    connection_by_id(connection_id)
    stored_posts(queued.organisation_id, queued.board_token)
    if run is not None:
        write_answer(run, Prepared(run, None), "", lambda _done: None)
    sync_runs.queued_run(connection_id)

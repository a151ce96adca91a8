"""Deleting what is over, some rows at a time: each call returns how many it found, and how many went."""

from datetime import datetime

from sqlalchemy import CursorResult, Delete, delete, exists, select, update
from sqlalchemy.orm import aliased

from portal.db import session
from portal.models import HeldClosing, Job, JobImport, LoginSession, Mail, SyncRun


def delete_old_runs(now: datetime, stays_until: datetime, limit: int) -> tuple[int, int]:
    """Delete runs whose time is up.

    Until then at least stay a connection's newest ended one, and the newest that counted its open jobs.
    """
    newer, counted = aliased(SyncRun), aliased(SyncRun)
    has_newer = exists().where(
        newer.connection_id == SyncRun.connection_id, newer.id > SyncRun.id, newer.finished_at.is_not(None)
    )
    is_counted = exists().where(
        counted.connection_id == SyncRun.connection_id,
        counted.id > SyncRun.id,
        counted.open_jobs.is_not(None),
    )
    is_over = has_newer & (SyncRun.open_jobs.is_(None) | is_counted)
    query = (
        select(SyncRun.id, SyncRun.connection_id.is_(None) | is_over)
        .where(SyncRun.forget_at <= now)
        .order_by(SyncRun.forget_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = session().execute(query).all()
    last = [run_id for run_id, over in found if not over]
    if last:
        stay = update(SyncRun).where(SyncRun.id.in_(last)).values(forget_at=stays_until)
        session().execute(stay.execution_options(synchronize_session=False))
    gone = [run_id for run_id, over in found if over]
    return len(found), _deleted(delete(SyncRun).where(SyncRun.id.in_(gone))) if gone else 0


def delete_old_closings(before: datetime, limit: int) -> tuple[int, int]:
    """Delete held closings that ended before then, unless others of their drop still wait."""
    other = aliased(HeldClosing)
    waits = exists().where(
        other.connection_id == HeldClosing.connection_id,
        other.created_at == HeldClosing.created_at,
        other.ended_at.is_(None),
    )
    over = select(HeldClosing.id).where(HeldClosing.ended_at <= before, ~waits).limit(limit)
    gone = _deleted(delete(HeldClosing).where(HeldClosing.id.in_(over)))
    return gone, gone


def delete_ended_sign_ins(now: datetime, limit: int) -> tuple[int, int]:
    """Delete sign-ins that ran out."""
    over = select(LoginSession.id).where(LoginSession.expires_at <= now).limit(limit)
    gone = _deleted(delete(LoginSession).where(LoginSession.id.in_(over)))
    return gone, gone


def delete_old_mails(before: datetime, limit: int) -> tuple[int, int]:
    """Delete mails of before that nobody could be sent."""
    over = select(Mail.id).where(Mail.created_at <= before).limit(limit)
    gone = _deleted(delete(Mail).where(Mail.id.in_(over)))
    return gone, gone


def delete_old_imports(before: datetime, limit: int) -> tuple[int, int]:
    """Delete what uploaded files of before proposed."""
    over = select(JobImport.id).where(JobImport.created_at <= before).limit(limit)
    gone = _deleted(delete(JobImport).where(JobImport.id.in_(over)))
    return gone, gone


def delete_jobs(before: datetime, limit: int) -> tuple[int, int]:
    """Delete for good the jobs that were deleted before then, and what was paired into them."""
    query = select(Job.id).where(Job.deleted_at <= before).order_by(Job.deleted_at).limit(limit)
    over = set(session().scalars(query.with_for_update(skip_locked=True)))
    found, latest = len(over), over
    while latest:  # they lead to nothing any more, and without what they lead to they would be jobs again
        latest = set(session().scalars(select(Job.id).where(Job.merged_into_id.in_(latest)))) - over
        over |= latest
    return found, _deleted(delete(Job).where(Job.id.in_(over))) if over else 0


def _deleted(statement: Delete) -> int:
    result = session().execute(statement.execution_options(synchronize_session=False))
    return result.rowcount if isinstance(result, CursorResult) else 0

"""E-mail alerts: their readers, what is due, the jobs that are new to them, and the mails that wait."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Delete, Select, delete, distinct, exists, func, insert, select, update
from sqlalchemy.orm import contains_eager, joinedload

from portal.db import count_deleted, session
from portal.domain.alerts.schedule import LONGEST_WAIT
from portal.models import Alert, AlertMail, AlertReader, Job, Mail, Organisation, PublishedJob
from portal.models.base import has_passed
from portal.store.jobs import public
from portal.store.people import lock_organisation

Row = Any
"""A job that is new to alerts: what they are compared by, and what a mail says of it."""
MOST_NEW: Final = 2_000
_NEW: Final = (
    *(Job.id, Job.title, Job.language, Job.department, Job.location, Job.places, Job.workplace_type),
    *(Job.employment_type, Job.salary_min, Job.salary_max, Job.salary_currency, Job.salary_period),
    *(Job.salary_visible, Job.opened_at, Job.search_source, Job.search_own, PublishedJob.edition),
)


def reader_of(organisation_id: int, address: str) -> AlertReader | None:
    """Return the reader with this address, locked until the commit."""
    query = select(AlertReader).where(
        AlertReader.organisation_id == organisation_id, AlertReader.address == address
    )
    return session().scalar(query.with_for_update())


def reader_by_key(key: str) -> AlertReader | None:
    """Return the reader whose links bear ``key``, with the organisation."""
    return session().scalar(_readers().where(AlertReader.key == key))


def reader_to_confirm(confirm_hash: str) -> AlertReader | None:
    """Return the reader who was mailed a link to confirm, with the organisation; it is locked in a write."""
    query = _readers().where(AlertReader.confirm_hash == confirm_hash)
    return session().scalar(query.with_for_update(of=AlertReader))


def _readers() -> Select[AlertReader]:
    options = joinedload(AlertReader.organisation, innerjoin=True)
    return select(AlertReader).options(options).execution_options(populate_existing=True)


def alerts_of(reader_id: int) -> Sequence[Alert]:
    """Return the alerts of a reader in the order in which they were asked for."""
    query = select(Alert).where(Alert.reader_id == reader_id).order_by(Alert.created_at, Alert.id)
    return session().scalars(query.execution_options(populate_existing=True)).all()


def last_asked(address: str) -> datetime | None:
    """Return when this address was last asked to confirm, by any organisation, since it last did."""
    return session().scalar(select(func.max(AlertReader.asked_at)).where(AlertReader.address == address))


def count_unconfirmed_of(address: str) -> int:
    """Return how many alerts of this address wait to be confirmed, at all organisations."""
    query = select(func.count(Alert.id)).join(AlertReader)
    return session().scalar(query.where(AlertReader.address == address, Alert.confirmed_at.is_(None))) or 0


def count_alerts(organisation_id: int, *, confirmed: bool) -> int:
    """Return how many alerts of an organisation are confirmed, or wait for it."""
    is_so = Alert.confirmed_at.is_not(None) if confirmed else Alert.confirmed_at.is_(None)
    return session().scalar(select(func.count()).where(Alert.organisation_id == organisation_id, is_so)) or 0


def count_readers(organisation_id: int) -> int:
    """Return how many addresses get alerts of an organisation."""
    query = select(func.count(distinct(Alert.reader_id)))
    return (
        session().scalar(
            query.where(Alert.organisation_id == organisation_id, Alert.confirmed_at.is_not(None))
        )
        or 0
    )


def _is_due(now: datetime) -> ColumnElement[bool]:
    return has_passed(Alert.next_at, now, LONGEST_WAIT)


def due_organisations(now: datetime, limit: int) -> list[int]:
    """Return organisations of which an alert is due."""
    return list(session().scalars(select(Alert.organisation_id).where(_is_due(now)).distinct().limit(limit)))


def earliest_told(organisation_id: int, now: datetime) -> int | None:
    """Return the earliest edition that an alert which is due knows; ``None`` where none is due."""
    due = (Alert.organisation_id == organisation_id, _is_due(now))
    return session().scalar(select(func.min(Alert.told)).where(*due))


def postpone_due(organisation_id: int, now: datetime, until: datetime) -> None:
    """Put off what is due."""
    statement = update(Alert).where(Alert.organisation_id == organisation_id, _is_due(now))
    session().execute(statement.values(next_at=until).execution_options(synchronize_session=False))


def claim_due(organisation_id: int, told: int, now: datetime, limit: int) -> Sequence[Alert]:
    """Lock some alerts that are due, know ``told``, and that no other process is at, with their readers."""
    query = (
        select(Alert)
        .join(Alert.reader)
        .where(Alert.organisation_id == organisation_id, _is_due(now), Alert.told >= told)
        .order_by(Alert.next_at, Alert.id)
        .options(contains_eager(Alert.reader))
        .limit(limit)
        .with_for_update(skip_locked=True, of=(Alert, AlertReader))
        .execution_options(populate_existing=True)
    )
    return session().scalars(query).all()


def note_published(organisation_id: int, today: date) -> int:
    """Note the jobs that are public for the first time; return the edition that holds the latest.

    The organisation is locked: editions become visible in their order. A job that another was paired into is
    no newer than that one.
    """
    known = select(PublishedJob.job_id).where(PublishedJob.organisation_id == organisation_id)
    new = list(session().scalars(select(Job.id).where(public(organisation_id, today), Job.id.not_in(known))))
    edition = _latest_edition(organisation_id)
    if not new:
        return edition
    earlier = _editions_of_paired(organisation_id)
    rows = [
        {"job_id": job_id, "organisation_id": organisation_id, "edition": earlier.get(job_id, edition + 1)}
        for job_id in new
    ]
    session().execute(insert(PublishedJob), rows)
    return edition + 1


def _latest_edition(organisation_id: int) -> int:
    """One that an alert knows counts although its jobs may be deleted by now."""
    published = select(func.max(PublishedJob.edition)).where(PublishedJob.organisation_id == organisation_id)
    told = select(func.max(Alert.told)).where(Alert.organisation_id == organisation_id)
    return max(session().scalar(published) or 0, session().scalar(told) or 0)


def _editions_of_paired(organisation_id: int) -> dict[int, int]:
    query = select(Job.merged_into_id, func.min(PublishedJob.edition)).join(
        PublishedJob, PublishedJob.job_id == Job.id
    )
    paired = (Job.organisation_id == organisation_id, Job.merged_into_id.is_not(None))
    rows = session().execute(query.where(*paired).group_by(Job.merged_into_id))
    return {job_id: edition for job_id, edition in rows if job_id is not None}


def new_jobs(organisation_id: int, today: date, told: int) -> Sequence[Row]:
    """Return the public jobs of later editions, the newest first, as many as anybody is told of."""
    query = (
        select(*_NEW)
        .join(PublishedJob, PublishedJob.job_id == Job.id)
        .where(public(organisation_id, today), PublishedJob.edition > told)
        .order_by(Job.opened_at.desc(), Job.id.desc())
    )
    return session().execute(query.limit(MOST_NEW)).all()


def are_public(organisation_id: int, today: date, job_ids: Collection[int]) -> bool:
    """Whether everybody sees all of these jobs."""
    query = select(func.count()).where(public(organisation_id, today), Job.id.in_(job_ids))
    return session().scalar(query) == len(job_ids)


def count_waiting_mails() -> int:
    """Return how many mails wait to be sent, whoever they are for."""
    return session().scalar(select(func.count(Mail.not_before))) or 0


def mail_owner(mail_id: int) -> tuple[AlertMail, AlertReader] | None:
    """Return whose mail it is, if it is one of alerts."""
    query = select(AlertMail, AlertReader).join(AlertReader).where(AlertMail.mail_id == mail_id)
    row = session().execute(query).first()
    return (row[0], row[1]) if row else None


def lock_reader(reader_id: int) -> AlertReader | None:
    """Return a reader, locked until the commit."""
    query = select(AlertReader).where(AlertReader.id == reader_id).with_for_update()
    return session().scalar(query.execution_options(populate_existing=True))


def delete_questions(reader_id: int) -> None:
    """Delete mails that wait and ask a reader to confirm: a newer one takes their place."""
    of_reader = select(AlertMail.mail_id).where(
        AlertMail.reader_id == reader_id, AlertMail.alert_id.is_(None)
    )
    _execute(delete(Mail).where(Mail.id.in_(of_reader)))


def reset_told(alert_id: int, told: int, now: datetime) -> None:
    """Make an alert due at once, to be compared with what came after ``told``.

    Later mails of it that wait are deleted: what they tell of is told again.
    """
    later = select(AlertMail.mail_id).where(AlertMail.alert_id == alert_id, AlertMail.told_before >= told)
    _execute(delete(Mail).where(Mail.id.in_(later)))
    statement = update(Alert).where(Alert.id == alert_id, Alert.told >= told)
    session().execute(statement.values(told=told, next_at=now).execution_options(synchronize_session=False))


def delete_alerts(reader_id: int, alert_ids: Collection[int] | None = None) -> bool:
    """Delete these alerts of a reader, or all; return whether the reader went with the last one.

    Mails of theirs that wait go along. What asks to confirm goes with the last alert that could be. Whoever
    changes alerts or writes mails for them has the reader locked.
    """
    if lock_reader(reader_id) is None:
        return True
    mails = [AlertMail.reader_id == reader_id]
    rows = [Alert.reader_id == reader_id]
    if alert_ids is not None:
        mails.append(AlertMail.alert_id.in_(alert_ids))
        rows.append(Alert.id.in_(alert_ids))
    _execute(delete(Mail).where(Mail.id.in_(select(AlertMail.mail_id).where(*mails))))
    _execute(delete(Alert).where(*rows))
    return _delete_if_empty(reader_id)


def _delete_if_empty(reader_id: int) -> bool:
    if session().scalar(select(Alert.id).where(Alert.reader_id == reader_id).limit(1)) is not None:
        return False
    of_reader = select(AlertMail.mail_id).where(AlertMail.reader_id == reader_id)
    _execute(delete(Mail).where(Mail.id.in_(of_reader)))
    _execute(delete(AlertReader).where(AlertReader.id == reader_id))
    return True


def delete_unconfirmed(before: datetime, limit: int) -> tuple[int, int]:
    """Delete alerts of before that nobody confirmed, and readers who have no other."""
    over = (Alert.confirmed_at.is_(None), Alert.created_at <= before)
    query = select(Alert.reader_id, Alert.id).where(*over).order_by(Alert.reader_id)
    found = session().execute(query.limit(limit)).all()
    for reader_id, alert_id in found:
        delete_alerts(reader_id, [alert_id])
    return len(found), len(found)


def delete_empty_readers(limit: int) -> tuple[int, int]:
    """Delete readers who have no alert."""
    has_one = exists().where(Alert.reader_id == AlertReader.id)
    found = session().scalars(select(AlertReader.id).where(~has_one).limit(limit)).all()
    gone = [lock_reader(reader_id) is None or _delete_if_empty(reader_id) for reader_id in found]
    return len(found), sum(gone)


def delete_published(limit: int) -> tuple[int, int]:
    """Forget what was published of one organisation that nobody follows; to be called until none is found.

    Whether somebody follows it is looked at under its lock, too: who asks for the first alert holds that.
    """
    is_followed = exists().where(Alert.organisation_id == PublishedJob.organisation_id)
    organisation_id = session().scalar(select(PublishedJob.organisation_id).where(~is_followed).limit(1))
    if organisation_id is None:
        return 0, 0
    lock_organisation(organisation_id)
    theirs = (PublishedJob.organisation_id == organisation_id, ~is_followed)
    over = select(PublishedJob.job_id).where(*theirs).limit(limit)
    return limit, count_deleted(delete(PublishedJob).where(PublishedJob.job_id.in_(over)))


def organisation_by_id(organisation_id: int) -> Organisation | None:
    """Return the organisation."""
    return session().get(Organisation, organisation_id, populate_existing=True)


def _execute(statement: Delete) -> None:
    session().execute(statement.execution_options(synchronize_session=False))

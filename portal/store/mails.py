"""Mails that wait to be sent, and the steps of their sending: each one conditional update."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, delete, func, insert, select, update
from sqlalchemy.orm import joinedload

from portal.db import count_deleted, session
from portal.domain.mails import MailText
from portal.models import Mail, Organisation, User


@dataclass(frozen=True, slots=True)
class DueMail:
    """A mail that may be claimed: ``attempt`` is how often that was done before."""

    id: int
    attempt: int
    not_before: datetime


@dataclass(frozen=True, slots=True)
class MailFigures:
    """Sums over all organisations.

    ``untried_since`` is when the oldest mail was written that no mail server was offered yet, or that is
    being offered for the first time; ``None`` where there is none.
    """

    waiting: int
    oldest_waiting_since: datetime | None
    untried_since: datetime | None
    given_up: int


def add_mails(
    organisation_id: int,
    users: Sequence[User],
    mail: MailText,
    now: datetime,
    *,
    of_connection: bool = False,
) -> None:
    """Leave one mail for each of these people of an organisation."""
    if users:
        owners = {"organisation_id": organisation_id, "of_connection": of_connection}
        common = _row(mail, now) | owners
        session().execute(insert(Mail), [common | {"user_id": user.id} for user in users])


def add_mail(
    mail: MailText,
    now: datetime,
    *,
    address: str | None = None,
    user_id: int | None = None,
    organisation_id: int | None = None,
    unsubscribe_url: str | None = None,
) -> None:
    """Leave one mail for an address, or, without one, for a user; deleting either owner deletes it."""
    owners = {"address": address, "user_id": user_id, "organisation_id": organisation_id}
    session().execute(insert(Mail), [_row(mail, now) | owners | {"unsubscribe_url": unsubscribe_url}])


def _row(mail: MailText, now: datetime) -> dict[str, object]:
    row = {"subject": mail.subject, "body": mail.body, "html": mail.html or None}
    return row | {"attempt": 0, "not_before": now, "created_at": now}


def due_mails(now: datetime, furthest: timedelta, limit: int) -> list[DueMail]:
    """Return mails that may be sent, the longest waiting first.

    Nothing is put back for longer than ``furthest``: a time beyond that was written by a wrong clock.
    """
    due = (Mail.not_before <= now) | (Mail.not_before > now + furthest)
    query = select(Mail.id, Mail.attempt, Mail.not_before).where(due)
    rows = session().execute(query.order_by(Mail.not_before, Mail.id).limit(limit))
    return [DueMail(mail_id, attempt, moment) for mail_id, attempt, moment in rows if moment]


def claim_mail(due: DueMail, until: datetime) -> Mail | None:
    """Claim a mail for its next attempt, with its reader; ``None`` when another process has done so.

    Unless it is deleted or put back by then, whoever claimed it was killed, and it is due again.
    """
    claim = (
        update(Mail)
        .where(Mail.id == due.id, Mail.attempt == due.attempt, Mail.not_before == due.not_before)
        .values(attempt=due.attempt + 1, not_before=until)
        .execution_options(synchronize_session=False)
    )
    result = session().execute(claim)
    if not (isinstance(result, CursorResult) and result.rowcount == 1):
        return None
    query = select(Mail).where(Mail.id == due.id).options(joinedload(Mail.user))
    return session().scalar(query.execution_options(populate_existing=True))


def put_back(claimed: int, mail_id: int, *, attempt: int, not_before: datetime | None, error: str) -> None:
    """Put a mail back whose ``claimed``-th claim still stands; ``not_before=None`` gives it up."""
    statement = update(Mail).where(Mail.id == mail_id, Mail.attempt == claimed)
    values = statement.values(attempt=attempt, not_before=not_before, last_error=error)
    session().execute(values.execution_options(synchronize_session=False))


def delete_mails_of_connection(organisation_id: int) -> None:
    """Delete what is not sent yet of the mails that tell of an organisation's connection."""
    theirs = (Mail.organisation_id == organisation_id, Mail.of_connection)
    session().execute(delete(Mail).where(*theirs))


def delete_mail(mail_id: int, created_at: datetime) -> None:
    """Delete a mail that is sent, or that nobody should get any more; another may have its id by now."""
    session().execute(delete(Mail).where(Mail.id == mail_id, Mail.created_at == created_at))


def mail_figures() -> MailFigures:
    """Return how many mails wait and since when, and how many are given up."""
    waits: ColumnElement[bool] = Mail.not_before.is_not(None)
    query = select(
        func.count(Mail.not_before),
        func.min(Mail.created_at).filter(waits),
        func.min(Mail.created_at).filter(waits & (Mail.attempt <= 1)),
        func.count().filter(~waits),
    ).select_from(Mail)
    return MailFigures(*session().execute(query).one())


def unsent_mails(limit: int) -> list[tuple[Mail, str | None]]:
    """Return mails that wait or are given up, each with its organisation's slug, the newest first."""
    query = (
        select(Mail, Organisation.slug)
        .outerjoin(Organisation, Organisation.id == Mail.organisation_id)
        .options(joinedload(Mail.user))
        .order_by(Mail.created_at.desc(), Mail.id.desc())
        .limit(limit)
    )
    return [(mail, slug) for mail, slug in session().execute(query)]


def undelivered_to(organisation_id: int) -> set[str]:
    """Return the addresses that a mail of the organisation was given up for."""
    query = select(Mail.address).where(Mail.organisation_id == organisation_id, Mail.not_before.is_(None))
    return {address for address in session().scalars(query) if address}


def delete_old_mails(before: datetime, limit: int) -> tuple[int, int]:
    """Delete mails of before that nobody could be sent."""
    over = select(Mail.id).where(Mail.created_at <= before).limit(limit)
    gone = count_deleted(delete(Mail).where(Mail.id.in_(over)))
    return gone, gone

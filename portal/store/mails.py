"""Mails that wait to be sent, and the steps of their sending: each one conditional update."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, delete, insert, select, tuple_, update
from sqlalchemy.orm import joinedload

from portal.domain.health_mails import Letter
from portal.extensions import session
from portal.models import Mail, User


def add_mails(organisation_id: int, users: Sequence[User], letter: Letter, now: datetime) -> None:
    """Leave one mail for each of these people."""
    common = {
        "organisation_id": organisation_id,
        "subject": letter.subject,
        "body": letter.body,
        "attempt": 0,
        "not_before": now,
        "created_at": now,
    }
    if users:
        session().execute(insert(Mail), [common | {"user_id": user.id} for user in users])


def due_mails(now: datetime, limit: int) -> list[tuple[int, int]]:
    """Return id and attempt of mails that may be sent, the longest waiting first."""
    query = select(Mail.id, Mail.attempt).where(Mail.not_before <= now).order_by(Mail.not_before).limit(limit)
    return [(mail_id, attempt) for mail_id, attempt in session().execute(query)]


def hold_mails(mails: Sequence[tuple[int, int]], until: datetime) -> None:
    """Offer these mails to nobody else for a while; one that is in its next attempt by now is left alone."""
    statement = update(Mail).where(tuple_(Mail.id, Mail.attempt).in_(mails), Mail.not_before.is_not(None))
    session().execute(statement.values(not_before=until).execution_options(synchronize_session=False))


def take_mail(mail_id: int, attempt: int, until: datetime) -> Mail | None:
    """Take a mail for its next attempt, with its reader; ``None`` when somebody else has taken it.

    Unless it is sent or put back by then, whoever took it was lost, and it is due again.
    """
    statement = (
        update(Mail)
        .where(Mail.id == mail_id, Mail.attempt == attempt, Mail.not_before.is_not(None))
        .values(attempt=attempt + 1, not_before=until)
        .execution_options(synchronize_session=False)
    )
    result = session().execute(statement)
    if not (isinstance(result, CursorResult) and result.rowcount == 1):
        return None
    query = select(Mail).where(Mail.id == mail_id).options(joinedload(Mail.user))
    return session().scalar(query.execution_options(populate_existing=True))


def try_again(mail_id: int, attempt: int, not_before: datetime | None) -> None:
    """Put a mail back whose ``attempt``-th sending failed; ``None`` gives it up."""
    statement = update(Mail).where(Mail.id == mail_id, Mail.attempt == attempt)
    session().execute(statement.values(not_before=not_before).execution_options(synchronize_session=False))


def forget_mails_of(organisation_id: int) -> None:
    """Delete what is not sent yet of an organisation's mails."""
    session().execute(delete(Mail).where(Mail.organisation_id == organisation_id))


def forget_mail(mail_id: int) -> None:
    """Delete a mail that is sent, or that nobody should get any more."""
    session().execute(delete(Mail).where(Mail.id == mail_id))

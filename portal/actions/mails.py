"""The sending of mails, step by step: hand over, take, and note how it went."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.config import current_settings
from portal.models import Mail
from portal.models.base import utc_now
from portal.queue import enqueue_mails
from portal.store import mails
from portal.store.members import membership_of
from portal.store.transactions import end_read, write

BATCH = 200
MOST_ATTEMPTS = 5
FIRST_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail that is this task's to send."""

    id: int
    attempt: int
    to: str
    subject: str
    body: str


def hand_over_mails(now: datetime) -> int:
    """Enqueue the mails that are due; return how many. With the queue away they stay due."""
    due = mails.due_mails(now, BATCH)
    end_read()
    if not due or not enqueue_mails(due):
        return 0
    with write():
        mails.hold_mails([mail_id for mail_id, _ in due], now + _until_offered_again())
    return len(due)


def take_mail(mail_id: int, attempt: int) -> Outgoing | None:
    """Take a mail for sending; ``None`` when it is taken, sent, or its reader may not have it any more."""
    with write():
        mail = mails.take_mail(mail_id, attempt)
        if mail is None:
            return None
        if mail.user.disabled_at or membership_of(mail.organisation_id, mail.user_id) is None:
            mails.forget_mail(mail.id)
            return None
        return _outgoing(mail)


def note_sent(mail: Outgoing) -> None:
    """Forget a mail that is sent."""
    with write():
        mails.forget_mail(mail.id)


def note_not_sent(mail: Outgoing) -> None:
    """Try a mail again after a pause that grows fourfold, or give it up after five attempts."""
    if mail.attempt < MOST_ATTEMPTS:
        with write():
            mails.try_again(mail.id, mail.attempt, utc_now() + FIRST_PAUSE * 4 ** (mail.attempt - 1))


def _until_offered_again() -> timedelta:
    return timedelta(seconds=current_settings().lease_seconds)


def _outgoing(mail: Mail) -> Outgoing:
    return Outgoing(mail.id, mail.attempt, mail.user.email, mail.subject, mail.body)

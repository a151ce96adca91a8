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
LONGEST_SENDING = timedelta(minutes=3)  # each step of it has a limit of its own


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
        mails.hold_mails(due, now + _lease())
    return len(due)


def take_mail(mail_id: int, attempt: int) -> Outgoing | None:
    """Take a mail for sending; ``None`` when it is taken, sent, or its reader may not have it any more.

    A task that is lost in the sending leaves a mail that is due again later: rather twice than never.
    """
    with write():
        mail = mails.take_mail(mail_id, attempt, utc_now() + max(_lease(), LONGEST_SENDING))
        if mail is None:
            return None
        if attempt >= MOST_ATTEMPTS:
            mails.try_again(mail.id, mail.attempt, None)
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
    again = utc_now() + FIRST_PAUSE * 4 ** (mail.attempt - 1) if mail.attempt < MOST_ATTEMPTS else None
    with write():
        mails.try_again(mail.id, mail.attempt, again)


def _lease() -> timedelta:
    return timedelta(seconds=current_settings().lease_seconds)


def _outgoing(mail: Mail) -> Outgoing:
    return Outgoing(mail.id, mail.attempt, mail.user.email, mail.subject, mail.body)

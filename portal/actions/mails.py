"""Write mails, and send them step by step: claim one, and note how it went."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app

from portal.actions.alerts import outgoing
from portal.db import end_read, write
from portal.domain.mails import Letter, MailText, header_line
from portal.models import Mail
from portal.models.base import utc_now
from portal.store import mails
from portal.store.mails import DueMail
from portal.store.people import membership_of

BATCH = 200
MOST_ATTEMPTS = 5
FIRST_PAUSE = timedelta(minutes=1)
LOST = "the process that sent it was killed each time"
LONGEST_PAUSE = FIRST_PAUSE * 4 ** (MOST_ATTEMPTS - 2)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many seconds one mail may take as a whole, however the mail server spreads its bytes over them.

    ``offer`` reaches from the first connection attempt to the answer that the recipient is accepted,
    ``accept`` from there to the answer that the mail is accepted: RFC 5321 (4.5.3.2.6) asks for ten minutes,
    since who leaves earlier sends again what was accepted meanwhile.
    """

    offer: float = 120.0
    accept: float = 600.0


LIMITS = Limits()
LEASE = timedelta(seconds=LIMITS.offer + LIMITS.accept + 60)  # nobody else sends it meanwhile


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail that this process has claimed; ``due_at`` is when it was due."""

    id: int
    attempt: int
    due_at: datetime
    created_at: datetime
    to: str
    subject: str
    body: str
    html: str | None = None
    unsubscribe_url: str | None = None

    @property
    def name(self) -> str:
        """What names this mail alone, each time it is sent: SQLite uses the ids of deleted rows again."""
        return f"mail-{self.id}-{self.created_at:%Y%m%dT%H%M%S%f}"


def mail_text(letter: Letter) -> MailText:
    """Write a letter out, plain and as HTML."""
    html = current_app.jinja_env.get_template("mails/letter.html").render(letter=letter)
    return MailText(header_line(letter.subject), letter.text, html)


def due_mails(now: datetime) -> list[DueMail]:
    """Return the mails that are due, a batch at most."""
    due = mails.due_mails(now, 2 * LONGEST_PAUSE, BATCH)
    end_read()
    return due


def claim_mail(due: DueMail) -> Outgoing | None:
    """Claim a mail for sending; ``None`` when it is claimed or sent, or its reader may not have it any more.

    A process that is killed while it sends leaves a mail that is due again when the lease is over. If the
    mail server had accepted it by then, it is sent once more, with the same Message-ID.
    """
    with write():
        mail = mails.claim_mail(due, utc_now() + LEASE)
        if mail is None:
            return None
        if due.attempt >= MOST_ATTEMPTS:
            mails.put_back(mail.attempt, mail.id, attempt=due.attempt, not_before=None, error=LOST)
            return None
        if not _may_have(mail) or not outgoing.may_go(mail, utc_now()):
            mails.delete_mail(mail.id, mail.created_at)
            return None
        return _outgoing(mail, due.not_before)


def note_sent(mail: Outgoing) -> None:
    """Forget a mail that is sent."""
    with write():
        outgoing.note_accepted(mail.id)
        mails.delete_mail(mail.id, mail.created_at)


def note_untried(mail: Outgoing, error: str) -> None:
    """Put a mail back as it was: no mail server was offered it."""
    with write():
        mails.put_back(mail.attempt, mail.id, attempt=mail.attempt - 1, not_before=mail.due_at, error=error)


def note_not_sent(mail: Outgoing, error: str, *, permanent: bool) -> bool:
    """Try a mail again after a pause that grows fourfold; return whether it is given up instead.

    It is given up where the refusal is ``permanent``, and after five attempts.
    """
    given_up = permanent or mail.attempt >= MOST_ATTEMPTS
    again = None if given_up else utc_now() + FIRST_PAUSE * 4 ** (mail.attempt - 1)
    with write():
        if permanent:
            outgoing.note_refused(mail.id, error)
        mails.put_back(mail.attempt, mail.id, attempt=mail.attempt, not_before=again, error=error)
    return given_up


def _may_have(mail: Mail) -> bool:
    """Whether its reader may still have it: a user only while enabled, and a member of what it tells of."""
    if mail.user is None or mail.user_id is None:
        return True
    is_member = mail.organisation_id is None or membership_of(mail.organisation_id, mail.user_id) is not None
    return mail.user.disabled_at is None and is_member


def _outgoing(mail: Mail, due_at: datetime) -> Outgoing:
    moments = (mail.attempt, due_at, mail.created_at)
    return Outgoing(mail.id, *moments, mail.reader, mail.subject, mail.body, mail.html, mail.unsubscribe_url)

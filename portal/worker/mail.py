"""``python -m portal.worker.mail``: sends the mails that are due, one after the other.

A process of its own: a mail server may take minutes over each mail, and no sync should wait for that.
Any number may run; the database decides which of them sends a mail.
"""

import signal
from collections.abc import Callable
from functools import partial
from time import sleep
from types import FrameType

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portal.actions import mails
from portal.actions.accounts.reset import mail_resets
from portal.actions.mails import LIMITS, Limits, Outgoing
from portal.db import cause_of
from portal.models.base import utc_now
from portal.worker.application import application
from portal.worker.smtp import Fault, NotSent, deliver

PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 300.0
NOTE_AGAIN_SECONDS = 1.0

log = structlog.get_logger()


class _Interrupted(BaseException):
    """Ends a wait."""


class StopSignals:
    """``asked`` says whether SIGTERM or SIGINT came. They interrupt what only waits, and nothing else."""

    def __init__(self) -> None:
        self.asked = False
        self._waits = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def during(self, wait: Callable[[], object]) -> None:
        """Call what waits, and return at once when a signal comes or came."""
        try:
            self._waits = True
            if not self.asked:
                wait()
        except _Interrupted:
            return
        finally:
            self._waits = False

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        if self._waits:
            self._waits = False
            raise _Interrupted


def send_due(stop: StopSignals, limits: Limits = LIMITS) -> bool:
    """Send what is due, a batch at most; return whether the connection to the mail server held.

    After one that failed the rest stays as it was, untried: every other mail would wait for the same fault.
    """
    for due in mails.due_mails(utc_now()):
        if stop.asked:
            break
        mail = mails.claim_mail(due)
        if mail is not None and not _send(mail, stop, limits):
            return False
    return True


def _send(mail: Outgoing, stop: StopSignals, limits: Limits) -> bool:
    """Send one mail and note how it went; whether the next one may be tried."""
    try:
        deliver(mail, stop.during, limits)
    except NotSent as error:
        _note_fault(mail, error.fault, str(error))
        return error.fault in (Fault.LATER, Fault.REFUSED)
    except Exception as error:  # a mail that cannot even be written must not stop the others
        log.exception("mail_broke", mail_id=mail.id)
        _note_fault(mail, Fault.LATER, type(error).__name__)
        return True
    _note_sent(mail, stop)
    return True


def _note_fault(mail: Outgoing, fault: Fault, cause: str) -> None:
    if fault in (Fault.SERVER, Fault.STOPPED):
        mails.note_untried(mail, cause)
        log.warning("mail_not_tried", mail_id=mail.id, fault=fault.value, cause=cause)
        return
    given_up = mails.note_not_sent(mail, cause, permanent=fault == Fault.REFUSED)
    event = "mail_given_up" if given_up else "mail_not_sent"
    log.warning(event, mail_id=mail.id, attempt=mail.attempt, fault=fault.value, cause=cause)


def _note_sent(mail: Outgoing, stop: StopSignals) -> None:
    """Note that a mail was accepted, however long the database is away: otherwise it would be sent again."""
    while True:
        try:
            mails.note_sent(mail)
        except SQLAlchemyError as error:
            log.error("mail_sent_but_not_noted", mail_id=mail.id, cause=cause_of(error))
            if stop.asked:
                raise
            sleep(NOTE_AGAIN_SECONDS)
        else:
            return


def main() -> None:
    """Send mails until a signal stops it; a failing mail server is asked at growing intervals."""
    stop = StopSignals()
    failures = 0
    while not stop.asked:
        with application().app_context():
            try:
                mail_resets()
                failures = 0 if send_due(stop) else failures + 1
            except SQLAlchemyError as error:
                log.error("mails_failed", cause=cause_of(error))
        stop.during(partial(sleep, pause_after(failures)))


def pause_after(failures: int) -> float:
    """Return how many seconds pass until mails are looked for again, after so many failed rounds in a row."""
    return float(min(PAUSE_SECONDS * 2 ** min(failures, 10), LONGEST_PAUSE_SECONDS))


if __name__ == "__main__":
    main()

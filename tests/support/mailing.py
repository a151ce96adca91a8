"""Mails that are written and sent in a test."""

import email
import email.policy
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from time import monotonic

from flask import Flask
from sqlalchemy import select, update

from portal.actions.mails import Limits
from portal.db import end_read, session, write
from portal.domain.mails import MailText
from portal.models import Mail
from portal.models.base import utc_now
from portal.store.mails import add_mails
from portal.store.people import admins_of
from portal.worker.mail import send_due
from tests.support.app import Cast

LETTER = MailText(
    "Café Nord is out of step", "Grüße aus Köln.\n\n" + "A long line. " * 100 + "\n.\nThe end.\n"
)
SHORT = Limits(offer=0.3, accept=0.3)
FAR_BEYOND = 20  # times a limit: a noisy machine is late, and a server that drips would last for minutes


def use(app: Flask, url: str | None) -> None:
    """Set ``MAIL_URL``."""
    app.extensions["settings"] = replace(app.extensions["settings"], mail_url=url)


def write_mail(cast: Cast, letter: MailText = LETTER) -> int:
    """A mail to each of Northwind's admins; the id of the last."""
    with write() as rows:
        add_mails(cast.northwind.id, admins_of(cast.northwind.id), letter, utc_now())
        found = rows.scalar(select(Mail.id).order_by(Mail.id.desc()))
    assert found is not None
    return found


def stored() -> list[Mail]:
    end_read()
    return list(session().scalars(select(Mail).order_by(Mail.id).execution_options(populate_existing=True)))


def attempts() -> list[int]:
    return [mail.attempt for mail in stored()]


class NeverStopped:
    """Takes the place of the process's signals."""

    asked = False

    def during(self, wait: Callable[[], object]) -> None:
        wait()


def send(limits: Limits = Limits()) -> bool:  # noqa: B008 - frozen
    return send_due(NeverStopped(), limits)  # type: ignore[arg-type]


def come_due() -> None:
    """Let the pauses of all mails be over."""
    with write() as rows:
        rows.execute(update(Mail).where(Mail.not_before.is_not(None)).values(not_before=utc_now()))


def timely(limits: Limits, allowed: float) -> bool:
    """Send, in about as many seconds as are allowed."""
    begun = monotonic()
    usable = send(limits)
    assert monotonic() - begun < FAR_BEYOND * allowed
    return usable


def read(raw: str) -> EmailMessage:
    message = email.message_from_string(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message

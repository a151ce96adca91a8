"""Hand a mail to the mail server of ``MAIL_URL``, or, where there is none, to a folder."""

import ssl
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from smtplib import SMTP, SMTP_SSL, SMTPException
from urllib.parse import SplitResult, unquote, urlsplit

import structlog

from portal.actions.mails import Outgoing
from portal.config import Settings, current_settings
from portal.config.environment import is_loopback

TIMEOUT_SECONDS = 15.0
SUBMISSION_PORT, TLS_PORT = 587, 465

log = structlog.get_logger()


class NotSent(Exception):
    """The mail server did not take the mail. ``str(error)`` names the fault, without its words."""


def deliver(mail: Outgoing) -> None:
    """Send a mail; raises ``NotSent``."""
    settings = current_settings()
    message = _message(mail, settings)
    if settings.mail_url is None:
        _put_down(mail, message, settings)
        return
    try:
        _send(message, urlsplit(settings.mail_url))
    except (OSError, SMTPException) as error:
        raise NotSent(type(error).__name__) from None


def _message(mail: Outgoing, settings: Settings) -> EmailMessage:
    domain = urlsplit(settings.public_url or "").hostname or settings.host
    message = EmailMessage()
    message["From"] = formataddr((settings.site_name, settings.support_email))
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(f"mail-{mail.id}", domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message


def _put_down(mail: Outgoing, message: EmailMessage, settings: Settings) -> None:
    """Keep the mail where those who run the portal find it."""
    folder = settings.instance_dir / "outbox"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"{mail.id}.eml"
    file.write_bytes(bytes(message))
    log.info("mail", mail_id=mail.id, subject=mail.subject, file=str(file))


def _send(message: EmailMessage, address: SplitResult) -> None:
    """Send over TLS: from the start (smtps), or by STARTTLS, without which no password is told."""
    host, context = address.hostname or "", ssl.create_default_context()
    if address.scheme == "smtps":
        server: SMTP = SMTP_SSL(host, address.port or TLS_PORT, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = SMTP(host, address.port or SUBMISSION_PORT, timeout=TIMEOUT_SECONDS)
    with server:
        if address.scheme == "smtp" and _must_encrypt(server, address):
            server.starttls(context=context)
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
        server.send_message(message)


def _must_encrypt(server: SMTP, address: SplitResult) -> bool:
    """Whether to ask for TLS: where it is offered, and (then failing without it) before a password."""
    server.ehlo()
    return server.has_extn("starttls") or bool(address.username and not is_loopback(address.hostname or ""))

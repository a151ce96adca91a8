"""Send one mail to the mail server of ``MAIL_URL``, or, where there is none, put it into a folder."""

import re
import ssl
from collections.abc import Callable
from contextlib import closing, suppress
from email import policy
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy
from email.utils import format_datetime, formataddr
from enum import StrEnum
from smtplib import SMTP, SMTPDataError, SMTPException, SMTPServerDisconnected
from urllib.parse import SplitResult, unquote, urlsplit

import structlog

from portal.actions.mails import LIMITS, Limits, Outgoing
from portal.config import Settings, current_settings
from portal.environment import is_loopback
from portal.watchdog import Watchdog

CONNECT_SECONDS = 30.0  # for each of the host's addresses
SUBMISSION_PORT, TLS_PORT = 587, 465
CLOSING = 421  # "service not available, closing transmission channel", an answer to any command
ENHANCED_CODE = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")


class _Unfolded(UnstructuredHeader, BaseHeader):
    """A header of one long word: folded, it would be encoded, and mail programs look for a plain address."""

    def fold(self, *, policy: Policy) -> str:
        """Return the header on one line, however long."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Unfolded)
_POLICY = policy.default.clone(header_factory=_HEADERS)

During = Callable[[Callable[[], object]], None]

log = structlog.get_logger()


class Fault(StrEnum):
    """What kept a mail from being sent."""

    STOPPED = "stopped"
    """This process was asked to stop before the mail server was offered the mail."""
    SERVER = "server"
    """The mail server cannot be used: it was not offered the mail, and would fail with every other."""
    BROKEN_OFF = "broken_off"
    """The connection failed after the mail was offered; whether the mail was accepted is not known."""
    LATER = "later"
    """The mail server refused this mail for now."""
    REFUSED = "refused"
    """The mail server refused this mail for good."""


class NotSent(Exception):
    """The mail server did not accept the mail. ``str(error)`` names the cause without the server's words."""

    def __init__(self, fault: Fault, cause: str) -> None:
        super().__init__(cause)
        self.fault = fault


def deliver(mail: Outgoing, during: During, limits: Limits = LIMITS) -> None:
    """Send a mail: returns as soon as it is accepted, whatever the server says afterwards.

    ``during`` calls what it is given, and may interrupt it: all that comes before the server is offered the
    mail. Raises ``NotSent``, within the ``limits``.
    """
    settings = current_settings()
    message = _message(mail, settings)
    if settings.mail_url is None:
        _put_into_outbox(mail, message, settings)
    else:
        _send(message, settings.support_email, mail.to, urlsplit(settings.mail_url), during, limits)


def _message(mail: Outgoing, settings: Settings) -> EmailMessage:
    """The mail as it goes out, the same bytes each time: receivers may drop a double by its Message-ID."""
    domain = urlsplit(settings.public_url or "").hostname or settings.host
    message = EmailMessage(_POLICY)
    message["From"] = formataddr((settings.site_name, settings.support_email))
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<{mail.name}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.body, cte="quoted-printable")
    if mail.html:
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
        message.set_boundary(f"={mail.name}=")
    return message


def _put_into_outbox(mail: Outgoing, message: EmailMessage, settings: Settings) -> None:
    folder = settings.instance_dir / "outbox"
    file = folder / f"{mail.name}.eml"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        file.write_bytes(bytes(message))
    except OSError as error:
        raise NotSent(Fault.SERVER, f"outbox: {type(error).__name__}") from None
    log.info("mail", mail_id=mail.id, subject=mail.subject, file=str(file))


class _Connection(SMTP):
    """A connection to a mail server, over TLS from the start where ``tls`` is given, under a watchdog."""

    def __init__(self, host: str, port: int, watchdog: Watchdog, tls: ssl.SSLContext | None) -> None:
        self._watchdog, self._tls = watchdog, tls
        super().__init__(host, port)

    def connect(self, host: str = "", port: int = 0, source_address: object = None) -> tuple[int, bytes]:
        """Connect; the watchdog ends what takes too long."""
        self.sock = self._watchdog.connect(host, port, CONNECT_SECONDS)
        if self._tls is not None:
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=host)
        self.file = None
        return self.getreply()

    def getreply(self) -> tuple[int, bytes]:
        """Read an answer; what the watchdog cut off in the middle is none, though it may look like one."""
        reply = super().getreply()
        if self._watchdog.passed:
            self.close()
            raise SMTPServerDisconnected("no answer in time")
        return reply


def _send(
    message: EmailMessage, sender: str, to: str, address: SplitResult, during: During, limits: Limits
) -> None:
    """Go through the dialogue up to the answer that the mail is accepted."""
    fault = Fault.SERVER
    begun: list[tuple[_Connection, bool]] = []
    with Watchdog(limits.offer) as watchdog:
        try:
            during(lambda: begun.append(_begin(sender, to, address, watchdog)))
            if not begun:
                raise NotSent(Fault.STOPPED, "the process was stopped")
            fault = Fault.BROKEN_OFF
            [(server, international)] = begun
            with closing(server):
                _check("RCPT", *server.rcpt(to))
                watchdog.allow(limits.accept)
                _check("DATA", *_data(server, message, international))
                with suppress(OSError, SMTPException):
                    server.putcmd("QUIT")  # the answer to it changes nothing
        except (OSError, SMTPException, UnicodeError) as error:  # the last: a host or password beyond ASCII
            cause = "no answer in time" if watchdog.passed else type(error).__name__
            raise NotSent(fault, cause) from None


def _begin(sender: str, to: str, address: SplitResult, watchdog: Watchdog) -> tuple[_Connection, bool]:
    """Connect up to where the sender is accepted; return whether the addresses go beyond ASCII, too."""
    server = _connect(address, watchdog)
    try:
        international = not (sender + to).isascii()
        if international and not server.has_extn("smtputf8"):
            raise NotSent(Fault.REFUSED, "the mail server takes ASCII addresses only")
        code, words = server.mail(sender, ("SMTPUTF8", "BODY=8BITMIME") if international else ())
        if code not in range(200, 300):
            raise NotSent(Fault.SERVER, _in_short("MAIL", code, words))
    except BaseException:
        server.close()
        raise
    return server, international


def _connect(address: SplitResult, watchdog: Watchdog) -> _Connection:
    """Connect and sign in: over TLS from the start (smtps), or by STARTTLS, and no password without it."""
    host, tls = address.hostname or "", ssl.create_default_context()
    if address.scheme == "smtps":
        server = _Connection(host, address.port or TLS_PORT, watchdog, tls)
    else:
        server = _Connection(host, address.port or SUBMISSION_PORT, watchdog, None)
    try:
        server.ehlo_or_helo_if_needed()
        if address.scheme == "smtp" and _must_encrypt(server, address):
            server.starttls(context=tls)
            server.ehlo_or_helo_if_needed()
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _must_encrypt(server: SMTP, address: SplitResult) -> bool:
    """Whether to ask for TLS: where it is offered, and (then failing without it) before a password."""
    return server.has_extn("starttls") or bool(address.username and not is_loopback(address.hostname or ""))


def _data(server: SMTP, message: EmailMessage, international: bool) -> tuple[int, bytes]:
    """Send the mail itself; return the server's last answer."""
    content = message.as_bytes(policy=policy.SMTPUTF8 if international else policy.SMTP)
    try:
        return server.data(content)
    except SMTPDataError as refusal:
        words = refusal.smtp_error
        return refusal.smtp_code, words if isinstance(words, bytes) else words.encode()


def _check(command: str, code: int, words: bytes) -> None:
    """Raise ``NotSent`` unless this answer about a mail says yes; one that cannot be read ends the talk."""
    if code in range(200, 300):
        return
    fault = Fault.BROKEN_OFF
    if code != CLOSING and code in range(400, 600):
        fault = Fault.LATER if code < 500 else Fault.REFUSED
    raise NotSent(fault, _in_short(command, code, words))


def _in_short(command: str, code: int, words: bytes) -> str:
    """The numbers of an answer, without its words, which may name people."""
    enhanced = ENHANCED_CODE.match(words)
    return f"{command} answered {code}" + (f" {enhanced[0].decode()}" if enhanced else "")

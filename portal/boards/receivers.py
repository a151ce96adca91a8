"""One message to the receiver of a webhook: no redirect, no proxy, and only an address that may be asked."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socket import gaierror
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

import structlog
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from portal.boards.http import HTTP_PORT, HTTPS_PORT, parse_retry_after
from portal.domain.outgoing.addresses import is_public
from portal.watchdog import AddressRefused, Watchdog, any_address

HEADERS: Final = {
    "User-Agent": "the-org-jobs-portal",
    "Content-Type": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "close",
}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered; ``retry_after`` is how many seconds it asks to wait."""

    code: int
    milliseconds: int
    retry_after: float | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the message arrived. A redirect is none: it is not followed."""
        return HTTPStatus.OK <= self.code < HTTPStatus.MULTIPLE_CHOICES


class NotAnswered(Exception):
    """No answer came: ``str()`` says why in words fit for an admin."""

    def __init__(self, said: str, milliseconds: int) -> None:
        super().__init__(said)
        self.milliseconds = milliseconds


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    seconds: float,
    *,
    private: bool = False,
    ca_bundle: str | None = None,
) -> Answer:
    """Post a message, and return the head of the answer; its body is not read.

    All of it ends within so many ``seconds``. ``private`` allows every address, and plain http. Raises
    ``NotAnswered``, outside of the handler: the errors beneath may hold the address, which may be secret.
    """
    began = monotonic()
    with Watchdog(seconds) as watchdog:
        try:
            return _posted(watchdog, url, body, {**HEADERS, **headers}, began, private, ca_bundle)
        except Exception as error:  # http.client lets out what its parsing stumbles over
            said = "It did not answer in time." if watchdog.passed else said_of(error)
            log.info("webhook_not_answered", cause=type(error).__name__)
    raise NotAnswered(said, _since(began))


def _posted(
    watchdog: Watchdog,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    began: float,
    private: bool,
    ca_bundle: str | None,
) -> Answer:
    connection = connection_to(url, watchdog, private=private, ca_bundle=ca_bundle)
    try:
        connection.request("POST", target_of(url), body, dict(headers))
        with connection.getresponse() as answer:  # which alone holds the socket from its head on
            if watchdog.passed:  # a connection that was shut may look like the end of the head
                raise TimeoutError
            return Answer(answer.status, _since(began), _retry_after(answer.getheader("Retry-After")))
    finally:
        connection.close()


def connection_to(url: str, watchdog: Watchdog, *, private: bool, ca_bundle: str | None) -> "Connection":
    """Return a connection, not made yet, to the host of an address; raises ``AddressRefused`` for http."""
    parts = urlsplit(url)
    is_secure = parts.scheme == "https"
    if not (is_secure or private):
        raise AddressRefused(parts.scheme)
    host, port = parts.hostname or "", parts.port or (HTTPS_PORT if is_secure else HTTP_PORT)
    connection = Connection(host, port, watchdog, any_address if private else is_public)
    if is_secure:
        connection.tls = tls_context(ca_bundle)
        connection.default_port = HTTPS_PORT  # which the header Host leaves out
    return connection


def target_of(url: str) -> str:
    """Return what is asked of the host: path and query."""
    return urlsplit(url)._replace(scheme="", netloc="", fragment="").geturl() or "/"


class Connection(HTTPConnection):
    """A connection to an address that is allowed, in the time of its watchdog; by TLS where it has that."""

    tls: ssl.SSLContext | None = None

    def __init__(self, host: str, port: int, watchdog: Watchdog, allowed: Callable[[str], bool]) -> None:
        super().__init__(host, port)
        self._watchdog, self._allowed = watchdog, allowed

    def connect(self) -> None:
        """Connect to an address that is allowed, within what is left of the time."""
        self.sock = self._watchdog.connect(self.host, self.port, allowed=self._allowed)
        if self.tls is not None:
            self.sock = self.tls.wrap_socket(self.sock, server_hostname=self.host)


@cache
def tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    """Return what checks certificates.

    Receivers may stand anywhere: the operator's certificates are trusted beside the usual ones.
    """
    context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    if ca_bundle is not None and Path(ca_bundle).is_dir():
        context.load_verify_locations(capath=ca_bundle)
    elif ca_bundle is not None:
        context.load_verify_locations(ca_bundle)
    return context


def _retry_after(header: str | None) -> float | None:
    return parse_retry_after(header, datetime.now(UTC))


def _since(began: float) -> int:
    return int((monotonic() - began) * 1000)


def said_of(error: Exception) -> str:
    """Return why nobody answered, in words fit for an admin."""
    match error:
        case AddressRefused():
            return "Its address is not on the internet, where messages are sent to alone."
        case TimeoutError():
            return "It did not answer in time."
        case gaierror():
            return "Its name was not found (DNS)."
        case ConnectionRefusedError():
            return "It refused the connection."
        case ssl.SSLCertVerificationError():
            return "Its certificate could not be verified."
        case ssl.SSLError():
            return "No secure connection could be made."
        case ConnectionError():
            return "It broke the connection off before it answered."
        case HTTPException() | ValueError():
            return "It answered in a way that cannot be understood."
        case _:
            return "It could not be reached."

"""Send one bounded request to one host: no proxy of the environment, no redirect, no cookie, a size limit."""

import re
import socket
import ssl
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Final

import requests
import structlog
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from portal.boards.errors import BoardTooLarge, BoardUnavailable, GreenhouseError, MalformedBoard
from portal.watchdog import Watchdog

MAX_RETRY_AFTER = 3600.0
HTTP_PORT, HTTPS_PORT = 80, 443
HEADERS = {
    "User-Agent": "the-org-jobs-portal",
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "Connection": "close",  # the other end may close one that is kept just as the next request goes out
}
_READ = 64 * 1024
_INFLATE = 1024 * 1024
_SECONDS = re.compile(r"([0-9]+)(\.[0-9]+)?", re.ASCII)
_watchdog: ContextVar[Watchdog] = ContextVar("watchdog")

log = structlog.get_logger()


@contextmanager
def ask(
    method: str,
    url: str,
    seconds: float,
    headers: Mapping[str, str],
    body: bytes | None = None,
    ca_bundle: str | None = None,
) -> Iterator[requests.Response]:
    """One answer, its body unread; all that is done with it must end within so many ``seconds``.

    ``ca_bundle``, a file or a folder, holds the certificates to trust in place of the usual ones. What the
    network does to an answer is raised as a ``GreenhouseError``, outside of the handler: the errors of
    requests hold the request, and that may hold a key.
    """
    failure: GreenhouseError
    with Watchdog(seconds) as watchdog, _Session(ca_bundle) as session:
        before = _watchdog.set(watchdog)
        try:
            with _answer(session, method, url, headers, body) as response:
                yield response
            if not watchdog.passed:
                return
            failure = _late()  # a connection that was shut may look like the end of the answer
        except GreenhouseError as error:
            failure = _late() if watchdog.passed else error
        finally:
            _watchdog.reset(before)
    failure.may_have_arrived = watchdog.is_ready
    raise failure


class _Session(requests.Session):
    """Takes nothing from the environment and no cookie, and makes its connections through the watchdog."""

    def __init__(self, ca_bundle: str | None) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = ca_bundle or True
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter())

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None at all: even unasked, requests reads a redirect's whole body to prepare the next step."""
        return None


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}


class _Connection(HTTPConnection):
    def connect(self) -> None:
        """Connect within what is left of the time."""
        self.sock = _watchdog.get().connect(self.host, self.port or HTTP_PORT)
        _watchdog.get().is_ready = True


class _TLSConnection(HTTPSConnection):
    def connect(self) -> None:
        """Connect and make it secure within what is left of the time."""
        self.sock = _watchdog.get().connect(self.host, self.port or HTTPS_PORT)
        trusted = self.ca_certs or self.ca_cert_dir
        self.sock = _tls(str(trusted)).wrap_socket(self.sock, server_hostname=self.host)
        self.is_verified = True
        _watchdog.get().is_ready = True


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


@cache
def _tls(trusted: str) -> ssl.SSLContext:
    if Path(trusted).is_dir():
        return ssl.create_default_context(capath=trusted)
    return ssl.create_default_context(cafile=trusted)


_TROUBLE: Final = (requests.RequestException, HTTPError, OSError)


def _answer(
    session: requests.Session, method: str, url: str, headers: Mapping[str, str], body: bytes | None
) -> requests.Response:
    """Send a request and read the head of its answer, whatever stands in it."""
    failure: GreenhouseError
    try:
        return session.request(
            method, url, data=body, headers={**HEADERS, **headers}, stream=True, allow_redirects=False
        )
    except _TROUBLE as error:
        failure = _out_of_reach(error)
    except Exception:  # http.client lets out what its parsing stumbles over: ValueError and the like
        failure = _not_understood()
    raise failure


def read_body(
    response: requests.Response, max_bytes: int, progress: Callable[[int], None] | None = None
) -> bytearray:
    """The whole body, unzipped; ``progress`` hears how many bytes there are so far.

    Raises ``BoardTooLarge`` beyond ``max_bytes``, ``BoardUnavailable`` where it ends before it is whole, and
    ``MalformedBoard`` where nobody can tell how long it is.
    """
    body = bytearray()
    for piece in _unzipped(response, max_bytes):
        body += piece
        if len(body) > max_bytes:
            raise _too_large()
        if progress is not None:
            progress(len(body))
    return body


def _late() -> BoardUnavailable:
    log.warning("greenhouse_failed", cause="no whole answer in time")
    return BoardUnavailable("Greenhouse did not answer in time.")


def _too_large() -> BoardTooLarge:
    return BoardTooLarge("Greenhouse sent more than the portal can take in. Ask for help with this board.")


def _broken_off() -> BoardUnavailable:
    return BoardUnavailable("The answer from Greenhouse broke off halfway.")


def _not_understood() -> MalformedBoard:
    return MalformedBoard("Greenhouse answered in a way that cannot be understood.")


def _out_of_reach(error: Exception) -> BoardUnavailable:
    """The error for a connection that did not come about or broke before an answer; its cause is logged."""
    match _logged_cause(error):
        case TimeoutError():
            return _late()
        case socket.gaierror():
            said = "Greenhouse could not be reached: its name was not found (DNS)."
        case ConnectionRefusedError():
            said = "Greenhouse could not be reached: it refused the connection."
        case ConnectionError():
            said = "Greenhouse broke the connection off before it answered."
        case ssl.SSLCertVerificationError():
            said = "The certificate of Greenhouse could not be verified."
        case ssl.SSLError():
            said = "No secure connection to Greenhouse could be made."
        case _:
            said = "Greenhouse could not be reached."
    return BoardUnavailable(said)


def _logged_cause(error: BaseException) -> BaseException:
    """Log what is at the bottom of an error of requests, and return it.

    Of what the operating system did not say only the class is logged: it is the other end's, or the request.
    """
    while inner := next((each for each in _wrapped(error) if isinstance(each, BaseException)), None):
        error = inner
    by_system = isinstance(error, OSError) and not isinstance(error, requests.RequestException)
    words = f": {error}"[:200] if by_system else ""
    log.warning("greenhouse_failed", cause=f"{type(error).__name__}{words}")
    return error


def _wrapped(error: BaseException) -> tuple[object, ...]:
    return (*error.args, getattr(error, "reason", None), error.__cause__)


def _piece(response: requests.Response) -> bytes:
    """The next bytes of the body; the sizes of its chunks are taken at their word, nonsense and all."""
    try:
        return bytes(response.raw.read(_READ, decode_content=False))
    except (HTTPError, OSError) as error:
        _logged_cause(error)
        raise _broken_off() from None
    except Exception:  # such as the ValueError of a chunk of minus five bytes
        raise _not_understood() from None


def _received(response: requests.Response, max_bytes: int) -> Iterator[bytes]:
    received = 0
    while piece := _piece(response):
        received += len(piece)
        if received > max_bytes:
            raise _too_large()
        yield piece


def _unzipped(response: requests.Response, max_bytes: int) -> Iterator[bytes]:
    match response.headers.get("Content-Encoding", "identity").strip().lower():
        case "identity" | "":
            yield from _received(response, max_bytes)
        case "gzip" | "x-gzip":
            yield from _gunzipped(_received(response, max_bytes))
        case _:
            raise MalformedBoard("Greenhouse answered in a form that cannot be unpacked.")


def _gunzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Unzipped in steps of at most a megabyte, whatever a piece swells to."""
    gunzip = zlib.decompressobj(wbits=31)
    for piece in pieces:
        while piece and not gunzip.eof:
            try:
                yield gunzip.decompress(piece, _INFLATE)
            except zlib.error:
                raise MalformedBoard("The answer from Greenhouse was damaged on its way.") from None
            piece = gunzip.unconsumed_tail
    if not gunzip.eof:
        raise _broken_off()


def parse_retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds to wait, 0 to 3,600, from a ``Retry-After`` of seconds or a date; ``None`` if unreadable.

    ``now`` bears a time zone. A date without one is taken as UTC.
    """
    text = (header or "").strip()
    if seconds := _SECONDS.fullmatch(text):
        return min(float(text), MAX_RETRY_AFTER) if len(seconds[1]) < 10 else MAX_RETRY_AFTER
    try:
        when = parsedate_to_datetime(text)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return min(max((when - now).total_seconds(), 0.0), MAX_RETRY_AFTER)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None

"""One request to one host: no proxy of the environment, no redirect, no cookie, no endless answer."""

import re
import socket
import ssl
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import certifi
import structlog

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

log = structlog.get_logger()


@contextmanager
def ask(
    method: str,
    url: str,
    seconds: float,
    headers: Mapping[str, str],
    body: bytes | None = None,
    ca_bundle: str | None = None,
) -> Iterator[HTTPResponse]:
    """One answer, its body unread; all that is done with it must end within so many ``seconds``.

    ``ca_bundle``, a file or a folder, holds the certificates to trust in place of the usual ones. What the
    network does to an answer is raised as a ``GreenhouseError``, outside of the handler: a key that was sent
    is in none of its contexts.
    """
    failure: GreenhouseError
    with (
        Watchdog(seconds) as watchdog,
        closing(_Connection(urlsplit(url), watchdog, ca_bundle)) as connection,
    ):
        try:
            with _answer(connection, method, {**HEADERS, **headers}, body) as response:
                yield response
            if not watchdog.passed:
                return
            failure = _late()  # a connection that was shut may look like the end of the answer
        except GreenhouseError as error:
            failure = _late() if watchdog.passed else error
    raise failure


class _Connection(HTTPConnection):
    """A connection that its watchdog makes, over TLS where the address is https."""

    def __init__(self, address: SplitResult, watchdog: Watchdog, ca_bundle: str | None) -> None:
        self._watchdog = watchdog
        self._tls = _tls(ca_bundle) if address.scheme == "https" else None
        self.target = f"{address.path}?{address.query}" if address.query else address.path
        self.named = address.netloc
        super().__init__(address.hostname or "", address.port or (HTTPS_PORT if self._tls else HTTP_PORT))

    def connect(self) -> None:
        """Connect within what is left of the time."""
        self.sock = self._watchdog.connect(self.host, self.port)
        if self._tls is not None:
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=self.host)


@cache
def _tls(ca_bundle: str | None) -> ssl.SSLContext:
    trusted = ca_bundle or certifi.where()
    if Path(trusted).is_dir():
        return ssl.create_default_context(capath=trusted)
    return ssl.create_default_context(cafile=trusted)


def _answer(
    connection: _Connection, method: str, headers: Mapping[str, str], body: bytes | None
) -> HTTPResponse:
    """Send a request and read the head of its answer, whatever stands in it."""
    failure: GreenhouseError
    try:
        connection.request(method, connection.target, body, {**headers, "Host": connection.named})
        return connection.getresponse()
    except TimeoutError:
        failure = _late()
    except (OSError, HTTPException) as error:
        failure = _out_of_reach(error)
    except Exception:  # http.client lets out what its parsing stumbles over: ValueError and the like
        failure = _not_understood()
    raise failure


def read_body(
    response: HTTPResponse, max_bytes: int, progress: Callable[[int], None] | None = None
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


def _out_of_reach(error: OSError | HTTPException) -> BoardUnavailable:
    """The error for a connection that did not come about or broke before an answer; its cause is logged."""
    _log_cause(error)
    match error:
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


def _log_cause(error: OSError | HTTPException) -> None:
    """Log what went wrong; of what the operating system did not say only the class: it is the other end's."""
    words = f": {error}"[:200] if isinstance(error, OSError) else ""
    log.warning("greenhouse_failed", cause=f"{type(error).__name__}{words}")


def _piece(response: HTTPResponse) -> bytes:
    """The next bytes of the body; the sizes of its chunks are taken at their word, nonsense and all."""
    try:
        return response.read(_READ)
    except (OSError, HTTPException) as error:
        _log_cause(error)
        raise _broken_off() from None
    except Exception:  # such as the ValueError of a chunk of minus five bytes
        raise _not_understood() from None


def _received(response: HTTPResponse, max_bytes: int) -> Iterator[bytes]:
    if response.length is None and "Content-Length" in response.headers and not response.chunked:
        raise _not_understood()
    received = 0
    while piece := _piece(response):
        received += len(piece)
        if received > max_bytes:
            raise _too_large()
        yield piece
    if response.length:
        raise _broken_off()


def _unzipped(response: HTTPResponse, max_bytes: int) -> Iterator[bytes]:
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

"""HTTP to one host: no proxy of the environment, no redirect, no cookie, no endless answer."""

import re
import socket
import ssl
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import structlog
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from portal.boards.deadline import watched_pools
from portal.boards.errors import BoardTooLarge, BoardUnavailable, MalformedBoard

MAX_RETRY_AFTER = 3600.0
_READ = 64 * 1024
_INFLATE = 1024 * 1024
_SECONDS = re.compile(r"([0-9]+)(\.[0-9]+)?", re.ASCII)

log = structlog.get_logger()


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        watched_pools(self.poolmanager)


class _OneHostSession(requests.Session):
    """Even unasked, requests reads a redirect's whole body to prepare the next step; so there is none."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


def open_session(ca_bundle: str | None = None) -> requests.Session:
    """A session for ``Deadline``-bound requests that takes nothing from the environment.

    ``ca_bundle``, a file or a folder, holds the certificates to trust in place of the usual ones.
    """
    session = _OneHostSession()
    session.trust_env = False
    session.verify = ca_bundle or True
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers = requests.structures.CaseInsensitiveDict(
        {
            "User-Agent": "the-org-jobs-portal",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Connection": "close",
        }
    )
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter())
    return session


def read_body(
    response: requests.Response, max_bytes: int, progress: Callable[[int], None] | None = None
) -> bytearray:
    """The whole body, unzipped; ``progress`` hears how many bytes there are so far.

    Raises ``BoardTooLarge`` beyond ``max_bytes``, ``BoardUnavailable`` where the zipped stream ends
    early, and ``MalformedBoard`` where nobody can tell how long it is. A body shorter than its
    announced length raises what the transport raises.
    """
    body = bytearray()
    for piece in _unzipped(response, max_bytes):
        body += piece
        if len(body) > max_bytes:
            raise too_large()
        if progress is not None:
            progress(len(body))
    return body


def too_large() -> BoardTooLarge:
    """The refusal of an answer beyond the limit."""
    return BoardTooLarge("Greenhouse sent more than the portal can take in. Ask for help with this board.")


def broken_off() -> BoardUnavailable:
    """The error for an answer that ended before it was whole."""
    return BoardUnavailable("The answer from Greenhouse broke off halfway.")


def out_of_reach(error: Exception) -> BoardUnavailable:
    """The error for a connection that did not come about or broke before an answer; its cause is logged."""
    match log_cause(error):
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


def log_cause(error: BaseException) -> BaseException:
    """Log what is at the bottom of an error of requests, and return it.

    Of what the operating system did not say only the class is logged: requests' own errors hold the request.
    """
    while inner := next((each for each in _wrapped(error) if isinstance(each, BaseException)), None):
        error = inner
    by_system = isinstance(error, OSError) and not isinstance(error, requests.RequestException)
    words = f": {error}"[:200] if by_system else ""
    log.warning("greenhouse_failed", cause=f"{type(error).__name__}{words}")
    return error


def _wrapped(error: BaseException) -> tuple[object, ...]:
    return (*error.args, getattr(error, "reason", None), error.__cause__)


def not_understood() -> MalformedBoard:
    """The error for an answer that is no HTTP."""
    return MalformedBoard("Greenhouse answered in a way that cannot be understood.")


def _piece(response: requests.Response) -> bytes:
    """The next bytes of the body; the sizes of its chunks are taken at their word, nonsense and all."""
    try:
        return bytes(response.raw.read(_READ, decode_content=False))
    except HTTPError:
        raise
    except OSError as error:
        log_cause(error)
        raise broken_off() from None
    except Exception:  # such as the ValueError of a chunk of minus five bytes
        raise not_understood() from None


def _received(response: requests.Response, max_bytes: int) -> Iterator[bytes]:
    received = 0
    while piece := _piece(response):
        received += len(piece)
        if received > max_bytes:
            raise too_large()
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
        raise broken_off()


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

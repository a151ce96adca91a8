"""The client of Greenhouse's public Job Board API, and the check of a webhook's signature."""

import hmac
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from types import MappingProxyType
from urllib.parse import urlencode, urlsplit

import requests

from portal.boards.errors import BoardNotFound, BoardRefused, BoardUnavailable, MalformedBoard, PostClosed
from portal.boards.greenhouse.application_form import MOST_FORM_BYTES, parse_choices, parse_form
from portal.boards.greenhouse.applications import MOST_ANSWER_BYTES, expect_taken, multipart
from portal.boards.greenhouse.payloads import count_jobs, listed_ids, parse_board_name, parse_listing
from portal.boards.http import ask, parse_retry_after, read_body
from portal.domain.applications.files import File
from portal.domain.applications.forms import ApplicationForm, Option
from portal.domain.applications.validation import Part
from portal.domain.sync.board_tokens import ApiKey, BoardToken
from portal.domain.sync.posts import Listing, Unchanged

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,196}"', re.ASCII)  # 200 characters are kept of a connection
_MOST_ASKED_BYTES = 50 * 1024 * 1024  # without descriptions, and while somebody waits
_LISTING = "content=true&pay_transparency=true"


class GreenhouseClient:
    """Asks one Greenhouse.

    ``base_url`` is the address that ``/{board_token}`` follows. Each call as a whole ends within
    ``deadline`` seconds and takes in at most ``max_bytes`` of an answer, unzipped. Every failure is
    a ``GreenhouseError``; a token that is not one path segment is a ``ValueError`` before anything
    is sent. Redirects are never followed, so that neither a key nor a request reaches another host.
    ``ca_bundle`` holds the certificates to trust in place of the usual ones.
    Threads may share a client.
    """

    def __init__(
        self,
        base_url: str,
        *,
        deadline: float = 60.0,
        max_bytes: int = 200 * 1024 * 1024,
        ca_bundle: str | None = None,
    ) -> None:
        address = urlsplit(base_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError("The address of Greenhouse must begin with https://")
        self._base_url = base_url.rstrip("/")
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._ca_bundle = ca_bundle

    def board_name(self, token: BoardToken) -> str:
        """The name the board goes by, or its token where it tells none."""
        with self._ask("GET", token) as response:
            _expect_board(response, token)
            body = read_body(response, min(self._max_bytes, _MOST_ASKED_BYTES))
        return parse_board_name(body, otherwise=token)

    def count_jobs(self, token: BoardToken) -> int:
        """How many jobs the board lists, prospect posts left out; asked without the descriptions."""
        with self._ask("GET", token, "/jobs") as response:
            _expect_board(response, token)
            body = read_body(response, min(self._max_bytes, _MOST_ASKED_BYTES))
        return count_jobs(body)

    def listed_ids(self, token: BoardToken) -> frozenset[int]:
        """The ids of all posts that the board lists; asked without the descriptions."""
        with self._ask("GET", token, "/jobs") as response:
            _expect_board(response, token)
            body = read_body(response, min(self._max_bytes, _MOST_ASKED_BYTES))
        return listed_ids(body)

    def list_posts(
        self, token: BoardToken, etag: str | None, progress: Callable[[int], None] | None = None
    ) -> Listing | Unchanged:
        """The whole board, or ``Unchanged`` if ``etag`` still stands for it.

        ``progress`` is told how many bytes, unzipped, have come so far.
        """
        headers = {"If-None-Match": etag} if etag and _ETAG.fullmatch(etag) else {}
        with self._ask("GET", token, f"/jobs?{_LISTING}", headers) as response:
            if response.status_code == 304 and headers:
                return Unchanged()
            _expect_board(response, token)
            new_etag = response.headers.get("ETag", "")
            body = read_body(response, self._max_bytes, progress)
        return parse_listing(body, new_etag if _ETAG.fullmatch(new_etag) else None, token)

    def key_is_rejected(self, token: BoardToken, key: ApiKey) -> bool | None:
        """Whether Greenhouse refuses ``key``: ``False`` says no more than "not rejected".

        ``None`` says that it did not get as far as that: it is busy, broken, or sends elsewhere. The
        application goes to a job that cannot exist, so that nothing is ever submitted.
        """
        basic = b64encode(f"{key}:".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
        with self._ask("POST", token, "/jobs/0", headers, b"{}") as response:
            if _is_busy(response.status_code) or 300 <= response.status_code < 400:
                return None
            return response.status_code in (401, 403)

    def application_form(self, token: BoardToken, post_id: int) -> ApplicationForm:
        """The form of a post as it is now; raises ``PostClosed`` where the board does not list the post."""
        with self._ask("GET", token, f"/jobs/{post_id}?questions=true") as response:
            if response.status_code == 404:
                raise PostClosed("Greenhouse does not list this job any more.")
            _expect_board(response, token)
            body = read_body(response, MOST_FORM_BYTES)
        return parse_form(body, post_id)

    def education_choices(self, token: BoardToken, kind: str, term: str = "") -> list[Option]:
        """The first hundred schools, degrees or disciplines whose names hold ``term``."""
        with self._ask("GET", token, f"/education/{kind}?{urlencode({'term': term})}") as response:
            _expect_board(response, token)
            body = read_body(response, MOST_FORM_BYTES)
        return parse_choices(body)

    def submit(
        self, token: BoardToken, post_id: int, key: ApiKey, parts: Sequence[Part], files: Sequence[File]
    ) -> None:
        """Submit an application; returns only where Greenhouse says that it took it.

        Raises ``KeyRefused``, ``PostClosed``, ``ApplicationRefused`` or ``BoardUnavailable`` where it was not
        taken, and any of these errors with ``may_have_arrived`` where nobody can tell.
        """
        basic = b64encode(f"{key}:".encode()).decode()
        body, content_type = multipart(parts, files)
        headers = {"Authorization": f"Basic {basic}", "Content-Type": content_type}
        with self._ask("POST", token, f"/jobs/{post_id}", headers, body) as response:
            answer = bytes(read_body(response, MOST_ANSWER_BYTES))
            status, wait = response.status_code, response.headers.get("Retry-After")
        expect_taken(status, answer, wait)

    def _ask(
        self,
        method: str,
        token: BoardToken,
        path: str = "",
        headers: Mapping[str, str] = MappingProxyType({}),
        body: bytes | None = None,
    ) -> AbstractContextManager[requests.Response]:
        """One answer, its body unread."""
        if not _TOKEN.fullmatch(token):
            raise ValueError("A board token is one word of letters, digits, “_” and “-”.")
        url = f"{self._base_url}/{token}{path}"
        return ask(method, url, self._deadline, headers, body, self._ca_bundle)


def _expect_board(response: requests.Response, token: BoardToken) -> None:
    """Turn every status but 200 into our error."""
    match response.status_code:
        case 200:
            return
        case 404:
            raise BoardNotFound(
                f"Greenhouse has no job board “{token}”. Copy the token from Configure → Job Boards."
            )
        case 401 | 403:
            raise BoardRefused(
                f"Greenhouse does not let the portal read the job board “{token}”. "
                "Check in Configure → Job Boards that it is published."
            )
        case status if _is_busy(status):
            wait = parse_retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            raise BoardUnavailable("Greenhouse is busy.", retry_after=wait)
        case status if 300 <= status < 400 and status != 304:
            raise MalformedBoard("Greenhouse sent the portal to another address, which it does not follow.")
        case status:
            raise MalformedBoard(f"Greenhouse answered with an unexpected status {status}.")


def _is_busy(status: int) -> bool:
    return status in (408, 425, 429) or status >= 500


def is_signed(secret: bytes, header: str | None, raw_body: bytes) -> bool:
    """Whether ``header`` (``sha256 <hex digest>``) signs ``raw_body`` with ``secret``.

    Never raises; a missing header or an empty secret verifies nothing.
    """
    if not secret or header is None:
        return False
    expected = "sha256 " + hmac.new(secret, raw_body, "sha256").hexdigest()
    return hmac.compare_digest(expected.encode(), header.encode("utf-8", "replace"))

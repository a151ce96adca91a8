"""An application as it is sent to Greenhouse, and what Greenhouse's answer to it means."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from urllib3.filepost import encode_multipart_formdata

from portal.boards.errors import AnswerUnclear, ApplicationRefused, BoardUnavailable, KeyRefused, PostClosed
from portal.boards.http import parse_retry_after
from portal.domain.applications.files import TYPES, File
from portal.domain.applications.validation import Part
from portal.domain.texts import cut_line

MOST_ANSWER_BYTES: Final = 2**20
LONGEST_SAID: Final = 300


def multipart(parts: Sequence[Part], files: Sequence[File]) -> tuple[bytes, str]:
    """Return the body and its content type; names and file names are quoted, values stand as they are."""
    fields: list[tuple[str, str | tuple[str, bytes, str]]] = [*parts]
    fields += [(each.field, (each.name, each.content, TYPES[each.kind])) for each in files]
    return encode_multipart_formdata(fields)


def expect_taken(status: int, body: bytes, retry_after: str | None) -> None:
    """Return where Greenhouse took the application, and raise the error that says why it did not.

    A server that failed (5xx) may have taken it all the same.
    """
    match status:
        case 200 | 201 if _says_success(body):
            return
        case 401 | 403:
            raise KeyRefused("Greenhouse rejected the API key.")
        case 404 | 410:
            raise PostClosed("Greenhouse does not list this job any more.")
        case 429:
            wait = parse_retry_after(retry_after, datetime.now(UTC))
            raise BoardUnavailable("Greenhouse is busy.", retry_after=wait)
        case 400 | 413 | 415 | 422:
            raise ApplicationRefused(f"Greenhouse refused the application ({status}).", _said(body))
        case _:
            unclear = AnswerUnclear(
                f"Greenhouse answered {status}, which does not tell whether it was taken."
            )
            unclear.may_have_arrived = True
            raise unclear


def _read(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _says_success(body: bytes) -> bool:
    """Whether it is an answer of the API, and no page of something in front of it."""
    said = _read(body)
    return isinstance(said, dict) and "error" not in said and "errors" not in said


def _said(body: bytes) -> str:
    """Return Greenhouse's own words, if they are words."""
    said = _read(body)
    if not isinstance(said, dict):
        return ""
    words = next((said[name] for name in ("error", "message", "errors") if said.get(name)), "")
    return cut_line(words if isinstance(words, str) else json.dumps(words), LONGEST_SAID)

"""The structs of the Job Board API's answers, and reading the valid parts of an invalid one."""

import json
import math
import re
from collections.abc import Iterator
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta, Raw, Struct

from portal.boards.errors import IncompleteBoard
from portal.domain.sync import posts as domain
from portal.domain.sync.posts import Moment, PositiveId, SetAside, ShortText

Bytes = bytes | bytearray


class Post(Struct):
    """One post as sent: names and types of the Job Board API, not yet cleaned."""

    id: PositiveId
    title: str
    content: str
    internal_job_id: PositiveId | None = None
    absolute_url: str | None = None
    requisition_id: ShortText | None = None
    language: ShortText | None = None
    updated_at: Moment | None = None
    first_published: Moment | None = None
    application_deadline: ShortText | None = None
    location: domain.Location | None = None
    departments: tuple[domain.Department, ...] | None = None
    offices: tuple[domain.Office, ...] | None = None
    metadata: tuple[domain.Metadata, ...] | None = None
    pay_input_ranges: tuple[domain.PayRange, ...] | None = None
    include_ai_disclaimer: bool | None = None
    ai_disclaimer: domain.LongText | None = None
    ai_opt_out_request_url: ShortText | None = None


class Total(Struct):
    """What the answer says of itself: how many posts it lists."""

    total: Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Board(Struct):
    """A whole answer that can be read at once."""

    jobs: list[Post]
    meta: Total


class Pieces(Struct):
    """A whole answer whose posts are still to be read one by one."""

    jobs: list[Raw]
    meta: Total


decode_board = msgspec.json.Decoder(Board).decode
decode_pieces = msgspec.json.Decoder(Pieces).decode
decode_post = msgspec.json.Decoder(Post).decode


_FIELDS = {field.name: field.type for field in msgspec.structs.fields(Post)}
_LISTS: dict[str, type[Struct]] = {
    "departments": domain.Department,
    "offices": domain.Office,
    "metadata": domain.Metadata,
    "pay_input_ranges": domain.PayRange,
}
_SCALARS = _FIELDS.keys() - _LISTS.keys() - {"id", "title", "content", "location"}
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_pieces(pieces: list[Raw]) -> Iterator[Post | SetAside]:
    """Each post on its own; one with a NUL in it goes the patient way, which leaves NULs out."""
    for piece in pieces:
        try:
            post = None if b"\\u0000" in bytes(piece) else decode_post(piece)
        except (msgspec.DecodeError, UnicodeDecodeError):
            post = None
        yield post or salvage(patient_json(bytes(piece)))


def patient_json(body: Bytes) -> Any:
    """The JSON of ``body``, with ``None`` for texts and numbers no database could hold.

    Raises ``ValueError`` where it is no JSON and ``RecursionError`` where it nests too deep.
    """
    text = str(body, "utf-8", "surrogateescape")
    return json.loads(
        text, object_hook=_scrub, parse_int=_integer, parse_float=_number, parse_constant=lambda _: None
    )


def salvage(found: object) -> Post | SetAside:
    """What can be read of one post. Raises ``IncompleteBoard`` if its id cannot."""
    if (whole := _read(found, Post)) is not None:
        return cast(Post, whole)
    post_id = _read(found.get("id"), PositiveId) if isinstance(found, dict) else None
    if post_id is None or not isinstance(found, dict):
        raise IncompleteBoard("Greenhouse listed a post whose id cannot be read. Nothing of it was used.")
    title, content = found.get("title"), found.get("content")
    if not isinstance(title, str):
        return SetAside(post_id, None, "Its title is missing or cannot be read. Correct it in Greenhouse.")
    if not isinstance(content, str):
        return SetAside(
            post_id, title, "Its description is missing or cannot be read. Correct it in Greenhouse."
        )
    fields = _optional_fields(found)
    if fields["internal_job_id"] is None and found.get("internal_job_id") is not None:
        # taken as missing, it would make a prospect post of a job, and the job would close
        return SetAside(post_id, title, "Its internal job id cannot be read.")
    return Post(post_id, title, content, **fields)


def _optional_fields(found: dict[str, object]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: _read(found.get(name), _FIELDS[name]) for name in _SCALARS}
    kept["location"] = _struct(found.get("location"), domain.Location)
    for name, kind in _LISTS.items():
        listed = found.get(name)
        parts = [_struct(part, kind) for part in listed] if isinstance(listed, list) else []
        kept[name] = tuple(part for part in parts if part is not None)
    return kept


def _struct(value: object, kind: type[Struct]) -> Struct | None:
    if not isinstance(value, dict):
        return None
    return kind(
        **{field.name: _read(value.get(field.name), field.type) for field in msgspec.structs.fields(kind)}
    )


def _read(value: object, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError):
        return None


def _scrub(found: dict[str, object]) -> dict[str, object]:
    return {
        key.replace("\0", ""): _clean(value) for key, value in found.items() if not _SURROGATE.search(key)
    }


def _clean(value: object) -> object:
    match value:
        case str():
            return None if _SURROGATE.search(value) else value.replace("\0", "")
        case list():
            return [_clean(item) if isinstance(item, str) else item for item in value]
        case _:
            return value


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= 20 else None


def _number(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None

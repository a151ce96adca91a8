"""The shapes of an answer, strictly: names, types and bounds as the Job Board API sends them."""

from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from portal.domain import job_posts as domain
from portal.domain.job_posts import Moment, PositiveId, ShortText

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

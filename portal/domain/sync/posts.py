"""The types of what a Greenhouse board lists: job posts under the vendor's own names.

Field by field as the public Job Board API sends them. A field this portal does not know
is ignored, a missing optional one is ``None`` or empty. The bounds on numbers and texts are
those that every database and page behind this type can hold.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Annotated

from msgspec import Meta, Struct

Integer = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
PositiveId = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Cents = Annotated[int, Meta(ge=0, le=2**63 - 1)]
ShortText = Annotated[str, Meta(max_length=1_000)]
LongText = Annotated[str, Meta(max_length=100_000)]
Moment = Annotated[datetime, Meta(tz=True)]

MetadataScalar = bool | Integer | float | LongText | None
MetadataValue = MetadataScalar | list[MetadataScalar] | dict[str, MetadataScalar]


class Location(Struct, frozen=True, gc=False):
    """Where a post says it is: free text, sometimes a work model instead of a place."""

    name: ShortText | None = None


class Department(Struct, frozen=True, gc=False):
    """One department of a post; ``parent_id`` names the department above it."""

    id: Integer | None = None
    name: ShortText | None = None
    parent_id: Integer | None = None


class Office(Struct, frozen=True, gc=False):
    """One office of a post; ``location`` often holds the city that the post itself lacks."""

    id: Integer | None = None
    name: ShortText | None = None
    location: ShortText | None = None
    parent_id: Integer | None = None


class Metadata(Struct, frozen=True):
    """A custom field of the company's own choosing; the value's shape follows ``value_type``."""

    name: ShortText | None = None
    value_type: ShortText | None = None
    value: MetadataValue = None


class PayRange(Struct, frozen=True, gc=False):
    """One pay range in minor units (``min_cents``, ``max_cents``) of ``currency_type``; ``blurb`` is HTML."""

    min_cents: Cents | None = None
    max_cents: Cents | None = None
    currency_type: ShortText | None = None
    title: ShortText | None = None
    blurb: LongText | None = None


class JobPost(Struct, frozen=True):
    """One post of a board. ``id`` is its identity; everything else may change.

    ``title`` is one line of plain text, 1 to 500 characters; in it and in all names entities are decoded.
    ``content`` is HTML whose entities are still escaped once, as Greenhouse sends it; ``ai_disclaimer`` may
    be escaped or not. ``absolute_url`` and ``ai_opt_out_request_url`` are https addresses of a plain host.
    ``internal_job_id`` is the job behind the post; ``None`` marks a prospect post. Moments bear a time zone.
    """

    id: int
    title: str
    content: str
    internal_job_id: int | None = None
    absolute_url: str | None = None
    requisition_id: str | None = None
    language: str | None = None
    updated_at: datetime | None = None
    first_published: datetime | None = None
    application_deadline: str | None = None
    location: Location | None = None
    departments: tuple[Department, ...] = ()
    offices: tuple[Office, ...] = ()
    metadata: tuple[Metadata, ...] = ()
    pay_input_ranges: tuple[PayRange, ...] = ()
    include_ai_disclaimer: bool | None = None
    ai_disclaimer: str | None = None
    ai_opt_out_request_url: str | None = None


@dataclass(frozen=True, slots=True)
class ListedPost:
    """A post of a complete answer, with the hash of all that this portal reads of it.

    ``fingerprint`` is 32 hex digits. It ignores ``updated_at`` (which moves without a visible
    change), the order of departments and offices, and fields unknown to the portal.
    """

    post: JobPost
    fingerprint: str

    def read_with(self, settings: str) -> "ListedPost":
        """The post with another fingerprint: with these settings something else is made of it."""
        digest = blake2b(f"{self.fingerprint} {settings}".encode(), digest_size=16)
        return ListedPost(self.post, digest.hexdigest())


@dataclass(frozen=True, slots=True)
class SetAside:
    """A post that is listed but cannot be read: its row stays as it was, the run names it.

    ``title`` is there where it could be read; ``reason`` is one plain sentence.
    """

    id: int
    title: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One complete answer of a board: every post it lists, by id, readable or set aside."""

    posts: dict[int, ListedPost]
    set_aside: tuple[SetAside, ...]
    etag: str | None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The board still answers what the ETag stood for."""

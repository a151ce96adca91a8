"""Choose which column each custom field of a board feeds, and see beforehand what that changes."""

import zlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from time import monotonic
from typing import Any, Final

import msgspec

from portal.actions.audit import record
from portal.actions.changing import changing
from portal.actions.sync.schedule import start_sync
from portal.domain.audit import Action
from portal.domain.descriptions.clean import PIPELINE_VERSION
from portal.domain.jobs.fields import EmploymentType
from portal.domain.sync.custom_fields import (
    CustomField,
    FieldMapping,
    changed_choices,
    custom_fields,
    parse_choices,
    parse_type,
    reads_otherwise,
    stored_choices,
)
from portal.domain.sync.following import FOLLOWABLE, is_following, reread_values
from portal.domain.sync.metadata import Column
from portal.domain.sync.plan import FieldChange, followed_changes
from portal.domain.sync.posts import JobPost
from portal.domain.sync.prefill import source_values
from portal.domain.sync.reading import Reading
from portal.domain.sync.runs import Trigger
from portal.models import BoardSnapshot, Connection
from portal.store.connections import board_snapshot, connection_of, locked_connection, snapshot_digest
from portal.store.jobs import jobs_to_follow

MOST_BYTES: Final = 32 * 1024 * 1024  # of all posts of a board without their descriptions
MOST_SHOWN: Final = 50
LONGEST_SECONDS: Final = 2.0

_encode: Final = msgspec.msgpack.Encoder(order="deterministic").encode
_decode: Final = msgspec.msgpack.Decoder(tuple[JobPost, ...]).decode


def mapping_of(connection: Connection) -> FieldMapping:
    """Return what the posts of the connection's board are read with."""
    default = parse_type(connection.default_employment_type)
    return FieldMapping(parse_choices(connection.field_choices), default)


def mapping_to_follow(organisation_id: int) -> FieldMapping | None:
    """Return the mapping by which the organisation's jobs follow Greenhouse; ``None``: they do not."""
    connection = connection_of(organisation_id)
    return mapping_of(connection) if connection is not None and connection.prefill else None


def reading_of(connection: Connection) -> Reading:
    """Return how a run reads the connection's board."""
    mapping = mapping_of(connection)
    switches = (str(int(each)) for each in (connection.include_prospects, connection.prefill))
    stamp = ":".join((str(PIPELINE_VERSION), connection.board_token, *switches, mapping.stamp))
    return Reading(mapping, connection.prefill, stamp, connection.etag_stamp)


def new_snapshot(connection_id: int, posts: Collection[JobPost]) -> BoardSnapshot | None:
    """Return what to keep of a complete answer; ``None`` where that is stored already."""
    fields, more = custom_fields(posts)
    stored_fields = [each.as_json() for each in fields]
    encoded = _encoded(posts)
    digest = blake2b(_encode((stored_fields, more)) + (encoded or b""), digest_size=16).hexdigest()
    if digest == snapshot_digest(connection_id):
        return None
    return BoardSnapshot(
        connection_id=connection_id,
        digest=digest,
        fields=stored_fields,
        more_fields=more,
        posts=None if encoded is None else zlib.compress(encoded, 1),
    )


def _encoded(posts: Collection[JobPost]) -> bytes | None:
    """The posts without what no column is read from, in an order of our own; ``None``: they are too large."""
    parts, size = [], 0
    for post in sorted(posts, key=lambda post: post.id):
        bare = msgspec.structs.replace(post, content="", updated_at=None, ai_disclaimer=None)
        parts.append(msgspec.Raw(_encode(bare)))
        size += len(parts[-1])
        if size > MOST_BYTES:
            return None
    return _encode(parts)


@dataclass(frozen=True, slots=True)
class BoardFields:
    """The custom fields of a board as they were last read; ``more`` were left out."""

    fields: tuple[CustomField, ...] = ()
    more: int = 0


def board_fields(connection: Connection) -> BoardFields | None:
    """Return the custom fields of the connection's board; ``None`` before it was read."""
    snapshot = board_snapshot(connection.id)
    if snapshot is None:
        return None
    return BoardFields(tuple(map(CustomField.from_json, snapshot.fields)), snapshot.more_fields)


@dataclass(frozen=True, slots=True)
class JobPreview:
    """What would change of one job."""

    job_id: int
    title: str
    fields: list[FieldChange]


@dataclass(slots=True)
class MappingPreview:
    """What another mapping would change: the first ``jobs`` of all that are ``changed``.

    ``fields`` counts jobs by the field that changes. ``own`` counts values that stay because somebody
    edited them. ``unread`` jobs were left out, because looking at them took too long or their posts are too
    large to keep. ``is_known`` says that the board was read.
    """

    jobs: list[JobPreview] = field(default_factory=list)
    changed: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    own: int = 0
    unread: int = 0
    is_known: bool = True


def new_mapping(
    connection: Connection, sent: Mapping[str, Column | None], default_type: EmploymentType | None
) -> FieldMapping:
    """Return the connection's mapping after some choices were sent, by ``field_key``."""
    known = board_fields(connection) or BoardFields()
    choices = changed_choices(parse_choices(connection.field_choices), sent, known.fields)
    return FieldMapping(choices, default_type)


def save_mapping(connection: Connection, mapping: FieldMapping, user_id: int | None) -> bool:
    """Store the mapping and start a sync with it; return whether it is another one than before.

    Raises ``NoResultFound`` when the connection has ended.
    """
    organisation_id, connection_id = connection.organisation_id, connection.id
    with changing(organisation_id) as change:
        held = locked_connection(connection_id)
        held.field_choices = stored_choices(mapping.choices)
        held.default_employment_type = mapping.default_type
        is_changed = change.session.is_modified(held)
        if is_changed:
            record(organisation_id, Action.FIELDS_MAPPED, user_id=user_id)
            change.raise_revision()
    if is_changed:
        start_sync(held, Trigger.MANUAL, user_id)
    return is_changed


def preview_mapping(connection: Connection, mapping: FieldMapping) -> MappingPreview:
    """Return what a mapping would change of the jobs, by what the board last said. Nothing is stored."""
    snapshot = board_snapshot(connection.id, whole=True)
    if snapshot is None:
        return MappingPreview(is_known=False)
    rows = jobs_to_follow(connection.organisation_id, connection.board_token)
    posts = _posts(snapshot)
    if posts is None:
        return MappingPreview(unread=len(rows))
    preview, last, end = MappingPreview(), reading_of(connection), monotonic() + LONGEST_SECONDS
    for post_id, row in rows.items():
        post = posts.get(post_id)
        if post is None:
            continue
        if monotonic() > end:
            preview.unread += 1
            continue
        said = row["source_values"]
        if last.is_new or reads_otherwise(post, last.mapping.choices, mapping.choices):
            said = source_values(post, mapping.choices)
        _add(preview, row, last.said_before(row["source_values"]), mapping.complete(said))
    return preview


def _posts(snapshot: BoardSnapshot) -> dict[int, JobPost] | None:
    """The posts that were kept, if they were, and in the shape in which this version keeps them."""
    if snapshot.posts is None:
        return None
    try:
        posts: Sequence[JobPost] = _decode(zlib.decompress(snapshot.posts))
    except (msgspec.DecodeError, zlib.error):
        return None
    return {post.id: post for post in posts}


def _add(
    preview: MappingPreview, row: Mapping[str, Any], before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Note what of a job changes where what is read of its post does."""
    moved = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    if not moved:
        return
    taken = reread_values(row["follows"], row, before, after)
    taken = {name: values for name, values in taken.items() if name in moved}
    preview.own += sum(name in FOLLOWABLE and not is_following(row["follows"], name) for name in moved)
    if not taken:
        return
    preview.changed += 1
    preview.fields.update(taken.keys())
    if len(preview.jobs) < MOST_SHOWN:
        preview.jobs.append(JobPreview(row["id"], row["title"], followed_changes(row, taken)))

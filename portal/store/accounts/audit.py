"""Who did what when: audit entries, edits (a bulk edit counts as one) and syncs, as one list."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, delete, distinct, func, insert, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from portal.db import count_deleted, session
from portal.domain.audit import Kind, actions_of
from portal.models import AuditEntry, Edit, Job, SyncRun, User
from portal.prepared_rows import batches

ENTRY: Final = "entry"
EDIT: Final = "edit"
RUN: Final = "run"


class Key(NamedTuple):
    """One line of the list: which table it stands in, and where."""

    source: str
    id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Whose, of which kind, and from when until when."""

    user_id: int | None = None
    kind: Kind | None = None
    since: datetime | None = None
    until: datetime | None = None


def add_entry(columns: Mapping[str, Any]) -> None:
    """Add what somebody did, within the caller's transaction."""
    session().execute(insert(AuditEntry), [columns])


def count_keys(organisation_id: int, wanted: AuditFilter) -> int:
    """Return how many lines a filter leaves."""
    found = _union(organisation_id, wanted)
    return session().scalar(select(func.count()).select_from(found)) or 0


def keys_of(
    organisation_id: int, wanted: AuditFilter, limit: int | None = None, offset: int = 0
) -> list[Key]:
    """Return the lines that a filter leaves, the latest first."""
    found = _union(organisation_id, wanted)
    query = select(found.c.source, found.c.id, found.c.at)
    query = query.order_by(found.c.at.desc(), found.c.source, found.c.id.desc()).limit(limit).offset(offset)
    return [Key(*row) for row in session().execute(query)]


def _union(organisation_id: int, wanted: AuditFilter) -> Any:
    kind, parts = wanted.kind, []
    entries = _part(ENTRY, AuditEntry, AuditEntry.at, AuditEntry.user_id, organisation_id, wanted)
    parts.append(entries.where(AuditEntry.action.in_(actions_of(kind))) if kind else entries)
    if kind in (None, Kind.EDITS):
        edits = _part(EDIT, Edit, Edit.at, Edit.user_id, organisation_id, wanted)
        parts.append(edits.where(or_(Edit.batch_id.is_(None), Edit.id.in_(_first_ones(organisation_id)))))
    if kind in (None, Kind.SYNCS):
        parts.append(_part(RUN, SyncRun, SyncRun.queued_at, SyncRun.started_by_id, organisation_id, wanted))
    return union_all(*parts).subquery()


def _part(source: str, table: Any, at: Any, user_id: Any, organisation_id: int, wanted: AuditFilter) -> Any:
    query = select(literal(source).label("source"), table.id.label("id"), at.label("at"))
    query = query.where(table.organisation_id == organisation_id)
    if wanted.user_id is not None:
        query = query.where(user_id == wanted.user_id)
    if wanted.since is not None:
        query = query.where(at >= wanted.since)
    return query if wanted.until is None else query.where(at < wanted.until)


def _first_ones(organisation_id: int) -> Select[int | None]:
    """Of each bulk edit the edit that stands for it."""
    other = aliased(Edit)
    query = select(func.min(other.id)).where(other.organisation_id == organisation_id)
    return query.where(other.batch_id.is_not(None)).group_by(other.batch_id)


def entries_of(ids: Collection[int]) -> dict[int, AuditEntry]:
    """Return audit entries by their ids."""
    return _by_id(AuditEntry, ids)


def runs_of(ids: Collection[int]) -> dict[int, SyncRun]:
    """Return runs by their ids."""
    return _by_id(SyncRun, ids)


def edits_of(ids: Collection[int]) -> dict[int, Edit]:
    """Return edits by their ids."""
    return _by_id(Edit, ids)


def _by_id(table: Any, ids: Iterable[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for _, batch in batches(list(ids)):
        found |= {row.id: row for row in session().scalars(select(table).where(table.id.in_(batch)))}
    return found


class Batch(NamedTuple):
    """How many edits a bulk edit made, and of how many fields."""

    edits: int
    fields: int


def sizes_of(organisation_id: int, batch_ids: Collection[int]) -> dict[int, Batch]:
    """Return how large each of these bulk edits is."""
    query = select(Edit.batch_id, func.count(), func.count(distinct(Edit.field)))
    query = query.where(Edit.organisation_id == organisation_id)
    query = query.where(Edit.batch_id.in_(batch_ids)).group_by(Edit.batch_id)
    found = session().execute(query) if batch_ids else ()
    return {batch_id: Batch(edits, fields) for batch_id, edits, fields in found if batch_id is not None}


def titles_of(job_ids: Collection[int]) -> dict[int, str]:
    """Return the titles of jobs, deleted ones too."""
    query = select(Job.id, Job.title).where(Job.id.in_(job_ids))
    return {row[0]: row[1] for row in session().execute(query)} if job_ids else {}


def names_of(user_ids: Collection[int]) -> dict[int, str]:
    """Return what people are called."""
    query = select(User.id, User.name, User.email).where(User.id.in_(user_ids))
    return {row[0]: row[1] or row[2] for row in session().execute(query)} if user_ids else {}


def delete_old_entries(before: datetime, limit: int) -> tuple[int, int]:
    """Delete what was done before then: the yearly tidy-up, and all that ever deletes an entry."""
    over = select(AuditEntry.id).where(AuditEntry.at <= before).limit(limit)
    gone = count_deleted(delete(AuditEntry).where(AuditEntry.id.in_(over)))
    return gone, gone

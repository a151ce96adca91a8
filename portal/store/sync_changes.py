"""What each run changed, job by job."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, Text, cast, delete, func, insert, literal, select

from portal.db import session
from portal.domain.sync.following import DESCRIPTION
from portal.domain.sync.plan import COMPARED_COLUMNS, ChangeKind
from portal.domain.sync.runs import Trigger
from portal.models import Edit, Job, SyncChange, SyncRun
from portal.prepared_rows import Rows, batches

Row = dict[str, Any]
_TABLE: Table = SyncChange.__table__  # type: ignore[assignment] # declared as FromClause
_NAMES = ("run_id", "job_id", "kind", "title", "fields")


def stored_columns(job_ids: Sequence[int]) -> Iterator[tuple[int, Row]]:
    """Yield what is stored of Greenhouse's columns of these jobs, some hundred jobs at a time."""
    columns = [getattr(Job, name) for name in COMPARED_COLUMNS]
    for _, batch in batches(job_ids):
        query = select(Job.id, *columns).where(Job.id.in_(batch))
        for job_id, *values in session().execute(query):
            yield job_id, dict(zip(COMPARED_COLUMNS, values, strict=True))


def record_created(run: SyncRun, created_at: datetime, revision: int) -> None:
    """Note the jobs that this commit created: their name and nothing else."""
    jobs = select(
        literal(run.id),
        Job.id,
        literal(ChangeKind.CREATED.value),
        Job.title,
        literal([], _TABLE.c.fields.type),
    ).where(
        Job.organisation_id == run.organisation_id, Job.revision == revision, Job.created_at == created_at
    )
    session().execute(insert(_TABLE).from_select(_NAMES, jobs))


def record_moved(run: SyncRun, kind: ChangeKind, job_ids: Sequence[int], renew: Callable[[], None]) -> None:
    """Note that jobs were closed, or their closing held. ``renew`` is called between batches."""
    columns = (literal(run.id), Job.id, literal(kind.value), Job.title, literal([], _TABLE.c.fields.type))
    for _, batch in batches(job_ids):
        renew()
        jobs = select(*columns).where(Job.id.in_(batch)).order_by(Job.id)
        session().execute(insert(_TABLE).from_select(_NAMES, jobs))


def forget_changes(run_id: int, job_ids: Collection[int]) -> None:
    """Forget what was noted of these jobs in this run."""
    for _, batch in batches(sorted(job_ids)):
        session().execute(delete(SyncChange).where(SyncChange.run_id == run_id, SyncChange.job_id.in_(batch)))


class Changes:
    """Changes of one run, already described, to be noted in its commit."""

    def __init__(self, run_id: int) -> None:
        self._run_id = run_id
        self._rows = Rows(_TABLE)
        self._kinds: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, kind: ChangeKind, job_id: int | None, title: str, fields: list[Row]) -> None:
        """Add what changed of one job; ``job_id`` is ``None`` for one that does not exist yet."""
        self._kinds[kind] += 1
        values = (self._run_id, job_id, kind.value, title, fields)
        self._rows.add(dict(zip(_NAMES, values, strict=True)))

    def count(self, kind: ChangeKind) -> int:
        """Return how many jobs changed in this way."""
        return self._kinds[kind]

    def record(self, written: Callable[[int], None]) -> None:
        """Note them; ``written`` is called with the count so far."""
        self._rows.insert(written)


def changes_of(
    run_id: int, kind: ChangeKind | None = None, *, limit: int, offset: int = 0
) -> Sequence[SyncChange]:
    """Return a run's changes (of one kind, or all) in the order they were noted."""
    query = select(SyncChange).where(SyncChange.run_id == run_id).order_by(SyncChange.id)
    if kind is not None:
        query = query.where(SyncChange.kind == kind)
    return session().scalars(query.limit(limit).offset(offset)).all()


def count_kinds(run_id: int) -> dict[ChangeKind, int]:
    """Return how many jobs a run changed in each way; ways without a job are left out."""
    query = select(SyncChange.kind, func.count()).where(SyncChange.run_id == run_id).group_by(SyncChange.kind)
    counted: dict[str, int] = {row[0]: row[1] for row in session().execute(query)}
    return {kind: counted[kind] for kind in ChangeKind if kind in counted}


@dataclass(frozen=True, slots=True)
class Followed:
    """What a field took from Greenhouse in a run; the values are as ``source_values`` hold them."""

    run_id: int
    at: datetime
    field: str
    before: Any
    after: Any


def followed_changes(job_id: int, limit: int, field: str = "") -> list[Followed]:
    """Return what a job's fields (or one of them) took from Greenhouse since its import, the latest first."""
    fields = cast(SyncChange.fields, Text)
    query = (
        select(SyncChange.run_id, SyncRun.finished_at, SyncChange.fields)
        .join(SyncRun, SyncRun.id == SyncChange.run_id)
        .where(
            SyncChange.job_id == job_id,
            SyncRun.trigger != Trigger.PREVIEW,
            SyncRun.finished_at.is_not(None),
            fields.contains('"followed": true'),
            fields.contains(f'"field": "{field}"' if field else '"field"'),
        )
        .order_by(SyncChange.id.desc())
        .limit(limit)
    )
    return [
        Followed(run_id, at, each["field"], each["before"], each["after"])
        for run_id, at, changed in session().execute(query)
        for each in changed
        if each.get("followed") and field in ("", each["field"])
    ]


def later_descriptions(changes: Sequence[SyncChange]) -> dict[int, str]:
    """Return, by change, the description that one left behind, where only the earlier one is kept.

    It is what the next change of it found, by a sync or by a person once the job was the organisation's
    own, or else what stands in the job.
    """
    asked = {each.job_id: each.id for each in changes if each.job_id is not None and _lacks_description(each)}
    if not asked:
        return {}
    present = select(Job.id, Job.description_html).where(Job.id.in_(asked))
    found: dict[int, str] = {row[0]: row[1] for row in session().execute(present)}
    until: dict[int, datetime | None] = {}
    for change, at in session().execute(_next_changes(asked, changes[0].run_id)):
        before = next(field["before"] for field in change.fields if field["field"] == DESCRIPTION)
        found[change.job_id or 0], until[change.job_id or 0] = before, at
    for edit in session().scalars(_edits_after(asked, changes[0].run_id)):  # the first of a job comes last
        next_sync = until.get(edit.job_id)
        if next_sync is None or edit.at < next_sync:
            found[edit.job_id] = edit.before["description_html"]
    return {asked[job_id]: text for job_id, text in found.items()}


def _lacks_description(change: SyncChange) -> bool:
    return any(field["field"] == DESCRIPTION and "after" not in field for field in change.fields)


def _edits_after(change_of: Mapping[int, int], run_id: int) -> Select[Edit]:
    """What people changed of these jobs' descriptions after a run, the latest first."""
    finished_at = select(SyncRun.finished_at).where(SyncRun.id == run_id).scalar_subquery()
    return (
        select(Edit)
        .where(Edit.job_id.in_(change_of), Edit.field == DESCRIPTION, Edit.at >= finished_at)
        .order_by(Edit.id.desc())
    )


def _next_changes(change_of: Mapping[int, int], run_id: int) -> Select[SyncChange, datetime | None]:
    """The first change of each job's description after a run, and when it was; previews changed none."""
    first = (
        select(func.min(SyncChange.id))
        .join(SyncRun, SyncRun.id == SyncChange.run_id)
        .where(
            SyncChange.job_id.in_(change_of),
            SyncChange.id > min(change_of.values()),
            SyncChange.run_id != run_id,
            SyncRun.trigger != Trigger.PREVIEW,
            cast(SyncChange.fields, Text).contains(f'"field": "{DESCRIPTION}"'),
        )
        .group_by(SyncChange.job_id)
    )
    return (
        select(SyncChange, SyncRun.finished_at)
        .join(SyncRun, SyncRun.id == SyncChange.run_id)
        .where(SyncChange.id.in_(first))
    )

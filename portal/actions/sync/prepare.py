"""Compare a board's answer with the stored jobs, and make the rows that the commit will write."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from portal.actions.sync.mapping import new_snapshot
from portal.db import end_read
from portal.domain.jobs.values import Values
from portal.domain.sync.plan import (
    POST,
    UNSEEN_COLUMNS,
    ChangeKind,
    FieldChange,
    StoredPost,
    SyncPlan,
    changed_fields,
    moved_change,
    without_read_anew,
)
from portal.domain.sync.posts import Listing, SetAside
from portal.domain.sync.reading import Reading, imported_columns, new_job_columns
from portal.domain.sync.runs import Trigger
from portal.models import BoardSnapshot, Connection, SyncRun
from portal.models.base import utc_now
from portal.store.job_columns import ON_PAGE, JobUpdates, NewJobs
from portal.store.jobs import changed_ids
from portal.store.people import present_revision, reserve_revision
from portal.store.sync_changes import Changes, forget_changes, stored_columns

Row = dict[str, Any]

Step = Callable[[int], None]


@dataclass
class Prepared:
    """What a run will commit, as the database takes it: nothing slow is left to do.

    ``posts`` counts what the answer lists; it is ``None`` where Greenhouse said only that nothing
    changed. ``updates`` are of stored jobs, also of those in which nothing changed that anybody sees;
    ``changes`` are of those that ``updates`` changes visibly, and in a preview of ``new`` ones too.
    ``changes_of_own`` are of jobs that were the organisation's own until now: somebody may be deleting one,
    so that nothing is noted about it before the organisation is locked. All visible rows are stamped with
    ``revision`` and ``created_at``. ``missing`` maps posts no longer listed to their jobs: whether they
    close is judged in the commit. ``left`` does so for jobs that were kept from an earlier connection.
    ``open_before`` counts the open jobs that the board is answerable for. ``is_first`` says that nothing was
    ever read for this connection, ``hides_new`` that new jobs are hidden until somebody shows them.
    ``reading`` says how its posts are read; ``silent`` counts the jobs in
    which only that made a difference, and only to their texts, or only an office moved: nothing to be noted.
    ``snapshot`` is what to keep of the answer beside its jobs, where that is something new.

    ``moved`` says of jobs that go on under another post which one that is; ``doubtful`` are jobs that close,
    each with a new post that may be theirs.

    ``compared`` holds those of the ``updates`` by which fields may follow that people edit too, made from
    what stood there at ``compared_revision``: ``compare_again`` makes anew what somebody edited since, in
    ``late_updates`` and ``late_changes``.
    """

    run: SyncRun
    etag: str | None
    reading: Reading = field(default_factory=Reading)
    snapshot: BoardSnapshot | None = None
    posts: int | None = None
    open_before: int = 0
    is_first: bool = False
    hides_new: bool = False
    silent: int = 0
    revision: int = 0
    created_at: datetime = field(default_factory=utc_now)
    set_aside: tuple[SetAside, ...] = ()
    missing: dict[int, int] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)
    moved: dict[int, FieldChange] = field(default_factory=dict)
    doubtful: tuple[tuple[int, int], ...] = ()
    new: NewJobs = field(default_factory=NewJobs)
    updates: JobUpdates = field(default_factory=JobUpdates)
    compared: dict[int, tuple[ChangeKind, Row]] = field(default_factory=dict)
    compared_revision: int = 0
    late_updates: JobUpdates = field(default_factory=JobUpdates)
    changes: Changes = field(init=False)
    changes_of_own: Changes = field(init=False)
    late_changes: Changes = field(init=False)

    def __post_init__(self) -> None:
        self.changes, self.changes_of_own = Changes(self.run.id), Changes(self.run.id)
        self.late_changes = Changes(self.run.id)

    @property
    def is_preview(self) -> bool:
        """Whether nothing of it is to be carried out."""
        return self.run.trigger == Trigger.PREVIEW

    @property
    def fills(self) -> bool:
        """Whether the organisation's columns may be written with what Greenhouse says."""
        return self.reading.prefills and (len(self.new) > 0 or len(self.compared) > 0)

    @cached_property
    def gone(self) -> dict[int, int]:
        """Every post that is listed no more while its job is open, and that job."""
        return self.missing | self.left

    @property
    def rows(self) -> int:
        """How many jobs are new or changed."""
        return len(self.new) + len(self.changes) + len(self.changes_of_own) + self.silent

    def count(self, kind: ChangeKind) -> int:
        """How many stored jobs changed in this way."""
        return self.changes.count(kind) + self.changes_of_own.count(kind)


def parse_set_aside(post: Mapping[str, Any]) -> SetAside:
    """Return a post that was set aside from what the connection stores of it."""
    return SetAside(post["id"], post["title"], post["reason"])


def stored_set_aside(set_aside: Iterable[SetAside]) -> list[dict[str, Any]]:
    """Return posts that are set aside as the connection and its runs keep them, in an order of our own."""
    return [
        {"id": post.id, "title": post.title, "reason": post.reason}
        for post in sorted(set_aside, key=lambda post: post.id)
    ]


def prepare(
    run: SyncRun,
    connection: Connection,
    plan: SyncPlan,
    listing: Listing,
    stored: dict[int, StoredPost],
    step: Step,
    reading: Reading,
) -> Prepared:
    """Make the rows of a plan, of a preview only its changes. Each post is let go as its row is made."""
    prepared = Prepared(
        run,
        listing.etag,
        posts=len(listing.posts) + len(listing.set_aside),
        is_first=connection.last_synced_at is None,
        hides_new=connection.hides_new,
        reading=reading,
        revision=reserve_revision(connection.organisation_id) if plan.created or plan.written else 0,
        compared_revision=present_revision(connection.organisation_id),
        open_before=sum(row.listed and row.imported for row in stored.values()),
        set_aside=listing.set_aside,
        missing={post_id: stored[post_id].job_id for post_id in plan.closed},
        left={post_id: stored[post_id].job_id for post_id in plan.left},
        moved={stored[old].job_id: moved_change(old, new) for new, old in plan.moved.items()},
        doubtful=tuple((stored[old].job_id, new) for old, new in plan.doubtful),
    )
    if not prepared.is_preview:
        prepared.snapshot = new_snapshot(connection.id, [each.post for each in listing.posts.values()])
    stamp = {"changed_at": prepared.created_at, "revision": prepared.revision}
    board = {"organisation_id": connection.organisation_id, "board_token": connection.board_token}
    end_read()  # making many rows takes longer than a transaction may be idle
    for done, post_id in enumerate(plan.created, 1):
        post = listing.posts.pop(post_id)
        columns = new_job_columns(post, reading, prepared.created_at, hides_new=prepared.hides_new)
        prepared.new.add(columns | board | stamp)
        if prepared.is_preview:
            prepared.changes.add(ChangeKind.CREATED, None, columns["title"], [])
        step(done)
    _add_stored(prepared, plan, listing, stored, step)
    return prepared


def _add_stored(
    prepared: Prepared,
    plan: SyncPlan,
    listing: Listing,
    stored: dict[int, StoredPost],
    step: Step,
) -> None:
    """Make the rows of jobs that are stored already, and say what changes of each."""
    row_of = {post_id: stored[plan.moved.get(post_id, post_id)] for post_id in plan.written}
    post_of = {row.job_id: post_id for post_id, row in row_of.items()}
    back = set(plan.reopened)
    for done, (job_id, before) in enumerate(stored_columns(list(post_of)), 1 + len(prepared.new)):
        post_id = post_of[job_id]
        row = imported_columns(listing.posts.pop(post_id), prepared.reading)
        kind = ChangeKind.REOPENED if post_id in back else ChangeKind.UPDATED
        _add_update(prepared, row_of[post_id], post_id, kind, before, row)
        step(done)


def _add_update(
    prepared: Prepared, was: StoredPost, post_id: int, kind: ChangeKind, before: Row, row: Row
) -> None:
    """Add the update of one stored job; one that nobody sees writes few columns."""
    job_id, reading = was.job_id, prepared.reading
    taken = reading.taken(before, row["source_values"])
    fields = changed_fields(before, row, taken, whole=prepared.is_preview)
    if job_id in prepared.moved:
        fields.append(prepared.moved[job_id])
        row[POST] = post_id
    noted = without_read_anew(fields, before, row) if reading.is_new else fields
    if row["office_places"] == before["office_places"]:
        del row["office_places"]  # places follow from it and from the location, which people edit
    is_noted = kind == ChangeKind.REOPENED or not was.imported
    if not (fields or "office_places" in row or is_noted):
        prepared.updates.add({name: row[name] for name in UNSEEN_COLUMNS} | {"id": job_id})
        return
    if noted or is_noted:
        changes = prepared.changes if was.imported else prepared.changes_of_own
        changes.add(kind, job_id, row["title"], noted)
    else:
        prepared.silent += 1
    if was.imported and row["description_html"] == before["description_html"]:
        del row["description_html"]  # by far the longest column, and nobody else writes it
    row |= {"changed_at": prepared.created_at, "revision": prepared.revision}
    if kind == ChangeKind.REOPENED or _shows(before, row | _columns(taken)):
        row["page_changed_at"] = prepared.created_at
    if taken or "office_places" in row or row["source_values"] != before["source_values"]:
        prepared.compared[job_id] = (kind, row)
    prepared.updates.add(row | _columns(taken) | {"id": job_id}, before)


def compare_again(prepared: Prepared) -> None:
    """Make the rows anew that somebody changed since they were compared, so that no edit is overwritten.

    Call it with the organisation locked, after the changes were noted and before the updates are written.
    """
    if not prepared.compared:
        return
    edited = changed_ids(prepared.run.organisation_id, prepared.compared_revision) & prepared.compared.keys()
    if not edited:
        return
    prepared.updates.leave_out(edited)
    forget_changes(prepared.run.id, edited)
    for job_id, before in stored_columns(sorted(edited)):
        kind, row = prepared.compared[job_id]
        taken = prepared.reading.taken(before, row["source_values"])
        whole = {"description_html": before["description_html"]} | row
        fields = changed_fields(before, whole, taken)
        fields += [prepared.moved[job_id]] if job_id in prepared.moved else []
        noted = without_read_anew(fields, before, whole) if prepared.reading.is_new else fields
        if noted or kind == ChangeKind.REOPENED:
            prepared.late_changes.add(kind, job_id, row["title"], noted)
        prepared.late_updates.add(row | _columns(taken) | {"id": job_id}, before)


def _shows(before: Row, written: Row) -> bool:
    """Whether the public page shows what is written otherwise than before."""
    return any(before[name] != written[name] for name in ON_PAGE & before.keys() & written.keys())


def _columns(taken: Mapping[str, Values]) -> Row:
    """The columns of several fields."""
    return {name: value for values in taken.values() for name, value in values.items()}

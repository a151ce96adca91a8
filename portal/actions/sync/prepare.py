"""Compare a board's answer with the stored jobs, and make the rows that the commit will write."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from portal.domain.descriptions.clean import clean_description
from portal.domain.languages import language_tag
from portal.domain.sync.notices import ai_notice
from portal.domain.sync.plan import (
    UNSEEN_COLUMNS,
    StoredPost,
    SyncPlan,
    changed_fields,
    without_read_anew,
)
from portal.domain.sync.posts import ListedPost, Listing, SetAside
from portal.domain.sync.prefill import prefill, source_values
from portal.domain.sync.runs import Trigger
from portal.domain.texts import cut_line
from portal.models import ChangeKind, Connection, Source, SyncRun
from portal.models.base import utc_now
from portal.store.job_columns import JobUpdates, NewJobs
from portal.store.people import reserve_revision
from portal.store.sync_changes import Changes, stored_columns

Row = dict[str, Any]

MAX_REQUISITION_LENGTH = 200

EMPTY_COLUMNS: Row = {
    "location": None,
    "workplace_type": None,
    "employment_type": None,
    "department": None,
    "seniority": None,
    "salary_min": None,
    "salary_max": None,
    "salary_currency": None,
    "salary_period": None,
    "hiring_manager": None,
    "closes_on": None,
}


def imported_columns(listed: ListedPost) -> Row:
    """Return Greenhouse's columns of a job: all that a sync ever writes of a stored one."""
    post = listed.post
    return {
        "source": Source.GREENHOUSE,
        "title": post.title,
        "description_html": clean_description(post.content, post.absolute_url),
        "apply_url": post.absolute_url,
        "internal_job_id": post.internal_job_id,
        "requisition_id": cut_line(post.requisition_id, MAX_REQUISITION_LENGTH)
        if post.requisition_id
        else None,
        "language": language_tag(post.language),
        "source_updated_at": post.updated_at,
        "source_hash": listed.fingerprint,
        "source_values": source_values(post) | ai_notice(post),
        "listed": True,
        "closed_at": None,
        "deleted_at": None,
    }


def new_job_columns(connection: Connection, listed: ListedPost, now: datetime) -> Row:
    """Return every column of a job first imported, the organisation's prefilled if it wants that."""
    imported = imported_columns(listed)
    filled = prefill(imported["source_values"]) if connection.prefill else {}
    return (
        EMPTY_COLUMNS
        | imported
        | filled
        | {
            "organisation_id": connection.organisation_id,
            "board_token": connection.board_token,
            "external_id": listed.post.id,
            "opened_at": listed.post.first_published or now,
            "created_at": now,
        }
    )


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
    ``standing`` counts the open jobs that the board is answerable for. ``is_first`` says that nothing was
    ever read for this connection. ``reads_anew`` says that texts are read in another way than the last time;
    ``silent`` counts the jobs in which that alone made a difference, which is no change to be noted.
    """

    run: SyncRun
    etag: str | None
    posts: int | None = None
    standing: int = 0
    is_first: bool = False
    reads_anew: bool = False
    silent: int = 0
    revision: int = 0
    created_at: datetime = field(default_factory=utc_now)
    set_aside: tuple[SetAside, ...] = ()
    missing: dict[int, int] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)
    new: NewJobs = field(default_factory=NewJobs)
    updates: JobUpdates = field(default_factory=JobUpdates)
    changes: Changes = field(init=False)
    changes_of_own: Changes = field(init=False)

    def __post_init__(self) -> None:
        self.changes, self.changes_of_own = Changes(self.run.id), Changes(self.run.id)

    @property
    def is_preview(self) -> bool:
        """Whether nothing of it is to be carried out."""
        return self.run.trigger == Trigger.PREVIEW

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


def unreadable_posts_of(post: Mapping[str, Any]) -> SetAside:
    """Return a post that was set aside, as the connection keeps it."""
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
    *,
    reads_anew: bool = False,
) -> Prepared:
    """Make the rows of a plan, of a preview only its changes. Each post is let go as its row is made.

    ``reads_anew`` says that what is stored was made of the posts in another way.
    """
    prepared = Prepared(
        run,
        listing.etag,
        posts=len(listing.posts) + len(listing.set_aside),
        is_first=connection.last_synced_at is None,
        reads_anew=reads_anew,
        revision=reserve_revision(connection.organisation_id) if plan.created or plan.written else 0,
        standing=sum(row.listed and row.followed for row in stored.values()),
        set_aside=listing.set_aside,
        missing={post_id: stored[post_id].job_id for post_id in plan.closed},
        left={post_id: stored[post_id].job_id for post_id in plan.left},
    )
    stamp = {"changed_at": prepared.created_at, "revision": prepared.revision}
    for done, post_id in enumerate(plan.created, 1):
        columns = new_job_columns(connection, listing.posts.pop(post_id), prepared.created_at)
        prepared.new.add(columns | stamp)
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
    post_of = {stored[post_id].job_id: post_id for post_id in plan.written}
    back = set(plan.reopened)
    stamp = {"changed_at": prepared.created_at, "revision": prepared.revision}
    for done, (job_id, before) in enumerate(stored_columns(list(post_of)), 1 + len(prepared.new)):
        post_id = post_of[job_id]
        row = imported_columns(listing.posts.pop(post_id))
        fields = changed_fields(before, row, whole=prepared.is_preview)
        noted = without_read_anew(fields, before, row) if prepared.reads_anew else fields
        kind = ChangeKind.REOPENED if post_id in back else ChangeKind.UPDATED
        followed = stored[post_id].followed
        if fields or kind == ChangeKind.REOPENED or not followed:
            changes = prepared.changes if followed else prepared.changes_of_own
            if noted or kind == ChangeKind.REOPENED or not followed:
                changes.add(kind, job_id, row["title"], noted)
            else:
                prepared.silent += 1
            if followed and row["description_html"] == before["description_html"]:
                del row["description_html"]  # by far the longest column, and nobody else writes it
            row |= stamp
        else:
            row = {name: row[name] for name in UNSEEN_COLUMNS}
        prepared.updates.add(row | {"id": job_id})
        step(done)

"""Turn an answer of Greenhouse into all that a run will commit, before anything is locked."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.actions.imported_rows import Row, imported_columns, new_job_columns
from portal.domain.job_posts import Listing, SetAside
from portal.domain.post_changes import UNSEEN_COLUMNS, changed_fields
from portal.domain.sync_plan import StoredPost, SyncPlan
from portal.models import ChangeKind, Connection
from portal.models.base import utc_now
from portal.store.sync_changes import stored_columns

Step = Callable[[int], None]


@dataclass(slots=True)
class Prepared:
    """What a run will commit, with descriptions already cleaned: nothing slow is left to do.

    ``posts`` counts what the answer lists; it is ``None`` where Greenhouse said only that nothing
    changed. ``silent`` rows differ in nothing that anybody sees. ``missing`` maps posts no longer
    listed to their jobs: whether they close is judged in the commit. ``left`` does so for jobs that were
    kept from an earlier connection. ``standing`` counts the open jobs that the board is answerable for.
    ``is_first`` says that nothing was ever read for this connection.
    """

    etag: str | None
    posts: int | None = None
    standing: int = 0
    is_first: bool = False
    created_at: datetime = field(default_factory=utc_now)
    set_aside: tuple[SetAside, ...] = ()
    new: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    silent: list[Row] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    missing: dict[int, int] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)

    @property
    def gone(self) -> dict[int, int]:
        """Every post that is listed no more while its job is open, and that job."""
        return self.missing | self.left

    @property
    def rows(self) -> int:
        """How many jobs are new or changed."""
        return len(self.new) + len(self.changed)

    def count(self, kind: ChangeKind) -> int:
        """How many stored jobs changed in this way."""
        return sum(change["kind"] == kind for change in self.changes)

    def stamp(self, now: datetime, revision: int) -> None:
        """Mark every visible row with the commit that it belongs to."""
        for row in (*self.new, *self.changed):
            row["changed_at"], row["revision"] = now, revision


def kept_aside(post: Mapping[str, Any]) -> SetAside:
    """Return a post that was set aside, as the connection keeps it."""
    return SetAside(post["id"], post["title"], post["reason"])


def as_kept(set_aside: Iterable[SetAside]) -> list[dict[str, Any]]:
    """Return posts that are set aside as the connection and its runs keep them, in an order of our own."""
    return [
        {"id": post.id, "title": post.title, "reason": post.reason}
        for post in sorted(set_aside, key=lambda post: post.id)
    ]


def prepare(
    connection: Connection,
    plan: SyncPlan,
    listing: Listing,
    stored: dict[int, StoredPost],
    step: Step,
    *,
    whole: bool = False,
) -> Prepared:
    """Make the rows of a plan. Each post is let go as its row is made: a board may be large.

    ``whole`` keeps new descriptions among the changes, for a preview.
    """
    prepared = Prepared(
        listing.etag,
        posts=len(listing.posts) + len(listing.set_aside),
        is_first=connection.last_synced_at is None,
        standing=sum(row.listed and row.followed for row in stored.values()),
        set_aside=listing.set_aside,
        missing={post_id: stored[post_id].job_id for post_id in plan.closed},
        left={post_id: stored[post_id].job_id for post_id in plan.left},
    )
    for done, post_id in enumerate(plan.created, 1):
        listed = listing.posts.pop(post_id)
        prepared.new.append(new_job_columns(connection, listed, prepared.created_at))
        step(done)
    _add_stored(prepared, plan, listing, stored, step, whole=whole)
    return prepared


def _add_stored(
    prepared: Prepared,
    plan: SyncPlan,
    listing: Listing,
    stored: dict[int, StoredPost],
    step: Step,
    *,
    whole: bool,
) -> None:
    """Make the rows of jobs that are stored already, and say what changes of each."""
    post_of = {stored[post_id].job_id: post_id for post_id in plan.written}
    back = set(plan.reopened)
    for done, (job_id, before) in enumerate(stored_columns(list(post_of)), 1 + len(prepared.new)):
        post_id = post_of[job_id]
        row = imported_columns(listing.posts.pop(post_id))
        fields = changed_fields(before, row, whole=whole)
        kind = ChangeKind.REOPENED if post_id in back else ChangeKind.UPDATED
        if fields or kind == ChangeKind.REOPENED or not stored[post_id].followed:
            prepared.changed.append(row | {"job_id": job_id})
            prepared.changes.append({"kind": kind, "job_id": job_id, "title": row["title"], "fields": fields})
        else:
            unseen = {name: row[name] for name in UNSEEN_COLUMNS}
            prepared.silent.append(unseen | {"job_id": job_id})
        step(done)

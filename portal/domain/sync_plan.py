"""What a sync would do, decided without touching anything."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from portal.domain.job_posts import ListedPost


@dataclass(frozen=True, slots=True)
class StoredPost:
    """What is stored of one post: its row, the hash of the answer it came from, whether it stands listed.

    ``followed`` is false for a kept job of an ended connection: it is the organisation's own until
    its post is listed again, and no sync closes it by itself. ``merged`` jobs are part of another one.
    """

    job_id: int
    fingerprint: str | None
    listed: bool
    followed: bool = True
    merged: bool = False


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """The ids of posts by what is to be done; ``unchanged`` is only counted.

    ``left`` are open jobs that were kept from an earlier connection and are listed no more: whether
    they close is nobody's to plan.
    """

    created: tuple[int, ...]
    updated: tuple[int, ...]
    reopened: tuple[int, ...]
    closed: tuple[int, ...]
    unchanged: int
    left: tuple[int, ...] = ()

    @property
    def changes(self) -> int:
        """How many rows the plan would write."""
        return len(self.created) + len(self.updated) + len(self.reopened) + len(self.closed)

    @property
    def written(self) -> tuple[int, ...]:
        """The ids of stored posts whose content is taken over anew."""
        return self.updated + self.reopened


def plan_sync(
    stored: Mapping[int, StoredPost], listed: Mapping[int, ListedPost], untouched: Set[int] = frozenset()
) -> SyncPlan:
    """Compare the stored posts with the whole board; a stored post that is not listed is closed.

    Posts in ``untouched`` are listed but could not be read: their rows stay as they are.
    """
    created: list[int] = []
    updated: list[int] = []
    reopened: list[int] = []
    unchanged = 0
    for post_id, post in listed.items():
        row = stored.get(post_id)
        if row is None:
            created.append(post_id)
        elif not row.listed:
            reopened.append(post_id)
        elif row.fingerprint != post.fingerprint:
            updated.append(post_id)
        else:
            unchanged += 1
    gone = {
        post_id: row
        for post_id, row in stored.items()
        if row.listed and post_id not in listed and post_id not in untouched
    }
    closed = tuple(post_id for post_id, row in gone.items() if row.followed)
    left = tuple(post_id for post_id, row in gone.items() if not row.followed and not row.merged)
    return SyncPlan(tuple(created), tuple(updated), tuple(reopened), closed, unchanged, left)

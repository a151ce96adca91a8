"""Who reads the feeds of an organisation: added in batches, listed, deleted when they come no more."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import case, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from portal.db import count_deleted, session
from portal.domain.feeds.fetches import OTHERS
from portal.models import FeedFetch, Organisation
from portal.prepared_rows import batches

MOST_READERS: Final = 100
"""Of an organisation: whoever comes after them is one of the others."""
ROWS: Final = 200


class Reader(NamedTuple):
    """Who reads which feed; ``organisation`` is its slug."""

    organisation: str
    name: str
    feed: str
    filters: str


class Fetched(NamedTuple):
    """How often it was fetched, when last, and the version held, which was sent ``since``."""

    fetches: int
    last: datetime
    etag: str
    since: datetime | None


def joined(one: Fetched, other: Fetched) -> Fetched:
    """Return both as one: the later of them says which version is held."""
    earlier, later = sorted((one, other), key=lambda each: each.last)
    since = later.since or earlier.since
    return Fetched(one.fetches + other.fetches, later.last, later.etag, since)


def add_fetches(fetched: Mapping[Reader, Fetched]) -> None:
    """Add what was fetched to what is stored. Call it in a write transaction."""
    rows = _within_bounds(fetched)
    insert = insert_sqlite if session().get_bind().dialect.name == "sqlite" else insert_postgresql
    for _, batch in batches(sorted(rows), ROWS):
        statement = insert(FeedFetch).values([_row(key, rows[key]) for key in batch])
        new = statement.excluded
        is_later = new.last_at >= FeedFetch.last_at
        changed = {
            "fetches": FeedFetch.fetches + new.fetches,
            "last_at": case((is_later, new.last_at), else_=FeedFetch.last_at),
            "etag": case((is_later, new.etag), else_=FeedFetch.etag),
            "since_at": case(
                (is_later, func.coalesce(new.since_at, FeedFetch.since_at)), else_=FeedFetch.since_at
            ),
        }
        keys = [FeedFetch.organisation_id, FeedFetch.name, FeedFetch.feed, FeedFetch.filters]
        session().execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


Key = tuple[int, str, str, str]


def _row(key: Key, fetched: Fetched) -> dict[str, object]:
    organisation_id, name, feed, filters = key
    return {
        "organisation_id": organisation_id,
        "name": name,
        "feed": feed,
        "filters": filters,
        "fetches": fetched.fetches,
        "etag": fetched.etag,
        "first_at": fetched.last,
        "last_at": fetched.last,
        "since_at": fetched.since,
    }


def _within_bounds(fetched: Mapping[Reader, Fetched]) -> dict[Key, Fetched]:
    """Name the organisations by their ids, and those readers others for whom there is no room."""
    query = select(Organisation.slug, Organisation.id)
    slugs = sorted({reader.organisation for reader in fetched})
    ids: dict[str, int] = {}
    for _, batch in batches(slugs, ROWS):
        ids |= {row[0]: row[1] for row in session().execute(query.where(Organisation.slug.in_(batch)))}
    known: dict[int, set[Key]] = defaultdict(set)
    columns = (FeedFetch.organisation_id, FeedFetch.name, FeedFetch.feed, FeedFetch.filters)
    for _, batch_of_ids in batches(sorted(ids.values()), ROWS):
        for row in session().execute(select(*columns).where(FeedFetch.organisation_id.in_(batch_of_ids))):
            known[row[0]].add((row[0], row[1], row[2], row[3]))
    kept: dict[Key, Fetched] = {}
    for reader, each in fetched.items():
        if reader.organisation not in ids:
            continue
        key: Key = (ids[reader.organisation], *reader[1:])
        there = known[key[0]]
        if key not in there and len(there) >= MOST_READERS:
            key = (key[0], OTHERS, reader.feed, "")
        there.add(key)
        kept[key] = joined(kept[key], each) if key in kept else each
    return kept


def fetches_of(organisation_id: int) -> Sequence[FeedFetch]:
    """Return who reads the feeds, the last who came first."""
    query = select(FeedFetch).where(FeedFetch.organisation_id == organisation_id)
    return session().scalars(query.order_by(FeedFetch.last_at.desc(), FeedFetch.name, FeedFetch.feed)).all()


def delete_old_fetches(before: datetime, limit: int) -> tuple[int, int]:
    """Delete some readers who came last before a time; return how many were found, and how many went."""
    columns = (FeedFetch.organisation_id, FeedFetch.name, FeedFetch.feed, FeedFetch.filters)
    old = session().execute(select(*columns).where(FeedFetch.last_at < before).limit(limit)).all()
    if not old:
        return 0, 0
    gone = delete(FeedFetch).where(
        tuple_(*columns).in_([tuple(row) for row in old]), FeedFetch.last_at < before
    )
    return len(old), count_deleted(gone)

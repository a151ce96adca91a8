"""Fetches of feeds are added in batches, on both databases, and take bounded room."""

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select

from portal.actions.public.counting import fetches_of
from portal.actions.sync.tidy_up import tidy_up
from portal.db import session
from portal.domain.feeds.fetches import OTHERS
from portal.models import FeedFetch
from portal.store.public.fetches import MOST_READERS, Fetched, Reader
from tests.support.app import Cast


def stored(app: Flask) -> dict[tuple[str, str, str], FeedFetch]:
    fetches_of(app).flush()
    with app.app_context():
        rows = session().scalars(select(FeedFetch)).all()
        return {(row.name, row.feed, row.filters): row for row in rows}


def test_made_up_names_take_no_more_room_than_there_is_and_go_with_time(app: Flask, cast: Cast) -> None:
    long_ago, now = datetime.now(UTC) - timedelta(days=91), datetime.now(UTC)
    gatherer = fetches_of(app)
    for number in range(MOST_READERS + 50):
        at = long_ago if number % 2 else now
        gatherer.gather(Reader("northwind", f"Reader {number}", "atom", ""), Fetched(1, at, "abc", None))
        if number == MOST_READERS // 2:
            gatherer.flush()
    rows = stored(app)
    assert len(rows) == MOST_READERS + 1
    assert rows[OTHERS, "atom", ""].fetches == 50
    gatherer.gather(Reader("northwind", OTHERS, "atom", ""), Fetched(1, long_ago, "old", long_ago))
    assert (stored(app)[OTHERS, "atom", ""].etag, stored(app)[OTHERS, "atom", ""].fetches) == ("abc", 51)
    with app.app_context():
        tidy_up(now)
    assert len(stored(app)) == MOST_READERS // 2 + 1

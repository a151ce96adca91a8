"""Count views, clicks and fetches of feeds in this process."""

from datetime import date, datetime
from typing import Final

from flask import Flask

from portal.actions.public.gathering import Gatherer
from portal.domain.feeds.fetches import OTHERS
from portal.domain.traffic import OTHER
from portal.store.public.fetches import Fetched, Reader, add_fetches, joined
from portal.store.public.traffic import Sums, Visit, add_traffic

_TRAFFIC: Final = "traffic_counter"
_FETCHES: Final = "feed_fetches"


def init_app(app: Flask) -> None:
    """Give the application what gathers."""
    app.extensions[_TRAFFIC] = Gatherer[Visit, Sums](
        app, add_traffic, _sum, lambda visit: visit._replace(source=OTHER)
    )
    app.extensions[_FETCHES] = Gatherer[Reader, Fetched](
        app, add_fetches, joined, lambda reader: reader._replace(name=OTHERS, filters="")
    )


def close(app: Flask) -> None:
    """Write all that waits."""
    traffic_of(app).close()
    fetches_of(app).close()


def _sum(one: Sums, other: Sums) -> Sums:
    return Sums(one.views + other.views, one.clicks + other.clicks)


def traffic_of(app: Flask) -> Gatherer[Visit, Sums]:
    """Return what gathers views and clicks."""
    gatherer: Gatherer[Visit, Sums] = app.extensions[_TRAFFIC]
    return gatherer


def fetches_of(app: Flask) -> Gatherer[Reader, Fetched]:
    """Return what gathers fetches of feeds."""
    gatherer: Gatherer[Reader, Fetched] = app.extensions[_FETCHES]
    return gatherer


def count_visit(
    app: Flask, organisation_id: int, job_id: int, day: date, source: str, *, is_click: bool
) -> None:
    """Count a view of a job or of the tab, or a click on Apply."""
    sums = Sums(clicks=1) if is_click else Sums(views=1)
    traffic_of(app).gather(Visit(organisation_id, job_id, day, source), sums)


def note_fetch(app: Flask, reader: Reader, etag: str, at: datetime, *, is_whole: bool) -> None:
    """Note who fetched a feed, and which version; ``is_whole`` unless the reader's copy was still good."""
    fetches_of(app).gather(reader, Fetched(1, at, etag, at if is_whole else None))

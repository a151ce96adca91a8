"""Counts are gathered in the process and added in batches, on both databases."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from portal.actions.public import gathering
from portal.actions.public.counting import _sum, traffic_of
from portal.actions.public.gathering import Gatherer
from portal.actions.sync.tidy_up import tidy_up
from portal.db import session
from portal.domain.traffic import OTHER
from portal.models import Traffic
from portal.models.base import utc_now
from portal.store.public.traffic import (
    MOST_SOURCES,
    Sums,
    Visit,
    add_traffic,
    traffic_by_day,
    traffic_by_job,
    traffic_by_source,
)
from tests.support.app import Cast

DAY = date(2026, 11, 28)
VIEW, CLICK = Sums(views=1), Sums(clicks=1)
Counter = Gatherer[Visit, Sums]
MakeJob = Callable[..., int]


@pytest.fixture
def counters(app: Flask, monkeypatch: pytest.MonkeyPatch) -> tuple[Counter, Counter]:
    """Two processes, which write when they are told to."""
    monkeypatch.setattr(gathering, "PAUSE", 3_600)
    return traffic_of(app), Gatherer(app, add_traffic, _sum, lambda visit: visit._replace(source=OTHER))


def stored(app: Flask) -> dict[tuple[Any, ...], tuple[int, int]]:
    with app.app_context():
        rows = session().scalars(select(Traffic)).all()
        return {(row.job_id, row.day, row.source): (row.views, row.clicks) for row in rows}


def test_two_processes_add_to_one_row_and_nothing_is_counted_of_what_is_not_public(
    app: Flask, cast: Cast, make_job: MakeJob, counters: tuple[Counter, Counter]
) -> None:
    org, job, hidden = cast.northwind.id, make_job(), make_job(visibility="hidden")
    for counter in counters:
        for _ in range(3):
            counter.gather(Visit(org, job, DAY, "google"), VIEW)
        counter.gather(Visit(org, job, DAY, "google"), CLICK)
        counter.gather(Visit(org, 0, DAY, "direct"), VIEW)
        for nothing in (
            Visit(org, hidden, DAY, "x"),
            Visit(org, 10**9, DAY, "x"),
            Visit(cast.cafe.id, job, DAY, "x"),
        ):
            counter.gather(nothing, VIEW)
        counter.gather(Visit(10**9, 0, DAY, "x"), VIEW)
    assert stored(app) == {}
    for counter in counters:
        counter.flush()
        counter.flush()
    assert stored(app) == {(job, DAY, "google"): (6, 2), (0, DAY, "direct"): (2, 0)}
    with app.app_context():
        assert traffic_by_day(org, DAY) == {DAY: Sums(6, 2)}
        assert traffic_by_day(org, DAY, 0) == {DAY: Sums(2, 0)}
        assert traffic_by_source(org, DAY, limit=9) == [("google", Sums(6, 2))]
        assert traffic_by_job(org, DAY, limit=9) == [(job, "Welder", Sums(6, 2))]
        assert traffic_by_day(org, DAY + timedelta(days=1)) == {}
        assert traffic_by_day(cast.cafe.id, DAY) == {}


def test_a_job_has_so_many_sources_a_day_and_the_rest_are_others(
    app: Flask, cast: Cast, make_job: MakeJob, counters: tuple[Counter, Counter]
) -> None:
    job, other_job = make_job(), make_job()
    for number, counter in enumerate(counters):
        for source in range(2 * MOST_SOURCES):
            counter.gather(Visit(cast.northwind.id, job, DAY, f"made up {number} {source}"), VIEW)
        counter.gather(Visit(cast.northwind.id, other_job, DAY, "google"), VIEW)
        counter.flush()
    rows = {key: value for key, value in stored(app).items() if key[0] == job}
    assert len(rows) == MOST_SOURCES + 1
    assert sum(views for views, _ in rows.values()) == 4 * MOST_SOURCES
    assert rows[job, DAY, OTHER] == (3 * MOST_SOURCES, 0)
    assert stored(app)[other_job, DAY, "google"] == (2, 0)


def test_what_cannot_be_written_waits_and_never_takes_more_than_its_room(
    app: Flask,
    cast: Cast,
    make_job: MakeJob,
    counters: tuple[Counter, Counter],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counter, job = counters[0], make_job()
    monkeypatch.setattr(gathering, "MOST_WAITING", 10)

    @contextmanager
    def away() -> Iterator[None]:
        raise OperationalError("", {}, Exception())
        yield

    with monkeypatch.context() as patch:
        patch.setattr(gathering, "write", away)
        for number in range(100):
            counter.gather(Visit(cast.northwind.id, job, DAY, f"s{number}"), VIEW)
        counter.flush()
        for number in range(100):
            counter.gather(Visit(cast.northwind.id, job + number, DAY, "y"), VIEW)
        counter.flush()
        assert stored(app) == {}
    counter.flush()
    assert sum(views for views, _ in stored(app).values()) == 101
    assert len(stored(app)) == 9


def test_a_process_that_ends_writes_what_it_counted(app: Flask, cast: Cast, make_job: MakeJob) -> None:
    job = make_job()
    traffic_of(app).gather(Visit(cast.northwind.id, job, DAY, "direct"), VIEW)
    traffic_of(app).close()
    assert stored(app) == {(job, DAY, "direct"): (1, 0)}


def test_counts_are_deleted_after_two_years(
    app: Flask, cast: Cast, make_job: MakeJob, counters: tuple[Counter, Counter]
) -> None:
    job, today = make_job(), utc_now().date()
    for days in (0, 729, 732, 900):
        counters[0].gather(Visit(cast.northwind.id, job, today - timedelta(days=days), "direct"), VIEW)
    counters[0].flush()
    with app.app_context():
        tidy_up(utc_now())
    assert {(today - day).days for _, day, _ in stored(app)} == {0, 729}

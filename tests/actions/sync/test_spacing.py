"""Runs of one connection keep their distance: a burst of clicks or webhooks is one or two of them."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.actions.sync.run import run_sync
from portal.actions.sync.schedule import enqueue_waiting, start_due, start_sync
from portal.db import end_read, session, write
from portal.domain.sync.runs import SPACING, RunStatus, Trigger, earliest_start
from portal.models import Connection, SyncRun
from portal.models.base import utc_now
from tests.support.databases import on_sqlite
from tests.support.syncs import Sync, reread

pytestmark = pytest.mark.usefixtures("spaced")


def begin(connection: Connection, trigger: Trigger) -> SyncRun:
    run = start_sync(connection, trigger)
    assert run is not None
    return reread(run)


@on_sqlite
@pytest.mark.parametrize("trigger", [Trigger.MANUAL, Trigger.PREVIEW])
def test_a_run_soon_after_another_started_waits_for_its_distance(
    sync: Sync, connection: Connection, trigger: Trigger
) -> None:
    first = sync()
    assert first.status == RunStatus.SUCCEEDED, "the first of all waits for nothing"
    assert first.started_at is not None
    second = begin(connection, trigger)
    assert (second.not_before, second.enqueued_at) == (first.started_at + SPACING.between, None)
    assert begin(connection, Trigger.MANUAL).not_before == second.not_before, "nor does a click come closer"
    assert enqueue_waiting(second.not_before - timedelta(milliseconds=1)) == 0
    assert enqueue_waiting(second.not_before) == 1


@on_sqlite
def test_a_scheduled_run_keeps_the_distance_too(sync: Sync, connection: Connection) -> None:
    started = sync().started_at
    assert started is not None
    with write():
        session().get_one(Connection, connection.id).next_sync_at = utc_now()
    assert start_due(utc_now()) == 1
    end_read()
    assert session().scalars(select(SyncRun.not_before).where(SyncRun.status == RunStatus.QUEUED)).all() == [
        started + SPACING.between
    ]


@on_sqlite
def test_a_webhooks_run_waits_for_more_of_them_and_a_click_does_not(connection: Connection) -> None:
    before = utc_now()
    run = begin(connection, Trigger.WEBHOOK)
    assert run.not_before is not None
    assert before + SPACING.collecting <= run.not_before <= utc_now() + SPACING.collecting
    clicked = begin(connection, Trigger.MANUAL)
    assert (clicked.id, clicked.not_before) == (run.id, None)
    assert clicked.enqueued_at is not None


@on_sqlite
def test_one_that_is_taken_too_early_is_handed_over_again_when_it_is_due(
    app: Flask, connection: Connection
) -> None:
    run = begin(connection, Trigger.MANUAL)
    due = utc_now() + timedelta(minutes=1)
    with write():
        session().get_one(SyncRun, run.id).not_before = due
    app.extensions["redis"].flushall()
    run_sync(run.id, run.generation)
    assert (reread(run).status, reread(run).enqueued_at) == (RunStatus.QUEUED, None)
    assert enqueue_waiting(due) == 1


def test_a_start_that_lies_ahead_by_another_clock_is_no_reason_to_wait_longer() -> None:
    now = utc_now()
    assert earliest_start(Trigger.MANUAL, now, now + timedelta(days=1)) == now + SPACING.between
    assert earliest_start(Trigger.MANUAL, now, now - SPACING.between) is None
    assert earliest_start(Trigger.WEBHOOK, now, now) == now + SPACING.between

"""A commit that takes long: who writes on keeps the run, and who was paused meanwhile commits nothing."""

import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic, sleep

import pytest
from flask import Flask
from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import DBAPIError

from portal.actions.sync import apply as apply_module
from portal.actions.sync import lease as lease_module
from portal.actions.sync import run as run_module
from portal.actions.sync.retry import sweep
from portal.actions.sync.run import run_sync
from portal.actions.sync.schedule import start_sync
from portal.db import db, end_read, session, write
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Connection, Job, SyncRun
from portal.models.base import utc_now
from portal.prepared_rows import Rows, Step, Updates
from tests.support.processes import PATIENCE, wait_until
from tests.support.syncs import reread

LEASE = 2
LONG = 60  # seconds: so long that a busy machine renews it in time
insert = Rows.insert


@pytest.fixture
def run(app: Flask, connection: Connection) -> SyncRun:
    """The first import, queued, under a short lease."""
    app.extensions["settings"] = replace(app.extensions["settings"], lease_seconds=LEASE)
    run = start_sync(connection, Trigger.CONNECT)
    assert run is not None
    return run


class Clock:
    """A clock that a test may move on: the portal's, and no database's."""

    ahead = 0.0

    def utc_now(self) -> datetime:
        return utc_now() + timedelta(seconds=self.ahead)

    def monotonic(self) -> float:
        return monotonic() + self.ahead

    def skip(self, seconds: float) -> None:
        self.ahead += seconds


@pytest.fixture
def let_pass(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let so many seconds pass. PostgreSQL ends transactions by its own clock, so there they do."""
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            return sleep
    clock = Clock()
    monkeypatch.setattr(lease_module, "monotonic", clock.monotonic)
    for module in (apply_module, lease_module, run_module):
        monkeypatch.setattr(module, "utc_now", clock.utc_now)
    return clock.skip


def count_stored() -> int:
    end_read()
    return session().scalar(select(func.count(Job.id))) or 0


@pytest.mark.parametrize(("rows", "write"), [(Rows, "insert"), (Updates, "write")])
def test_one_that_was_paused_for_longer_than_its_lease_commits_nothing(
    app: Flask,
    run: SyncRun,
    monkeypatch: pytest.MonkeyPatch,
    let_pass: Callable[[float], None],
    rows: type,
    write: str,
) -> None:
    """Before the organisation is locked, and while it is."""
    original = getattr(rows, write)

    def paused(rows: Rows | Updates, _written: Step) -> None:
        original(rows, lambda _done: None)
        let_pass(LEASE + 0.5)

    with monkeypatch.context() as patched, suppress(DBAPIError):  # PostgreSQL ends the connection
        patched.setattr(rows, write, paused)
        run_sync(run.id, run.generation)
    assert (reread(run).status, count_stored()) == (RunStatus.RUNNING, 0)
    assert sweep(lease_module.utc_now()) == 1
    app.extensions["settings"] = replace(app.extensions["settings"], lease_seconds=LONG)
    run_sync(run.id, reread(run).generation)
    assert reread(run).status == RunStatus.SUCCEEDED
    assert count_stored() > 0


def test_one_that_takes_long_and_goes_on_keeps_its_run(
    app: Flask, run: SyncRun, monkeypatch: pytest.MonkeyPatch, let_pass: Callable[[float], None]
) -> None:
    lease = 6  # so long that a busy machine renews it in time
    app.extensions["settings"] = replace(app.extensions["settings"], lease_seconds=lease)

    def slow(rows: Rows, written: Step) -> None:
        insert(rows, lambda _done: None)
        for _ in range(6 if len(rows) else 0):
            let_pass(lease / 5)
            written(len(rows))

    monkeypatch.setattr(Rows, "insert", slow)
    run_sync(run.id, run.generation)
    assert (reread(run).status, reread(run).attempt) == (RunStatus.SUCCEEDED, 1)
    assert count_stored() > 0


def test_a_task_that_outlasts_its_time_inside_a_commit_leaves_nothing_of_it_and_is_taken_up_again(
    app: Flask, run: SyncRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(rows: Rows, _written: Step) -> None:
        insert(rows, lambda _done: None)
        signal.alarm(1)  # what is left of its time
        if db.engine.dialect.name == "postgresql":
            session().execute(text("SELECT pg_sleep(300)"))  # the signal comes while the server is waited for
        sleep(300)

    def as_a_task() -> None:
        with app.app_context(), UnixSignalDeathPenalty(int(PATIENCE), JobTimeoutException):
            run_sync(run.id, run.generation)

    usual = signal.getsignal(signal.SIGALRM)
    with monkeypatch.context() as patched:
        patched.setattr(Rows, "insert", endless)
        with suppress(JobTimeoutException, DBAPIError):  # or its short lease is lost by then
            as_a_task()
    signal.signal(signal.SIGALRM, usual)
    assert count_stored() == 0

    def queued() -> bool:
        sweep(utc_now())
        return reread(run).status == RunStatus.QUEUED

    wait_until(queued, "the run to be put back, by its worker or by the sweep")
    with write():
        session().get_one(SyncRun, run.id).not_before = None
    app.extensions["settings"] = replace(app.extensions["settings"], lease_seconds=LONG)
    run_sync(run.id, reread(run).generation)
    assert reread(run).status == RunStatus.SUCCEEDED
    assert count_stored() > 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_does_the_same_work_in_another_database_of_the_server_goes_on(app: Flask, run: SyncRun) -> None:
    here = db.engine.url.update_query_dict({"application_name": f"sync-run-{run.id}/0"})
    engines = [create_engine(url) for url in (here.set(database="postgres"), here)]
    with engines[0].connect() as other, engines[1].connect() as earlier:
        for connection in (other, earlier):
            connection.execute(text("SELECT 1"))
        run_sync(run.id, 0)
        assert reread(run).status == RunStatus.SUCCEEDED
        assert other.execute(text("SELECT 1")).scalar() == 1
        with pytest.raises(DBAPIError):
            earlier.execute(text("SELECT 1"))
        earlier.invalidate()
    for engine in engines:
        engine.dispose()

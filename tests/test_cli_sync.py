"""``flask sync`` against the demo board, in a process without any worker."""

from collections.abc import Callable
from dataclasses import replace
from threading import Thread

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from portal.actions.sync.run import run_sync
from portal.actions.sync.schedule import pause, start_sync
from portal.config import Settings
from portal.db import end_read, session
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Connection, Job, SyncRun
from tests.support.board_server import DemoBoard
from tests.support.processes import PATIENCE, wait_until

Run = Callable[..., Result]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def settings(settings: Settings, board: DemoBoard) -> Settings:
    return replace(settings, greenhouse_api_url=board.url, sync_retry_seconds=0.1)


@pytest.fixture
def run(app: Flask) -> Run:
    return lambda *words: app.test_cli_runner().invoke(args=["sync", "northwind", *words])


def jobs(app: Flask) -> int:
    with app.app_context():
        return session().query(Job).count()


def statuses(app: Flask) -> list[str]:
    with app.app_context():
        end_read()
        return list(session().scalars(select(SyncRun.status).order_by(SyncRun.id)))


def test_a_sync_is_carried_out_and_says_what_it_brought(app: Flask, connection: Connection, run: Run) -> None:
    first = run()
    assert first.exit_code == 0, first.output
    assert first.output == f"{jobs(app)} new.\n"
    assert run().output == "Nothing changed.\n"


def test_a_dry_run_tells_every_field_and_changes_nothing(
    app: Flask, imported: Connection, board: DemoBoard, run: Run
) -> None:
    one, two = [post["id"] for post in board.posts if post["internal_job_id"]][:2]
    title = board.post(one)["title"]
    board.edit(one, title="Keeper", location="Faro", description="<p>New words.</p>")
    board.close(two)
    board.add(title="Rigger")
    before = jobs(app)
    told = run("--dry-run")
    assert told.exit_code == 0, told.output
    lines = told.output.splitlines()
    assert lines[0] == "A sync would bring: 1 updated, 1 new, 1 closed."
    assert "new       Rigger" in lines
    assert "updated   Keeper" in lines
    assert f"closed    {board.post(two)['title']}" in lines
    assert f"          Title: {title} → Keeper" in lines
    assert any(line.startswith("          Location in Greenhouse: ") and "→ Faro" in line for line in lines)
    assert any("{+New words.+}" in line for line in lines)
    assert jobs(app) == before
    assert run().output == "1 updated, 1 new, 1 closed.\n"
    assert run("--dry-run").output == "A sync would change nothing.\n"


def test_a_dry_run_carries_out_no_sync_that_waits(
    app: Flask, imported: Connection, board: DemoBoard, run: Run
) -> None:
    with app.app_context():
        start_sync(imported, Trigger.SCHEDULE)
    asked = len(board.requests)
    refused = run("--dry-run")
    assert refused.exit_code == 1
    assert "waits already and will bring what has changed. Nothing was done here." in refused.output
    assert (statuses(app)[-1], len(board.requests)) == ("queued", asked)


def test_a_board_that_is_gone_is_an_error_with_its_cause(
    imported: Connection, board: DemoBoard, run: Run
) -> None:
    board.fail(404, times=9)
    result = run()
    assert result.exit_code == 1
    assert result.output.startswith("Error: Greenhouse has no job board")


def test_a_board_that_is_busy_is_asked_again_before_it_is_an_error(
    imported: Connection, board: DemoBoard, run: Run
) -> None:
    asked = len(board.requests)
    board.fail(503, times=9)
    result = run()
    assert result.exit_code == 1
    assert result.output.startswith("Error: Greenhouse")
    assert len(board.requests) == asked + 3


def test_a_board_that_recovers_meanwhile_is_no_error(
    imported: Connection, board: DemoBoard, run: Run
) -> None:
    board.fail(503, times=1)
    assert run().output == "Nothing changed.\n"


def test_a_sync_that_is_at_work_is_waited_for_and_then_the_own_one_done(
    app: Flask, imported: Connection, board: DemoBoard, run: Run
) -> None:
    with app.app_context():
        first = start_sync(imported, Trigger.MANUAL)
        assert first is not None
        first_id = first.id
    board.hold()

    def work() -> None:
        with app.app_context():
            run_sync(first_id, 0)

    worker = Thread(target=work)
    worker.start()
    wait_until(lambda: statuses(app) == [RunStatus.SUCCEEDED, RunStatus.RUNNING], "the worker")
    results: list[Result] = []
    command = Thread(target=lambda: results.append(run()))
    command.start()
    wait_until(
        lambda: statuses(app) == [RunStatus.SUCCEEDED, RunStatus.RUNNING, RunStatus.QUEUED], "the command"
    )
    board.release()
    command.join(PATIENCE)
    worker.join(PATIENCE)
    assert [result.output for result in results] == ["Nothing changed.\n"]
    assert statuses(app) == [RunStatus.SUCCEEDED] * 3


def test_a_paused_connection_says_so(app: Flask, imported: Connection, run: Run) -> None:
    with app.app_context():
        pause(imported)
    result = run()
    assert result.exit_code == 1
    assert "paused" in result.output

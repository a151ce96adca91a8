"""Syncs that a test carries out in its own process, and how it looks at what they wrote."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.actions.sync import run as running
from portal.actions.sync.run import run_sync
from portal.actions.sync.schedule import start_sync
from portal.db import db, end_read, session, write
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Connection, Job, Mail, SyncRun
from portal.models.base import utc_now
from tests.support.board_server import DemoBoard
from tests.support.statements import statements_sent

Sync = Callable[..., SyncRun]


def reread(run: SyncRun) -> SyncRun:
    """The run as the database has it now."""
    end_read()
    return session().get_one(SyncRun, run.id, populate_existing=True)


def connection_now(connection: Connection) -> Connection:
    """The connection as the database has it now."""
    end_read()
    return session().get_one(Connection, connection.id, populate_existing=True)


def make_connection_due(connection: Connection) -> None:
    """Let the schedule find that the connection should have been synced."""
    with write():
        session().get_one(Connection, connection.id).next_sync_at = utc_now() - timedelta(minutes=1)


def sync_now(connection: Connection) -> SyncRun:
    """One attempt now, whatever pause it should make."""
    run = start_sync(connection, Trigger.MANUAL)
    assert run is not None
    run_sync(run.id, run.generation)
    return reread(run)


def mails() -> list[tuple[str, str]]:
    """Address and subject of every mail, in the order of their writing."""
    end_read()
    rows = session().scalars(select(Mail).order_by(Mail.id)).all()
    return [(mail.reader, mail.subject) for mail in rows]


def fail(sync: Sync, board: DemoBoard, times: int = 1, trigger: Trigger = Trigger.MANUAL) -> None:
    """Sync so often while Greenhouse does not know the board."""
    for _ in range(times):
        board.fail(404)
        assert sync(trigger).status == RunStatus.FAILED


@contextmanager
def job_writes() -> Iterator[list[str]]:
    """Collect the statements that wrote the table of jobs, to be read at the end."""
    writes: list[str] = []
    with statements_sent(db.engine) as sent:
        yield writes
    kinds = ("INSERT ", "UPDATE ", "DELETE ")
    writes += [said for said, _, _ in sent if said.startswith(kinds) and " jobs " in said]


@contextmanager
def before_the_commit(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> Iterator[None]:
    """Let somebody act once the rows of a sync are made, and before it writes them."""
    apply = running.apply

    def act_and_apply(*arguments: Any) -> int:
        act()
        end_read()
        return apply(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(running, "apply", act_and_apply)
        yield


def reconnect(organisation_id: int, token: str) -> None:
    """Connect a board to the organisation, and import it."""
    again = Connection(
        organisation_id=organisation_id,
        public_key=f"key of {token}",
        board_token=token,
        board_name="Northwind Labs",
        api_key_ciphertext=b"",
        api_key_last_four="",
    )
    with write() as current:
        current.add(again)
    run = start_sync(again, Trigger.CONNECT)
    assert run is not None
    run_sync(run.id, 0)
    end_read()


def stored() -> dict[int, tuple[str, bool]]:
    """Every imported job: title, and whether it stands listed."""
    end_read()
    rows = session().execute(select(Job.external_id, Job.title, Job.listed))
    return {key: (title, listed) for key, title, listed in rows}


def jobs_on(board: DemoBoard) -> dict[int, tuple[str, bool]]:
    """What the board lists, prospect posts apart."""
    return {post["id"]: (post["title"], True) for post in board.posts if post["internal_job_id"]}


def first_post(board: DemoBoard) -> int:
    """The id of the post that the board lists first."""
    return next(iter(jobs_on(board)))

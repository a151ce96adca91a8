"""A board whose token was changed in Greenhouse: the connection goes on under the new one."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.db import session, write
from portal.models import Connection, Job, SyncRun
from tests.support.app import HTMX, PortalClient
from tests.support.board_server import DemoBoard

SETTINGS = "/orgs/northwind/greenhouse"
Work = Callable[[Connection], None]


def rename(board: DemoBoard, token: str) -> None:
    """Move the board's posts to another token."""
    board.set_posts(token, board.posts)
    board.set_posts(board.token, [])
    board.fail(404, times=100, on=f"/{board.token}/")


def jobs(app: Flask) -> dict[int, tuple[int | None, str | None, bool, str | None]]:
    with app.app_context():
        rows = session().execute(
            select(Job.id, Job.external_id, Job.board_token, Job.listed, Job.department).order_by(Job.id)
        )
        return {row[0]: tuple(row[1:]) for row in rows}


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_jobs_and_edits_go_on_under_the_new_token(
    app: Flask,
    mara: PortalClient,
    imported: Connection,
    board: DemoBoard,
    work: Work,
    headers: dict[str, str],
) -> None:
    before = jobs(app)
    edited = next(iter(before))
    mara.post(f"/orgs/northwind/jobs/{edited}/fields/department", data={"value": "Ours", "version": 0})
    rename(board, "northwind-labs")
    answer = mara.post(
        SETTINGS, data={"board_token": "https://boards.greenhouse.io/Northwind-Labs"}, headers=headers
    )
    assert answer.status_code == (200 if headers else 303)
    page = answer.text if headers else mara.get(SETTINGS).text
    assert "The board is read as “northwind-labs” from now on." in page
    assert "<code>northwind-labs</code>" in page
    work(imported)
    after = jobs(app)
    assert {key: row[0] for key, row in after.items()} == {key: row[0] for key, row in before.items()}
    assert {row[1] for row in after.values() if row[0]} == {"northwind-labs"}
    assert {key: row[2] for key, row in after.items()} == {key: row[2] for key, row in before.items()}
    assert after[edited][3] == "Ours"
    with app.app_context():
        run = session().scalars(select(SyncRun).order_by(SyncRun.id.desc())).first()
        assert run is not None
        assert (run.status, run.created, run.closed, run.held) == ("succeeded", 0, 0, 0)


def test_a_board_with_too_few_of_the_jobs_is_another_one(
    app: Flask, mara: PortalClient, imported: Connection, board: DemoBoard
) -> None:
    before = jobs(app)
    board.set_posts("other", board.posts[:3])
    answer = mara.post(SETTINGS, data={"board_token": "other"})
    assert answer.status_code == 422
    assert "“other” lists 3 of your" in answer.text
    assert jobs(app) == before


def test_a_board_that_jobs_are_here_of_already_is_not_taken_for_the_renamed_one(
    app: Flask, mara: PortalClient, synced: Connection, board: DemoBoard
) -> None:
    board.set_posts("other", board.posts)
    first = next(iter(jobs(app)))
    with app.app_context(), write() as rows:
        rows.execute(update(Job).where(Job.id == first).values(board_token="other"))
    answer = mara.post(SETTINGS, data={"board_token": "other"})
    assert answer.status_code == 422
    assert "Jobs of “other” are here already" in answer.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [("", "Enter the board token"), ("a b", "A board token has only"), ("nowhere", "no job board “nowhere”")],
)
def test_a_token_of_no_board_is_refused_at_the_field(
    mara: PortalClient, synced: Connection, typed: str, words: str
) -> None:
    answer = mara.post(SETTINGS, data={"board_token": typed})
    assert answer.status_code == 422
    assert words in answer.text
    assert "board_token-error" in answer.text


def test_the_same_token_changes_nothing(app: Flask, mara: PortalClient, synced: Connection) -> None:
    before = jobs(app)
    assert mara.post(SETTINGS, data={"board_token": synced.board_token}).status_code == 303
    assert jobs(app) == before


def test_members_may_not_rename_a_board(noor: PortalClient, synced: Connection) -> None:
    assert noor.post(SETTINGS, data={"board_token": "other"}).status_code == 403

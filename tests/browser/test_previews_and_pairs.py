"""A look at what a sync would do, and a pair made elsewhere, in a real browser."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from portal.actions.jobs.pair import accept_pairs
from portal.config import Settings
from portal.db import session
from portal.domain.jobs.fields import Source
from portal.models import Connection, Job
from tests.support.app import Cast
from tests.support.board_server import DemoBoard

Work = Callable[[Connection], None]


@pytest.fixture
def board(board: DemoBoard) -> DemoBoard:
    """The demo board with a few of its posts."""
    board.set_posts(board.token, board.posts[:6])
    return board


@pytest.fixture
def settings(settings: Settings, board: DemoBoard) -> Settings:
    return replace(settings, greenhouse_api_url=board.url)


def test_a_preview_from_the_menu_shows_its_result_by_itself_and_becomes_a_sync(
    imported: Connection, board: DemoBoard, work: Work, open_as: Callable[..., Page], cast: Cast
) -> None:
    board.add(title="Rigger for offshore masts")
    page = open_as(cast.mara, "/orgs/northwind/jobs/manage")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Check for changes").click()
    expect(page.get_by_text("This page follows by itself.")).to_be_visible()
    work(imported)
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    expect(page.get_by_text("Rigger for offshore masts")).to_be_visible()
    expect(page.locator("#announcements")).to_contain_text("A sync would bring: 1 new")
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_role("heading", name="Manage jobs")).to_be_visible()
    work(imported)
    expect(page.get_by_role("link", name="Rigger for offshore masts")).to_be_visible()


def test_a_job_that_is_paired_elsewhere_leaves_the_open_list(
    app: Flask,
    connection: Connection,
    board: DemoBoard,
    work: Work,
    make_job: Callable[..., int],
    open_as: Callable[..., Page],
    cast: Cast,
) -> None:
    title = board.posts[0]["title"]
    own = make_job(title=title, department="Only here")
    work(connection)
    page = open_as(cast.noor, "/orgs/northwind/jobs/manage")
    row = page.locator(f'tr[data-job-id="{own}"]')
    expect(row).to_be_visible()
    with app.app_context():
        accept_pairs(cast.northwind.id, cast.mara.id)
        other = session().query(Job.id).filter_by(title=title, source=Source.GREENHOUSE).scalar()
    expect(row).to_have_count(0)
    expect(page.locator(f'tr[data-job-id="{other}"] [data-field=department]')).to_contain_text("Only here")
    expect(page.get_by_text("may be here twice")).to_have_count(0)

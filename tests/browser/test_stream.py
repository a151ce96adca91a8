"""The stream that keeps Manage jobs up to date: one for all windows of a browser, and never a dead one."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import update

from portal.actions.jobs.own_jobs import add_job
from portal.db import write
from portal.models import Job, Organisation
from tests.support.app import Cast
from tests.support.forwarder import Forwarder
from tests.support.manage_page import MANAGE, cell_of, open_editor, opened

pytestmark = pytest.mark.browser

Edit = Callable[[int, str, str], None]
LIVE = "#manage[data-live]"


@pytest.fixture
def line(live_url: str) -> Iterator[Forwarder]:
    """A line to the portal that can go dead."""
    with Forwarder(urlsplit(live_url).port or 0) as forwarder:
        yield forwarder


def test_seven_windows_of_one_browser_share_one_stream_and_each_can_save(
    app: Flask, portal_page: Page, job: int, edit: Edit
) -> None:
    windows = [opened(portal_page)]
    expect(portal_page.locator(LIVE)).to_be_attached()
    windows.append(portal_page.context.new_page())  # a process of its own; the others open in the first one's
    for _ in range(5):
        with portal_page.expect_popup() as opening:
            portal_page.evaluate("() => void open('about:blank')")
        windows.append(opening.value)
    for window in windows[1:]:
        window.goto(MANAGE)
    for window in windows:
        expect(window.locator(LIVE)).to_be_attached()
    assert app.extensions["live_hub"].streams == 1
    editor = open_editor(windows[-1], job, "location")
    editor.fill("Lisbon")
    editor.press("Enter")
    for window in windows:
        expect(cell_of(window, job, "location")).to_have_text("Lisbon")
    windows[0].close()  # it was the one that listened
    edit(job, "department", "Yard")
    for window in windows[1:]:
        expect(cell_of(window, job, "department")).to_have_text("Yard")
        expect(window.locator(LIVE)).to_be_attached()


def test_a_line_that_went_dead_is_opened_anew_and_who_comes_back_to_it_waits_for_no_heartbeat(
    portal_page: Page, job: int, edit: Edit, line: Forwarder
) -> None:
    page = portal_page
    page.clock.install()
    page.goto(f"http://127.0.0.1:{line.port}{MANAGE}")
    expect(page.locator(LIVE)).to_be_attached()
    line.freeze()
    edit(job, "location", "Lisbon")
    page.clock.run_for(14_000)
    expect(cell_of(page, job, "location")).to_have_text("Porto")
    page.clock.run_for(2_000)
    expect(cell_of(page, job, "location")).to_have_text("Lisbon")
    expect(page.locator(LIVE)).to_be_attached()
    expect(page.get_by_text("Reconnecting.")).to_be_hidden()

    line.freeze()
    edit(job, "department", "Yard")
    page.clock.run_for(8_000)
    expect(cell_of(page, job, "department")).to_have_text("Add department")
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(cell_of(page, job, "department")).to_have_text("Yard")


@pytest.mark.usefixtures("quick_heartbeats")
def test_after_a_restore_an_open_page_shows_what_was_restored(
    app: Flask, cast: Cast, portal_page: Page, job: int, edit: Edit
) -> None:
    edit(job, "location", "Lisbon")
    page = opened(portal_page, f"{MANAGE}?job={job}")
    expect(page.locator(LIVE)).to_be_attached()
    with app.app_context(), write() as writing:
        writing.execute(update(Organisation).values(revision=1))
        writing.execute(update(Job).values(location="Porto", revision=1))
    expect(cell_of(page, job, "location")).to_have_text("Porto")
    expect(page.locator('.panel [data-field="location"]')).to_have_text("Porto")
    with app.app_context():
        add_job(cast.northwind.id, {"title": "Rigger"})
    expect(page.get_by_role("link", name="Rigger")).to_be_visible()

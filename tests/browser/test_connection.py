"""Connecting a board and clicking the arrow, in a real browser, over a real board."""

from collections.abc import Callable
from dataclasses import replace
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Page, Request, expect
from sqlalchemy import select

from dev.demo.organisation import DEMO_API_KEY
from portal.actions.sync.run import run_sync
from portal.config import Settings
from portal.db import end_read, session
from portal.models import Connection, SyncRun
from tests.support.app import Cast
from tests.support.board_server import DemoBoard
from tests.support.manage_page import MOVED, SHIFTS

pytestmark = pytest.mark.browser

MANAGE = "/orgs/northwind/jobs/manage"
FEW = ("Account Manager", "Electronics Test", "Quality Manager", "Technical Writer")


@pytest.fixture
def board(board: DemoBoard) -> DemoBoard:
    """The demo board with a few of its posts."""
    board.set_posts(board.token, [post for post in board.posts if post["title"].startswith(FEW)])
    return board


@pytest.fixture
def settings(settings: Settings, board: DemoBoard) -> Settings:
    """The settings of the application under test, whose Greenhouse is the demo board."""
    return replace(settings, greenhouse_api_url=board.url)


@pytest.fixture
def work_off(app: Flask) -> Callable[[], None]:
    """Carry out the one run that waits."""

    def carry_out() -> None:
        with app.app_context():
            [run] = session().scalars(select(SyncRun).where(SyncRun.status == "queued"))
            end_read()
            run_sync(run.id, run.generation)

    return carry_out


def open_dialog(page: Page) -> None:
    page.goto(MANAGE)
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Connect Greenhouse").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_board_is_connected_in_the_dialog_after_refusals_and_its_jobs_arrive_on_the_page(
    portal_page: Page, board: DemoBoard, work_off: Callable[[], None]
) -> None:
    posted: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            posted.append(request.url)

    portal_page.on("request", note)
    open_dialog(portal_page)
    dialog = portal_page.get_by_role("dialog")
    expect(dialog.get_by_label("Job Board API key")).to_be_focused()
    styled = dialog.get_by_label("Board token")  # as a script of the browser does: an answer keeps to the CSP
    styled.evaluate("field => (field.style.color = 'red')")
    dialog.get_by_role("button", name="Connect Greenhouse").click()
    expect(dialog.get_by_text("Enter the API key.")).to_be_visible()
    dialog.get_by_label("Job Board API key").fill(DEMO_API_KEY)
    dialog.get_by_label("Board token").fill("northwind-lab")
    dialog.get_by_role("button", name="Connect Greenhouse").click()
    expect(dialog.get_by_text("Greenhouse has no job board “northwind-lab”.")).to_be_visible()
    expect(dialog.get_by_label("Board token")).to_be_focused()
    expect(dialog.get_by_label("Board token")).to_have_value("northwind-lab")
    expect(dialog.get_by_label("Job Board API key")).to_have_value("")
    dialog.get_by_label("Job Board API key").fill(DEMO_API_KEY)
    dialog.get_by_label("Board token").fill("https://boards.greenhouse.io/northwind")
    posted.clear()
    board.hold()
    dialog.get_by_role("button", name="Connect Greenhouse").dblclick()
    assert board.faults.wait_held(1)
    expect(dialog.locator(".btn-main")).to_have_text("Asking Greenhouse…", use_inner_text=True)
    board.release()
    jobs = sum(post["internal_job_id"] is not None for post in board.posts)
    expect(portal_page.get_by_text(f"Connected to Northwind Labs. {jobs} jobs are coming.")).to_be_visible()
    assert len(posted) == 1
    expect(portal_page.locator("#sync-status")).to_contain_text("Importing your jobs from Northwind Labs.")
    work_off()
    expect(portal_page.locator("#sync-status")).to_contain_text(f"Synced just now · {jobs} new")
    expect(portal_page.locator("tr[data-job-id]").first).to_be_visible()


def test_the_arrow_stays_on_the_page_turns_while_it_lasts_and_says_what_came(
    portal_page: Page, connection: Connection, work_off: Callable[[], None], board: DemoBoard
) -> None:
    work_off()
    portal_page.goto(MANAGE)
    board.retitle(board.posts[0]["id"], "A title of another kind")
    arrow = portal_page.get_by_role("button", name="Sync now")
    turning = "getComputedStyle(document.querySelector('.sync-arrow svg')).animationName === 'turn'"
    assert not portal_page.evaluate(turning)
    arrow.click()
    expect(portal_page.locator("#sync-status")).to_have_attribute("data-state", "queued")
    assert portal_page.evaluate(turning)
    work_off()
    expect(portal_page.locator("#sync-status .outcome")).to_contain_text("1 updated")
    expect(portal_page.locator("#announcements")).to_have_text("1 updated")
    expect(portal_page.get_by_text("A title of another kind")).to_be_visible()
    assert not portal_page.evaluate(turning)


def test_the_menu_and_the_dialog_are_used_by_mouse_and_by_keyboard_and_give_the_focus_back(
    portal_page: Page,
) -> None:
    portal_page.goto(MANAGE)
    dots = portal_page.get_by_role("button", name="More actions")
    dialog, menu = portal_page.get_by_role("dialog"), portal_page.locator("#more-menu")
    dots.click()
    menu.get_by_role("link", name="Connect Greenhouse").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Board token").hover()
    portal_page.mouse.down()
    portal_page.mouse.move(4, 400)
    portal_page.mouse.up()  # a selection that ends beside it is no click there
    expect(dialog).to_be_visible()
    portal_page.mouse.click(4, 400)
    expect(dialog).to_be_hidden()
    dots.click()
    menu.get_by_role("link", name="Connect Greenhouse").click()
    expect(dialog).to_be_visible()
    portal_page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(dots).to_be_focused()

    portal_page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    portal_page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(dots).to_be_focused()
    portal_page.keyboard.press("Enter")
    portal_page.keyboard.press("Tab")
    portal_page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    expect(menu).to_be_hidden()
    portal_page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(dots).to_be_focused()


def test_the_focus_is_not_taken_back_from_who_moved_on_before_the_dialog_had_settled(
    portal_page: Page,
) -> None:
    slow = "(timer) => { window.setTimeout = (then, ms) => timer(then, ms === 20 ? 500 : ms); }"
    portal_page.add_init_script(f"({slow})(setTimeout)")  # htmx settles what it swapped after 20 ms
    open_dialog(portal_page)
    dialog = portal_page.get_by_role("dialog")
    expect(dialog.get_by_label("Job Board API key")).to_be_focused()
    portal_page.keyboard.press("Tab")
    expect(dialog.get_by_label("Board token")).to_be_focused()
    expect(portal_page.locator(".htmx-settling, .htmx-added")).to_have_count(0)
    expect(dialog.get_by_label("Board token")).to_be_focused()


@pytest.mark.usefixtures("connection")
def test_disconnecting_asks_first_and_cancel_changes_nothing(portal_page: Page) -> None:
    portal_page.goto("/orgs/northwind/greenhouse")
    portal_page.get_by_role("link", name="Disconnect Greenhouse").click()
    dialog = portal_page.get_by_role("dialog")
    dialog.get_by_role("link", name="Cancel").click()
    expect(dialog).to_be_hidden()
    portal_page.get_by_role("link", name="Disconnect Greenhouse").click()
    dialog.get_by_text("Take them off the page").click()
    dialog.get_by_role("button", name="Disconnect").click()
    expect(portal_page.get_by_text("Its jobs are off the page.")).to_be_visible()
    expect(portal_page.locator("#sync-status")).to_have_text("Greenhouse is not connected")


def test_without_javascript_a_board_is_connected_synced_and_disconnected(
    open_as: Callable[..., Page], cast: Cast, board: DemoBoard, work_off: Callable[[], None]
) -> None:
    page = open_as(cast.mara, MANAGE, java_script_enabled=False)
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Connect Greenhouse").first.click()
    page.get_by_label("Job Board API key").fill(DEMO_API_KEY)
    page.get_by_label("Board token").fill("northwind")
    page.get_by_role("button", name="Connect Greenhouse").click()
    expect(page.get_by_text("jobs are coming.")).to_be_visible()
    work_off()
    page.get_by_role("button", name="Sync now").click()
    expect(page.locator("#sync-status")).to_have_attribute("data-state", "queued")
    work_off()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Disconnect").click()
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("The jobs are your own now.")).to_be_visible()


ROW = "document.querySelector('tr[data-job-id]').getBoundingClientRect().top"


def test_nothing_moves_while_somebody_syncs(
    open_as: Callable[..., Page],
    cast: Cast,
    connection: Connection,
    work_off: Callable[[], None],
    board: DemoBoard,
) -> None:
    work_off()
    wide = open_as(cast.mara, MANAGE)
    narrow = open_as(cast.mara, MANAGE, viewport={"width": 390, "height": 800})
    places = []
    for page in (wide, narrow):
        expect(page.locator("#manage[data-live]")).to_be_attached()
        page.evaluate("document.fonts.ready")
        page.evaluate(SHIFTS)
        places.append(page.evaluate(ROW))
    for fails in (False, True):
        wide.get_by_role("button", name="Sync now").click()
        expect(wide.locator("#sync-status")).to_have_attribute("data-state", "queued")
        if fails:
            board.fail(404)
        board.hold()
        working = Thread(target=work_off)
        working.start()
        assert board.faults.wait_held(1)
        for page, place in zip((wide, narrow), places, strict=True):
            expect(page.get_by_role("progressbar", name="Sync")).to_be_visible()
            expect(page.locator("#sync-status")).to_contain_text("Syncing…")
            assert page.evaluate(ROW) == place
        board.release()
        working.join()
        for page, place in zip((wide, narrow), places, strict=True):
            notice = page.locator("#sync-attention summary")
            expect(notice if fails else page.get_by_text("Nothing changed").first).to_be_visible()
            expect(page.get_by_role("progressbar", name="Sync")).to_have_count(0)
            assert page.evaluate(MOVED) == []
            if fails:
                notice.click()
                expect(page.get_by_text("Greenhouse has no job board “northwind”.")).to_be_visible()
            assert page.evaluate(ROW) == place


def test_a_choice_shows_what_it_would_change_and_once_saved_reaches_the_jobs(
    portal_page: Page, imported: Connection, work_off: Callable[[], None]
) -> None:
    portal_page.goto("/orgs/northwind/greenhouse")
    fields = portal_page.locator("#fields")
    expect(fields.get_by_text("1 open job has no type now.")).to_be_visible()
    fields.get_by_label("Default type").select_option("Volunteer")
    shown = fields.get_by_role("status")
    expect(shown).to_contain_text("1 job would change: Type of 1.")
    fields.get_by_label("Column that Travel expected feeds").select_option("Tags")
    expect(shown).to_contain_text("Tags of")
    fields.get_by_label("Column that Experience Level feeds").select_option("Nothing")
    fields.get_by_role("button", name="Save").click()  # before the preview of the last choice has come
    expect(portal_page.get_by_text("Saved. A sync has started")).to_be_visible()
    expect(fields.get_by_label("Column that Experience Level feeds")).to_have_value("")
    work_off()
    portal_page.goto(f"{MANAGE}?q=Electronics Test Technician")
    row = portal_page.locator("tr[data-job-id]").first
    expect(row.locator("[data-field=employment_type]")).to_contain_text("Volunteer")

"""From the first connect to an undo without ever touching a mouse.

Nothing here clicks, fills or focuses: keys are pressed, and the page has to lead them on.
"""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from dev.demo.organisation import DEMO_API_KEY
from portal.config import Settings
from portal.db import session
from portal.models import Connection
from tests.support.app import PASSWORD, Cast
from tests.support.board_server import DemoBoard

pytestmark = pytest.mark.browser
FEW = 25  # presses of Tab that people put up with


@pytest.fixture
def board(board: DemoBoard) -> DemoBoard:
    """The demo board with a few of its posts."""
    board.set_posts(board.token, [post for post in board.posts if "Technic" in post["title"]])
    return board


@pytest.fixture
def settings(settings: Settings, board: DemoBoard) -> Settings:
    """The settings of the application under test, whose Greenhouse is the demo board."""
    return replace(settings, greenhouse_api_url=board.url)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, wanted: Locator, key: str = "Tab", most: int = FEW) -> None:
    """Press Tab until the focus is there; fails when a few do not lead to it, or it cannot be seen there."""
    for _ in range(most):
        press(page, key)
        if wanted.evaluate("node => node === document.activeElement"):
            expect(wanted).to_be_in_viewport()
            return
    raise AssertionError(f"{most} × {key} did not lead to {wanted}")


def test_connect_watch_search_edit_change_many_and_undo_by_keys_alone(
    app: Flask,
    live_url: str,
    cast: Cast,
    board: DemoBoard,
    work: Callable[[Connection], None],
    page: Page,
) -> None:
    page.goto(live_url)
    sign_in(page, cast)
    connect(page, board)
    with app.app_context():
        [connection] = session().scalars(select(Connection))
    work(connection)
    rows = page.locator("tr[data-job-id]")
    everything = sum(post["internal_job_id"] is not None for post in board.posts)
    expect(rows).to_have_count(everything)
    expect(page.locator("#sync-status")).to_contain_text("Synced")

    press(page, "/")
    page.keyboard.type("technician")
    expect(page).to_have_url(re.compile("q=technician$"))
    expect(rows).not_to_have_count(everything)
    assert rows.count() > 2

    tab_to(page, page.get_by_role("checkbox", name="Select all jobs on this page"))
    press(page, "j")
    edit_three_cells_of_the_first_row(page)
    change_two_rows_at_once_and_undo(page)


def sign_in(page: Page, cast: Cast) -> None:
    """From the first page to Manage jobs."""
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(cast.mara.email)
    press(page, "Tab")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    expect(page.get_by_role("link", name="Manage jobs")).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Manage jobs"))
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Manage jobs")).to_be_visible()


def connect(page: Page, board: DemoBoard) -> None:
    """By the three dots and the dialog."""
    tab_to(page, page.get_by_role("button", name="More actions"))
    press(page, "Enter")
    tab_to(page, page.locator("#more-menu").get_by_role("link", name="Connect Greenhouse"))
    press(page, "Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Job Board API key")).to_be_focused()
    page.keyboard.type(DEMO_API_KEY)
    press(page, "Tab")
    expect(dialog.get_by_label("Board token")).to_be_focused()
    page.keyboard.type(board.token)
    tab_to(page, dialog.locator("#prefill"))
    for _ in range(2):
        press(page, "Space")
    expect(dialog.locator("#prefill")).to_be_checked()
    tab_to(page, dialog.get_by_role("button", name="Connect Greenhouse"))
    press(page, "Enter")
    expect(dialog).to_be_hidden()


def cells(page: Page, field: str) -> list[Locator]:
    """A field's cells in the first rows, told by their jobs: rows may change places."""
    ids = [row.get_attribute("data-job-id") for row in page.locator("tr[data-job-id]").all()[:3]]
    return [page.locator(f'tr[data-job-id="{job}"] [data-field="{field}"]') for job in ids]


def edit_three_cells_of_the_first_row(page: Page) -> None:
    """A text, another one cell on, and a choice: Tab saves and goes on, Enter saves and stays."""
    department, place, workplace = (
        cells(page, name)[0] for name in ("department", "location", "workplace_type")
    )
    press(page, "e")
    expect(department.locator(".editor")).to_be_focused()
    page.keyboard.type("Yard")
    press(page, "Tab")
    expect(place.locator(".editor")).to_be_focused()
    page.keyboard.type("Faro")
    press(page, "Tab")
    expect(workplace.locator("select.editor")).to_be_focused()
    press(page, "Home", "ArrowDown", "ArrowDown", "ArrowDown", "Enter")
    expect(workplace.locator("button[name]:not(.differs)")).to_be_focused()
    for cell, shown in ((workplace, "Remote"), (department, "Yard"), (place, "Faro")):
        expect(cell.locator("button[name]:not(.differs)")).to_have_text(shown)


def change_two_rows_at_once_and_undo(page: Page) -> None:
    """The second and third row, one by the key for it and one by its checkbox."""
    _, *two = cells(page, "location")
    before = [cell.locator("button[name]:not(.differs)").inner_text() for cell in two]
    press(page, "Home", "ArrowDown", "x", "ArrowDown", "Space")
    expect(page.locator("#bulk")).to_contain_text("2 selected")
    press(page, "b", "Enter")
    tab_to(page, page.locator("#bulk-menu").get_by_role("button", name="Location"))
    press(page, "Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Location")).to_be_focused()
    page.keyboard.type("Aarhus")
    press(page, "Enter")
    expect(dialog.get_by_role("button", name="Set on 2 jobs")).to_be_focused()
    press(page, "Enter")
    for cell in two:
        expect(cell.locator("button[name]:not(.differs)")).to_have_text("Aarhus")
    expect(two[0].locator("xpath=ancestor::tr").get_by_role("checkbox")).to_be_focused()
    press(page, "Control+z")
    expect(page.locator("#toasts")).to_contain_text("Undone. Location restored on 2 jobs.")
    for cell, text in zip(two, before, strict=True):
        expect(cell.locator("button[name]:not(.differs)")).to_have_text(text)
    # Toasts stand behind the table, of which so many cells lie between as rows came to stand below this one.
    tab_to(page, page.locator("#toasts").get_by_role("button", name="Redo"), most=8 * FEW)
    press(page, "Space")
    for cell in two:
        expect(cell.locator("button[name]:not(.differs)")).to_have_text("Aarhus")

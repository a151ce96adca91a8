"""What a newcomer does after ``make run``, with every real part running."""

import pytest
from playwright.sync_api import Browser, Page, expect

from dev.demo.organisation import ADMIN_EMAIL, BOARD_TOKEN, DEMO_API_KEY
from tests.support.browser_pages import Printed

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]  # two would race for the board's port


def sign_in(page: Page, printed: Printed) -> None:
    page.goto(printed.portal)
    page.get_by_label("E-mail").fill(ADMIN_EMAIL)
    page.get_by_label("Password", exact=True).fill(printed.password)
    page.get_by_label("Password", exact=True).press("Enter")
    page.get_by_role("link", name="Manage jobs").click()
    expect(page.get_by_role("heading", name="Manage jobs")).to_be_visible()


def connect(page: Page) -> None:
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Connect Greenhouse").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Job Board API key").fill(DEMO_API_KEY)
    dialog.get_by_label("Board token").fill(BOARD_TOKEN)
    dialog.get_by_role("button", name="Connect Greenhouse").click()


def test_the_whole_way_from_sign_in_to_a_change_that_swaps_in(
    page: Page, running: Printed, browser: Browser
) -> None:
    sign_in(page, running)
    connect(page)
    rows = page.locator("tr[data-job-id]")
    expect(rows).to_have_count(41)
    expect(page.locator("#sync-status")).to_contain_text("Synced")

    row = rows.first
    job_id = row.get_attribute("data-job-id")
    title = row.locator("a").first.inner_text()
    place = page.locator(f'tr[data-job-id="{job_id}"] td[data-field="location"]')
    place.get_by_role("button").click()
    place.locator("[name=value]").fill("Faro")
    place.locator("[name=value]").press("Enter")
    expect(place.locator("button[name]:not(.differs)")).to_have_text("Faro")

    board = browser.new_page()
    board.goto(running.board)
    board.get_by_role("link", name=title, exact=True).first.click()
    board.get_by_label("Title").fill("Keeper of the masts")
    board.get_by_role("button", name="Save").first.click()
    expect(board.get_by_text("Saved")).to_be_visible()
    board.close()

    page.get_by_role("button", name="Sync now").click()
    changed = page.locator(f'tr[data-job-id="{job_id}"]')
    expect(changed).to_contain_text("Keeper of the masts")
    expect(place.locator("button[name]:not(.differs)")).to_have_text("Faro")
    expect(page.locator("#sync-status")).to_contain_text("1 updated")
    expect(page.locator("#announcements")).to_contain_text("1 updated")

    page.goto(f"{running.portal}/orgs/northwind/jobs/{job_id}")
    expect(page.get_by_role("heading", name="Keeper of the masts")).to_be_visible()

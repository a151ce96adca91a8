"""The selection of Manage jobs: it outlives paging, sorting and a reload; one key takes all, one none."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.own_jobs import delete_job
from tests.support.app import Cast, MakeJobs
from tests.support.manage_page import MANAGE, opened, row_of, stored

pytestmark = pytest.mark.browser


@pytest.fixture
def jobs(make_jobs: MakeJobs) -> list[int]:
    """Thirty jobs in the order that the list shows them by title; a page holds twenty-five."""
    return make_jobs({"title": f"Job {number:02}", "location": "Porto"} for number in range(30))


@pytest.fixture
def page(portal_page: Page, jobs: list[int]) -> Page:
    return opened(portal_page, f"{MANAGE}?sort=title&q=job&per_page=25")


def box_of(page: Page, job: int) -> Locator:
    return page.locator(f'tr[data-job-id="{job}"] input[name=job_id]')


def bar(page: Page) -> Locator:
    return page.locator("#bulk")


def turn(page: Page, to: str) -> None:
    page.locator(f'#list .pages a[rel="{to}"]').click()


def test_what_is_selected_on_several_pages_is_changed_together(
    app: Flask, page: Page, jobs: list[int]
) -> None:
    for job in jobs[:2]:
        box_of(page, job).check()
    turn(page, "next")
    expect(bar(page)).to_contain_text("2 selected, 2 on other pages")
    box_of(page, jobs[28]).check()
    expect(bar(page)).to_contain_text("3 selected, 2 on other pages")
    page.locator("#sort-title").click()
    expect(box_of(page, jobs[28])).to_be_checked()
    expect(bar(page)).to_contain_text("3 selected, 2 on other pages")
    page.reload()
    expect(bar(page)).to_contain_text("3 selected, 2 on other pages")
    bar(page).get_by_role("button", name="Hide", exact=True).first.click()
    page.get_by_role("dialog").get_by_role("button", name="Hide 3 jobs").click()
    expect(page.locator("#toasts")).to_contain_text("3 jobs are hidden.")
    expect(bar(page)).to_be_hidden()
    shown = {job for job in jobs if stored(app, job, "visibility") == "shown"}
    assert shown == set(jobs) - {jobs[0], jobs[1], jobs[28]}


def test_a_job_that_left_the_list_or_was_deleted_meanwhile_is_not_changed_and_another_filter_begins_anew(
    app: Flask, page: Page, jobs: list[int], cast: Cast
) -> None:
    for job in jobs[:3]:
        box_of(page, job).check()
    turn(page, "next")
    expect(bar(page)).to_contain_text("3 selected, 3 on other pages")
    with app.app_context():
        delete_job(cast.northwind.id, jobs[0], cast.mara.id)
        edit_field(cast.northwind.id, jobs[1], "title", "Renamed", 0, cast.mara.id)
    expect(bar(page)).to_contain_text("2 selected, 2 on other pages")
    expect(bar(page)).to_be_visible()
    bar(page).get_by_role("button", name="Hide", exact=True).first.click()
    expect(page.get_by_role("dialog")).to_contain_text("Hide 1 job?")
    page.keyboard.press("Escape")
    for view in ("open", "all"):
        page.locator(f"#view-{view}").click()
        expect(page.locator(f"#view-{view}")).to_have_attribute("aria-current", "page")
        expect(bar(page)).to_be_hidden()


def test_ctrl_a_takes_the_whole_list_and_escape_none_of_it_but_in_a_field_menu_or_panel(
    page: Page, jobs: list[int]
) -> None:
    box_of(page, jobs[4]).focus()
    page.keyboard.press("Control+a")
    expect(bar(page)).to_contain_text("All selected")
    expect(page.locator("#announcements")).to_have_text("30 selected")
    turn(page, "next")
    expect(box_of(page, jobs[28])).to_be_checked()
    expect(bar(page)).to_contain_text("All selected")
    expect(bar(page).get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("Escape")
    expect(bar(page)).to_be_hidden()
    expect(page.locator("#announcements")).to_have_text("None selected")
    expect(page.locator("#list tbody :checked")).to_have_count(0)
    box_of(page, jobs[28]).check()
    search = page.get_by_role("searchbox", name="Search jobs")
    search.focus()
    page.keyboard.press("Control+a")
    expect(bar(page)).to_contain_text(re.compile("^\\s*1 selected"))
    page.get_by_role("button", name="More actions").click()
    page.keyboard.press("Escape")
    expect(page.locator("#more-menu")).to_be_hidden()
    expect(bar(page)).to_contain_text("1 selected")
    row_of(page, jobs[27]).locator("a.title").click()
    expect(page.locator("#panel .panel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel .panel")).to_have_count(0)
    expect(bar(page)).to_contain_text("1 selected")
    page.keyboard.press("Escape")
    expect(bar(page)).to_be_hidden()

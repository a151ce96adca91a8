"""Choosing a value in a cell: by hand it is saved at once, by keys when somebody says so."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from portal.actions.jobs.edit import edit_field
from tests.support.app import Cast
from tests.support.manage_page import MANAGE, cell_of, open_editor, stored, value_of

pytestmark = pytest.mark.browser

MakeJob = Callable[..., int]
FIELD = "workplace_type"


@pytest.fixture
def job(make_job: MakeJob) -> int:
    """A job that is done on site: the first of three choices, after none."""
    return make_job(title="Welder", workplace_type="onsite")


@pytest.fixture
def select(portal_page: Page, job: int) -> Locator:
    """The editor of its workplace, open."""
    portal_page.goto(MANAGE)
    return open_editor(portal_page, job, FIELD)


def pick(page: Page, select: Locator, *keys: str) -> None:
    """Open the list of choices by a click, and take the one that these keys lead to in it.

    Nothing outside of a browser can click in an open list; what is chosen in it, by whatever, tells
    the page the same.
    """
    select.click()
    page.wait_for_timeout(200)
    for key in (*keys, "Enter"):
        page.keyboard.press(key)


def test_a_choice_made_in_the_list_that_a_click_opened_is_saved_at_once_and_the_one_that_stood_sends_nothing(
    app: Flask, portal_page: Page, select: Locator, job: int, saves: list[str]
) -> None:
    pick(portal_page, select)
    expect(select).to_be_focused()
    select.click()
    portal_page.wait_for_timeout(200)
    portal_page.keyboard.press("Escape")  # the list closes, the editor stays
    expect(select).to_be_focused()
    portal_page.keyboard.press("ArrowDown")  # a key again
    expect(select).to_have_value("hybrid")
    portal_page.wait_for_timeout(300)
    assert saves == []
    portal_page.keyboard.press("Escape")
    expect(value_of(portal_page, job, FIELD)).to_have_text("On site")
    pick(portal_page, open_editor(portal_page, job, FIELD), "ArrowDown", "ArrowDown")
    expect(value_of(portal_page, job, FIELD)).to_have_text("Remote")
    expect(value_of(portal_page, job, FIELD)).to_be_focused()
    expect(portal_page.locator("#toasts")).to_contain_text("Saved. Workplace: Remote")
    assert stored(app, job, FIELD) == "remote"
    assert len(saves) == 1


def test_arrows_through_a_closed_list_save_nothing_until_somebody_says_so(
    app: Flask, portal_page: Page, make_job: MakeJob, saves: list[str]
) -> None:
    press, heading = portal_page.keyboard.press, portal_page.get_by_role("heading", name="Manage jobs")
    ways: list[Callable[[], None]] = [lambda: press("Enter"), lambda: press("Tab"), heading.click]
    jobs = [make_job(workplace_type="onsite") for _ in ways]
    portal_page.goto(MANAGE)
    for job, leave in zip(jobs, ways, strict=True):
        saves.clear()
        select = open_editor(portal_page, job, FIELD)
        for chosen in ("hybrid", "remote"):
            press("ArrowDown")
            expect(select).to_have_value(chosen)
            expect(select).to_be_focused()
        portal_page.wait_for_timeout(300)
        assert saves == []
        assert stored(app, job, FIELD) == "onsite"
        leave()
        expect(value_of(portal_page, job, FIELD)).to_have_text("Remote")
        assert stored(app, job, FIELD) == "remote"
        assert len(saves) == 1
        press("Escape")  # after Tab, the next cell is open


def test_choosing_again_between_two_values_decides_nothing_by_itself(
    app: Flask, portal_page: Page, select: Locator, cast: Cast, job: int, saves: list[str]
) -> None:
    with app.app_context():
        edit_field(cast.northwind.id, job, FIELD, "hybrid", 0, cast.noor.id)
    pick(portal_page, select, "ArrowDown", "ArrowDown")
    cell = cell_of(portal_page, job, FIELD)
    expect(cell.get_by_role("alert")).to_contain_text("saved “Hybrid” while you were editing")
    pick(portal_page, cell.locator("select"), "ArrowUp", "ArrowUp")
    expect(cell.locator("select")).to_have_value("onsite")
    portal_page.wait_for_timeout(300)
    assert len(saves) == 1
    cell.get_by_role("button", name="Save mine").click()
    expect(value_of(portal_page, job, FIELD)).to_have_text("On site")

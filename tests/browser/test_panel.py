"""The panel in a browser: from job to job through the list, its address, and the steps of the history."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from portal.db import write
from portal.models import Job
from tests.support.app import MakeJobs
from tests.support.browser_pages import Faults
from tests.support.held_requests import Held, save_of
from tests.support.manage_page import MANAGE, opened

pytestmark = pytest.mark.browser

LIST = f"{MANAGE}?q=welder&sort=title&per_page=25"
TITLE = "Welder {:02} · Manage jobs · Northwind Labs"


two_pages = pytest.mark.parametrize("jobs", [27], indirect=True, ids=["two pages"])
"""A test of more jobs than a page shows: it holds twenty-five."""


@pytest.fixture
def jobs(request: pytest.FixtureRequest, make_jobs: MakeJobs) -> list[int]:
    """Four welders, or as many as a test asks for, in the order of the list."""
    make_jobs([{"title": "Cook"}])
    return make_jobs({"title": f"Welder {number:02}"} for number in range(getattr(request, "param", 4)))


@pytest.fixture
def page(portal_page: Page, jobs: list[int], faults: Faults) -> Page:
    """The list of welders, and a mark that goes when the page is loaded anew."""
    faults.expected = re.compile("htmx:(afterRequest|sendAbort)")  # htmx logs what it calls off
    opened(portal_page, LIST)
    portal_page.evaluate("window.sameLoad = true")
    return portal_page


def expect_job(page: Page, number: int) -> None:
    """The panel, the tab and the marked row are one job's."""
    expect(page.locator("#panel .panel")).to_have_attribute("aria-label", f"Welder {number:02}")
    expect(page).to_have_title(re.compile(TITLE.format(number)))
    expect(page.locator("#list tr[aria-current] a.title")).to_have_text(f"Welder {number:02}")


def test_keys_and_buttons_go_through_the_list_and_back_closes_without_a_reload(
    page: Page, jobs: list[int]
) -> None:
    before = page.title()
    top = page.locator("#list tbody tr").first.bounding_box()
    page.get_by_role("link", name="Welder 00").click()
    expect_job(page, 0)
    assert page.locator("#list tbody tr").first.bounding_box() == top
    previous = page.get_by_role("link", name="Previous job")
    expect(previous).to_have_attribute("title", "This is the first job of the list.")
    expect(previous).to_be_disabled()
    for key in ("j", "ArrowDown", "j", "k"):
        page.keyboard.press(key)
    expect_job(page, 2)
    expect(page.locator("[data-place]")).to_have_text("3 of 4")
    following = page.get_by_role("link", name="Next job")
    following.focus()
    page.keyboard.press("Enter")
    expect_job(page, 3)
    expect(following).to_be_focused()
    assert page.url.endswith(f"{LIST}&job={jobs[3]}")
    page.go_back()
    expect(page.locator("#panel .panel")).to_have_count(0)
    expect(page).to_have_title(before)
    expect(page.get_by_role("link", name="Welder 03")).to_be_focused()
    assert page.url.endswith(LIST)
    page.go_forward()
    expect_job(page, 3)
    page.keyboard.press("Escape")
    expect(page.locator("#panel .panel")).to_have_count(0)
    expect(page).to_have_title(before)
    assert page.evaluate("window.sameLoad")


@two_pages
def test_the_next_page_of_the_list_follows_the_last_job_of_this_one(page: Page, jobs: list[int]) -> None:
    page.get_by_role("link", name="Welder 24").click()
    expect_job(page, 24)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect_job(page, 26)
    expect(page.locator("[data-place]")).to_have_text("27 of 27")
    expect(page.get_by_role("link", name="Next job")).to_be_disabled()
    page.get_by_role("link", name="Previous job").click()
    page.get_by_role("link", name="Previous job").click()
    expect_job(page, 24)
    assert page.evaluate("window.sameLoad")
    page.reload()
    expect_job(page, 24)


def test_of_quick_steps_the_last_wins(page: Page) -> None:
    page.get_by_role("link", name="Welder 00").click()
    expect_job(page, 0)
    with Held(page, lambda request: request.headers.get("hx-target") == "panel") as held:
        page.keyboard.press("j")
        held.wait()
        page.keyboard.press("j")
        page.keyboard.press("j")
        expect(page.locator("#list tr[aria-current] a.title")).to_have_text("Welder 03")
        expect(page.locator("#panel h3")).to_have_text("Welder 00")
        held.release()
    expect_job(page, 3)


def test_what_is_typed_is_not_lost_by_going_on_or_back_or_by_closing_twice_which_closes_once(
    page: Page, saves: list[str]
) -> None:
    page.get_by_role("link", name="Welder 00").click()
    expect_job(page, 0)
    page.get_by_role("button", name="Seniority: Add seniority").click()
    editor = page.locator("#panel input.editor")
    editor.fill("Senior")
    page.go_back()
    expect(page.get_by_text("This is not saved yet.")).to_be_visible()
    expect(editor).to_have_value("Senior")
    page.get_by_role("link", name="Next job").click()
    expect_job(page, 1)
    assert ["Senior" in save for save in saves] == [True]
    page.get_by_role("button", name="Seniority: Add seniority").click()
    editor.fill("Junior")
    with Held(page, save_of("seniority")) as held:
        page.locator("[data-close-panel]").dblclick()  # leaving the field saves it
        held.wait()
        expect(page.locator("#panel .panel")).to_be_visible()
    expect(page.locator("#panel .panel")).to_have_count(0)
    page.go_back()
    expect_job(page, 1)


def test_a_copied_link_opens_the_same_list_and_job_on_a_phone_with_targets_that_are_large_enough(
    page: Page, jobs: list[int]
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("link", name="Welder 02").click()
    expect_job(page, 2)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Link copied.")).to_be_visible()
    page.goto(page.evaluate("navigator.clipboard.readText()"))
    expect_job(page, 2)
    expect(page.locator("#list tbody tr")).to_have_count(4)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("#manage")).to_be_hidden()
    targets = page.locator(
        "#panel :is(header a, header button, .fields button:not(.differs), .panel-end button)"
    )
    sizes = [box for target in targets.all() if (box := target.bounding_box())]
    assert len(sizes) > 15
    assert min(min(box["width"], box["height"]) for box in sizes) >= 44


def test_a_title_that_changes_changes_the_tab_the_language_and_no_focus(
    page: Page, app: Flask, jobs: list[int], edit: Callable[[int, str, str], None]
) -> None:
    page.get_by_role("link", name="Welder 00").click()
    expect_job(page, 0)
    following = page.get_by_role("link", name="Next job")
    following.focus()
    with app.app_context(), write() as session:
        session.get_one(Job, jobs[0]).language = "de"
    edit(jobs[0], "title", "Schweißer")
    expect(page).to_have_title(re.compile("^Schweißer · Manage jobs"))
    expect(page.locator("#panel h3 [lang=de]")).to_have_text("Schweißer")
    expect(page.get_by_role("region", name="Schweißer")).to_be_visible()
    expect(following).to_be_focused()

"""Finding one's way about Manage jobs: search, views, pages and history."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from portal.actions.jobs.edit import edit_field
from tests.support.app import Cast, MakeJobs
from tests.support.manage_page import MANAGE, choose_value, filter_button

pytestmark = pytest.mark.browser

MakeJob = Callable[..., int]


@pytest.fixture
def jobs(make_jobs: MakeJobs) -> list[int]:
    """Thirty jobs, five of them hidden, one of them Greenhouse's."""
    own = [
        {
            "title": f"Welder {number:02}",
            "location": "Porto" if number % 2 else "Lisbon",
            "visibility": "hidden" if number < 5 else "shown",
        }
        for number in range(29)
    ]
    said = {"location": "Berlin"}
    return make_jobs(
        [*own, {"title": "Rigger", "source": "greenhouse", "external_id": 1, "source_values": said}]
    )


def test_a_search_narrows_the_list_as_one_types_and_is_one_step_to_go_back_by(
    portal_page: Page, jobs: list[int]
) -> None:
    portal_page.goto(MANAGE)
    before = portal_page.evaluate("history.length")
    search = portal_page.get_by_role("searchbox")
    search.focus()
    for letter, said in (("r", "r"), ("i", "ri"), ("g", "rig")):
        portal_page.keyboard.type(letter)
        expect(portal_page).to_have_url(re.compile(rf"/manage\?q={said}$"))
    expect(portal_page.locator("tbody tr")).to_have_count(1)
    expect(search).to_be_focused()
    assert portal_page.evaluate("history.length") == before + 1
    portal_page.go_back()
    expect(search).to_have_value("")
    search.fill("rig")
    expect(portal_page.locator("tbody tr")).to_have_count(1)
    search.fill("")
    expect(portal_page.locator("tbody tr")).to_have_count(30)
    expect(portal_page).to_have_url(re.compile(r"/manage$"))


def test_views_filters_and_sorting_add_up_in_the_address(portal_page: Page, jobs: list[int]) -> None:
    portal_page.goto(MANAGE)
    portal_page.get_by_role("link", name="Hidden").click()
    expect(portal_page.locator("tbody tr")).to_have_count(5)
    choose_value(portal_page, "location", "Lisbon")
    expect(portal_page.locator("tbody tr")).to_have_count(3)
    portal_page.get_by_role("link", name="Title", exact=True).click()
    expect(portal_page.locator(".title").first).to_have_text("Welder 00")
    expect(portal_page.locator("#sort-title")).to_be_focused()
    assert {"status=hidden", "location=Lisbon", "sort=title"} <= set(
        portal_page.url.partition("?")[2].split("&")
    )
    portal_page.reload()
    expect(portal_page.locator(".title")).to_have_text(["Welder 00", "Welder 02", "Welder 04"])


def test_going_back_shows_what_was_there_and_it_still_works(
    portal_page: Page, jobs: list[int], app: Flask, cast: Cast
) -> None:
    portal_page.goto(f"{MANAGE}?sort=title&per_page=25")
    portal_page.get_by_role("link", name="Next page").focus()
    portal_page.keyboard.press("Enter")
    expect(portal_page.locator("tbody tr")).to_have_count(5)
    expect(portal_page.locator(".pages a:focus")).to_have_count(1)  # the link has gone
    expect(portal_page.locator("#announcements")).to_have_text("30 jobs, Page 2 of 2")
    portal_page.locator(".title").first.click()
    expect(portal_page.locator(".panel")).to_be_visible()
    portal_page.go_back()
    expect(portal_page.locator(".panel")).to_have_count(0)
    with portal_page.expect_response(re.compile("/events")):
        portal_page.go_back()
    expect(portal_page.locator("tbody tr")).to_have_count(25)
    cell = portal_page.locator('[data-field="location"]').nth(1)
    with app.app_context():
        edit_field(cast.northwind.id, jobs[0], "location", "Faro", 0, cast.mara.id)
    expect(cell).to_have_text("Faro")
    expect(portal_page.locator("[data-live]")).to_have_count(1)  # its scripts have run
    portal_page.keyboard.press("?")
    expect(portal_page.locator("#keys")).to_be_visible()
    portal_page.keyboard.press("Escape")
    cell.locator("button[name]:not(.differs)").click()
    cell.locator("input.editor").fill("Braga")
    portal_page.keyboard.press("Enter")
    expect(cell.locator("button[name]:not(.differs)")).to_have_text("Braga")
    portal_page.keyboard.press("Control+z")
    expect(cell).to_have_text("Faro")


def test_a_click_that_asks_for_a_new_tab_gets_one(portal_page: Page, jobs: list[int]) -> None:
    portal_page.goto(MANAGE)
    with portal_page.context.expect_page() as opened:
        portal_page.locator(".title").first.click(modifiers=["Control"])
    expect(opened.value.locator(".panel")).to_be_visible()
    expect(portal_page.locator(".panel")).to_have_count(0)


def test_a_narrow_page_folds_its_filters_and_never_scrolls_sideways(
    portal_page: Page, jobs: list[int]
) -> None:
    portal_page.set_viewport_size({"width": 320, "height": 700})
    portal_page.goto(f"{MANAGE}?job={jobs[0]}")
    assert portal_page.evaluate("document.documentElement.scrollWidth") == 320
    portal_page.keyboard.press("Escape")
    expect(filter_button(portal_page, "location")).to_be_hidden()
    portal_page.get_by_role("button", name="Filters").click()
    choose_value(portal_page, "location", "Lisbon")
    portal_page.get_by_role("button", name="Show 15 jobs").click()
    expect(portal_page.locator("tbody tr")).to_have_count(15)
    assert portal_page.evaluate("document.documentElement.scrollWidth") == 320

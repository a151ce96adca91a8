"""Filters with counts, columns, saved views, what jobs lack, and a list that stays true while others work."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from portal.actions.jobs.edit import edit_field
from tests.support.accessibility import complaints
from tests.support.app import Cast, MakeJob, MakeJobs
from tests.support.browser_pages import Faults
from tests.support.chromium import call_in_module
from tests.support.manage_page import (
    MANAGE,
    cell_of,
    filter_button,
    filter_values,
    open_editor,
    opened,
    row_of,
    value_of,
)

pytestmark = pytest.mark.browser

Edit = Callable[[int, str, str], None]


@pytest.fixture
def jobs(make_jobs: MakeJobs) -> list[int]:
    """Three welders in Porto, two of them in Lisbon too."""
    places = ("Porto", "Porto; Lisbon", "Lisbon or Porto")
    return make_jobs(
        {"title": f"Welder {place}", "location": place, "employment_type": "full_time"} for place in places
    )


@pytest.fixture
def edit(app: Flask, cast: Cast) -> Edit:
    """Change a field as another admin does."""

    def change(job: int, field: str, text: str) -> None:
        with app.app_context():
            edit_field(cast.northwind.id, job, field, text, 0, cast.mara.id)

    return change


def test_a_filter_counts_its_choices_once_opened_and_a_link_that_comes_and_goes_clears_it(
    portal_page: Page, jobs: list[int]
) -> None:
    portal_page.goto(f"{MANAGE}?sort=title")
    clear = portal_page.locator("#finder").get_by_role("link", name="Clear filters")
    expect(clear).to_have_count(0)
    expect(filter_values(portal_page, "employment_type").first).to_have_text("Full-time")
    expect(filter_values(portal_page, "location")).to_have_count(0)
    filter_button(portal_page, "employment_type").click()
    expect(filter_values(portal_page, "employment_type").first).to_have_text("Full-time 3")
    filter_button(portal_page, "location").click()
    expect(filter_values(portal_page, "location")).to_have_text(["Lisbon 2", "Porto 3", "Portugal 3"])
    portal_page.get_by_role("checkbox", name="Lisbon 2").check()
    expect(portal_page.locator("tbody tr")).to_have_count(2)
    expect(filter_button(portal_page, "location")).to_have_text("LocationLisbon")
    portal_page.keyboard.press("Escape")
    search = portal_page.get_by_label("Search jobs")
    search.fill("welder")
    expect(portal_page).to_have_url(re.compile("q=welder"))
    expect(search).to_be_focused()
    clear.click()
    expect(portal_page.locator("tbody tr")).to_have_count(3)
    expect(search).to_have_value("")
    expect(clear).to_have_count(0)
    expect(portal_page).to_have_url(f"{portal_page.url.partition('?')[0]}?sort=title")


def test_a_row_that_leaves_the_filter_fades_and_keeps_its_place_and_the_last_one_as_well(
    portal_page: Page, jobs: list[int], edit: Edit
) -> None:
    page = opened(portal_page, f"{MANAGE}?location=Lisbon")
    edit(jobs[1], "location", "Berlin")
    expect(row_of(page, jobs[1])).to_have_class(re.compile("left"))
    expect(row_of(page, jobs[1])).to_have_attribute("aria-description", "No longer in this list")
    expect(page.locator("#view-all b")).to_have_text("1")
    expect(page.locator("tbody tr")).to_have_count(2)
    edit(jobs[0], "location", "Lisbon")
    expect(row_of(page, jobs[0])).to_be_visible()
    with page.expect_response(re.compile("/events")):
        page.reload()
    expect(row_of(page, jobs[1])).to_have_count(0)
    expect(page.locator("tbody tr")).to_have_count(2)
    for job in (jobs[0], jobs[2]):
        open_editor(page, job).fill("Berlin")
        page.keyboard.press("Enter")
        expect(row_of(page, job)).to_have_class(re.compile("left"))
        expect(value_of(page, job)).to_be_focused()
    expect(page.locator("#view-all b")).to_have_text("0")


def test_what_a_search_found_and_what_others_changed_is_said_aloud(
    portal_page: Page, jobs: list[int], edit: Edit
) -> None:
    page = opened(portal_page)
    said = page.locator("#announcements")
    page.get_by_role("searchbox").fill("lisbon")
    expect(said).to_have_text("2 jobs")
    edit(jobs[1], "department", "Yard")
    edit(jobs[2], "department", "Yard")
    expect(said).to_have_text("2 jobs updated")


def test_columns_are_chosen_and_remembered(portal_page: Page, jobs: list[int], edit: Edit) -> None:
    portal_page.goto(f"{MANAGE}?q=welder")
    portal_page.locator("#choose-columns summary").click()
    for name, wanted in (("Seniority", True), ("Tags", True), ("Salary", False), ("State", False)):
        portal_page.get_by_role("checkbox", name=name, exact=True).set_checked(wanted)
    with portal_page.expect_response(re.compile("/events")):
        portal_page.get_by_role("button", name="Show these").click()
    expect(portal_page).to_have_url(re.compile(r"\?q=welder$"))
    headings = portal_page.locator("thead th:not(.c-select)")
    expect(headings).to_have_text(
        ["Title", "Department", "Location", "Workplace", "Type", "Seniority", "Tags", "Changed"]
    )
    edit(jobs[0], "seniority", "Senior")
    expect(cell_of(portal_page, jobs[0], "seniority")).to_have_text("Senior")
    edit(jobs[0], "department", "Yard")
    expect(cell_of(portal_page, jobs[0], "department")).to_have_text("Yard")
    portal_page.reload()
    expect(headings).to_have_count(8)


def test_a_view_is_kept_under_a_name_and_comes_back_once_deleted_while_the_page_stays(
    portal_page: Page, jobs: list[int]
) -> None:
    portal_page.goto(MANAGE)
    portal_page.get_by_role("searchbox").fill("lisbon")
    expect(portal_page).to_have_url(re.compile("q=lisbon"))
    expect(portal_page.locator("tbody tr")).to_have_count(2)
    menu = portal_page.locator("#keep-views")
    menu.locator("summary").click()
    expect(portal_page.get_by_label("Save this view as")).to_be_focused()
    portal_page.keyboard.type("By the Tejo")
    portal_page.keyboard.press("Enter")
    kept = portal_page.locator("#views").get_by_role("link", name="By the Tejo")
    expect(kept).to_have_attribute("aria-current", "true")
    portal_page.goto(MANAGE)
    kept.click()
    expect(portal_page.locator("tbody tr")).to_have_count(2)
    menu.locator("summary").click()
    for undo in (
        lambda: portal_page.locator("#toasts").get_by_role("button", name="Undo").last.click(),
        lambda: portal_page.keyboard.press("Control+z"),
    ):
        portal_page.get_by_role("button", name="Delete the view By the Tejo").click()
        expect(portal_page.locator("#toasts")).to_contain_text("Deleted the view “By the Tejo”.")
        expect(kept).to_have_count(0)
        portal_page.evaluate("window.isTheSame = true")
        undo()
        expect(portal_page.locator("#toasts")).to_contain_text("Undone. The view “By the Tejo” is back.")
        expect(kept).to_have_attribute("aria-current", "true")
        menu.locator("summary").click()
        expect(menu.get_by_role("button", name="Delete the view By the Tejo")).to_be_visible()
        assert portal_page.evaluate("window.isTheSame")


def test_what_a_job_lacks_leads_to_where_it_is_mended(portal_page: Page, make_job: MakeJob) -> None:
    job = make_job(title="Welder", employment_type="full_time")
    portal_page.goto(f"{MANAGE}?status=attention")
    row_of(portal_page, job).get_by_role("button", name="No location").click()
    editor = cell_of(portal_page, job, "location").locator("input.editor")
    expect(editor).to_be_focused()
    editor.fill("Porto")
    portal_page.keyboard.press("Enter")
    expect(row_of(portal_page, job).get_by_role("button", name="No location")).to_have_count(0)
    row_of(portal_page, job).get_by_role("button", name="Short description").click()
    expect(portal_page.locator(".panel textarea")).to_be_focused()


def test_a_page_that_is_offline_says_so_believes_no_stream_of_before_and_recovers(
    portal_page: Page, jobs: list[int], edit: Edit, faults: Faults
) -> None:
    faults.expected = re.compile("ERR_|htmx:(afterRequest|sendError)")
    page = opened(portal_page)
    told = page.get_by_text("Offline. Changes will show when the connection is back.")
    expect(told).to_be_hidden()
    page.context.set_offline(True)
    expect(told).to_be_visible()
    page.get_by_role("button", name="Department", exact=True).click()
    values = page.locator("#filter-department .facet-values")
    expect(values).to_have_attribute("data-answered", "no")
    assert "cannot be reached" in values.evaluate("list => getComputedStyle(list, '::after').content")
    page.keyboard.press("Escape")
    edit(jobs[0], "location", "Faro")
    page.context.set_offline(False)
    expect(told).to_be_hidden()
    expect(cell_of(page, jobs[0], "location")).to_have_text("Faro")
    expect(page.locator("[data-live]")).to_be_attached()
    page.route(re.compile("/events"), lambda route: route.abort())
    page.evaluate("dispatchEvent(new Event('offline'))")
    edit(jobs[0], "department", "Yard")
    page.wait_for_timeout(500)
    expect(told).to_be_visible()
    expect(cell_of(page, jobs[0], "department")).not_to_have_text("Yard")
    page.unroute(re.compile("/events"))
    expect(cell_of(page, jobs[0], "department")).to_have_text("Yard")
    expect(told).to_be_hidden()


def test_a_check_for_accessibility_finds_nothing_in_any_state(
    open_as: Callable[..., Page], cast: Cast, jobs: list[int], edit: Edit
) -> None:
    page = open_as(cast.mara, reduced_motion="reduce", bypass_csp=True)
    opened(page, f"{MANAGE}?location=Lisbon")
    edit(jobs[1], "location", "Berlin")
    expect(row_of(page, jobs[1])).to_have_class(re.compile("left"))
    call_in_module(page, "stream", "({ showOffline, OFFLINE }) => showOffline(OFFLINE)")
    page.locator("#choose-columns summary").click()
    found = complaints(page, "#offline, tr.left, #choose-columns")
    page.keyboard.press("Escape")
    page.locator("#view-attention").click()
    expect(page).to_have_url(re.compile("status=attention"))
    page.set_viewport_size({"width": 360, "height": 900})
    found += complaints(page)
    page.locator("#keep-views summary").click()
    found += complaints(page, "#keep-views")
    page.keyboard.press("Escape")
    row_of(page, jobs[2]).locator("a.title").click()
    expect(page.locator("#panel .panel")).to_be_visible()
    assert found + complaints(page, "#panel") == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360

"""Filters with several values by keyboard, by touch and without a script, and the list in groups."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from portal.actions.jobs.own_jobs import add_job, delete_job
from tests.support.accessibility import complaints
from tests.support.app import Cast, MakeJob, MakeJobs
from tests.support.manage_page import (
    MANAGE,
    at_widths,
    cell_of,
    choose_value,
    filter_button,
    filter_values,
    opened,
    row_of,
)

pytestmark = pytest.mark.browser

Edit = Callable[[int, str, str], None]
OpenAs = Callable[..., Page]
DEPARTMENTS = ["Bakery", "Canteen", "Dock", "Éclairage", "Farm", "Galley", "Harbour", "Ironworks", "Yard"]
PHONE = {"has_touch": True, "is_mobile": True, "viewport": {"width": 390, "height": 844}}


@pytest.fixture
def jobs(make_jobs: MakeJobs) -> list[int]:
    """A job of each department, three of the last one, and one of none."""
    of_each = [*DEPARTMENTS, "Yard", "Yard", None]
    return make_jobs(
        {"title": f"Welder {number:02}", "department": department, "workplace_type": "hybrid"}
        for number, department in enumerate(of_each)
    )


def test_several_values_are_found_and_chosen_by_keys_alone(portal_page: Page, jobs: list[int]) -> None:
    page = opened(portal_page)
    button = filter_button(page, "department")
    button.focus()
    page.keyboard.press("Enter")
    find = page.get_by_label("Find a department")
    expect(find).to_be_focused()
    expect(filter_values(page, "department")).to_have_count(10)
    page.keyboard.type("eclair")
    expect(page.locator("#filter-department label:visible")).to_have_text(["Éclairage 1"])
    page.keyboard.press("Enter")
    expect(button).to_have_text("DepartmentÉclairage")
    find.fill("")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox", name="Canteen")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("#filter-department [data-clear]")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox", name="No department")).to_be_checked()
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator("#filter-department .num[data-found]")).to_have_text("3 jobs")
    said = ("department=Canteen", "department=%C3%89clairage", "without=department")
    for part in said:
        expect(page).to_have_url(re.compile(part))
    expect(page.locator("#filter-department")).to_be_visible()
    expect(page.get_by_role("checkbox", name="No department")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#filter-department")).to_be_hidden()
    expect(button).to_be_focused()
    expect(button).to_have_text("Department3")
    page.reload()
    expect(button).to_have_text("Department3")
    expect(page.locator("tbody tr")).to_have_count(3)


def test_a_value_beyond_the_commonest_is_found_as_one_types(
    portal_page: Page, jobs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("store.shortcuts", "web.jobs.filters"):
        monkeypatch.setattr(f"portal.{module}.MOST_CHOICES", 8)
    page = opened(portal_page)
    filter_button(page, "department").click()
    expect(page.locator("#filter-department label")).to_have_count(9)
    page.get_by_label("Find a department").fill("eclair")
    expect(page.locator("#filter-department label:visible")).to_have_text(["Éclairage 1"])
    page.get_by_role("checkbox", name="Éclairage").check()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Find a department").fill("")
    expect(page.locator("#filter-department label:visible", has_text="Yard")).to_have_text("Yard 3")


def test_a_cross_clears_one_filter_and_the_others_stay(portal_page: Page, jobs: list[int]) -> None:
    page = opened(portal_page, f"{MANAGE}?department=Dock&department=Yard&workplace_type=hybrid")
    expect(page.locator("tbody tr")).to_have_count(4)
    page.get_by_role("link", name="Clear Department").click()
    expect(page.locator("tbody tr")).to_have_count(12)
    expect(page).to_have_url(re.compile(r"\?workplace_type=hybrid$"))
    expect(filter_button(page, "department")).to_be_focused()
    expect(page.get_by_role("link", name="Clear Department")).to_be_hidden()
    choose_value(page, "department", "Farm")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_on_a_phone_values_are_tapped_in_a_sheet(open_as: OpenAs, cast: Cast, jobs: list[int]) -> None:
    page = opened(open_as(cast.mara, **PHONE))
    page.get_by_role("button", name="Filters").tap()
    page.locator("#filter-workplace_type label").filter(has_text="Hybrid").tap()
    filter_button(page, "department").tap()
    for name in ("Dock", "Yard"):
        row = filter_values(page, "department").filter(has_text=name)
        assert (row.bounding_box() or {"height": 0})["height"] >= 44
        row.tap()
    expect(page.get_by_label("Find a department")).not_to_be_focused()
    page.locator("#filter-department").get_by_role("button", name="Show 4 jobs").tap()
    expect(page.locator("#filter-department")).to_be_hidden()
    expect(filter_button(page, "department")).to_have_text("Department2")
    page.locator("[data-show-list]").tap()
    expect(page.locator("tbody tr")).to_have_count(4)
    expect(page.get_by_role("button", name="Filters")).to_have_text("Filters2")
    page.get_by_role("button", name="Filters").tap()
    page.get_by_role("link", name="Clear all").tap()
    expect(page.locator("[data-show-list]")).to_have_text("Show 12 jobs")


def test_groups_fold_are_selected_and_passed_over_by_keys(portal_page: Page, jobs: list[int]) -> None:
    page = opened(portal_page, f"{MANAGE}?department=Dock&department=Yard&sort=title")
    page.get_by_label("Group").select_option("By department")
    headings = page.locator("tr.group")
    expect(headings).to_have_text(["Dock 1 job", "Yard 3 jobs"])
    expect(page).to_have_url(re.compile("group=department"))
    page.get_by_role("checkbox", name="Select the jobs of Yard on this page").check()
    expect(page.locator("[data-selected]")).to_have_text("3 selected")
    expect(page.locator("input[name=job_id]:checked")).to_have_count(3)
    row_of(page, jobs[9]).get_by_role("checkbox").uncheck()
    box = page.get_by_role("checkbox", name="Select the jobs of Yard on this page")
    assert box.evaluate("box => box.indeterminate")
    dock, first_of_yard = jobs[2], jobs[8]
    cell_of(page, dock, "location").get_by_role("button").focus()
    page.keyboard.press("ArrowDown")
    expect(cell_of(page, first_of_yard, "location").get_by_role("button")).to_be_focused()
    page.keyboard.press("Shift+ArrowUp")
    expect(page.locator("#range")).to_have_text("2 × 1 cells chosen")
    name = headings.nth(0).get_by_role("button", name="Dock")
    name.focus()
    page.keyboard.press("Enter")
    expect(name).to_have_attribute("aria-expanded", "false")
    expect(row_of(page, dock)).to_be_hidden()
    page.keyboard.press("j")
    expect(row_of(page, first_of_yard).locator("a.title")).to_be_focused()
    name.click()
    expect(row_of(page, dock)).to_be_visible()


def test_a_job_that_changes_its_group_stays_and_the_headings_count(
    portal_page: Page, jobs: list[int], edit: Edit
) -> None:
    page = opened(portal_page, f"{MANAGE}?department=Dock&department=Yard&group=department&sort=title")
    headings = page.locator("tr.group")
    expect(headings).to_have_text(["Dock 1 job", "Yard 3 jobs"])
    edit(jobs[8], "department", "Dock")
    expect(headings).to_have_text(["Dock 2 jobs", "Yard 2 jobs"])
    order = "[...document.querySelectorAll('#list tbody tr')].map(row => Number(row.dataset.jobId ?? 0))"
    assert page.evaluate(order) == [0, jobs[2], 0, jobs[8], jobs[9], jobs[10]]
    edit(jobs[2], "department", "Farm")
    expect(row_of(page, jobs[2])).to_have_class(re.compile("left"))
    expect(headings).to_have_text(["Dock 1 job", "Yard 2 jobs"])
    page.locator("#sort-title").click()
    expect(page.locator("tr[data-job-id]")).to_have_count(3)
    expect(headings).to_have_text(["Dock 1 job", "Yard 2 jobs"])
    assert page.evaluate(order) == [0, jobs[8], 0, jobs[10], jobs[9]]


def test_a_new_job_comes_into_its_group_which_may_be_new_itself(
    open_as: OpenAs, app: Flask, cast: Cast, make_job: MakeJob
) -> None:
    rigger, cook = make_job(title="Rigger", department="Yard"), make_job(title="Cook")
    page = opened(open_as(cast.noor), f"{MANAGE}?group=department&sort=title")
    headings = page.locator("tr.group")
    expect(headings).to_have_text(["Yard 1 job", "No department 1 job"])
    headings.nth(0).get_by_role("button", name="Yard").click()
    expect(row_of(page, rigger)).to_be_hidden()
    with app.app_context():
        add_job(cast.northwind.id, {"title": "Welder", "department": "Yard"})
        add_job(cast.northwind.id, {"title": "Sailor", "department": "Sea"})
    expect(headings).to_have_text(["Sea 1 job", "Yard 2 jobs", "No department 1 job"])
    expect(page.locator("tr[data-job-id]:visible .title")).to_have_text(["Sailor", "Cook"])
    with app.app_context():
        delete_job(cast.northwind.id, cook, cast.mara.id)
    expect(headings).to_have_text(["Sea 1 job", "Yard 2 jobs"])


def test_a_check_for_accessibility_finds_nothing_in_filters_and_groups(
    open_as: OpenAs, cast: Cast, jobs: list[int]
) -> None:
    page = open_as(cast.mara, reduced_motion="reduce", bypass_csp=True)
    opened(page, f"{MANAGE}?group=department&department=Dock&department=Yard&without=department")
    found = complaints(page, "#finder, tr.group")
    for width in at_widths(page, 1280, 800, 360):
        assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("button", name="Filters").click()
    found += complaints(page, "#filters")
    filter_button(page, "department").click()
    expect(filter_values(page, "department")).to_have_count(10)
    assert found + complaints(page, "#filter-department") == []
    page.keyboard.press("Escape")
    expect(filter_values(page, "department").first).to_be_hidden()
    page.keyboard.press("Escape")
    expect(filter_button(page, "department")).to_be_hidden()

"""Manage jobs without a script: its forms, links and menus are the browser's own."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.app import Cast, MakeJobs
from tests.support.manage_page import MANAGE, cell_of, filter_button, row_of, stored, value_of

pytestmark = pytest.mark.browser


@pytest.fixture
def jobs(make_jobs: MakeJobs) -> list[int]:
    """A job of the dock, three of the yard, and others, one more than a page of twenty-five shows."""
    departments = ["Dock", "Yard", "Yard", "Yard", *[None] * 22]
    return make_jobs(
        {"title": f"Welder {number:02}", "location": "Porto", "department": department}
        for number, department in enumerate(departments)
    )


def test_jobs_are_filtered_changed_together_and_edited_one_by_one(
    app: Flask, open_as: Callable[..., Page], cast: Cast, jobs: list[int]
) -> None:
    page = open_as(cast.mara, MANAGE, java_script_enabled=False)
    assert_several_values_are_ticked_and_sent(page)
    assert_two_are_changed_and_taken_back(app, page, jobs)
    assert_one_is_edited(page, jobs[0])
    page.get_by_role("searchbox").fill("nobody")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("heading", name="No job matches")).to_be_visible()
    assert_columns_are_chosen_and_put_in_their_places(page)


def assert_several_values_are_ticked_and_sent(page: Page) -> None:
    filter_button(page, "department").click()
    page.get_by_role("link", name="Show all").click()
    filter_button(page, "department").click()
    for name in ("Dock 1", "Yard 3"):
        page.get_by_role("checkbox", name=name).check()
    page.keyboard.press("Escape")
    page.get_by_label("Group").select_option("By department")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("tr.group")).to_have_text(["Dock 1 job", "Yard 3 jobs"])
    said = set(page.url.partition("?")[2].split("&"))
    assert {"department=Dock", "department=Yard", "group=department"} <= said
    page.get_by_role("link", name="Clear Department").click()
    expect(page.locator("tr[data-job-id]")).to_have_count(26)


def assert_two_are_changed_and_taken_back(app: Flask, page: Page, jobs: list[int]) -> None:
    page.goto(f"{MANAGE}?q=welder&sort=title&per_page=25")
    expect(page.get_by_role("checkbox", name="All 26 that match")).to_be_visible()
    for job in (jobs[0], jobs[2]):
        row_of(page, job).locator("input[name=job_id]").check()
    page.get_by_role("button", name="Set…").click()
    page.locator("#bulk-menu").get_by_role("button", name="Location").click()
    page.get_by_role("combobox", name="Location", exact=True).fill("Lisbon")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Set on 2 jobs").click()
    expect(page).to_have_url(re.compile(r"\?q=welder&sort=title&per_page=25$"))
    expect(page.locator("#toasts")).to_contain_text("Location set to “Lisbon” on 2 jobs.")
    assert [stored(app, job) for job in jobs].count("Lisbon") == 2
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("Undone")
    assert {stored(app, job) for job in jobs} == {"Porto"}


def assert_one_is_edited(page: Page, job: int) -> None:
    value_of(page, job).click()
    page.get_by_label("Location").fill("Lisbon")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile(r"/jobs/manage\?q=welder&sort=title&per_page=25$"))
    expect(cell_of(page, job)).to_have_text("Lisbon")
    page.get_by_role("link", name="Welder 00").click()
    expect(page.get_by_role("heading", name="Description")).to_be_visible()
    page.get_by_role("link", name="Close", exact=True).click()


def assert_columns_are_chosen_and_put_in_their_places(page: Page) -> None:
    """One more is ticked, and the place of another is typed."""
    page.goto(MANAGE)
    page.locator("#choose-columns summary").click()
    page.get_by_role("link", name="Change their order").click()
    page.locator("#choose-columns summary").click()
    page.get_by_role("checkbox", name="Tags").check()
    page.get_by_label("Column", exact=True).select_option("Salary")
    page.locator("#columns").get_by_label("Place", exact=True).fill("1")
    page.locator("#columns").get_by_label("Place", exact=True).press("Enter")
    expect(page.get_by_role("checkbox", name="Salary")).to_be_visible()  # the list is open again
    expect(page.locator("#list thead th:not(.c-select)")).to_have_text(
        ["Title", "Salary", "Department", "Location", "Workplace", "Type", "Tags", "State", "Changed"]
    )

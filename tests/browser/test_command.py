"""The command field by keys alone, by mouse and by quick fingers; arrows in menus."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, Request, expect

from tests.support.accessibility import complaints
from tests.support.app import Cast, MakeJobs
from tests.support.browser_pages import Faults
from tests.support.held_requests import Held
from tests.support.manage_page import MANAGE, connect, opened, row_of
from tests.support.processes import wait_until

pytestmark = pytest.mark.browser

OpenAs = Callable[..., Page]


@pytest.fixture
def jobs(request: pytest.FixtureRequest, make_jobs: MakeJobs) -> list[int]:
    """Sixteen jobs, or as many as a test asks for."""
    numbers = range(getattr(request, "param", 16))
    return make_jobs({"title": f"Job {number:02}", "location": "Porto"} for number in numbers)


@pytest.fixture
def page(portal_page: Page, jobs: list[int]) -> Page:
    return opened(portal_page, f"{MANAGE}?sort=title&per_page=25")


def field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Jobs, views, actions and places of Northwind Labs")


def chosen(page: Page) -> Locator:
    return page.locator("#command").get_by_role("option", selected=True)


def searched(request: Request) -> bool:
    return "/command" in request.url


@pytest.mark.parametrize("jobs", [30], indirect=True, ids=["two pages"])
def test_by_keys_alone_a_job_of_another_page_is_opened_beside_the_list(page: Page, jobs: list[int]) -> None:
    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()
    expect(chosen(page)).to_contain_text("Job 29")
    page.keyboard.type("job 2")
    expect(page.locator("#command-results")).to_contain_text("Show all 12 jobs with “job 2”")
    expect(page.locator("#command-said")).to_have_text("6 results")
    expect(chosen(page)).to_contain_text("Job 29")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(chosen(page)).to_contain_text("Job 28")
    expect(field(page)).to_have_attribute("aria-activedescendant", "command-2")
    page.evaluate("window.isTheSame = true")
    page.keyboard.press("Enter")
    expect(page.locator("#panel .panel")).to_contain_text("Job 28")
    expect(page.locator("#panel .panel")).to_be_focused()
    expect(page.locator("#command")).to_be_hidden()
    expect(page).to_have_url(re.compile(rf"\?sort=title&per_page=25&job={jobs[28]}$"))
    assert page.evaluate("window.isTheSame")
    page.go_back()
    expect(page.locator("#panel .panel")).to_have_count(0)


def test_escape_the_same_keys_a_click_beside_it_or_on_its_cross_close_it(page: Page, jobs: list[int]) -> None:
    title = row_of(page, jobs[3]).locator("a.title")
    for leave in ("Escape", "Control+k"):
        title.focus()
        page.keyboard.press("Control+k")
        expect(field(page)).to_be_focused()
        page.keyboard.press("j")  # typed, and no key of the list
        expect(field(page)).to_have_value("j")
        page.keyboard.press(leave)
        expect(page.locator("#command")).to_be_hidden()
        expect(title).to_be_focused()
    for way in (lambda: page.mouse.click(5, 500), page.get_by_role("button", name="Close").click):
        page.get_by_role("button", name="Search or jump to").click()
        expect(field(page)).to_be_focused()
        way()
        expect(page.locator("#command")).to_be_hidden()
    title.focus()
    page.keyboard.press("j")
    expect(row_of(page, jobs[4]).locator("a.title")).to_be_focused()
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("/jobs/new$"))


def test_there_are_never_two_dialogs_however_late_one_of_them_comes(page: Page) -> None:
    with Held(page, lambda request: request.headers.get("hx-target") == "keys") as held:
        page.keyboard.press("?")
        held.wait()
        page.keyboard.press("Control+k")
        expect(field(page)).to_be_focused()
        page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_contain_text("Keyboard shortcuts")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("?")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_have_count(1)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="More actions").click()
    page.keyboard.press("Control+k")
    expect(page.locator("#more-menu")).to_be_hidden()
    page.keyboard.type("shortcuts")
    page.keyboard.press("Enter")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(1)
    page.keyboard.press("Escape")
    with Held(page, lambda request: request.url.endswith("/connect")) as held:
        page.get_by_role("button", name="More actions").click()
        page.get_by_role("link", name="Connect Greenhouse").click()
        held.wait()
        page.keyboard.press("Control+k")
        expect(field(page)).to_be_focused()
    expect(page.locator("#dialog")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(1)


def test_enter_pressed_at_once_means_what_was_typed_and_the_last_answer_wins(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(chosen(page)).to_contain_text("Job 15")
    page.keyboard.type("job 07")
    page.keyboard.press("Enter")
    expect(page.locator("#panel .panel")).to_contain_text("Job 07")
    expect(page.locator("#command")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(chosen(page)).to_contain_text("Job 15")
    with Held(page, searched) as held:
        page.keyboard.type("job 1")
        held.wait()
        page.keyboard.type("1")
    expect(chosen(page)).to_contain_text("Job 11")
    expect(page.locator("#command")).not_to_contain_text("Job 12")


def test_two_enters_sync_once_and_open_nothing_else(app: Flask, cast: Cast, portal_page: Page) -> None:
    connect(app, cast)
    page = opened(portal_page)
    syncs: list[str] = []
    page.on("request", lambda request: syncs.append(request.url) if request.url.endswith("/sync") else None)
    page.keyboard.press("Control+k")
    page.keyboard.type("sync now")
    expect(chosen(page)).to_have_text(re.compile(r"^\s*Sync now\s*r\s*$"))
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#sync-status")).to_contain_text(re.compile("queue|Queued|Waiting", re.IGNORECASE))
    assert len(syncs) == 1


def test_by_mouse_from_another_page_it_leads_to_the_job_and_does_what_changes_something(
    app: Flask, cast: Cast, portal_page: Page, jobs: list[int]
) -> None:
    connect(app, cast)
    page = portal_page
    page.goto("/help/greenhouse")
    page.get_by_role("button", name="Search or jump to").click()
    page.keyboard.type("job 15")
    page.locator("#command").get_by_role("option", name="Job 15 Porto").click()
    expect(page.locator("#panel .panel")).to_contain_text("Job 15")
    page.goto("/orgs/northwind/jobs")
    page.get_by_role("button", name="Search or jump to").click()
    page.keyboard.type("sync")
    page.get_by_role("option", name="Sync now").click()
    expect(page.locator("#toasts")).to_contain_text("Queued")
    expect(page).to_have_url(re.compile("/jobs/manage$"))


def test_connecting_and_the_theme_are_done_in_place(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("connect")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(1)
    expect(page.locator("#dialog")).to_contain_text("Connect Greenhouse")
    page.keyboard.press("Escape")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.keyboard.press("Control+k")
    page.keyboard.type("dark")
    page.keyboard.press("Enter")
    colour = "getComputedStyle(document.body).backgroundColor"
    wait_until(lambda: page.evaluate(colour) != before, "other colours")


def test_when_the_portal_is_away_the_field_says_so_and_goes_on(page: Page, faults: Faults) -> None:
    faults.expected = re.compile("htmx:(afterRequest|sendError)|ERR_FAILED")
    page.keyboard.press("Control+k")
    expect(chosen(page)).to_contain_text("Job 15")
    page.route("**/command?*", lambda route: route.abort())
    page.keyboard.type("job 0")
    expect(page.locator("#command-results")).to_contain_text("cannot be reached")
    page.unroute("**/command?*")
    page.keyboard.type("3")
    expect(chosen(page)).to_contain_text("Job 03")


def test_axe_finds_nothing_in_it_with_and_without_results(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(chosen(page)).to_contain_text("Job 15")
    found = complaints(page, "dialog[open]")
    page.keyboard.type("zzz")
    expect(page.locator("#command-results")).to_contain_text("Nothing found")
    assert found + complaints(page, "dialog[open]") == []
    page.goto("/orgs/northwind/command?q=job")
    assert complaints(page, "main") == []


def test_arrows_home_end_letters_and_escape_work_in_menus(page: Page) -> None:
    dots = page.get_by_role("button", name="More actions")
    dots.focus()
    page.keyboard.press("ArrowDown")
    first = page.get_by_role("link", name="Connect Greenhouse")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#more-menu").get_by_role("link", name="Help")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("d")
    expect(page.get_by_role("link", name="Deleted jobs")).to_be_focused()
    page.keyboard.press("Home")
    expect(first).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Escape")
    expect(page.locator("#more-menu")).to_be_hidden()
    expect(dots).to_be_focused()
    account = page.locator("summary.avatar")
    account.focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="Sign out")).to_be_focused()
    page.keyboard.press("Escape")
    expect(account).to_be_focused()

"""What others and a sync change appears in an open Manage jobs by itself, and disturbs nobody."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from portal.actions.jobs.own_jobs import add_job, open_or_close
from portal.db import write
from portal.live.hub import stop_streams
from portal.live.publish import announce
from portal.models import Connection, Job
from portal.models.base import utc_now
from portal.store.people import next_revision
from tests.support.app import Cast, MakeJobs
from tests.support.browser_pages import Faults
from tests.support.manage_page import (
    MANAGE,
    cell_of,
    connect,
    filter_button,
    filter_values,
    finish_run,
    opened,
    row_of,
    run_clock_until,
)

pytestmark = pytest.mark.browser

MakeJob = Callable[..., int]


def test_a_change_appears_in_its_cell_and_the_row_glows_and_who_comes_back_catches_up(
    portal_page: Page, job: int, edit: Callable[..., None]
) -> None:
    portal_page.clock.install()
    page = opened(portal_page)
    page.evaluate("document.querySelector('tr[data-job-id]').kept = true")
    edit(job, "location", "Lisbon")
    expect(cell_of(page, job, "location")).to_have_text("Lisbon")
    expect(row_of(page, job)).to_have_class("fresh")
    page.clock.run_for(4_000)
    expect(row_of(page, job)).not_to_have_class("fresh")
    assert page.evaluate("document.querySelector('tr[data-job-id]').kept") is True
    cell_of(page, job, "location").locator("button[name]:not(.differs)").click()
    expect(page.locator("input.editor")).to_have_value("Lisbon")
    page.keyboard.press("Escape")
    hide(page, True)
    edit(job, "department", "Yard")
    with page.expect_response(re.compile(r"/events\?after=")):
        hide(page, False)
    expect(cell_of(page, job, "department")).to_have_text("Yard")


def test_a_cell_or_a_text_being_edited_is_not_touched_and_the_panel_follows_its_job(
    portal_page: Page, job: int, edit: Callable[..., None]
) -> None:
    page = opened(portal_page)
    cell_of(page, job, "location").locator("button[name]:not(.differs)").click()
    editor = cell_of(page, job, "location").locator("input.editor")
    editor.fill("Lisboa")
    editor.press("ArrowLeft")
    edit(job, "location", "Berlin")
    edit(job, "department", "Yard")
    expect(cell_of(page, job, "department")).to_have_text("Yard")
    expect(editor).to_have_value("Lisboa")
    expect(editor).to_be_focused()
    assert editor.evaluate("input => input.selectionStart") == 5
    editor.press("Escape")
    expect(cell_of(page, job, "location")).to_have_text("Berlin")

    row_of(page, job).locator("a.title").click()
    expect(page.locator('.panel [data-field="location"]')).to_have_text("Berlin")
    edit(job, "seniority", "Senior")
    expect(page.locator('.panel [data-field="seniority"]')).to_have_text("Senior")
    page.locator('.panel [data-field="summary"] button[name]:not(.differs)').click()
    page.locator(".panel textarea").fill("Half a sen")
    edit(job, "visibility", "hidden")
    expect(page.locator('.panel [data-part="state"] .stands')).to_have_text("Hidden")
    expect(page.locator(".panel textarea")).to_have_value("Half a sen")


def test_focus_and_scroll_stay_where_they_are(
    portal_page: Page, make_jobs: MakeJobs, edit: Callable[..., None], app: Flask, cast: Cast
) -> None:
    jobs = make_jobs({"title": f"Job {number:02}", "location": "Porto"} for number in range(24))
    portal_page.emulate_media(reduced_motion="reduce")  # no scroll is under way while places are compared
    page = opened(portal_page, f"{MANAGE}?sort=title")
    button = cell_of(page, jobs[20], "location").locator("button[name]:not(.differs)")
    button.focus()
    edit(jobs[20], "location", "Lisbon")
    expect(button).to_have_text("Lisbon")
    expect(button).to_be_focused()
    above = button.bounding_box()
    with app.app_context():
        add_job(cast.northwind.id, {"title": "Job 00a"})
    expect(page.get_by_role("link", name="Job 00a")).to_be_attached()
    expect(button).to_be_focused()
    assert above is not None
    now = button.bounding_box()
    assert now is not None
    assert abs(now["y"] - above["y"]) < 2


def test_a_new_job_comes_in_and_the_counts_follow(
    portal_page: Page, app: Flask, cast: Cast, job: int
) -> None:
    page = opened(portal_page)
    page.get_by_role("searchbox").fill("e")
    expect(page).to_have_url(re.compile(r"q=e$"))
    with app.app_context():
        added = add_job(cast.northwind.id, {"title": "Rigger"})
    expect(page.locator(".title").first).to_have_text("Rigger")
    expect(page.locator("#view-all b")).to_have_text("2")
    expect(page.locator("#jobs-count")).to_have_text("2")
    with app.app_context():
        open_or_close(cast.northwind.id, added.id, open_it=False)
    expect(row_of(page, added.id).locator("[data-field=state] i")).to_have_text("Closed")
    expect(page.locator("#view-closed b")).to_have_text("1")
    expect(page.get_by_role("searchbox")).to_be_focused()


def add_many(app: Flask, cast: Cast, number: int) -> None:
    """Commit many new jobs at once, as a sync does."""
    with app.app_context():
        with write() as session:
            revision = next_revision(cast.northwind.id)
            columns: dict[str, Any] = {"organisation_id": cast.northwind.id, "source": "own"}
            session.add_all(Job(title=f"New {i}", revision=revision, **columns) for i in range(number))
        announce(cast.northwind.id, revision)


def test_the_first_jobs_take_the_place_of_the_empty_page(portal_page: Page, app: Flask, cast: Cast) -> None:
    page = opened(portal_page)
    expect(page.get_by_role("heading", name="This is where your jobs will be")).to_be_visible()
    add_many(app, cast, 60)
    expect(page.locator("tbody tr")).to_have_count(50)
    expect(page.locator("#jobs-count")).to_have_text("60")


def test_the_first_job_takes_the_place_of_the_empty_page_and_the_filters_offer_what_it_says(
    portal_page: Page, app: Flask, cast: Cast
) -> None:
    page = opened(portal_page)
    expect(page.get_by_role("heading", name="This is where your jobs will be")).to_be_visible()
    filter_button(page, "location").click()
    expect(page.locator("#filter-location")).to_be_visible()
    with app.app_context():
        add_job(cast.northwind.id, {"title": "Rigger", "location": "Porto"})
    places = filter_values(page, "location")
    expect(places).to_have_text(["Porto 1", "Portugal 1"])
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("#jobs-count")).to_have_text("1")
    page.get_by_role("checkbox", name="Porto 1").check()
    expect(page).to_have_url(re.compile("location=Porto"))
    with app.app_context():
        add_job(cast.northwind.id, {"title": "Welder", "location": "Lisbon"})
    expect(places).to_have_text(["Porto 1", "Portugal 2", "Lisbon 1"])  # what is open does not move
    expect(page.get_by_role("checkbox", name="Porto 1")).to_be_checked()


def test_what_a_run_brought_is_announced_once(portal_page: Page, app: Flask, cast: Cast) -> None:
    connection = connect(app, cast)
    finish_run(app, connection, created=5)
    page = opened(portal_page)
    expect(page.locator("#sync-status")).to_contain_text("5 new")
    region = "const region = document.querySelector('#announcements')"
    watch = "new MutationObserver(() => said.push(region.textContent))"
    page.evaluate(f"{region}; window.said = []; {watch}.observe(region, {{ childList: true }})")
    finish_run(app, connection, created=1, updated=3)
    expect(page.locator("#announcements")).to_have_text("3 updated, 1 new")
    with app.app_context():
        add_job(cast.northwind.id, {"title": "Rigger"})  # its status is sent again
    expect(page.get_by_role("link", name="Rigger")).to_be_visible()
    assert page.evaluate("said.filter(Boolean)") == ["3 updated, 1 new"]


def test_many_changes_at_once_wait_for_a_click(portal_page: Page, app: Flask, cast: Cast, job: int) -> None:
    page = opened(portal_page)
    add_many(app, cast, 51)
    expect(page.get_by_text("The list has changed.")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(50)
    expect(page.get_by_text("The list has changed.")).to_be_hidden()
    expect(page.get_by_role("link", name="Next page")).to_be_visible()


def test_a_first_import_beside_a_job_that_was_there_is_shown_by_itself(
    portal_page: Page, app: Flask, cast: Cast, job: int
) -> None:
    connection = connect(app, cast)
    with app.app_context(), write() as session:
        session.get_one(Connection, connection).last_synced_at = None
    page = opened(portal_page)
    add_many(app, cast, 60)
    expect(page.get_by_text("The list has changed.")).to_be_visible()
    with app.app_context(), write() as session:
        session.get_one(Connection, connection).last_synced_at = utc_now()
    finish_run(app, connection, created=60)
    expect(page.locator("tbody tr")).to_have_count(50)
    expect(page.get_by_text("The list has changed.")).to_be_hidden()


def hide(page: Page, hidden: bool) -> None:
    """Put the page into the background, as another tab in front of it does."""
    page.evaluate(
        """hidden => {
          Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_without_a_stream_the_page_polls_and_its_dot_is_a_ring(
    app: Flask, cast: Cast, portal_page: Page, job: int, edit: Callable[..., None], faults: Faults
) -> None:
    faults.expected = re.compile("503|ERR_")
    connect(app, cast)
    page = portal_page
    page.goto(MANAGE)
    width = "getComputedStyle(document.querySelector('#sync-status .dot')).borderTopWidth"
    expect(page.locator("#manage[data-live]")).to_be_attached()
    assert page.evaluate(width) == "4px", "all of it"
    stop_streams()
    expect(page.locator("#manage:not([data-live])")).to_be_attached()
    assert page.evaluate(width) == "2px"
    page.clock.install()
    page.goto(MANAGE)
    edit(job, "location", "Lisbon")
    run_clock_until(page, lambda: says(cell_of(page, job, "location"), "Lisbon"))
    edit(job, "department", "Yard")
    run_clock_until(page, lambda: says(cell_of(page, job, "department"), "Yard"))


def says(cell: Locator, text: str) -> bool:
    return (cell.text_content() or "").strip() == text

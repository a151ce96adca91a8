"""Nothing that somebody typed or selected is lost without a word; and what did not work says so."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask, abort
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from portal.actions.jobs.edit import edit_field
from portal.db import session, write
from portal.domain.jobs.salary_text import parse_salary
from portal.domain.jobs.values import salary_columns
from portal.models import Job, LoginSession
from tests.support.app import Cast, MakeJob
from tests.support.browser_pages import Faults, go_back_online
from tests.support.held_requests import Held, editor_of, save_of
from tests.support.manage_page import MANAGE, cell_of, connect, opened, row_of, run_clock_until

pytestmark = pytest.mark.browser

UNSAVED = "This is not saved yet."


def stored(app: Flask, job: int, column: str = "location") -> object:
    with app.app_context():
        return str(getattr(session().get(Job, job), column))


def edit_cell(page: Page, job: int, field: str, text: str) -> None:
    cell_of(page, job, field).locator("button[name]:not(.differs)").click()
    expect(page.locator(".editor")).to_be_focused()
    page.locator(".editor").fill(text)


def test_a_list_changes_once_what_is_typed_in_it_is_given_up_saved_or_known_to_be_the_same(
    app: Flask, portal_page: Page, make_job: MakeJob
) -> None:
    job = make_job(title="Welder", location="Porto", **salary_columns(parse_salary("85k EUR")))
    page = opened(portal_page)
    edit_cell(page, job, "salary", "about ninety")
    page.locator("#sort-title").click()
    expect(cell_of(page, job, "salary").get_by_role("alert")).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text(UNSAVED)
    expect(page.locator("input.editor")).to_be_focused()
    expect(page).not_to_have_url(re.compile("sort="))
    page.keyboard.press("Escape")
    page.locator("#sort-title").click()
    expect(page).to_have_url(re.compile("sort=title"))

    edit_cell(page, job, "location", "Lisbon")
    with Held(page, save_of("location")) as held:
        page.locator("#sort-location").click()
        held.wait()
        expect(page).to_have_url(re.compile("sort=title"))
    expect(page).to_have_url(re.compile("sort=location"))
    expect(cell_of(page, job, "location")).to_have_text("Lisbon")
    assert stored(app, job) == "Lisbon"

    with Held(page, editor_of("salary")) as held:
        cell_of(page, job, "salary").locator("button[name]:not(.differs)").focus()
        page.keyboard.type("85k EUR")  # shown otherwise: known as the same once the editor has come
        held.wait()
        page.locator("#sort-title").click()
        expect(page.locator("form.editor-form.htmx-request")).to_be_visible()
    expect(page).to_have_url(re.compile("sort=title"))


def test_a_text_that_somebody_else_wrote_too_keeps_its_panel_open(
    app: Flask, portal_page: Page, cast: Cast, job: int
) -> None:
    page = opened(portal_page, f"{MANAGE}?job={job}")
    page.locator("#panel").get_by_role("button", name="Add summary").click()
    page.locator("#panel textarea").fill("A long evening's work")
    with app.app_context():
        edit_field(cast.northwind.id, job, "summary", "Theirs", 0, cast.noor.id)
    page.locator("#panel").get_by_role("link", name="Close").click()
    expect(page.locator("#panel").get_by_role("alert")).to_contain_text("while you were editing")
    expect(page.locator("#panel .editing del")).to_contain_text("Theirs")
    expect(page.locator("#panel textarea")).to_have_value("A long evening's work")
    page.locator("#panel").get_by_role("button", name="Save mine").click()
    summary = page.locator('#panel [data-field="summary"] button[name]:not(.differs)')
    expect(summary).to_have_text("A long evening's work")
    page.locator("#panel").get_by_role("link", name="Close").click()
    expect(page.locator("#panel .panel")).to_have_count(0)


def test_in_the_panel_one_escape_drops_no_long_text_a_half_typed_date_is_no_empty_one_and_nothing_moves(
    app: Flask, portal_page: Page, make_job: MakeJob
) -> None:
    job = make_job(title="Welder", description_html="<p>Words</p>" * 80, closes_on=date(2031, 12, 31))
    page = opened(portal_page, f"{MANAGE}?q=weld&job={job}")
    page.get_by_role("searchbox").focus()
    page.keyboard.press("Escape")  # it empties the search
    expect(page).not_to_have_url(re.compile("q="))
    expect(page.locator("#panel .panel")).to_be_visible()
    page.locator("#panel").get_by_role("button", name="Add summary").click()
    page.locator("#panel textarea").fill("Half a")
    page.keyboard.press("Escape")
    expect(page.locator("#panel").get_by_role("alert")).to_contain_text("Press Esc again")
    page.keyboard.press("Escape")
    expect(page.locator("#panel textarea")).to_have_count(0)

    cell = page.locator('#panel [data-field="closes_on"]')
    cell.locator("button[name]:not(.differs)").click()
    expect(cell.locator("[name=value]")).to_be_focused()
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    expect(cell.get_by_role("alert")).to_have_text("Type the whole date, or empty it.")
    assert stored(app, job, "closes_on") == "2031-12-31"
    page.keyboard.press("Escape")

    page.locator("#panel").get_by_role("button", name="Hide").click()
    expect(page.locator("#panel").get_by_role("button", name="Publish")).to_be_focused()
    assert page.evaluate("document.querySelector('#panel .panel').scrollTop") > 200


def test_a_line_that_breaks_leaves_a_new_job_as_it_was_typed(
    open_as: Callable[..., Page], cast: Cast
) -> None:
    page = open_as(cast.mara, java_script_enabled=False)
    page.goto("/orgs/northwind/jobs/new")
    page.get_by_label("Title").fill("Rigger")
    page.context.set_offline(True)
    page.get_by_role("button", name="Add the job").click()
    go_back_online(page)
    expect(page.get_by_label("Title")).to_have_value("Rigger")
    page.get_by_role("button", name="Add the job").click()
    expect(page.get_by_text("Added “Rigger”.")).to_be_visible()


def test_what_the_server_could_not_do_is_said_and_the_list_stays(
    app: Flask, portal_page: Page, cast: Cast, job: int, faults: Faults
) -> None:
    faults.expected = re.compile("503")
    connect(app, cast)
    page = opened(portal_page)
    broken = dict.fromkeys(("jobs.manage", "connection.sync"), lambda **_: abort(503))
    ways: list[Callable[[], None]] = [
        page.get_by_role("button", name="Sync now").click,
        page.locator("#sort-title").click,
        lambda: page.get_by_role("searchbox").fill("zz"),
    ]
    for ask in ways:
        usual = dict(app.view_functions)
        app.view_functions |= broken
        try:
            ask()
            expect(page.locator("#toasts")).to_contain_text("Something broke on our side")
        finally:
            app.view_functions |= usual
        expect(page).to_have_url(re.compile("/manage$"))
        expect(row_of(page, job)).to_be_visible()
        expect(page.locator("#sync-status")).to_be_visible()
        page.get_by_role("button", name="Close this message").click()
        expect(page.locator(".toast-note")).to_have_count(0)


def test_what_could_not_be_asked_is_said_and_a_search_is_asked_once_it_can(
    portal_page: Page, job: int, make_job: MakeJob, faults: Faults
) -> None:
    faults.expected = re.compile("ERR_|sendError|afterRequest")
    make_job(title="Rigger")
    page = opened(portal_page)
    page.context.set_offline(True)
    cell_of(page, job, "location").locator("button[name]:not(.differs)").click()
    expect(page.locator("#toasts")).to_contain_text("The portal cannot be reached.")
    page.get_by_role("searchbox").fill("rigger")
    expect(page.locator(".toast-note")).to_have_count(2)
    page.context.set_offline(False)
    expect(page).to_have_url(re.compile("q=rigger"))
    expect(page.locator("tbody tr")).to_have_count(1)


@pytest.mark.usefixtures("quick_heartbeats")
def test_a_page_whose_reader_signed_out_elsewhere_says_so(
    app: Flask, portal_page: Page, job: int, faults: Faults
) -> None:
    faults.expected = re.compile("MIME|ERR_|text/html")
    portal_page.clock.install()
    page = opened(portal_page)
    with app.app_context(), write() as writing:
        writing.execute(delete(LoginSession))
    told = page.get_by_text("You are signed out: this list is no longer kept up to date.")
    run_clock_until(page, told.is_visible)
    page.get_by_role("link", name="Sign in again").click()
    expect(page).to_have_url(re.compile("/login"))

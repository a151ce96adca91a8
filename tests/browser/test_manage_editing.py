"""Editing in the cells of Manage jobs, as a person does it."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from portal.db import write
from portal.models import LoginSession
from tests.support.browser_pages import Faults
from tests.support.held_requests import Held, save_of
from tests.support.manage_page import (
    MANAGE,
    boxes,
    cell_of,
    filter_button,
    filter_values,
    open_editor,
    stored,
    value_of,
)

pytestmark = pytest.mark.browser

MakeJob = Callable[..., int]
SAFARIS_FOCUS = """addEventListener("mousedown", (event) => {
  if (!event.target.closest("a[href], button, input[type=checkbox]")) return;
  event.preventDefault();
  document.querySelector("#content").focus({ preventScroll: true });
})"""
"""Script: no button, link or box that is clicked takes the focus, but what is around it."""


def test_a_click_or_enter_edits_and_enter_saves_once(
    app: Flask, portal_page: Page, job: int, saves: list[str]
) -> None:
    portal_page.goto(MANAGE)
    editor = open_editor(portal_page, job)
    expect(editor).to_have_value("Porto")
    editor.fill("Lisbon")
    editor.press("Enter")
    portal_page.get_by_role("heading", name="Manage jobs").click()
    expect(cell_of(portal_page, job)).to_have_text("Lisbon")
    expect(portal_page.locator("#announcements")).to_have_text("Saved. Location: Lisbon")
    assert stored(app, job) == "Lisbon"
    assert len(saves) == 1
    button = value_of(portal_page, job)
    button.focus()
    portal_page.keyboard.press("Enter")
    expect(cell_of(portal_page, job).locator("input.editor")).to_be_focused()
    portal_page.keyboard.type("Braga")
    portal_page.keyboard.press("Enter")
    expect(button).to_have_text("Braga")
    expect(button).to_be_focused()
    assert len(saves) == 2
    editor = open_editor(portal_page, job, "title")  # a job of one's own
    editor.fill("Rigger")
    editor.press("Enter")
    expect(cell_of(portal_page, job, "title").get_by_role("link")).to_have_text("Rigger")
    saves.clear()
    editor = open_editor(portal_page, job)
    with Held(portal_page, save_of("location")) as held:
        editor.fill("Faro")
        for key in ("Enter", "Enter", "Tab", "Shift+Tab", "Enter"):  # while it is on its way
            portal_page.keyboard.press(key)
        held.wait()
    expect(cell_of(portal_page, job)).to_have_text("Faro")
    assert len(saves) == 1


def test_where_a_clicked_button_takes_no_focus_what_it_opens_is_typed_in_all_the_same(
    portal_page: Page, job: int
) -> None:
    portal_page.add_init_script(SAFARIS_FOCUS)
    portal_page.goto(MANAGE)
    open_editor(portal_page, job, "workplace_type").select_option("remote")
    portal_page.keyboard.press("Enter")
    expect(value_of(portal_page, job, "workplace_type")).to_have_text("Remote")
    filter_button(portal_page, "location").click()
    expect(filter_values(portal_page, "location").get_by_role("checkbox").first).to_be_focused()
    portal_page.keyboard.press("Escape")
    box = portal_page.get_by_role("checkbox", name="Select Welder")
    box.click()
    expect(box).to_be_focused()


def test_the_enter_that_ends_a_composition_saves_nothing_and_option_makes_letters_on_a_mac(
    portal_page: Page, job: int, saves: list[str]
) -> None:
    portal_page.add_init_script("Object.defineProperty(navigator, 'platform', { get: () => 'MacIntel' })")
    portal_page.goto(MANAGE)
    editor = open_editor(portal_page, job)
    editor.fill("東京")
    editor.dispatch_event(
        "keydown", {"key": "Enter", "keyCode": 229}
    )  # Safari's composition has ended by then
    portal_page.keyboard.type("!")
    editor.press("Enter")
    expect(value_of(portal_page, job)).to_have_text("東京!")
    assert len(saves) == 1
    value_of(portal_page, job, "salary").dispatch_event("keydown", {"key": "€", "altKey": True})
    expect(cell_of(portal_page, job, "salary").locator("input.editor")).to_have_value("€")


def test_leaving_a_cell_by_a_click_or_tab_saves_what_was_changed_once_and_escape_restores_it(
    app: Flask, portal_page: Page, job: int, saves: list[str]
) -> None:
    portal_page.goto(MANAGE)
    assert_escape_restores(portal_page, job)
    assert saves == []
    open_editor(portal_page, job)
    portal_page.get_by_role("heading", name="Manage jobs").click()
    expect(value_of(portal_page, job)).to_have_text("Porto")
    open_editor(portal_page, job).press("Enter")
    expect(value_of(portal_page, job)).to_be_focused()
    assert saves == []
    open_editor(portal_page, job).fill("Lisbon")
    portal_page.get_by_role("heading", name="Manage jobs").click()
    expect(value_of(portal_page, job)).to_have_text("Lisbon")
    assert stored(app, job) == "Lisbon"
    assert len(saves) == 1
    open_editor(portal_page, job).fill("Faro")
    other = open_editor(portal_page, job, "department")
    expect(value_of(portal_page, job)).to_have_text("Faro")
    expect(other).to_be_focused()
    assert len(saves) == 2
    assert_tab_goes_from_cell_to_cell(portal_page, job)
    assert stored(app, job, "department") == "Yard"
    assert len(saves) == 3


def assert_escape_restores(page: Page, job: int) -> None:
    """So does the button that says it."""
    for cancel in (
        lambda: page.keyboard.press("Escape"),
        page.get_by_role("button", name="Esc cancels").click,
    ):
        open_editor(page, job).fill("Lisbon")
        cancel()
        expect(value_of(page, job)).to_have_text("Porto")
        expect(value_of(page, job)).to_be_focused()
        expect(open_editor(page, job)).to_have_value("Porto")  # it still opens
        page.keyboard.press("Escape")


def assert_tab_goes_from_cell_to_cell(page: Page, job: int) -> None:
    """From the department, whose editor is open, on and back."""
    page.keyboard.type("Yard")
    page.keyboard.press("Tab")
    editor = cell_of(page, job).locator(".editor")
    expect(editor).to_be_focused()
    expect(editor).to_have_value("Faro")
    expect(value_of(page, job, "department")).to_have_text("Yard")
    page.keyboard.press("Tab")
    expect(cell_of(page, job, "workplace_type").locator("select")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(editor).to_have_value("Faro")
    expect(editor).to_be_focused()
    page.keyboard.press("Escape")


def test_nothing_moves_when_an_editor_opens(portal_page: Page, make_job: MakeJob) -> None:
    short = [make_job(title=f"Job {number}", location="Porto") for number in range(3)][1]
    long = make_job(title="A", location="Berlin, Germany; Lisbon, Portugal; Remote within the EU; Oslo")
    portal_page.goto(MANAGE)
    for width in (1280, 768):
        portal_page.set_viewport_size({"width": width, "height": 800})
        for job in (short, long):
            before = boxes(portal_page, ".jobs td")
            value = f'tr[data-job-id="{job}"] [data-field="location"] > button'
            [text] = boxes(portal_page, value)
            editor = open_editor(portal_page, job)
            assert boxes(portal_page, ".jobs td") == before
            [left, top, *_] = boxes(portal_page, ".editor")[0]
            assert [left + 7 * 64, top] == text[:2], "its border and padding aside"
            editor.press("Escape")
            assert boxes(portal_page, ".jobs td") == before
            assert boxes(portal_page, value) == [text]


def test_a_bad_value_is_answered_at_the_cell(portal_page: Page, job: int, saves: list[str]) -> None:
    portal_page.goto(MANAGE)
    open_editor(portal_page, job, "salary").fill("90k")
    portal_page.keyboard.press("Enter")
    cell = cell_of(portal_page, job, "salary")
    expect(cell.get_by_role("alert")).to_contain_text("Add the currency")
    editor = cell.get_by_role("textbox")
    expect(editor).to_have_value("90k")
    expect(editor).to_be_focused()
    portal_page.get_by_role("heading", name="Manage jobs").click()
    expect(editor).to_have_value("90k")
    assert len(saves) == 1
    editor.fill("90k EUR")
    editor.press("Enter")
    expect(cell.locator("button[name]:not(.differs)")).to_have_text("€90k")


def test_a_save_that_gets_no_answer_or_comes_after_the_session_ended_loses_nothing(
    app: Flask, portal_page: Page, job: int, faults: Faults
) -> None:
    faults.expected = re.compile("ERR_FAILED|htmx:sendError|htmx:afterRequest|503")
    portal_page.goto(MANAGE)
    editor = open_editor(portal_page, job)
    editor.fill("Lisbon")
    portal_page.route("**/fields/location", lambda route: route.abort())
    editor.press("Enter")
    alert = cell_of(portal_page, job).get_by_role("alert")
    expect(alert).to_contain_text("the portal cannot be reached")
    portal_page.unroute("**/fields/location")
    portal_page.route("**/fields/location", lambda route: route.fulfill(status=503, body="<p>Busy.</p>"))
    editor.press("Enter")
    expect(alert).to_have_text("Not saved. Busy.")
    expect(editor).to_have_value("Lisbon")
    portal_page.unroute("**/fields/location")
    editor.press("Enter")
    expect(value_of(portal_page, job)).to_have_text("Lisbon")
    assert stored(app, job) == "Lisbon"
    editor = open_editor(portal_page, job)
    editor.fill("Braga")
    with app.app_context(), write() as writing:
        writing.execute(delete(LoginSession))
    editor.press("Enter")
    expect(alert).to_contain_text("you are signed out")
    expect(editor).to_have_value("Braga")
    assert stored(app, job) == "Lisbon"


def test_the_panel_edits_every_field_and_the_row_follows(
    app: Flask, portal_page: Page, job: int, saves: list[str]
) -> None:
    portal_page.goto(f"{MANAGE}?q=weld")
    title = portal_page.get_by_role("link", name="Welder")
    title.click()
    panel = portal_page.locator("#panel .panel")
    expect(portal_page).to_have_url(re.compile(rf"q=weld&job={job}$"))
    panel.locator('[data-field="location"] button[name]:not(.differs)').click()
    panel.locator('[data-field="location"] input.editor').fill("Lisbon")
    portal_page.keyboard.press("Enter")
    expect(cell_of(portal_page, job)).to_have_text("Lisbon")
    panel.locator('[data-field="summary"] button[name]:not(.differs)').click()
    panel.get_by_role("textbox").fill("One")
    portal_page.keyboard.press("Enter")
    portal_page.keyboard.type("Two")
    portal_page.keyboard.press("Control+Enter")
    expect(panel.locator('[data-field="summary"] button[name]:not(.differs)')).to_contain_text("Two")
    assert stored(app, job, "summary") == "One\nTwo"
    closes = panel.locator('[data-field="closes_on"]')
    closes.locator("button[name]").click()
    for key in ("1", "Tab", "2", "Tab", "2", "0", "3", "1", "Enter"):  # Tab goes on within the date
        portal_page.keyboard.press(key)
    expect(closes.locator("button[name]")).to_have_text("2 Jan 2031")
    portal_page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(title).to_be_focused()
    expect(portal_page).to_have_url(re.compile(r"q=weld$"))
    assert len(saves) == 3

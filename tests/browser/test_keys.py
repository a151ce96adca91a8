"""Manage jobs by keys alone; and none of them while somebody types, or once they are turned off."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, Request, Route, expect

from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.saved_views import choose_columns
from portal.domain.jobs.columns import COLUMNS
from tests.support.app import Cast
from tests.support.held_requests import Held, editor_of, save_of
from tests.support.manage_page import connect

pytestmark = pytest.mark.browser

MANAGE = "/orgs/northwind/jobs/manage"
MakeJob = Callable[..., int]


@pytest.fixture
def page(portal_page: Page, make_job: MakeJob) -> Page:
    """Three jobs, in the order of their titles."""
    for title in ("Able", "Baker", "Cook"):
        make_job(title=title, location="Porto", source="greenhouse", external_id=ord(title[0]))
    portal_page.goto(f"{MANAGE}?sort=title")
    return portal_page


def title(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.locator("a.title", has_text=name)


def test_keys_go_from_row_to_row_edit_select_and_open(page: Page) -> None:
    page.keyboard.press("b")
    expect(page.locator("#announcements")).to_have_text("Select a job first, with x.")
    page.keyboard.press("j")
    expect(title(page, "Able")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(title(page, "Cook")).to_be_focused()
    page.keyboard.press("k")
    expect(title(page, "Baker")).to_be_focused()
    page.keyboard.press("x")
    row = page.locator("tr", has=title(page, "Baker"))
    expect(row.get_by_role("checkbox")).to_be_checked()
    expect(page.locator("tbody input:checked")).to_have_count(1)
    page.keyboard.press("e")
    editor = row.locator("input.editor")
    expect(editor).to_be_focused()
    page.keyboard.type("jex/?r")
    expect(editor).to_have_value("jex/?r")
    page.keyboard.press("Enter")
    expect(row.locator('[data-field="department"] button[name]:not(.differs)')).to_have_text("jex/?r")
    page.keyboard.press("ArrowUp")
    above = page.locator("tr", has=title(page, "Able"))
    expect(above.locator('[data-field="department"] button[name]:not(.differs)')).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(title(page, "Able")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Able")).to_be_visible()
    page.keyboard.press("Escape")
    expect(title(page, "Able")).to_be_focused()
    row.get_by_role("checkbox").uncheck()
    title(page, "Able").focus()
    assert_a_range_is_selected_and_changed(page)


def assert_a_range_is_selected_and_changed(page: Page) -> None:
    """From the row with the focus to the one after the next."""
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("tbody input:checked")).to_have_count(3)
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    expect(page.locator("#bulk-menu")).to_be_visible()


def test_a_slash_searches_and_elsewhere_arrows_scroll_and_modifiers_are_the_browser_s(page: Page) -> None:
    for keys in ("ArrowDown", "Control+j", "Alt+j", "r"):  # nothing is connected that r would sync
        page.keyboard.press(keys)
        expect(page.locator("a.title:focus")).to_have_count(0)
    expect(page.locator("#finder kbd")).to_be_visible()
    page.keyboard.press("/")
    search = page.get_by_role("searchbox")
    expect(search).to_be_focused()
    expect(page.locator("#finder kbd")).to_be_hidden()
    page.keyboard.type("k/?")
    expect(search).to_have_value("k/?")
    expect(page.locator("#keys")).to_be_hidden()


def test_a_sheet_tells_all_of_the_keys_and_turns_them_off(page: Page) -> None:
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    told = sheet.locator("dt").all_inner_texts()
    for keys in (
        "/", "j k", "Enter", "Esc", "?", "e", "x", "Shift+x", "b", "F2", "Delete", "Tab", "Shift+Tab",
        "Ctrl+Enter", "Ctrl+z", "Ctrl+c", "Ctrl+v", "Ctrl+d",
    ):  # fmt: skip
        assert keys in told
    expect(page.get_by_text("Shift+click").first).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("a.title:focus")).to_have_count(0)
    with page.expect_response(re.compile("/account/keys$")):  # kept in the account, wherever one signs in
        sheet.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page.locator("#finder kbd")).to_be_hidden()
    for key in ("j", "?"):
        page.keyboard.press(key)
    page.reload()
    for key in ("j", "?"):
        page.keyboard.press(key)
    expect(page.locator("a.title:focus")).to_have_count(0)
    expect(sheet).to_be_hidden()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    sheet.get_by_role("checkbox").check()
    sheet.get_by_role("button", name="Done").click()
    expect(page.get_by_role("button", name="More actions")).to_be_focused()
    page.get_by_role("heading", name="Manage jobs").click()
    page.keyboard.press("j")
    expect(title(page, "Able")).to_be_focused()


@pytest.fixture
def job(make_job: MakeJob) -> int:
    """The middle one of three jobs; the others are like it."""

    def make(title: str) -> int:
        return make_job(
            title=title,
            location="Porto",
            workplace_type="onsite",
            closes_on=date(2031, 9, 9),
            salary_min=2550,
            salary_max=2550,
            salary_currency="EUR",
            salary_period="hour",
        )

    return [make(title) for title in ("Able", "Baker", "Cook")][1]


@pytest.fixture
def posts(portal_page: Page) -> list[str]:
    """Where the page posts edits to."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and not request.url.endswith("/presence"):
            sent.append(request.url)

    portal_page.on("request", note)
    return sent


def cell(page: Page, job: int, field: str = "location") -> Locator:
    return page.locator(f'tr[data-job-id="{job}"] [data-field="{field}"]')


def value(page: Page, job: int, field: str = "location") -> Locator:
    return cell(page, job, field).locator("button[name]:not(.differs)")


def open_list(page: Page, app: Flask, cast: Cast) -> None:
    """The list in the order of its titles, with every column."""
    with app.app_context():
        choose_columns(cast.northwind.id, cast.mara.id, tuple(COLUMNS))
    page.goto(f"{MANAGE}?sort=title")


def test_letters_typed_after_a_save_edit_that_cell_and_nothing_else_and_r_beside_the_cells_syncs(
    portal_page: Page, app: Flask, cast: Cast, job: int, posts: list[str]
) -> None:
    connect(app, cast)
    page = portal_page
    page.goto(f"{MANAGE}?sort=title")
    value(page, job).focus()
    for text in ("Lisbon", "remote", "/jex?"):
        page.keyboard.type(text)
        expect(cell(page, job).locator("input.editor")).to_have_value(text)
        page.keyboard.press("Enter")
        expect(value(page, job)).to_have_text(text)
        expect(value(page, job)).to_be_focused()
    assert {url.rpartition("/jobs/")[2] for url in posts} == {f"{job}/fields/location"}
    assert len(posts) == 3
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator("tbody input:checked")).to_have_count(0)
    page.get_by_role("heading", name="Manage jobs").click()
    with page.expect_request(re.compile("/greenhouse/sync$")):
        page.keyboard.press("r")


def assert_keys_lead_from_cell_to_cell(page: Page, job: int) -> None:
    """They leave the list at none of its edges."""
    box = page.get_by_role("checkbox", name="Select Baker")
    title(page, "Baker").focus()
    for key, there in (
        ("ArrowLeft", box),
        ("ArrowLeft", box),
        ("End", value(page, job, "featured")),
        ("ArrowDown", value(page, job + 1, "featured")),
        ("ArrowDown", value(page, job + 1, "featured")),
        ("ArrowLeft", value(page, job + 1, "closes_on")),
        ("ArrowUp", value(page, job, "closes_on")),
        ("Home", box),
        ("ArrowUp", page.get_by_role("checkbox", name="Select Able")),
        ("ArrowRight", title(page, "Able")),
        ("ArrowRight", value(page, job - 1, "department")),
        ("ArrowDown", value(page, job, "department")),
    ):
        page.keyboard.press(key)
        expect(there).to_be_focused()
        expect(there).to_be_in_viewport()
    page.keyboard.press("F2")
    expect(cell(page, job, "department").locator("input.editor")).to_be_focused()
    page.keyboard.press("Escape")
    expect(value(page, job, "department")).to_be_focused()


def assert_a_cell_leaves_other_keys_alone(page: Page, job: int) -> None:
    """Combinations are the browser's, and a composition has not ended yet."""
    value(page, job).focus()
    for keys in ("Control+a", "Alt+r", "Meta+b", "Shift+ArrowDown", "Control+ArrowRight"):
        page.keyboard.press(keys)
    value(page, job).evaluate(
        """cell => cell.dispatchEvent(new KeyboardEvent("keydown",
            { key: "k", isComposing: true, bubbles: true, cancelable: true }))"""
    )
    expect(value(page, job)).to_be_focused()
    expect(page.locator("form.editor-form")).to_have_count(0)


def test_arrows_home_and_end_lead_from_cell_to_cell_and_a_letter_replaces_each_kind_of_value_in_its_own_way(
    portal_page: Page, app: Flask, cast: Cast, job: int, posts: list[str]
) -> None:
    page = portal_page
    open_list(page, app, cast)
    assert_keys_lead_from_cell_to_cell(page, job)
    assert_a_cell_leaves_other_keys_alone(page, job)
    for field, keys, shown in (
        ("workplace_type", "rem", "Remote"),
        ("salary", "90k EUR", "€90k"),
        ("featured", "feat", "Featured"),
        ("department", "Yard", "Yard"),
        ("closes_on", "10", "9 Oct 2031"),
    ):
        value(page, job, field).focus()
        page.keyboard.type(keys)
        page.keyboard.press("Enter")
        expect(value(page, job, field)).to_have_text(shown)
    assert len(posts) == 5
    value(page, job + 1, "salary").focus()
    page.keyboard.press("F2")
    expect(cell(page, job + 1, "salary").locator("input.editor")).to_have_value("25.50 EUR per hour")
    page.keyboard.press("Escape")
    page.keyboard.press("Delete")
    expect(cell(page, job + 1, "salary").locator("input.editor")).to_have_value("")
    page.keyboard.press("Enter")
    expect(value(page, job + 1, "salary")).to_have_text("Add salary")


def test_a_text_is_edited_and_its_enter_waits_while_the_server_has_not_answered(
    portal_page: Page, job: int, posts: list[str]
) -> None:
    page = portal_page
    page.goto(MANAGE)
    value(page, job).focus()
    with Held(page, editor_of("location")) as held:
        page.keyboard.press("F2")
        editor = cell(page, job).locator("input.editor")
        expect(editor).to_be_focused()
        expect(editor).to_have_value("Porto")
        page.keyboard.press("Home")
        page.keyboard.type("Old ")
        held.wait()
        held.release()
        expect(cell(page, job).locator("datalist")).to_have_count(1)
        page.keyboard.type("town of ")
        expect(editor).to_have_value("Old town of Porto")
        page.keyboard.press("Enter")
        expect(value(page, job)).to_have_text("Old town of Porto")
        page.keyboard.type("Faro")
        page.keyboard.press("Enter")
        held.wait()
        assert len(posts) == 1, "the second is not sent without its version"
        page.keyboard.type("remote")
        page.keyboard.press("Enter")
    expect(value(page, job)).to_have_text("remote")
    assert len(posts) == 3


def test_what_is_typed_while_a_cell_is_saved_edits_it_again_or_the_cell_gone_to(
    portal_page: Page, job: int, app: Flask
) -> None:
    page = portal_page
    page.goto(f"{MANAGE}?sort=title")
    value(page, job).focus()
    with Held(page, save_of("location")) as held:
        page.keyboard.type("Lisbon")
        page.keyboard.press("Enter")
        held.wait()
        page.keyboard.press("Enter")
        page.keyboard.type("remotee")
        page.keyboard.press("Backspace")
        held.release()
        expect(cell(page, job).locator("input.editor")).to_have_value("remote")
        page.keyboard.press("Enter")
        held.wait()
        page.keyboard.press("ArrowDown")
        expect(value(page, job + 1)).to_be_focused()
        page.keyboard.type("Faro")
        expect(cell(page, job + 1).locator("input.editor")).to_have_value("Faro")
    page.keyboard.press("Enter")
    expect(value(page, job)).to_have_text("remote")
    expect(value(page, job + 1)).to_have_text("Faro")
    expect(value(page, job + 1)).to_be_focused()


def test_typing_over_what_somebody_has_changed_unseen_shows_both_values(
    portal_page: Page, job: int, app: Flask, cast: Cast
) -> None:
    page = portal_page
    asked: list[Route] = []
    page.route("**/fields/location", lambda route: asked.append(route), times=1)
    page.goto(MANAGE)
    value(page, job).focus()
    with page.expect_request("**/fields/location"):
        page.keyboard.type("Lisbon")
    with app.app_context():
        edit_field(cast.northwind.id, job, "location", "Berlin", 0, cast.mara.id)
    page.keyboard.press("Enter")
    asked[0].continue_()
    expect(cell(page, job).get_by_role("alert")).to_contain_text("saved “Berlin” while you were editing")
    expect(cell(page, job).locator("input.editor")).to_have_value("Lisbon")

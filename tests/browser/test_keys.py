"""Manage jobs by keys alone; and none of them while somebody types, or once they are turned off."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.test_manage_live import connect
from tests.fixtures.app import Cast

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
    expect(row.locator('[data-field="department"] button.value')).to_have_text("jex/?r")
    page.keyboard.press("ArrowUp")
    expect(title(page, "Able")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Able")).to_be_visible()
    page.keyboard.press("Escape")
    expect(title(page, "Able")).to_be_focused()


def test_a_range_is_selected_and_changed_by_keys(page: Page) -> None:
    page.keyboard.press("b")
    expect(page.locator("#announcements")).to_have_text("Select a job first, with x.")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("tbody input:checked")).to_have_count(3)
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    expect(page.locator("#bulk-menu")).to_be_visible()


def test_a_slash_searches_and_arrows_elsewhere_scroll_the_page(page: Page) -> None:
    page.keyboard.press("ArrowDown")
    expect(page.locator("a.title:focus")).to_have_count(0)
    page.keyboard.press("/")
    search = page.get_by_role("searchbox")
    expect(search).to_be_focused()
    page.keyboard.type("k/?")
    expect(search).to_have_value("k/?")
    expect(page.locator("#keys")).to_be_hidden()


def test_r_syncs(page: Page, app: Flask, cast: Cast) -> None:
    page.keyboard.press("r")  # nothing is connected: nothing happens
    connect(app, cast)
    page.goto(MANAGE)
    with page.expect_request(re.compile("/greenhouse/sync$")):
        page.keyboard.press("r")


def test_a_sheet_names_the_keys_and_turns_them_off(page: Page) -> None:
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("a.title:focus")).to_have_count(0)
    sheet.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
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
    page.keyboard.press("j")
    expect(title(page, "Able")).to_be_focused()


def test_a_key_with_a_modifier_is_the_browser_s(page: Page) -> None:
    page.keyboard.press("Control+j")
    page.keyboard.press("Alt+j")
    expect(page.locator("a.title:focus")).to_have_count(0)


def test_the_sheet_tells_all_of_them(page: Page) -> None:
    page.keyboard.press("?")
    told = page.get_by_role("dialog", name="Keyboard shortcuts").locator("dt").all_inner_texts()
    for keys in (
        "/", "j k", "Enter", "Esc", "?", "e", "x", "Shift+x", "b", "Tab", "Shift+Tab", "Ctrl+Enter", "Ctrl+z",
    ):  # fmt: skip
        assert keys in told
    expect(page.get_by_text("Shift+click")).to_be_visible()

"""Who else is at a job: marked quietly where they are, for admins, with nothing moved or locked."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from portal.actions.accounts.people import set_role
from portal.domain.people import Role
from tests.support.app import Cast
from tests.support.manage_page import MANAGE, boxes, cell_of, open_editor, opened

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("quick_heartbeats")]

DRAWN = "#list :is(tr, td, th, button, a)"


def test_another_admin_is_marked_where_they_edit_and_said_in_the_panel_until_they_go(
    app: Flask, cast: Cast, portal_page: Page, open_as: Callable[..., Page], job: int
) -> None:
    with app.app_context():
        set_role("noor@example.com", "northwind", Role.ADMIN)
    mine, theirs = opened(portal_page), open_as(cast.noor, f"{MANAGE}?job={job}")
    place, title = cell_of(mine, job, "location"), cell_of(mine, job, "title")
    expect(title).to_have_attribute("data-present", "N")
    before = boxes(mine, DRAWN)
    edit_in_panel(theirs)
    expect(place).to_have_attribute("data-present", "N")
    expect(title).not_to_have_attribute("data-present", "N")
    assert boxes(mine, DRAWN) == before
    assert theirs.locator("[data-present]").count() == 0, "one is no news to oneself"

    editor = open_editor(mine, job, "location")  # nothing is locked
    expect(cell_of(theirs, job, "location")).to_have_attribute("data-present", "M")
    expect(theirs.locator("#panel .others")).to_have_text("mara is editing Location")
    editor.fill("Lisbon")
    editor.press("Enter")
    expect(place).to_contain_text("Lisbon")
    expect(place).to_have_attribute("data-present", "N")

    theirs.goto("about:blank")
    expect(mine.locator("[data-present]")).to_have_count(0)


def test_a_member_who_looks_is_told_of_nobody_and_nobody_of_them(
    cast: Cast, portal_page: Page, open_as: Callable[..., Page], job: int
) -> None:
    asked: list[str] = []
    theirs = open_as(cast.noor)
    theirs.on("request", lambda request: asked.append(request.url))
    opened(theirs, f"{MANAGE}?job={job}")
    mine = opened(portal_page, f"{MANAGE}?job={job}")
    with mine.expect_request("**/presence"):
        edit_in_panel(mine)
    expect(theirs.locator("#manage[data-live]")).to_be_attached()
    assert theirs.locator("[data-present], .others").count() == 0
    assert not any(address.endswith("/presence") for address in asked)


def edit_in_panel(page: Page) -> None:
    """Open the editor of the location in the panel, which lies over its cell in the list."""
    place = page.locator('#panel [data-field="location"]')
    place.locator("button[name]").first.click()
    expect(place.locator("input.editor")).to_be_focused()

"""Signing in again in the middle of work, and what the page of people does without a button."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select

from portal.db import session, write
from portal.models import Job, LoginSession, User
from tests.support.app import PASSWORD, Cast
from tests.support.browser_pages import Faults
from tests.support.manage_page import MANAGE, cell_of, open_editor

pytestmark = pytest.mark.browser

MakeJob = Callable[..., int]


def sign_out_elsewhere(app: Flask) -> None:
    with app.app_context(), write() as writing:
        writing.execute(delete(LoginSession))


def sign_in_beside(page: Page) -> None:
    """Follow the dialog's link, sign in there, and come back."""
    with page.context.expect_page() as beside:
        page.get_by_role("link", name="Sign in again").last.click()
    other = beside.value
    other.get_by_label("E-mail").fill("mara@example.com")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other).not_to_have_url(re.compile("/login"))
    other.close()
    page.evaluate("for (const each of [1, 2]) window.dispatchEvent(new Event('focus'))")
    expect(page.get_by_text("You are signed in again.")).to_have_count(1)


def test_what_was_typed_into_a_cell_is_saved_after_signing_in_again(
    app: Flask, portal_page: Page, make_job: MakeJob, faults: Faults
) -> None:
    faults.expected = re.compile("MIME|ERR_|text/html|403|400")
    job = make_job(title="Welder")
    portal_page.goto(MANAGE)
    with portal_page.expect_response("**/fields/location"):  # or it is the editor that finds nobody signed in
        editor = open_editor(portal_page, job, "location")
    sign_out_elsewhere(app)
    editor.fill("Setúbal")
    editor.press("Enter")
    expect(portal_page.get_by_role("heading", name="You are signed out")).to_be_visible()
    sign_in_beside(portal_page)
    editor.press("Enter")
    expect(cell_of(portal_page, job)).to_have_text("Setúbal")
    with app.app_context():
        assert session().get_one(Job, job).location == "Setúbal"


def test_a_form_that_was_open_for_hours_keeps_what_was_typed(
    app: Flask, cast: Cast, portal_page: Page, faults: Faults
) -> None:
    faults.expected = re.compile("400|ERR_")
    portal_page.clock.install()
    portal_page.goto("/account")
    portal_page.clock.fast_forward("09:00:00")
    sign_out_elsewhere(app)
    portal_page.get_by_label("Name", exact=True).fill("Mara Keller")
    portal_page.get_by_role("button", name="Save").first.click()
    expect(portal_page.get_by_role("heading", name="You are signed out")).to_be_visible()
    sign_in_beside(portal_page)
    posts: list[str] = []
    portal_page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    portal_page.get_by_role("button", name="Save").first.dblclick()
    expect(portal_page.get_by_text("Colleagues see “Mara Keller”.")).to_be_visible()
    assert len(posts) == 1
    with app.app_context():
        assert session().get_one(User, cast.mara.id).name == "Mara Keller"


def test_a_role_is_saved_as_it_is_chosen_and_people_are_found_by_letters(
    app: Flask, cast: Cast, portal_page: Page
) -> None:
    portal_page.goto("/orgs/northwind/people")
    portal_page.get_by_label("Search people").fill("NOO")
    rows = portal_page.locator("#members li:visible")
    expect(rows).to_have_count(1)
    role = rows.get_by_label("Role of noor@example.com")
    role.select_option("admin")
    expect(portal_page.get_by_text("noor@example.com is an admin now.")).to_be_visible()
    portal_page.get_by_label("Search people").fill("NOO")
    role.press("ArrowDown")  # keys change a closed select at each press: nothing is saved yet
    expect(role).to_have_value("member")
    rows.get_by_role("button", name="Save").click()
    expect(portal_page.get_by_text("noor@example.com is a member now.")).to_be_visible()
    portal_page.get_by_label("Search people").fill("zzz")
    expect(portal_page.get_by_text("Nobody here is called that.")).to_be_visible()


def test_on_a_narrow_phone_a_members_menu_stands_beside_the_name_and_opens_within_the_page(
    portal_page: Page,
) -> None:
    portal_page.goto("/orgs/northwind/people")
    row = portal_page.locator("#members li").filter(has_text="noor@example.com")
    menu = row.get_by_label("More for noor@example.com")
    for width in (320, 360, 390):
        portal_page.set_viewport_size({"width": width, "height": 800})
        name, more, role = (
            found.bounding_box() or {}
            for found in (row.locator("strong").first, menu, row.get_by_label("Role of"))
        )
        assert name["y"] - more["height"] < more["y"] < name["y"] + name["height"] < role["y"], width
        menu.click()
        opened = row.locator(".menu").bounding_box() or {}
        assert opened["x"] >= 0, width
        assert portal_page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        menu.click()


def test_without_scripts_what_was_typed_is_sent_after_signing_in_again(
    app: Flask, cast: Cast, open_as: Callable[..., Page]
) -> None:
    page = open_as(cast.mara, "/orgs/northwind/jobs/new", java_script_enabled=False)
    page.get_by_label("Title").fill("Welder & Sons")
    page.get_by_label("Description").fill("First\n\n  “Second” <3")
    sign_out_elsewhere(app)
    page.get_by_role("button", name="Add it hidden").click()
    page.get_by_label("E-mail").fill("mara@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="What you typed is still here")).to_be_visible()
    page.reload()
    expect(page.get_by_role("definition").filter(has_text="Second")).to_have_text("First\n\n  “Second” <3")
    page.get_by_role("button", name="Send again").click()
    expect(page).to_have_url(re.compile("/jobs/manage"))
    with app.app_context():
        job = session().scalars(select(Job)).one()
        assert (job.title, job.visibility) == ("Welder & Sons", "hidden")
        assert "<p>First</p>" in (job.description_html or "")

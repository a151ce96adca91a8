"""The columns of Manage jobs: dragged and moved wider by keys, put in order, and kept in saved views."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from portal.actions.jobs.saved_views import choose_columns, resize_columns, save_view
from portal.domain.jobs.columns import ColumnLayout
from tests.support.accessibility import complaints
from tests.support.app import Cast, MakeJob, MakeJobs
from tests.support.manage_page import cell_of, opened
from tests.support.processes import wait_until

pytestmark = pytest.mark.browser

USUAL = ["Title", "Department", "Location", "Workplace", "Type", "Salary", "State", "Changed"]
OpenAs = Callable[..., Page]
Edit = Callable[[int, str, str], None]


@pytest.fixture
def jobs(request: pytest.FixtureRequest, make_jobs: MakeJobs) -> list[int]:
    """Three jobs, or as many as a test asks for."""
    numbers = range(getattr(request, "param", 3))
    yard = {"location": "Porto", "department": "Yard"}
    return make_jobs({"title": f"Welder {number:02}", **yard} for number in numbers)


def grip(page: Page, name: str) -> Locator:
    return page.get_by_role("separator", name=f"Width of {name}")


def widths(page: Page) -> dict[str, int]:
    """How wide each column is."""
    script = "all => all.map(each => [each.querySelector('a').textContent, each.offsetWidth])"
    return dict(page.locator("#list thead th:not(.c-select)").evaluate_all(script))


def drag(page: Page, handle: Locator, by: int) -> None:
    """Drag a handle sideways, and have what that changed saved."""
    box = handle.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    with page.expect_response(re.compile("/columns/widths")) as saved:
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + by / 2, y + 3)
        page.mouse.move(x + by, y)
        page.mouse.up()
    assert saved.value.status == 204


def press(page: Page, handle: Locator, *keys: str) -> None:
    """Press keys at a handle, and have what they changed saved."""
    handle.focus()
    with page.expect_response(re.compile("/columns/widths")):
        for key in keys:
            page.keyboard.press(key)


@pytest.mark.parametrize("jobs", [30], indirect=True, ids=["more than a window shows"])
def test_a_dragged_column_takes_its_room_from_the_title_and_nothing_else_moves(
    portal_page: Page, jobs: list[int]
) -> None:
    page = opened(portal_page)
    page.mouse.wheel(0, 300)
    wait_until(lambda: page.evaluate("scrollY > 200"), "the page to scroll")
    row = page.locator("tbody tr").nth(15)
    before, place = widths(page), row.bounding_box()
    drag(page, grip(page, "Location"), 40)
    after = before | {"Location": before["Location"] + 40, "Title": before["Title"] - 40}
    assert widths(page) == after
    assert row.bounding_box() == place
    expect(grip(page, "Location")).to_have_attribute("aria-valuenow", str(after["Location"]))
    handle = grip(page, "Department").bounding_box()
    assert handle
    page.mouse.move(handle["x"] + 5, handle["y"] + 9)
    page.mouse.down()
    for by in (60, -20):
        page.mouse.move(handle["x"] + 5 + by, handle["y"] + 9)
        assert grip(page, "Department").bounding_box() == handle | {"x": handle["x"] + by}
    page.keyboard.press("Escape")
    page.mouse.up()
    assert widths(page) == after
    page.reload(wait_until="commit")
    expect(page.locator("#list col.c-location")).to_have_attribute("width", str(after["Location"]))
    page.wait_for_load_state()
    assert widths(page) == after


def test_a_title_keeps_its_least_width_and_the_list_scrolls_instead_of_the_page(
    portal_page: Page, jobs: list[int]
) -> None:
    page = opened(portal_page)
    drag(page, grip(page, "Department"), 700)
    assert (widths(page)["Department"], widths(page)["Title"]) == (640, 240)
    sides = "each => each.scrollWidth - each.clientWidth"
    assert page.locator("#list").evaluate(sides) > 0
    assert page.locator("html").evaluate(sides) == 0
    with page.expect_response(re.compile("/columns/widths")):
        grip(page, "Department").dblclick()
    expect(grip(page, "Department")).to_have_attribute("aria-valuenow", "142")


def test_keys_change_a_width_within_its_limits_and_back_to_the_usual_one(
    portal_page: Page, jobs: list[int]
) -> None:
    page = opened(portal_page)
    usual = widths(page)
    press(page, grip(page, "Salary"), "ArrowRight", "Shift+ArrowRight", "ArrowLeft")
    assert widths(page)["Salary"] == usual["Salary"] + 40
    press(page, grip(page, "State"), *["Shift+ArrowLeft"] * 3)
    assert widths(page)["State"] == 64
    expect(grip(page, "State")).to_have_attribute("aria-valuetext", "64 pixels")
    page.reload()
    assert widths(page) == usual | {
        "Salary": usual["Salary"] + 40,
        "State": 64,
        "Title": usual["Title"] - 40 + usual["State"] - 64,
    }
    press(page, grip(page, "Salary"), "Home")
    press(page, grip(page, "State"), "Enter")
    page.reload()
    assert widths(page) == usual


def test_columns_are_put_in_order_by_keys_and_by_dragging_and_everything_follows(
    portal_page: Page, jobs: list[int], edit: Edit
) -> None:
    page = opened(portal_page)
    page.locator("#choose-columns summary").click()
    for _ in range(2):
        page.get_by_role("button", name="Salary up").press("Enter")
    expect(page.locator("#announcements")).to_have_text("Salary: 3 of 13")
    expect(page.get_by_role("button", name="Salary up")).to_be_focused()
    page.locator("#column-state .carry").drag_to(page.locator("#column-department .carry"))
    page.get_by_role("checkbox", name="Department").uncheck()
    assert complaints(page, "#choose-columns") == []
    page.keyboard.press("Enter")
    order = ["Title", "State", "Location", "Salary", "Workplace", "Type", "Changed"]
    headings = page.locator("#list thead th:not(.c-select)")
    expect(headings).to_have_text(order)
    opened(page)
    title = page.locator(f'tr[data-job-id="{jobs[-1]}"] a.title')
    title.focus()
    page.keyboard.press("ArrowRight")
    expect(cell_of(page, jobs[-1], "location").locator("button")).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    assert page.locator(".jobs .chosen").evaluate_all("all => all.map(each => each.dataset.field)") == [
        "location",
        "salary",
    ]
    edit(jobs[-1], "salary", "50000 EUR per year")
    expect(cell_of(page, jobs[-1], "salary").locator("button")).to_contain_text("50k")
    cells = page.locator(f'tr[data-job-id="{jobs[-1]}"] > [data-field]')
    fields = ["title", "state", "location", "salary", "workplace_type", "employment_type", "changed_at"]
    assert cells.evaluate_all("all => all.map(each => each.dataset.field)") == fields
    page.locator("#choose-columns summary").click()
    page.get_by_role("button", name="Usual ones").click()
    expect(headings).to_have_text(USUAL)


def test_a_view_shows_its_columns_and_what_one_changes_there_can_be_saved_to_it(
    app: Flask, open_as: OpenAs, cast: Cast, jobs: list[int]
) -> None:
    org, columns = cast.northwind.id, ColumnLayout(("salary", "location")).resizing({"salary": 200})
    with app.app_context():
        save_view(org, "Yard", "department=Yard", cast.mara.id, columns.stored())
        choose_columns(org, cast.mara.id, ("tags",))
        resize_columns(org, cast.mara.id, {"tags": 222})
    page = opened(open_as(cast.mara))
    assert widths(page).keys() == {"Title", "Tags"}
    page.locator("#views").get_by_role("link", name="Yard").click()
    headings = page.locator("#list thead th:not(.c-select)")
    expect(headings).to_have_text(["Title", "Salary", "Location"])
    assert widths(page)["Salary"] == 200
    press(page, grip(page, "Salary"), "Shift+ArrowRight")
    expect(page.get_by_role("button", name="Save to view")).to_be_visible()
    page.get_by_role("link", name="Title").click()
    expect(page.locator("th.c-title")).to_have_attribute("aria-sort", "ascending")
    assert widths(page)["Salary"] == 240
    page.get_by_role("button", name="Save to view").click()
    expect(page.get_by_text("Saved to the view “Yard”.")).to_be_visible()
    expect(page.get_by_role("button", name="Save to view")).to_be_hidden()
    page.locator("#view-all").click()
    expect(headings).to_have_text(["Title", "Tags"])
    page.locator("#choose-columns summary").click()
    expect(page.locator("#columns input:checked")).to_have_count(1)
    page.keyboard.press("Escape")
    page.locator("#views").get_by_role("link", name="Yard").click()
    expect(page.locator("th.c-title")).to_have_attribute("aria-sort", "ascending")
    assert widths(page)["Salary"] == 240


def test_what_is_changed_in_a_view_stays_there_though_one_leaves_it_at_once(
    app: Flask, open_as: OpenAs, cast: Cast, make_job: MakeJob
) -> None:
    make_job(title="Welder", visibility="new")
    with app.app_context():
        save_view(cast.northwind.id, "Yard", "", cast.mara.id, ColumnLayout(("tags",)).stored())
    page = opened(open_as(cast.mara))
    page.locator("#views").get_by_role("link", name="Yard").click()
    grip(page, "Tags").focus()
    with page.expect_request(re.compile("/columns/widths")) as sent:
        page.keyboard.press("Shift+ArrowRight")
        page.locator("#view-closed").click()
        expect(page.locator("#view-closed")).to_have_attribute("aria-current", "page")
    assert "view=" in (sent.value.post_data or "")
    for view in ("closed", "new"):  # of which one has no table, and the other its own place for the state
        page.locator(f"#view-{view}").click()
        expect(page.locator(f"#view-{view}")).to_have_attribute("aria-current", "page")
        page.locator("#choose-columns summary").click()
        expect(page.locator("#columns input:checked")).to_have_count(len(USUAL) - 1)
        page.keyboard.press("Escape")
    expect(grip(page, "Salary")).to_be_visible()
    expect(grip(page, "State")).to_have_count(0)

"""Selecting rows and changing them at once, taking changes back, as people do it with hand and keyboard."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from portal.actions.jobs import bulk_edit
from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.own_jobs import add_job
from portal.db import write
from portal.live import publish
from portal.models import Job
from tests.support.accessibility import complaints
from tests.support.app import Cast, MakeJobs
from tests.support.held_requests import Held
from tests.support.manage_page import at_widths, opened, stored, value_of

pytestmark = pytest.mark.browser

MANAGE = "/orgs/northwind/jobs/manage"
MakeJob = Callable[..., int]
OpenAs = Callable[..., Page]
WATCH_METER = """() => {
  window.told = [];
  const meter = document.querySelector("#dialog progress");
  const note = () => told.push(`${meter.value}/${meter.max}`);
  new MutationObserver(note).observe(meter, { attributeFilter: ["value"] });
}"""
UNDO_AT_ONCE = """() => {
  const undo = () => document.querySelector("#toasts form[data-undo]")?.requestSubmit();
  window.undoing = new MutationObserver(undo);
  undoing.observe(document.querySelector("#toasts"), { childList: true });
}"""
CTRL_Z_TWICE = """() => {
  const press = () => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", { key: "z", ctrlKey: true, bubbles: true, cancelable: true }));
  press();
  press();
}"""


two_pages = pytest.mark.parametrize("jobs", [30], indirect=True, ids=["two pages"])
"""A test of more jobs than a page shows: it holds twenty-five."""


@pytest.fixture
def jobs(request: pytest.FixtureRequest, make_jobs: MakeJobs) -> list[int]:
    """Six jobs, or as many as a test asks for, in the order that the list shows them by title."""
    numbers = range(getattr(request, "param", 6))
    return make_jobs({"title": f"Job {number:02}", "location": "Porto"} for number in numbers)


@pytest.fixture
def page(portal_page: Page, jobs: list[int]) -> Page:
    portal_page.goto(f"{MANAGE}?sort=title&per_page=25")
    return portal_page


def box_of(page: Page, job: int) -> Locator:
    return page.locator(f'tr[data-job-id="{job}"] input[name=job_id]')


def type_in(page: Page, cell: Locator, text: str) -> None:
    """Open a cell's editor and type in it."""
    cell.click()
    expect(page.locator("input.editor")).to_be_focused()
    page.keyboard.type(text)


def bar(page: Page) -> Locator:
    return page.locator("#bulk")


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def test_a_range_is_selected_with_shift_on_a_box_or_around_it_and_the_bar_counts_it(
    page: Page, jobs: list[int]
) -> None:
    expect(bar(page)).to_be_hidden()
    box_of(page, jobs[2]).click()
    box_of(page, jobs[5]).click(modifiers=["Shift"])
    expect(page.locator("#list tbody :checked")).to_have_count(4)
    expect(bar(page)).to_contain_text("4 selected")
    box_of(page, jobs[4]).click()
    box_of(page, jobs[3]).focus()
    page.keyboard.press("Shift+Space")  # the range loses its end too
    expect(bar(page)).to_contain_text("2 selected")
    page.get_by_role("checkbox", name="Select Job 02").uncheck()
    page.get_by_role("button", name="Select none").click()
    expect(bar(page)).to_be_hidden()
    cell = page.locator("td.c-select")
    cell.nth(1).click(position={"x": 2, "y": 2})
    cell.nth(4).click(position={"x": 2, "y": 2}, modifiers=["Shift"])
    expect(page.locator("tbody input:checked")).to_have_count(4)


def test_rows_that_a_change_takes_out_of_the_view_go_and_the_focus_stays_in_the_list(
    portal_page: Page, jobs: list[int]
) -> None:
    page = portal_page
    page.goto(f"{MANAGE}?status=open&sort=title&q=job&per_page=25")
    for job in jobs[:2]:
        box_of(page, job).check()
    hide_selected(page, 2)
    expect(box_of(page, jobs[0])).to_have_count(0)
    expect(box_of(page, jobs[2])).to_be_focused()
    page.get_by_role("checkbox", name="Select all jobs on this page").check()
    hide_selected(page, len(jobs) - 2)
    expect(page.get_by_text("No job matches")).to_be_visible()
    expect(page.locator("#list table")).to_have_count(0)
    expect(page.locator("#views [aria-current=page]")).to_be_focused()


def test_rows_that_were_changed_last_stand_first_where_the_list_is_in_that_order(
    portal_page: Page, jobs: list[int]
) -> None:
    page = opened(portal_page, f"{MANAGE}?per_page=25")
    for job in jobs[-3:]:
        box_of(page, job).check()
    hide_selected(page, 3)
    for job in jobs[-3:]:
        expect(page.locator(f'tr[data-job-id="{job}"] [data-field="state"] i')).to_contain_text("Hidden")
    expect(page.locator("tbody tr").nth(3).locator("[data-field=state] i")).to_contain_text("Open")
    page.wait_for_timeout(1500)  # the stream tells of them too, and the list is read again
    first = page.locator("tbody tr").evaluate_all("rows => rows.slice(0, 3).map(row => +row.dataset.jobId)")
    assert sorted(first) == jobs[-3:]


def hide_selected(page: Page, count: int) -> None:
    bar(page).get_by_role("button", name="Hide", exact=True).first.click()
    dialog(page).get_by_role("button", name=f"Hide {count} jobs").click()


@two_pages
def test_the_whole_page_and_then_all_that_match_with_one_that_comes_in_are_changed_at_once(
    app: Flask, page: Page, jobs: list[int], cast: Cast
) -> None:
    every = bar(page).get_by_role("checkbox", name="All 30")
    box_of(page, jobs[0]).click()
    expect(every).to_be_hidden()
    page.get_by_role("checkbox", name="Select all jobs on this page").click()
    expect(bar(page)).to_contain_text("25 selected")
    every.check()
    with app.app_context():
        jobs.append(add_job(cast.northwind.id, {"title": "Job 00a"}).id)
    expect(page.get_by_role("link", name="Job 00a")).to_be_visible()
    every = bar(page).get_by_role("checkbox", name="All 31")
    expect(every).to_be_checked()
    expect(bar(page)).to_contain_text("All selected")
    page.locator("tbody input[name=job_id]").first.uncheck()
    expect(page.locator("#bulk input[name=all]")).not_to_be_checked()
    page.locator("tbody input[name=job_id]").first.check()
    every.check()
    bar(page).get_by_role("button", name="Set…").click()
    page.locator("#bulk-menu").get_by_role("button", name="Department").click()
    dialog(page).get_by_label("Department").fill("Yard")
    page.keyboard.press("Enter")
    expect(dialog(page)).to_contain_text("Set department to “Yard” on 31 jobs?")
    expect(dialog(page).get_by_role("button", name="Set on 31 jobs")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Department set to “Yard” on 31 jobs.")
    expect(dialog(page)).to_be_hidden()
    expect(value_of(page, jobs[3], "department")).to_have_text("Yard")
    expect(bar(page)).to_be_hidden()
    assert {stored(app, job, "department") for job in jobs} == {"Yard"}
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("Undone. Department restored on 31 jobs.")
    expect(value_of(page, jobs[3], "department")).to_have_text("Add department")
    assert {stored(app, job, "department") for job in jobs} == {None}


def test_a_large_change_and_its_undo_say_how_far_they_are_and_are_no_news_and_a_small_one_only_works(
    app: Flask, portal_page: Page, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = publish.FIRST_SECONDS
    monkeypatch.setattr(publish, "FIRST_SECONDS", 0)
    monkeypatch.setattr(publish, "EVERY_SECONDS", 0)
    monkeypatch.setattr(bulk_edit, "PROGRESS_BATCH", 500)
    with app.app_context(), write() as writing:
        shared = {"organisation_id": cast.northwind.id, "source": "own"}
        writing.add_all(Job(**shared, title=f"New {number}", location="Porto") for number in range(1_100))
    page = opened(portal_page, f"{MANAGE}?q=New&per_page=25")
    page.get_by_role("checkbox", name="Select all jobs on this page").check()
    bar(page).get_by_role("checkbox").check()
    bar(page).get_by_role("button", name="Hide", exact=True).first.click()
    hide = dialog(page).get_by_role("button", name="Hide 1,100 jobs")
    expect(hide).to_be_visible()
    page.evaluate(WATCH_METER)
    meter = dialog(page).get_by_role("progressbar")
    with Held(page, lambda request: request.url.endswith("/jobs/bulk")) as held:
        hide.click()
        held.wait()
        expect(meter).to_have_js_property("position", 1)
        expect(dialog(page)).to_contain_text("1,100 of 1,100 jobs")
    expect(page.locator("#toasts")).to_contain_text("1,100 jobs are hidden.")
    assert page.evaluate("told") == ["500/1100", "1000/1100", "1100/1100"]
    undo = page.get_by_role("button", name="Undo")
    with Held(page, lambda request: request.url.endswith("/undo")) as held:
        undo.click()
        held.wait()
        expect(page.locator("#toasts form button")).to_have_text("1,100 of 1,100Undo")
        expect(undo).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text("Undone. Visibility restored on 1,100 jobs.")
    expect(page.locator("#view-open b")).to_have_text("1,000+")
    expect(page.locator("#list-changed")).to_be_hidden()
    expect(page.locator("#toasts form button")).to_be_focused()
    monkeypatch.setattr(publish, "FIRST_SECONDS", usual)
    page.locator("tbody input[name=job_id]").first.check()
    bar(page).get_by_role("button", name="Hide", exact=True).first.click()
    with Held(page, lambda request: request.url.endswith("/jobs/bulk")) as held:
        dialog(page).get_by_role("button", name="Hide 1 job").click()
        held.wait()
        expect(dialog(page).locator("progress")).to_be_visible()
        expect(dialog(page).locator("progress")).to_have_js_property("position", -1)
    expect(page.locator("#toasts")).to_contain_text("1 job is hidden.")


def test_all_of_it_is_done_and_taken_back_by_keyboard_alone(app: Flask, page: Page, jobs: list[int]) -> None:
    box_of(page, jobs[0]).focus()
    page.keyboard.press("Space")
    box_of(page, jobs[2]).focus()
    page.keyboard.press("Shift+Space")
    bar(page).get_by_role("button", name="Hide").focus()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("button", name="Hide 3 jobs")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#announcements")).to_have_text("3 jobs are hidden.")
    expect(page.locator(f'tr[data-job-id="{jobs[1]}"] [data-field="state"] i')).to_contain_text("Hidden")
    page.keyboard.press("Control+z")
    expect(page.locator("#announcements")).to_have_text("Undone. Visibility restored on 3 jobs.")
    assert stored(app, jobs[1], "visibility") == "shown"


def test_a_selection_outlives_what_others_change_and_a_bad_value_is_answered_in_the_dialog(
    app: Flask, page: Page, jobs: list[int], cast: Cast
) -> None:
    box_of(page, jobs[1]).check()
    with app.app_context():
        edit_field(cast.northwind.id, jobs[1], "title", "Job 01, anew", 0, cast.mara.id)
        edit_field(cast.northwind.id, jobs[1], "location", "Faro", 0, cast.mara.id)
    expect(value_of(page, jobs[1])).to_have_text("Faro")
    expect(page.get_by_role("checkbox", name="Select Job 01, anew")).to_be_checked()
    expect(bar(page)).to_contain_text("1 selected")
    bar(page).get_by_role("button", name="Set…").click()
    page.locator("#bulk-menu").get_by_role("button", name="Salary", exact=True).click()
    dialog(page).get_by_label("Salary").fill("110k – 90k EUR")
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("alert")).to_contain_text("The lower amount comes first")
    dialog(page).get_by_label("Salary").fill("90k – 110k EUR")
    page.keyboard.press("Enter")
    dialog(page).get_by_role("button", name="Set on 1 job").click()
    expect(value_of(page, jobs[1], "salary")).to_have_text("€90k – 110k")


def test_a_save_is_taken_back_from_its_toast_or_by_ctrl_z_step_by_step_and_not_in_an_editor_or_dialog(
    app: Flask, page: Page, jobs: list[int]
) -> None:
    for place in ("Lisbon", "Faro"):
        type_in(page, value_of(page, jobs[0]), place)
        page.keyboard.press("Enter")
        expect(value_of(page, jobs[0])).to_have_text(place)
    expect(value_of(page, jobs[0])).to_be_focused()
    assert_ctrl_z_in_an_editor_is_the_editors(page, jobs[1])
    assert stored(app, jobs[0]) == "Faro"
    value_of(page, jobs[0]).focus()
    page.keyboard.press("Control+z")
    expect(value_of(page, jobs[0])).to_have_text("Lisbon")
    page.keyboard.press("Control+z")
    expect(value_of(page, jobs[0])).to_have_text("Porto")
    page.get_by_role("button", name="Redo").last.click()
    expect(value_of(page, jobs[0])).to_have_text("Lisbon")
    assert stored(app, jobs[0]) == "Lisbon"
    box_of(page, jobs[0]).check()
    bar(page).get_by_role("button", name="Hide", exact=True).first.click()
    expect(dialog(page)).to_contain_text("Hide")
    page.keyboard.press("Control+z")
    page.wait_for_timeout(300)
    expect(dialog(page)).to_be_visible()
    assert stored(app, jobs[0]) == "Lisbon", "Ctrl+Z takes nothing back behind a dialog"


def assert_ctrl_z_in_an_editor_is_the_editors(page: Page, job: int) -> None:
    """It takes back what was typed, and Escape leaves the cell as it was."""
    type_in(page, value_of(page, job), "Faro")
    editor = page.locator("input.editor")
    for _ in "Faro":  # a browser takes back all of it, or letters when something came in between
        page.keyboard.press("Control+z")
        if editor.input_value() == "Porto":
            break
    expect(editor).to_have_value("Porto")
    page.keyboard.press("Escape")
    expect(editor).to_have_count(0)


def test_a_toasts_undo_in_the_moment_that_it_appears_and_ctrl_z_twice_at_once_work_on_the_same_page(
    app: Flask, page: Page, jobs: list[int]
) -> None:
    page.evaluate(UNDO_AT_ONCE)
    page.evaluate("window.isTheSame = true")
    type_in(page, value_of(page, jobs[1]), "Lisbon")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Undone. Location: Porto")
    page.evaluate("undoing.disconnect()")
    for place in ("Lisbon", "Faro"):
        type_in(page, value_of(page, jobs[0]), place)
        page.keyboard.press("Enter")
        expect(value_of(page, jobs[0])).to_have_text(place)
    page.evaluate(CTRL_Z_TWICE)
    expect(value_of(page, jobs[0])).to_have_text("Porto")
    assert stored(app, jobs[0]) == "Porto"
    assert page.evaluate("window.isTheSame")


def test_what_greenhouse_says_is_taken_with_one_click_and_the_fields_past_tells_of_it_beside_the_panel(
    app: Flask, portal_page: Page, make_job: MakeJob
) -> None:
    said = {"location": "Berlin", "department": "Yard"}
    job = make_job(source="greenhouse", board_token="n", external_id=1, location="Porto", source_values=said)
    portal_page.goto(f"{MANAGE}?job={job}")
    row = portal_page.locator(f'tr[data-job-id="{job}"]')
    portal_page.locator("#panel").get_by_role("button", name="Greenhouse: Berlin").click()
    portal_page.get_by_role("dialog").get_by_role("button", name="Use Greenhouse’s").click()
    expect(value_of(portal_page, job)).to_have_text("Berlin")
    expect(row.get_by_role("button", name="Greenhouse:")).to_have_count(1)
    assert stored(app, job) == "Berlin"
    portal_page.locator("#panel").get_by_role("link", name=re.compile("mara@example.com")).click()
    expect(dialog(portal_page)).to_contain_text("Porto")
    expect(dialog(portal_page).locator("ins")).to_have_text("Berlin")
    dialog(portal_page).get_by_role("button", name="Undo").click()
    expect(dialog(portal_page)).to_be_hidden()
    expect(value_of(portal_page, job)).to_have_text("Porto")
    expect(portal_page.locator('#panel [data-field="location"] button[name]:not(.differs)')).to_have_text(
        "Porto"
    )
    expect(row.get_by_title("Greenhouse: Berlin")).to_be_attached()


def test_every_state_can_be_used_by_everybody(open_as: OpenAs, cast: Cast, make_job: MakeJob) -> None:
    said = {"location": "Berlin"}
    job = make_job(title="A", source="greenhouse", board_token="n", external_id=1, source_values=said)
    page = open_as(
        cast.mara,
        f"{MANAGE}?sort=title",
        viewport={"width": 360, "height": 900},
        reduced_motion="reduce",
        bypass_csp=True,
    )  # axe itself writes inline styles
    box_of(page, job).check()
    found = [fault for _ in at_widths(page, 1280, 360) for fault in complaints(page, "#bulk")]
    page.get_by_role("button", name="More", exact=True).click()
    found += complaints(page, "#bulk-more")
    page.locator("#bulk-more").get_by_role("button", name="Remove tag").click()
    dialog(page).get_by_label("Tags").fill("sea")
    found += complaints(page, "dialog[open]")
    page.keyboard.press("Enter")
    expect(dialog(page)).to_contain_text("Nothing would change.")
    found += complaints(page, "dialog[open]")
    dialog(page).get_by_role("link", name="Close").click()
    page.get_by_role("button", name="Greenhouse: Berlin").click()
    page.get_by_role("button", name="Use Greenhouse’s").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    found += complaints(page, "#toasts")
    page.get_by_role("link", name="A", exact=True).click()
    page.get_by_role("link", name=re.compile("mara@example.com")).click()
    expect(dialog(page).get_by_role("heading", name="Location")).to_be_visible()
    assert found + complaints(page, "dialog[open]") == []

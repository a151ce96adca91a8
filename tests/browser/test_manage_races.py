"""What comes late, out of order, or while somebody types: the page stays true, and no key is lost."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page, Request, expect

from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.own_jobs import add_job
from tests.support.app import Cast, MakeJob, MakeJobs
from tests.support.held_requests import Held, editor_of, list_asked_for, read_again, save_of, undo_of
from tests.support.manage_page import MANAGE, cell_of, open_editor, opened, row_of, stored, value_of

pytestmark = pytest.mark.browser


@pytest.fixture
def job(make_job: MakeJob) -> int:
    return make_job(title="Welder", location="Porto", department="Hall")


@pytest.fixture
def edit(app: Flask, cast: Cast) -> Callable[[int, str, str], None]:
    """Change a field as another admin does, once a field."""

    def change(job: int, field: str, text: str) -> None:
        with app.app_context():
            edit_field(cast.northwind.id, job, field, text, 0, cast.mara.id)

    return change


def add(app: Flask, cast: Cast, title: str) -> None:
    with app.app_context():
        add_job(cast.northwind.id, {"title": title})


def posts_of(page: Page) -> list[str]:
    """What the page posts from now on."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and not request.url.endswith("/presence"):
            sent.append(request.url)

    page.on("request", note)
    return sent


IN_ONE_TASK = """button => {
    button.click();
    const editor = document.activeElement;
    return [editor.matches("input.editor"), editor.value, editor.readOnly || editor.disabled];
}"""


def test_a_click_on_a_text_opens_its_editor_without_waiting_for_the_server(
    app: Flask, portal_page: Page, make_job: MakeJob
) -> None:
    texts = {"tags": ["Hardware", "Field work"], "closes_on": date(2031, 9, 4), "seniority": "Lead"}
    job = make_job(title="Welder", location="Porto", **texts)
    page = opened(portal_page)
    title = row_of(page, job).locator("button.pencil")
    location = cell_of(page, job, "location").locator("button[name]")
    salary = cell_of(page, job, "salary").locator("button[name]")
    in_row = [(title, "Welder"), (location, "Porto"), (salary, "")]
    panel = {name: page.locator(f'#panel [data-field="{name}"] > button') for name in texts}
    in_panel = [(panel["seniority"], "Lead"), (panel["tags"], "Hardware, Field work")]
    in_panel += [(panel["closes_on"], "2031-09-04")]
    with Held(page, lambda request: request.method == "GET" and "/fields/" in request.url) as held:
        for button, text in in_row:
            assert button.evaluate(IN_ONE_TASK) == [True, text, False]
            page.keyboard.press("Escape")
        location.click()
        page.keyboard.type("xremotee")
        page.keyboard.press("Backspace")
        expect(page.locator("input.editor")).to_have_value("xremote")
        expect(page.locator("tbody input:checked")).to_have_count(0)
        page.keyboard.press("Enter")
        held.wait(len(in_row) + 1)
        assert stored(app, job) == "Porto"  # it waits for the version, and nobody for the editor
        held.release()
        expect(location).to_have_text("xremote")
        page.get_by_role("link", name="Welder").click()
        for button, text in in_panel:
            assert button.evaluate(IN_ONE_TASK) == [True, text, False]
            page.keyboard.press("Escape")
    expect(location).to_have_text("xremote")
    assert stored(app, job) == "xremote"


def test_suggestions_that_come_while_somebody_types_leave_ctrl_z_what_was_typed(
    portal_page: Page, make_job: MakeJob
) -> None:
    make_job(title="Fitter", location="Faro")
    jobs = {make_job(title="Welder", location=before): before or "" for before in ("Porto", None)}
    page = opened(portal_page)
    editor = page.locator("input.editor")
    for job, before in jobs.items():
        with Held(page, editor_of("location")) as held:
            cell_of(page, job, "location").locator("button[name]").click()
            page.keyboard.type("Lisbon")
            held.wait()
            held.release()
            expect(page.locator("datalist option[value=Faro]")).to_be_attached()
        for _ in "Lisbon":  # a browser takes back all of it, or letter by letter
            page.keyboard.press("Control+z")
            if editor.input_value() == before:
                break
        expect(editor).to_have_value(before)
        page.keyboard.press("Escape")
        expect(editor).to_have_count(0)


def test_a_second_tab_passes_by_the_cell_whose_editor_is_on_its_way_and_whole_rows_are_typed_ahead(
    app: Flask, portal_page: Page, job: int
) -> None:
    page = opened(portal_page)
    cell_of(page, job, "department").locator("button[name]:not(.differs)").click()
    expect(page.locator("input.editor")).to_be_focused()
    with Held(page, editor_of("location")) as held:
        page.keyboard.press("Tab")
        held.wait()
        page.keyboard.press("Tab")
        expect(cell_of(page, job, "workplace_type").locator("select")).to_be_focused()
    expect(page.locator("form.editor-form")).to_have_count(1)
    expect(cell_of(page, job, "location")).to_have_text("Porto")
    page.keyboard.press("Escape")

    cell_of(page, job, "department").locator("button[name]:not(.differs)").click()
    expect(page.locator("input.editor")).to_be_focused()
    page.keyboard.type("Yard")
    with Held(page, editor_of("location")) as held:
        page.keyboard.press("Tab")
        held.wait()
        page.keyboard.type("Faro")
        page.keyboard.press("Tab")
        page.keyboard.type("Hyb")
        page.keyboard.press("Enter")
    for field, text in (("department", "Yard"), ("location", "Faro"), ("workplace_type", "Hybrid")):
        expect(cell_of(page, job, field)).to_have_text(text)
    assert [stored(app, job, each) for each in ("department", "location", "workplace_type")] == [
        "Yard",
        "Faro",
        "hybrid",
    ]


def test_escape_calls_off_an_editor_that_is_on_its_way_and_brings_back_what_others_saved_meanwhile(
    portal_page: Page, job: int, edit: Callable[..., None]
) -> None:
    page = opened(portal_page)
    location = cell_of(page, job, "location").locator("button[name]:not(.differs)")
    with Held(page, editor_of("location")) as held:
        location.click()
        held.wait()
        page.keyboard.press("Escape")
    expect(location).not_to_have_class(re.compile("request"))
    expect(page.locator("form.editor-form")).to_have_count(0)

    with Held(page, editor_of("location")) as held:
        location.click()
        held.wait()
        edit(job, "location", "Berlin")
        edit(job, "department", "Yard")
        expect(cell_of(page, job, "department")).to_have_text("Yard")
    expect(page.locator("input.editor")).to_be_focused()
    page.keyboard.press("Escape")
    expect(cell_of(page, job, "location")).to_have_text("Berlin")


def test_neither_escape_nor_a_closed_toast_hides_what_becomes_of_what_was_sent(
    portal_page: Page, job: int, app: Flask
) -> None:
    page = opened(portal_page)
    editor = open_editor(page, job)
    editor.fill("Faro")
    with Held(page, save_of("location")) as held:
        page.keyboard.press("Enter")
        held.wait()
        page.keyboard.press("Escape")
        expect(editor).to_have_value("Faro")
    expect(value_of(page, job)).to_have_text("Faro")
    with Held(page, undo_of) as held:
        page.get_by_role("button", name="Undo").click()
        held.wait()
        page.get_by_role("button", name="Close this message").click()
    expect(page.locator("#toasts")).to_contain_text("Undone.")
    expect(value_of(page, job)).to_have_text("Porto")
    assert stored(app, job) == "Porto"


def test_lists_read_again_never_overtake_each_other_nor_are_shown_in_another_view(
    portal_page: Page, job: int, app: Flask, cast: Cast
) -> None:
    page = opened(portal_page)
    with Held(page, read_again) as held:
        add(app, cast, "Rigger")
        held.wait()
        add(app, cast, "Rower")
        page.wait_for_timeout(800)
        assert len(held) == 1
        held.release()
        held.wait()
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator("#jobs-count")).to_have_text("3")

    with Held(page, read_again) as held:
        add(app, cast, "Roofer")
        held.wait()
        page.locator("#view-closed").click()
        expect(page.get_by_role("heading", name="No job matches")).to_be_visible()
        with page.expect_request(read_again):
            held.release()
    expect(page.locator("#jobs-count")).to_have_text("4")
    expect(page.locator("tbody tr")).to_have_count(0)


def test_a_list_read_again_takes_no_view_away_that_was_clicked_and_has_not_come(
    portal_page: Page, job: int, app: Flask, cast: Cast
) -> None:
    page = opened(portal_page)
    with Held(page, read_again) as again, Held(page, list_asked_for) as asked:
        add(app, cast, "Rigger")
        again.wait()
        page.locator("#view-open").click()
        asked.wait()
        again.release()
        page.wait_for_timeout(300)  # the list that was read again is there, and is not to be shown
    expect(page.locator("#view-open")).to_have_attribute("aria-current", "page")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.locator("#view-all").click()
    expect(page.locator("#view-all")).to_have_attribute("aria-current", "page")
    expect(page.locator("#jobs-count")).to_have_text("2")


def test_a_list_read_before_a_change_and_shown_after_it_is_mended(
    portal_page: Page, job: int, edit: Callable[..., None], make_jobs: MakeJobs
) -> None:
    make_jobs({"title": f"Job {number}"} for number in range(25))
    page = opened(portal_page, f"{MANAGE}?sort=-title&per_page=25")
    with Held(page, list_asked_for) as held:
        page.locator("#size-100").click()
        held.wait()
        edit(job, "location", "Berlin")
        expect(cell_of(page, job, "location")).to_have_text("Berlin")
    expect(page).to_have_url(re.compile("per_page=100"))
    expect(page.locator("tbody tr")).to_have_count(26)
    expect(cell_of(page, job, "location")).to_have_text("Berlin")


def test_a_panel_read_before_a_change_is_mended_and_its_older_answer_takes_back_no_newer_one(
    portal_page: Page, job: int, edit: Callable[..., None]
) -> None:
    page = opened(portal_page)
    location, department = (
        page.locator(f'#panel [data-field="{name}"]') for name in ("location", "department")
    )
    with Held(page, lambda request: request.headers.get("hx-target") == "panel") as held:
        row_of(page, job).locator("a.title").click()
        held.wait()
        edit(job, "location", "Berlin")
        expect(cell_of(page, job, "location")).to_have_text("Berlin")
        held.release()
        expect(location).to_have_text("Porto")
        held.wait()
    expect(location).to_have_text("Berlin")
    expect(department).to_have_text("Hall")

    with Held(page, lambda request: request.headers.get("hx-target") == "panel" and not held) as held:
        edit(job, "seniority", "Lead")
        held.wait()
        edit(job, "department", "Office")
        expect(department).to_have_text("Office")
    page.evaluate("fetch('/healthz').then((answer) => answer.text())")
    expect(department).to_have_text("Office")
    expect(page.locator('#panel [data-field="seniority"]')).to_have_text("Lead")


def test_a_view_chosen_before_a_search_is_asked_for_or_while_it_is_on_its_way_keeps_the_search(
    portal_page: Page, job: int, make_job: MakeJob
) -> None:
    make_job(title="Welder of old", listed=False)
    make_job(title="Rigger of old", listed=False)
    page = opened(portal_page)
    page.get_by_role("searchbox").fill("rigger of")
    page.locator("#view-open").click()
    expect(page.get_by_role("heading", name="No job matches")).to_be_visible()
    page.wait_for_timeout(500)
    expect(page).to_have_url(re.compile(r"(?=.*q=rigger)(?=.*status=open)"))
    expect(page.locator("#view-open")).to_have_attribute("aria-current", "page")

    with Held(page, list_asked_for) as held:
        page.get_by_role("searchbox").fill("welder")
        held.wait()
        page.locator("#view-closed").click()
        held.release()
        held.wait()
    expect(page.locator("#view-closed")).to_have_attribute("aria-current", "page")
    expect(page).to_have_url(re.compile(r"(?=.*q=welder)(?=.*status=closed)"))
    expect(page.locator("tbody tr")).to_have_count(1)

"""Jobs of one's own in a browser: written as Markdown, pasted from a document, copied, published."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.app import Cast

pytestmark = pytest.mark.browser

MANAGE = "/orgs/northwind/jobs/manage"
NEW = "/orgs/northwind/jobs/new"
PASTE = """(area, [html, text]) => {
    const data = new DataTransfer();
    if (html) data.setData("text/html", html);
    data.setData("text/plain", text);
    area.focus();
    const paste = {clipboardData: data, bubbles: true, cancelable: true};
    return area.dispatchEvent(new ClipboardEvent("paste", paste));
}"""
MakeJob = Callable[..., int]


def test_a_preview_follows_what_is_typed(portal_page: Page) -> None:
    portal_page.goto(NEW)
    area = portal_page.get_by_label("Description")
    area.fill("## Tasks")
    portal_page.get_by_role("button", name="Preview").click()
    preview = portal_page.get_by_role("region", name="Preview")
    expect(preview.get_by_role("heading", name="Tasks")).to_be_visible()
    area.press_sequentially(" now")
    expect(preview.get_by_role("heading", name="Tasks now")).to_be_visible()
    area.press_sequentially(" and then")
    expect(preview.get_by_role("heading", name="Tasks now and then")).to_be_visible()
    expect(area).to_be_focused()


def test_a_date_is_typed_whole_and_enter_in_a_field_adds_the_job_and_does_not_preview_it(
    portal_page: Page,
) -> None:
    portal_page.goto(NEW)
    portal_page.get_by_label("Link to apply").fill("acme.example/apply")
    portal_page.get_by_label("Title").fill("Welder")
    portal_page.get_by_text("More fields").click()
    date = portal_page.locator("[name=closes_on]")
    date.focus()
    portal_page.keyboard.press("1")
    portal_page.get_by_role("button", name="Add the job").click()
    expect(date).to_be_focused()
    expect(portal_page).to_have_url(re.compile("/jobs/new$"))
    date.fill("")
    portal_page.get_by_label("Title").press("Enter")
    expect(portal_page.get_by_text("Added “Welder”. It is public now.")).to_be_visible()


def test_a_pasted_document_becomes_markdown_that_can_be_taken_back_and_cells_become_tags(
    portal_page: Page,
) -> None:
    portal_page.goto(NEW)
    area = portal_page.get_by_label("Description")
    assert area.evaluate(PASTE, ["", "## Bare"]) is True, "bare text is the browser's to paste"
    area.fill("Before. ")
    said = ["<h2>Tasks</h2><ul><li><b>Weld</b></li></ul>", "Tasks\nWeld"]
    assert area.evaluate(PASTE, said) is False
    expect(area).to_have_value("Before. ## Tasks\n\n- **Weld**")
    portal_page.keyboard.press("Control+z")
    expect(area).to_have_value("Before. Tasks\nWeld")
    tags, cells = portal_page.get_by_label("Tags"), "<table><tr><td>Field work</td></tr></table>"
    assert tags.evaluate(PASTE, [cells, "Field work\r\nHardware\r\n"]) is False
    expect(tags).to_have_value("Field work, Hardware")
    assert tags.evaluate(PASTE, ["", "one line"]) is True


def test_what_is_pasted_stays_as_text_where_the_server_does_not_answer(portal_page: Page) -> None:
    portal_page.goto(NEW)
    portal_page.route("**/description/markdown", lambda route: route.fulfill(status=200, body=""))
    area = portal_page.get_by_label("Description")
    with portal_page.expect_response("**/description/markdown"):
        area.evaluate(PASTE, ["<b>Weld</b>", "Weld"])
    expect(area).to_have_value("Weld")


def test_the_panel_s_description_is_written_previewed_and_saved(portal_page: Page, make_job: MakeJob) -> None:
    job = make_job(description_html="<p>You <b>weld</b>.</p>")
    portal_page.goto(f"{MANAGE}?job={job}")
    portal_page.get_by_role("button", name="Edit the description").click()
    area = portal_page.locator("textarea.editor")
    expect(area).to_have_value("You **weld**.")
    area.fill("You *cut*.")
    portal_page.get_by_role("button", name="Preview").click()
    expect(portal_page.get_by_role("region", name="Preview").locator("em")).to_have_text("cut")
    area.press("Control+Enter")
    expect(portal_page.locator(".told .description em")).to_have_text("cut")
    portal_page.get_by_role("button", name="Edit the description").click()
    expect(area).to_have_value("You *cut*.")


def test_a_copy_opens_and_is_published(portal_page: Page, make_job: MakeJob) -> None:
    job = make_job(title="Welder")
    portal_page.goto(f"{MANAGE}?sort=title&job={job}")
    portal_page.get_by_role("button", name="Duplicate").click()
    panel = portal_page.get_by_role("region", name="Copy of Welder")
    expect(panel).to_be_visible()
    expect(portal_page).to_have_url(f"{portal_page.url.partition('?')[0]}?sort=title&job={job + 1}")
    expect(portal_page.locator("tbody .title", has_text="Copy of Welder")).to_be_visible()
    panel.get_by_role("button", name="Publish").click()
    expect(panel.get_by_role("button", name="Hide")).to_be_visible()
    panel.get_by_role("button", name="Hide").click()
    expect(panel.get_by_role("button", name="Publish")).to_be_visible()


def test_without_javascript_a_job_is_written_previewed_added_and_published(
    open_as: Callable[..., Page], cast: Cast
) -> None:
    page = open_as(cast.mara, NEW, java_script_enabled=False)
    page.get_by_label("Title").fill("Welder")
    page.get_by_label("Description").fill("You **weld**.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="Preview").locator("strong")).to_have_text("weld")
    expect(page.get_by_label("Title")).to_have_value("Welder")
    page.get_by_role("button", name="Add it hidden").click()
    expect(page.get_by_role("region", name="Welder")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published “Welder”.")).to_be_visible()
    page.get_by_role("button", name="Edit the description").click()
    page.locator("textarea").fill("You *cut*.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="Preview").locator("em")).to_have_text("cut")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".told .description em")).to_have_text("cut")


def test_closing_is_taken_back_from_its_toast_and_panel_and_row_follow(
    portal_page: Page, make_job: MakeJob
) -> None:
    job = make_job(title="Welder")
    portal_page.goto(f"{MANAGE}?job={job}")
    panel = portal_page.get_by_role("region", name="Welder")
    state = portal_page.locator(f'tr[data-job-id="{job}"] [data-field="state"] i')
    panel.get_by_role("button", name="Close this job").click()
    expect(state).to_have_text("Closed")
    expect(panel.get_by_role("button", name="Reopen this job")).to_be_visible()
    expect(portal_page.locator("#toasts")).to_contain_text("Closed “Welder”.")
    expect(panel.get_by_role("link", name="Public page")).to_have_count(0)
    portal_page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(portal_page.locator("#toasts")).to_contain_text("Undone. “Welder” is open again.")
    expect(panel.get_by_role("button", name="Close this job")).to_be_visible()
    expect(panel.get_by_role("link", name="Public page")).to_be_visible()
    expect(state).to_contain_text("Open")
    panel.get_by_role("button", name="Hide").click()
    expect(state).to_have_text("Hidden")
    portal_page.keyboard.press("Control+z")
    expect(panel.get_by_role("button", name="Hide")).to_be_visible()
    expect(state).to_contain_text("Open")


def test_a_deleted_job_leaves_every_page_at_once_and_its_toast_restores_it(
    portal_page: Page, open_as: Callable[..., Page], cast: Cast, make_job: MakeJob
) -> None:
    job = make_job(title="Welder")
    make_job(title="Cook")
    other = open_as(cast.mara, f"{MANAGE}?sort=title&job={job}")
    portal_page.goto(f"{MANAGE}?sort=title&job={job}")
    row = f'tr[data-job-id="{job}"]'
    portal_page.get_by_role("region", name="Welder").get_by_role("button", name="Delete").click()
    for page in (portal_page, other):
        expect(page.locator(row)).to_have_count(0)
        expect(page.get_by_role("region", name="Welder")).to_have_count(0)
        expect(page.locator("#jobs-count")).to_have_text("1")
        expect(page).to_have_url(f"{page.url.partition('?')[0]}?sort=title")
    undo = portal_page.locator("#toasts").get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    portal_page.keyboard.press("Enter")
    for page in (portal_page, other):
        expect(page.locator(row)).to_be_visible()
        expect(page.locator("#jobs-count")).to_have_text("2")

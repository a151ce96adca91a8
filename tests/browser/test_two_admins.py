"""Two admins at work on the same list, each in a browser of their own: nothing is done behind their backs."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, Request, expect
from sqlalchemy import update

from portal.actions.jobs.own_jobs import add_job, open_or_close
from portal.db import write
from portal.domain.people import Role
from portal.models import Membership
from tests.support.app import Cast, MakeJobs
from tests.support.held_requests import read_again
from tests.support.manage_page import MANAGE, MOVED, SHIFTS, cell_of, opened, row_of, stored, value_of
from tests.support.processes import wait_until

pytestmark = pytest.mark.browser

OpenAs = Callable[..., Page]
PLACE = "input => [input.value, input.selectionStart, input.selectionEnd]"


@pytest.fixture
def jobs(make_jobs: MakeJobs) -> list[int]:
    """Enough jobs, in the order of their titles, for the list to be scrolled."""
    return make_jobs({"title": f"Job {number:02}", "location": "Porto"} for number in range(20))


@pytest.fixture
def open_list(open_as: OpenAs, app: Flask, cast: Cast) -> Callable[..., tuple[Page, Page]]:
    """Open the list as Mara and as Noor, who is an admin as well here."""
    with app.app_context(), write() as writing:
        writing.execute(update(Membership).where(Membership.user_id == cast.noor.id).values(role=Role.ADMIN))

    def both(path: str = f"{MANAGE}?sort=title") -> tuple[Page, Page]:
        first, second = (open_as(user, reduced_motion="reduce") for user in (cast.mara, cast.noor))
        return opened(first, path), opened(second, path)

    return both


def edit(page: Page, job: int, field: str, text: str) -> None:
    """Open a cell and type in it, as a person does."""
    cell = cell_of(page, job, field)
    cell.locator("button[name]:not(.differs)").click()
    expect(cell.locator(".editor")).to_be_focused()
    page.keyboard.type(text)


def saves_of(page: Page) -> list[str]:
    """Where the page sends values to from now on."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and "/fields/" in request.url:
            sent.append(request.url)

    page.on("request", note)
    return sent


def test_what_one_saves_the_other_sees_by_itself_and_of_two_at_one_field_the_second_chooses(
    app: Flask, open_list: Callable[..., tuple[Page, Page]], jobs: list[int]
) -> None:
    mara, noor = open_list()
    edit(mara, jobs[3], "location", "Lisbon")
    mara.keyboard.press("Enter")
    expect(value_of(noor, jobs[3], "location")).to_have_text("Lisbon")
    expect(noor.locator("#announcements")).to_have_text("1 job updated")
    edit(noor, jobs[3], "location", "Faro")
    noor.keyboard.press("Enter")
    expect(value_of(mara, jobs[3], "location")).to_have_text("Faro")
    expect(mara.locator("#list-changed")).to_be_hidden()
    mara.keyboard.press("Control+z")
    expect(mara.locator("#toasts")).to_contain_text("Not undone: location was edited since.")
    assert stored(app, jobs[3], "location") == "Faro"
    saves = saves_of(noor)
    for job, chosen, button, sent in (
        (jobs[0], "Berlin", "Save mine", 2),
        (jobs[1], "Lisbon", "Keep “Lisbon”", 1),
    ):
        saves.clear()
        edit(mara, job, "location", "Lisbon")
        edit(noor, job, "location", "Berlin")
        mara.keyboard.press("Enter")
        expect(value_of(mara, job, "location")).to_have_text("Lisbon")
        cell = cell_of(noor, job, "location")
        expect(cell.locator(".editor")).to_have_value("Berlin")
        noor.keyboard.press("Enter")
        told = "mara@example.com saved “Lisbon” while you were editing."
        expect(cell.get_by_role("alert")).to_have_text(told)
        expect(cell.locator(".editor")).to_have_value("Berlin")
        noor.get_by_role("heading", name="Manage jobs").click()  # leaving decides nothing
        assert stored(app, job, "location") == "Lisbon"
        cell.get_by_role("button", name=button).click()
        for page in (mara, noor):
            expect(value_of(page, job, "location")).to_have_text(chosen)
        assert stored(app, job, "location") == chosen
        assert len(saves) == sent


def test_a_cell_and_a_search_that_are_typed_in_keep_text_caret_and_place_while_the_other_edits(
    app: Flask, open_list: Callable[..., tuple[Page, Page]], jobs: list[int]
) -> None:
    mara, noor = open_list()
    edit(mara, jobs[15], "location", "Lisboa")
    for _ in range(2):
        mara.keyboard.press("ArrowLeft")
    editor = cell_of(mara, jobs[15], "location").locator(".editor")
    top, scrolled = editor.bounding_box(), mara.evaluate("scrollY")
    for job, field in ((jobs[15], "department"), (jobs[1], "location"), (jobs[15], "location")):
        edit(noor, job, field, "Braga")
        noor.keyboard.press("Enter")
        expect(value_of(noor, job, field)).to_have_text("Braga")
    expect(value_of(mara, jobs[15], "department")).to_have_text("Braga")
    expect(value_of(mara, jobs[1], "location")).to_have_text("Braga")
    latest = stored(app, jobs[15], "revision")
    expect(row_of(mara, jobs[15])).to_have_attribute("data-revision", str(latest))
    expect(editor).to_be_focused()
    assert editor.evaluate(PLACE) == ["Lisboa", 4, 4]
    assert (editor.bounding_box(), mara.evaluate("scrollY")) == (top, scrolled)
    mara.keyboard.type("!")
    expect(editor).to_have_value("Lisb!oa")
    mara.keyboard.press("Escape")
    assert_search_keeps_its_place(mara, noor, jobs[12])


def assert_search_keeps_its_place(mara: Page, noor: Page, job: int) -> None:
    """She types in the middle of what she searches, while somebody else edits one of the jobs found."""
    mara.set_viewport_size({"width": 1280, "height": 400})
    search = mara.get_by_role("searchbox")
    search.click()
    mara.keyboard.type("Job 1")
    expect(mara.locator("#list tbody tr")).to_have_count(11)
    for _ in range(3):
        mara.keyboard.press("ArrowLeft")
    mara.mouse.wheel(0, 120)
    wait_until(lambda: mara.evaluate("scrollY > 0"), "the page to scroll")
    scrolled = mara.evaluate("scrollY")
    with mara.expect_response(
        lambda response: read_again(response.request)
    ):  # what is searched may differ now
        edit(noor, job, "location", "Braga")
        noor.keyboard.press("Enter")
    expect(value_of(mara, job, "location")).to_have_text("Braga")
    expect(search).to_be_focused()
    assert search.evaluate(PLACE) == ["Job 1", 2, 2]
    assert mara.evaluate("scrollY") == scrolled
    mara.keyboard.type("b")
    expect(search).to_have_value("Jobb 1")


def test_nothing_moves_while_the_other_works(
    app: Flask, open_as: OpenAs, cast: Cast, jobs: list[int], edit: Callable[..., None]
) -> None:
    pages = [
        opened(open_as(cast.mara, viewport={"width": width, "height": 800}), f"{MANAGE}?sort=title")
        for width in (1280, 390)
    ]
    for page in pages:
        page.evaluate("document.fonts.ready")
        page.evaluate(SHIFTS)
    changes = [
        (jobs[1], "location", "Saint-Quentin-en-Yvelines, Auvergne-Rhône-Alpes, France"),
        (jobs[2], "location", ""),
        (jobs[3], "department", "Yard"),
        (jobs[4], "salary", "85k - 110k EUR"),
        (jobs[5], "workplace_type", "hybrid"),
        (jobs[6], "visibility", "hidden"),
        (jobs[7], "title", "Job 07, which has a longer name than it had a moment ago, or so it seems"),
    ]
    for job, field, text in changes:
        edit(job, field, text)
    with app.app_context():
        add_job(cast.northwind.id, {"title": "Job 99"})
        open_or_close(cast.northwind.id, jobs[8], open_it=False)
    for page in pages:
        expect(page.locator("#view-all b")).to_have_text("21")
        expect(page.locator("#view-hidden b")).to_have_text("1")
        expect(row_of(page, jobs[7])).to_contain_text("or so it seems")
        expect(row_of(page, jobs[8])).to_contain_text("Closed")
        assert page.evaluate(MOVED) == []

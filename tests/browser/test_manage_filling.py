"""Cells of Manage jobs as those of a spreadsheet: ranges, copying, pasting a block, and filling down."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from portal.actions.jobs.saved_views import choose_columns
from tests.support.accessibility import light_and_dark
from tests.support.app import Cast
from tests.support.held_requests import Held
from tests.support.manage_page import MANAGE, cell_of, opened, stored, value_of

pytestmark = pytest.mark.browser

COLUMNS = ("department", "location", "workplace_type", "salary", "closes_on", "state", "changed_at")
MakeJob = Callable[..., int]
OpenAs = Callable[..., Page]


@pytest.fixture
def jobs(app: Flask, cast: Cast, make_job: MakeJob) -> list[int]:
    """Three jobs in the order of the list; whose title is Greenhouse's, the last."""
    with app.app_context():
        choose_columns(cast.northwind.id, cast.mara.id, COLUMNS)
    pay = {"salary_min": 2_550, "salary_max": 3_000, "salary_currency": "EUR", "salary_period": "hour"}
    greenhouse = {"source": "greenhouse", "external_id": 1, "board_token": "n"}
    return [
        make_job(title="Able", location="Porto", department="Yard", workplace_type="onsite", **pay),
        make_job(title="Baker", location="Lisbon"),
        make_job(title="Cook", location="Faro", **greenhouse),
    ]


@pytest.fixture
def page(open_as: OpenAs, cast: Cast, jobs: list[int]) -> Page:
    return opened(with_clipboard(open_as(cast.mara, reduced_motion="reduce")), f"{MANAGE}?sort=title")


def with_clipboard(page: Page) -> Page:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return page


def paste(page: Page, block: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", block)
    page.keyboard.press("Control+v")


def copied(page: Page) -> str:
    page.keyboard.press("Control+c")
    return str(page.evaluate("navigator.clipboard.readText()"))


def bar(page: Page) -> Locator:
    return page.get_by_role("group", name="Paste and fill")


def places(app: Flask, jobs: list[int], column: str = "location") -> list[object]:
    return [stored(app, job, column) for job in jobs]


def test_a_pasted_block_is_shown_and_its_good_cells_applied_with_one_undo(
    app: Flask, page: Page, jobs: list[int]
) -> None:
    value_of(page, jobs[1]).focus()
    paste(page, "Braga\tremote\nÉvora\tnonsense\nbeyond\tit\n")
    expect(bar(page)).to_contain_text("3 values would change")
    expect(bar(page)).to_contain_text("1 row did not fit")
    expect(bar(page).get_by_role("button", name="Apply all")).to_be_disabled()
    expect(cell_of(page, jobs[1]).locator("ins")).to_have_text("Braga")
    expect(cell_of(page, jobs[1])).to_have_attribute("title", "Lisbon → Braga")
    refused = cell_of(page, jobs[2], "workplace_type")
    expect(refused).to_have_attribute("title", re.compile("^nonsense is refused: Choose one of"))
    bar(page).get_by_role("button", name="1 refused").click()
    expect(value_of(page, jobs[2], "workplace_type")).to_be_focused()
    expect(bar(page)).to_contain_text("Choose one of: On site")
    page.keyboard.press("x")
    page.keyboard.press("Enter")
    expect(bar(page)).to_be_hidden()
    expect(page.locator("#toasts")).to_contain_text("Changed 3 values in 2 jobs.")
    expect(value_of(page, jobs[2])).to_have_text("Évora")
    expect(page.locator("#list ins")).to_have_count(0)
    assert places(app, jobs) == ["Porto", "Braga", "Évora"]
    page.keyboard.press("Control+z")
    expect(value_of(page, jobs[1])).to_have_text("Lisbon")
    expect(value_of(page, jobs[1], "workplace_type")).to_have_class(re.compile("none"))
    assert places(app, jobs) == ["Porto", "Lisbon", "Faro"]


def test_a_block_longer_than_the_page_names_other_ways(
    page: Page, jobs: list[int], make_job: MakeJob
) -> None:
    for _ in range(23):
        make_job(title="Rigger")
    page.goto(f"{MANAGE}?sort=title&per_page=25")
    value_of(page, jobs[0]).focus()
    paste(page, "Braga\n" * 30)
    expect(bar(page)).to_contain_text(
        "5 rows did not fit on this page: list more jobs a page, or import a CSV file"
    )


def test_one_value_is_pasted_into_its_cell_at_once_and_named_where_it_is_refused(
    app: Flask, page: Page, jobs: list[int]
) -> None:
    value_of(page, jobs[0]).focus()
    paste(page, "Braga\n")
    expect(value_of(page, jobs[0])).to_have_text("Braga")
    expect(value_of(page, jobs[0])).to_be_focused()
    expect(page.locator("#toasts").get_by_role("button", name="Undo")).to_be_visible()
    page.get_by_role("link", name="Cook").focus()
    paste(page, "Chef")
    expect(bar(page)).to_contain_text("Nothing would change")
    expect(cell_of(page, jobs[2], "title")).to_have_attribute("title", re.compile("^Chef is refused"))
    page.keyboard.press("Escape")
    expect(bar(page)).to_be_hidden()
    expect(page.get_by_role("link", name="Cook")).to_be_focused()
    value_of(page, jobs[1]).click()
    paste(page, "Tavira")
    expect(cell_of(page, jobs[1]).locator("input.editor")).to_have_value("Tavira")
    assert places(app, jobs) == ["Braga", "Lisbon", "Faro"]


def test_a_range_is_chosen_copied_and_pasted_back_without_a_change(
    app: Flask, page: Page, jobs: list[int]
) -> None:
    value_of(page, jobs[0], "department").focus()
    for key in ("ArrowDown", "ArrowDown", "End"):
        page.keyboard.press(f"Shift+{key}")
    expect(page.get_by_text("3 × 7 cells chosen", exact=True).first).to_be_visible()
    text = copied(page)
    assert text.startswith("Yard\tPorto\tOn site\t")
    assert text.count("\n") == 2
    paste(page, text)
    expect(page.locator("#toasts")).to_contain_text("Nothing would change")
    page.keyboard.press("Escape")
    expect(page.locator("#range")).to_be_hidden()
    expect(page.locator(".jobs .chosen")).to_have_count(0)


def test_a_formula_is_copied_as_text_and_comes_back_as_it_was(
    app: Flask, page: Page, jobs: list[int]
) -> None:
    value_of(page, jobs[0]).focus()
    paste(page, '=HYPERLINK("x")')
    expect(value_of(page, jobs[0])).to_have_text('=HYPERLINK("x")')
    text = copied(page)
    assert text == '\'=HYPERLINK("x")'
    value_of(page, jobs[1]).focus()
    paste(page, text)
    expect(value_of(page, jobs[1])).to_have_text('=HYPERLINK("x")')


def test_ctrl_d_fills_a_range_down_or_the_cell_into_the_selected_jobs(
    app: Flask, page: Page, jobs: list[int]
) -> None:
    value_of(page, jobs[0]).focus()
    page.keyboard.press("Shift+ArrowRight")
    value_of(page, jobs[2], "salary").click(modifiers=["Shift"])
    expect(page.locator("#range")).to_have_text("3 × 3 cells chosen")
    page.keyboard.press("Control+d")
    expect(bar(page)).to_contain_text("6 values would change")
    bar(page).get_by_role("button", name="Apply all 6").click()
    expect(page.locator("#toasts")).to_contain_text("Changed 6 values in 2 jobs.")
    assert places(app, jobs, "salary_max") == [3_000, 3_000, 3_000]
    for job in jobs[1:]:
        page.locator(f'tr[data-job-id="{job}"] input[name=job_id]').check()
    value_of(page, jobs[0], "department").focus()
    page.keyboard.press("Control+d")
    expect(bar(page)).to_contain_text("2 values would change")
    page.keyboard.press("Enter")
    expect(value_of(page, jobs[2], "department")).to_have_text("Yard")
    assert places(app, jobs, "department") == ["Yard"] * 3


def test_delete_empties_a_range_once_it_is_confirmed(app: Flask, page: Page, jobs: list[int]) -> None:
    value_of(page, jobs[0]).focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Delete")
    expect(cell_of(page, jobs[1]).locator("ins")).to_have_text("Empty")
    page.keyboard.press("Enter")
    expect(value_of(page, jobs[1])).to_have_class(re.compile("none"))
    assert places(app, jobs) == [None, None, "Faro"]


def test_what_another_admin_changed_meanwhile_is_shown_anew_before_it_is_replaced(
    app: Flask, page: Page, jobs: list[int], edit: Callable[[int, str, str], None]
) -> None:
    value_of(page, jobs[0]).focus()
    paste(page, "Braga\nÉvora")
    expect(bar(page)).to_contain_text("2 values would change")
    edit(jobs[1], "location", "Tavira")
    page.keyboard.press("Enter")
    expect(bar(page)).to_contain_text("Somebody changed these jobs meanwhile.")
    expect(cell_of(page, jobs[1])).to_have_attribute("title", "Tavira → Évora")
    assert places(app, jobs) == ["Porto", "Tavira", "Faro"]
    page.keyboard.press("Enter")
    expect(value_of(page, jobs[1])).to_have_text("Évora")
    assert places(app, jobs) == ["Braga", "Évora", "Faro"]


def test_who_leaves_while_a_block_is_on_its_way_is_asked_first(page: Page, jobs: list[int]) -> None:
    asks = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    value_of(page, jobs[0]).focus()
    paste(page, "Braga\nÉvora\n")
    apply = bar(page).get_by_role("button", name="Apply all 2")
    expect(apply).to_be_visible()
    assert page.evaluate(asks) is False
    with Held(page, lambda request: request.url.endswith("/paste")) as held:
        apply.click()
        held.wait()
        assert page.evaluate(asks) is True
    expect(page.locator("#toasts")).to_contain_text("Changed 2 values in 2 jobs.")
    assert page.evaluate(asks) is False


def test_what_would_change_is_not_shown_over_another_list(app: Flask, page: Page, jobs: list[int]) -> None:
    value_of(page, jobs[0]).focus()
    with Held(page, lambda request: request.url.endswith("/paste")) as held:
        paste(page, "Braga\nÉvora")
        held.wait()
        page.locator("#sort-title").click()
        expect(page).to_have_url(re.compile("sort=-title"))
        expect(page.locator("a.title").first).to_have_text("Cook")
    expect(page.get_by_text("Another list was opened meanwhile")).to_be_visible()
    expect(bar(page)).to_be_hidden()
    assert places(app, jobs) == ["Porto", "Lisbon", "Faro"]


def test_members_copy_and_can_neither_paste_edit_nor_select(
    open_as: OpenAs, cast: Cast, app: Flask, jobs: list[int]
) -> None:
    page = with_clipboard(open_as(cast.noor, f"{MANAGE}?sort=title"))
    cell_of(page, jobs[0], "title").click(position={"x": 150, "y": 18})
    cell_of(page, jobs[1]).click(modifiers=["Shift"])
    expect(page.locator("#range")).to_have_text("2 × 3 cells chosen")
    expect(value_of(page, jobs[1])).to_be_disabled()
    expect(page.locator(".editor")).to_have_count(0)
    expect(page.locator("#list input[type=checkbox]:visible")).to_have_count(0)
    expect(page.locator("#bulk")).to_have_count(0)
    assert copied(page) == "Able\tYard\tPorto\nBaker\t\tLisbon"
    paste(page, "x\ty\tz")
    expect(page.locator("#list ins")).to_have_count(0)
    assert places(app, jobs) == ["Porto", "Lisbon", "Faro"]


def test_a_preview_can_be_used_by_everybody(open_as: OpenAs, cast: Cast, jobs: list[int]) -> None:
    options = {"reduced_motion": "reduce", "bypass_csp": True}  # axe itself writes inline styles
    page = with_clipboard(open_as(cast.mara, f"{MANAGE}?sort=title", **options))
    page.get_by_role("link", name="Baker").focus()
    paste(page, "Bakery\tYard\tBraga\tnonsense\nChef\tYard\t\tremote\nmore")
    expect(bar(page)).to_be_visible()
    for answer in light_and_dark(page, "#fill, tr:has(ins)"):
        assert answer["violations"] == []
        unclear = [node["html"] for fault in answer["incomplete"] for node in fault["nodes"]]
        assert [html for html in unclear if html.startswith(("<ins", "<td", "<th"))] == []

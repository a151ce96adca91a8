"""Manage jobs on pages of every width: nothing is cut, nothing covers what it must not."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser.test_manage_live import connect
from tests.fixtures.app import Cast

pytestmark = pytest.mark.browser

MANAGE = "/orgs/northwind/jobs/manage"
MakeJob = Callable[..., int]

CUT = "values => values.filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent)"
LINES = """value => {
    const range = document.createRange();
    range.selectNodeContents(value);
    return new Set([...range.getClientRects()].map(box => box.top)).size;
}"""


@pytest.fixture
def job(make_job: MakeJob) -> int:
    return make_job(
        title="Offshore technician",
        workplace_type="remote",
        employment_type="contract",
        salary_min=245_00,
        salary_max=290_00,
        salary_currency="DKK",
        salary_period="hour",
    )


def box(locator: Locator) -> FloatRect:
    expect(locator).to_be_visible()
    found = locator.bounding_box()
    assert found
    return found


@pytest.mark.parametrize("width", [820, 1024, 1280])
def test_no_value_is_cut_and_no_word_is_broken(portal_page: Page, job: int, width: int) -> None:
    portal_page.set_viewport_size({"width": width, "height": 800})
    portal_page.goto(MANAGE)
    values = portal_page.locator(".jobs .value")
    expect(values.filter(has_text="DKK 245 – 290 / hour")).to_be_visible()
    assert values.evaluate_all(CUT) == []
    assert values.filter(has_text="Remote").evaluate(LINES) == 1
    assert values.filter(has_text="Contract").evaluate(LINES) == 1


def test_on_a_wide_page_the_panel_stands_beside_arrow_and_menu(
    portal_page: Page, app: Flask, cast: Cast, job: int
) -> None:
    connect(app, cast)
    portal_page.set_viewport_size({"width": 1680, "height": 900})
    portal_page.goto(f"{MANAGE}?job={job}")
    panel = box(portal_page.get_by_role("region", name="Offshore technician"))
    for name in ("Sync now", "More actions"):
        button = box(portal_page.get_by_role("button", name=name))
        assert button["x"] + button["width"] < panel["x"]


def test_on_a_narrow_page_arrow_and_dot_keep_their_shape_and_place(
    portal_page: Page, app: Flask, cast: Cast, job: int
) -> None:
    connect(app, cast)
    portal_page.set_viewport_size({"width": 320, "height": 700})
    portal_page.goto(MANAGE)
    arrow = box(portal_page.get_by_role("button", name="Sync now"))
    assert arrow["width"] == arrow["height"]
    dot = box(portal_page.locator("#sync-status .dot"))
    words = box(portal_page.locator("#sync-status .dot + span"))
    assert words["y"] <= dot["y"] <= words["y"] + words["height"]

"""New jobs decided one by one and together, by mouse and by keys, with a second admin who looks on."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from portal.db import write
from portal.domain.people import Role
from portal.models import Membership
from tests.support.accessibility import complaints
from tests.support.app import Cast, MakeJob
from tests.support.manage_page import MANAGE, cell_of, connect, open_editor, opened, row_of, stored, value_of

pytestmark = pytest.mark.browser

OpenAs = Callable[..., Page]


def new_jobs(make_job: MakeJob, number: int) -> list[int]:
    """Jobs that Greenhouse has brought and nobody has decided about."""
    new = {"visibility": "new", "source": "greenhouse", "apply_url": "https://a.example/"}
    return [make_job(title=f"Job {each}", **new) for each in range(number)]


def test_the_whole_way_from_a_new_job_to_its_decision_and_back(
    app: Flask, cast: Cast, make_job: MakeJob, open_as: OpenAs
) -> None:
    connect(app, cast)
    jobs = new_jobs(make_job, 6)
    with app.app_context(), write() as writing:
        writing.execute(update(Membership).where(Membership.user_id == cast.noor.id).values(role=Role.ADMIN))
    mara, noor = open_as(cast.mara), open_as(cast.noor)
    opened(mara, f"{MANAGE}?status=new&sort=title")
    opened(noor, f"{MANAGE}?status=new&sort=title")
    assert complaints(mara, "table.jobs") == []
    usual = mara.viewport_size
    assert usual
    for width in (768, 900, 1024, 1180, 1920):
        mara.set_viewport_size({"width": width, "height": usual["height"]})
        expect(row_of(mara, jobs[0]).locator(".decide [name=hidden]")).to_be_in_viewport(ratio=1)
        title = mara.locator("thead th.c-title")
        assert title.evaluate("title => title.offsetWidth") >= 240, width
    mara.set_viewport_size(usual)

    row_of(mara, jobs[0]).locator(".decide [name=shown]").dblclick()
    expect(row_of(mara, jobs[0])).to_have_count(0)
    expect(mara.locator("#view-new b")).to_have_text("5")
    expect(mara.locator("#toasts")).to_contain_text("Shown “Job 0”.")
    expect(noor.locator("#view-new b")).to_have_text("5")
    expect(row_of(noor, jobs[0])).to_have_class(re.compile("left"))
    expect(row_of(noor, jobs[0]).locator(".decide")).to_have_count(0)

    expect(row_of(mara, jobs[1]).locator("a.title")).to_be_focused()
    mara.keyboard.press("m")
    expect(row_of(mara, jobs[2]).locator("a.title")).to_be_focused()
    mara.keyboard.press("h")
    for job in jobs[1:3]:
        expect(row_of(mara, job)).to_have_count(0)
    expect(mara.locator("#view-new b")).to_have_text("3")
    assert [stored(app, job, "visibility") for job in jobs[:4]] == ["shown", "members", "hidden", "new"]
    mara.keyboard.press("Control+z")
    expect(row_of(mara, jobs[2])).to_be_visible()
    assert stored(app, jobs[2], "visibility") == "new"

    mara.locator("[data-select-page]").check()
    mara.locator("#bulk").get_by_role("button", name="Show", exact=True).first.click()
    mara.get_by_role("dialog").get_by_role("button", name="Show 4 jobs").click()
    expect(mara.get_by_role("heading", name="No new job waits")).to_be_visible()
    expect(noor.locator(".decide")).to_have_count(0)
    assert {stored(app, job, "visibility") for job in jobs[2:]} == {"shown"}


def test_a_second_click_does_nothing_whatever_it_lands_on(
    app: Flask, cast: Cast, make_job: MakeJob, open_as: OpenAs
) -> None:
    connect(app, cast)
    jobs = new_jobs(make_job, 5)
    page = opened(open_as(cast.mara), f"{MANAGE}?status=new&sort=title")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url.partition('/jobs/')[2]}"))

    def double_click(place: int, *met: Locator) -> None:
        for each in met:
            each.evaluate(
                "(each, y) => each.dispatchEvent(new MouseEvent('click',"
                " {bubbles: true, cancelable: true, detail: 1, clientX: 500, clientY: y}))",
                place,
            )

    for number, target in enumerate(("a.title", "[name=location]", ".decide [name=hidden]")):
        decided, next_one = row_of(page, jobs[number]), row_of(page, jobs[number + 1])
        double_click(100 * number, decided.locator(".decide [name=shown]"), next_one.locator(target))
        expect(decided).to_have_count(0)
        expect(next_one.locator("a.title")).to_be_focused()
    open_editor(page, jobs[3])
    cancel = page.locator("form.editor-form").get_by_role("button", name="Esc cancels")
    double_click(400, cancel, value_of(page, jobs[4]))
    expect(value_of(page, jobs[3])).to_be_focused()
    double_click(500, value_of(page, jobs[4]))
    expect(cell_of(page, jobs[4]).locator("[name=value]")).to_be_focused()
    assert [stored(app, job, "visibility") for job in jobs] == ["shown", "shown", "shown", "new", "new"]
    assert asked.count("POST review") == 3
    assert sum("/location" in each for each in asked) == 2
    expect(page.locator("#panel .panel")).to_have_count(0)

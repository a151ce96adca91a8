"""What follows Greenhouse and what is the organisation's own, while two people look at the list."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect

from portal.config import Settings
from portal.db import session
from portal.models import Connection, Job
from tests.support.app import Cast, MakeJobs
from tests.support.board_server import DemoBoard
from tests.support.manage_page import MANAGE, cell_of, open_editor, opened, value_of

pytestmark = pytest.mark.browser

OWN = re.compile(r"\bown\b")


@pytest.fixture
def board(board: DemoBoard) -> DemoBoard:
    """The demo board with a few of its posts."""
    board.set_posts(board.token, board.posts[:6])
    return board


@pytest.fixture
def settings(settings: Settings, board: DemoBoard) -> Settings:
    return replace(settings, greenhouse_api_url=board.url)


def test_a_followed_value_swaps_in_and_a_difference_that_is_kept_goes_quiet_in_every_window(
    app: Flask,
    imported: Connection,
    board: DemoBoard,
    work: Callable[[Connection], None],
    open_as: Callable[..., Page],
    cast: Cast,
) -> None:
    with app.app_context():
        followed, edited = session().query(Job).order_by(Job.title).limit(2)
        (follows, follows_id), (own, own_id) = ((job.id, job.external_id) for job in (followed, edited))
    mara, noor = (opened(open_as(user), MANAGE) for user in (cast.mara, cast.noor))
    editor = open_editor(mara, own)
    editor.fill("Faro, Portugal")
    editor.press("Enter")
    expect(value_of(noor, own)).to_have_text("Faro, Portugal")
    expect(value_of(noor, own)).to_have_class(OWN)

    board.edit(follows_id, location="Leith, United Kingdom")
    board.edit(own_id, location="Oslo, Norway")
    mara.get_by_role("button", name="Sync now").click()
    expect(mara.get_by_text("Queued")).to_be_attached()
    work(imported)
    for page in (mara, noor):
        expect(value_of(page, follows)).to_have_text("Leith, United Kingdom")
        expect(value_of(page, follows)).not_to_have_class(OWN)
        expect(value_of(page, own)).to_have_class(OWN)
        expect(cell_of(page, own).get_by_role("button", name="Greenhouse: Oslo, Norway")).to_be_visible()

    beside = opened(open_as(cast.mara), MANAGE)
    for page in (beside, mara):
        cell_of(page, own).get_by_role("button", name="Greenhouse: Oslo, Norway").click()
        expect(page.locator("#offer")).to_be_visible()
    mara.get_by_role("button", name="Keep ours").click()
    expect(beside.locator("#offer")).to_be_hidden()  # there is nothing to decide any more
    expect(value_of(beside, own)).to_be_focused()
    for page in (mara, noor):
        expect(cell_of(page, own).get_by_role("button", name="Greenhouse:")).to_have_count(0)
        expect(value_of(page, own)).to_have_class(OWN)
    mara.locator("#toasts").get_by_role("button", name="Undo").last.click()
    expect(cell_of(mara, own).get_by_role("button", name="Greenhouse: Oslo, Norway")).to_be_visible()
    expect(mara.locator("#toasts")).not_to_contain_text("is kept, until")


def test_an_offer_is_seen_in_a_browser_that_cannot_place_it_at_its_ring(
    portal_page: Page, make_jobs: MakeJobs, make_job: Callable[..., int]
) -> None:
    make_jobs([{}] * 30)
    said = {"source": "greenhouse", "board_token": "northwind", "external_id": 1}
    job = make_job(location="Faro", source_values={"location": "Oslo"}, **said)
    portal_page.route("**/*.css", without_anchors)
    portal_page.goto(MANAGE)
    cell_of(portal_page, job).get_by_role("button", name="Greenhouse: Oslo").click()
    offer, rows = portal_page.locator("#offer"), portal_page.locator("table.jobs tbody")
    expect(offer).to_be_in_viewport(ratio=1)
    tops = [each.evaluate("each => each.getBoundingClientRect().top") for each in (rows, offer)]
    assert tops == sorted(tops), "it lies over the rows"


def without_anchors(route: Route) -> None:
    """Answer with the style sheet as it is for browsers that know no anchors."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace("(anchor-name: --a)", "(anchor-name: 1)"))

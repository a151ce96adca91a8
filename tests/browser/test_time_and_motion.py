"""Times are told in the organisation's zone, and nothing moves for who asked for that."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from portal.db import write
from portal.models import Organisation
from tests.support.app import Cast, MakeJob
from tests.support.manage_page import MANAGE, cell_of, opened, row_of

pytestmark = pytest.mark.browser

OpenAs = Callable[..., Page]
WINTER_NIGHT = datetime(2025, 1, 10, 2, 30, tzinfo=UTC)
SUMMER_NIGHT = datetime(2025, 7, 10, 2, 30, tzinfo=UTC)
NOTE_MOTION = """() => {
  window.moved = [];
  const note = ({ target, type }) => moved.push(`${type} ${target.tagName} ${target.className}`);
  for (const kind of ["animationstart", "transitionrun"]) addEventListener(kind, note, true);
}"""


def move_to(app: Flask, cast: Cast, zone: str) -> None:
    """Let the organisation be in another zone."""
    with app.app_context(), write() as writing:
        writing.get_one(Organisation, cast.northwind.id).time_zone = zone


def changed(page: Page, job: int) -> Locator:
    return cell_of(page, job, "changed_at").locator("time")


@pytest.mark.parametrize(
    ("zone", "winter", "summer"),
    [
        ("America/New_York", "9 Jan 2025, 21:30 GMT-5", "9 Jul 2025, 22:30 GMT-4"),
        ("Asia/Kathmandu", "10 Jan 2025, 08:15 GMT+5:45", "10 Jul 2025, 08:15 GMT+5:45"),
    ],
)
def test_a_day_and_its_exact_time_are_those_of_the_organisation_s_zone(
    app: Flask, open_as: OpenAs, cast: Cast, make_job: MakeJob, zone: str, winter: str, summer: str
) -> None:
    first = make_job(changed_at=WINTER_NIGHT, opened_at=SUMMER_NIGHT)
    move_to(app, cast, zone)
    page = open_as(cast.mara, f"{MANAGE}?job={first}", timezone_id="Pacific/Honolulu")
    expect(changed(page, first)).to_have_text(winter.split(",")[0])
    expect(changed(page, first)).to_have_attribute("title", winter)
    opening = page.locator(".panel .known time").first
    expect(opening).to_have_text(summer.split(",")[0])
    expect(opening).to_have_attribute("title", summer)


def test_a_time_of_today_is_relative_and_also_live_its_exact_one_is_the_organisation_s(
    app: Flask, open_as: OpenAs, cast: Cast, make_job: MakeJob, edit: Callable[[int, str, str], None]
) -> None:
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3, minutes=10)
    job, zone = make_job(location="Porto", changed_at=moment), "Asia/Kathmandu"
    move_to(app, cast, zone)
    page = opened(open_as(cast.mara, timezone_id="Pacific/Honolulu"))
    there = moment.astimezone(ZoneInfo(zone))
    expect(changed(page, job)).to_have_text("3 h ago")
    exact = f"{there.day} {there:%b %Y, %H:%M}".replace("Sep", "Sept")
    expect(changed(page, job)).to_have_attribute("title", f"{exact} GMT+5:45")
    before = datetime.now(ZoneInfo(zone))
    edit(job, "location", "Lisbon")
    expect(changed(page, job)).to_have_text("just now")
    minutes = {f"{moment:%H:%M}" for moment in (before, datetime.now(ZoneInfo(zone)))}
    title = changed(page, job).get_attribute("title") or ""
    assert title.split(", ")[1].removesuffix(" GMT+5:45") in minutes


def test_without_a_script_the_zone_is_named(open_as: OpenAs, cast: Cast, make_job: MakeJob) -> None:
    job = make_job(changed_at=WINTER_NIGHT)
    page = open_as(
        cast.mara, f"{MANAGE}?job={job}", timezone_id="America/New_York", java_script_enabled=False
    )
    expect(changed(page, job)).to_have_text("10 Jan 2025")
    expect(page.locator(".panel .sub time")).to_have_text("10 Jan 2025, 02:30 UTC")


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_row_that_changes_live_moves_only_for_who_wants_it(
    open_as: OpenAs,
    cast: Cast,
    make_job: MakeJob,
    edit: Callable[[int, str, str], None],
    motion: str,
) -> None:
    job, other = make_job(title="Welder", location="Porto"), make_job(title="Rigger")
    page = open_as(cast.mara, reduced_motion=motion)
    page.clock.install()
    opened(page)
    page.evaluate(NOTE_MOTION)
    edit(job, "location", "Lisbon")
    expect(cell_of(page, job, "location")).to_have_text("Lisbon")
    row = row_of(page, job)
    expect(row).to_have_class("fresh")
    colour = "row => getComputedStyle(row).backgroundColor"
    assert row.evaluate(colour) != row_of(page, other).evaluate(colour), "it is marked all the same"
    page.wait_for_timeout(100)
    moved = page.evaluate("moved")
    running = page.evaluate("document.getAnimations().filter((each) => each.playState === 'running').length")
    if motion == "reduce":
        assert (moved, running) == ([], 0)
    else:
        assert running
        assert row.evaluate("row => row.getAnimations().map((each) => each.animationName)") == ["fade"]
    page.clock.run_for(4_000)
    expect(row).not_to_have_class("fresh")

"""Manage jobs in a browser: where things are on it, and what happens behind it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from playwright.sync_api import Locator, Page, expect

from portal.db import session, write
from portal.live.publish import announce
from portal.models import Connection, Job, SyncRun
from portal.models.base import utc_now
from portal.store.people import next_revision
from tests.support.app import Cast

MANAGE = "/orgs/northwind/jobs/manage"
SHIFTS = """() => {
    window.shifts = [];
    new PerformanceObserver(list => shifts.push(...list.getEntries())).observe({ type: 'layout-shift' });
}"""
MOVED = "shifts.map(shift => [shift.value, shift.sources.map(each => each.node?.outerHTML?.slice(0, 80))])"
"""Scripts: note each shift of the layout from now on; what moved, and how far."""


def opened(page: Page, path: str = MANAGE) -> Page:
    """Open the list, and wait until its stream stands."""
    with page.expect_response(re.compile("/events")):
        page.goto(path)
    return page


def at_widths(page: Page, *widths: int) -> Iterator[int]:
    """Give the window one width after the other: to load the page anew for each costs more than to look."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        yield width


def row_of(page: Page, job: int) -> Locator:
    return page.locator(f'tr[data-job-id="{job}"]')


def cell_of(page: Page, job: int, field: str = "location") -> Locator:
    """Return a cell, which is named by its attribute where scripts run, and by its button elsewhere.

    Playwright matches ``:has`` itself, one element after the other: in one row, and not in the whole page.
    """
    by_script = f'td[data-field="{field}"], th[data-field="{field}"]'
    without = ", ".join(f'{cell}:has(> button[name="{field}"]:not(.gap))' for cell in ("td", "th"))
    return row_of(page, job).locator(f"{by_script}, {without}")


def value_of(page: Page, job: int, field: str = "location") -> Locator:
    """What a cell shows while nobody edits it."""
    return cell_of(page, job, field).locator("button[name]:not(.differs)")


def open_editor(page: Page, job: int, field: str = "location") -> Locator:
    """Click a cell and return the input in it."""
    cell = cell_of(page, job, field)
    cell.locator("button[name]:not(.differs)").click()
    editor = cell.locator('[name="value"]')
    expect(editor).to_be_focused()
    return editor


def run_clock_until(page: Page, holds: Callable[[], bool]) -> None:
    """Let the page's clock, which is installed, run on until it holds; as often as answers need."""
    for _ in range(200):
        if holds():
            return
        page.clock.run_for(2000)
        page.wait_for_timeout(50)
    raise AssertionError("it never held")


def filter_button(page: Page, name: str) -> Locator:
    """The button of a filter, by its column."""
    return page.locator(f"[popovertarget=filter-{name}]")


def filter_values(page: Page, name: str) -> Locator:
    """The values of a filter, each with its count."""
    return page.locator(f"#filter-{name} .facet-values label")


def choose_value(page: Page, name: str, value: str) -> None:
    """Open a filter, tick one of its values, and close it."""
    filter_button(page, name).click()
    page.locator(f"#filter-{name}").get_by_role("checkbox", name=re.compile(rf"^{value}\b")).check()
    page.keyboard.press("Escape")


def boxes(page: Page, selector: str) -> list[list[float]]:
    """Where things stand on the page, and how large they are."""
    script = """all => all.map((one) => {
      const box = one.getBoundingClientRect();
      return [box.x + scrollX, box.y + scrollY, box.width, box.height].map((size) => Math.round(size * 64));
    })"""
    found: list[list[float]] = page.eval_on_selector_all(selector, script)
    return found


def stored(app: Flask, job: int, column: str = "location") -> object:
    with app.app_context():
        return getattr(session().get(Job, job), column)


def connect(app: Flask, cast: Cast) -> int:
    """Store a connection of Northwind that is synced."""
    connection = Connection(
        organisation_id=cast.northwind.id,
        public_key="k",
        board_token="northwind",
        board_name="Northwind Labs",
        api_key_ciphertext=b"",
        api_key_last_four="0001",
        last_synced_at=utc_now(),
    )
    with app.app_context(), write() as session:
        session.add(connection)
    return connection.id


def finish_run(app: Flask, connection_id: int, **counts: int) -> None:
    """Commit a run that has succeeded, and say so."""
    with app.app_context():
        with write() as session:
            connection = session.get_one(Connection, connection_id)
            revision = next_revision(connection.organisation_id)
            columns: dict[str, Any] = {"board_token": "northwind", "trigger": "manual", **counts}
            session.add(
                SyncRun(
                    organisation_id=connection.organisation_id,
                    connection_id=connection_id,
                    status="succeeded",
                    finished_at=utc_now(),
                    **columns,
                )
            )
            organisation_id = connection.organisation_id
        announce(organisation_id, revision)

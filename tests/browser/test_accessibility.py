"""Every page and state is usable by everybody (WCAG 2.2 A and AA), light and dark, at every width."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from portal.actions.accounts.invitations import invite
from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.saved_views import choose_columns
from portal.actions.jobs.table_edit import upload_table
from portal.actions.outgoing import endpoints
from portal.actions.public.counting import fetches_of, traffic_of
from portal.actions.public.links import make_link
from portal.db import write
from portal.domain.jobs.columns import COLUMNS
from portal.domain.people import Role
from portal.models import Connection, HeldClosing, SyncRun
from portal.models.base import utc_now
from portal.store.public.fetches import Fetched, Reader
from portal.store.public.traffic import Sums, Visit
from tests.support.accessibility import light_and_dark
from tests.support.app import Cast
from tests.support.browser_pages import Faults
from tests.support.manage_page import connect, finish_run, open_editor
from tests.support.receivers import add, messages

pytestmark = pytest.mark.browser

ORG = "/orgs/northwind"
MANAGE = f"{ORG}/jobs/manage"
WIDTHS = (640, 320, 2560, 1280)  # 640 is what a window of 1,280 shows at 200 %
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamter"
FULL = {
    "workplace_type": "remote",
    "employment_type": "contract",
    "tags": ["sea", LONG[:40]],
    "summary": LONG,
}
DESCRIPTION = f"<h2>{LONG}</h2><p>{LONG * 3}</p><table><tr><td>{LONG}</td><td>1</td></tr></table>"
LEAVE_FEW_ALIKE = """[...document.querySelectorAll('tr, li')]
    .filter(each => /^\\s*Welder/.test(each.textContent)).slice(3).forEach(each => each.remove())"""
"""They fill a page of the list; axe would look at each of the two dozen anew, for most of its time."""
MakeJob = Callable[..., int]


@pytest.fixture
def paths(app: Flask, cast: Cast, make_job: MakeJob) -> dict[str, str]:
    """The address of every page and of every state that has one, with the part that is none of another's."""
    own = make_job(title=LONG, description_html=DESCRIPTION, location="Porto", **FULL)
    closed = make_job(title="Closed", listed=False, closed_at=utc_now())
    hidden = make_job(title="Hidden", visibility="hidden")
    for number in range(27):
        make_job(
            title=f"Welder {number}",
            source="greenhouse",
            external_id=number,
            source_values={"location": "Faro"},
        )
    connection = connect(app, cast)
    finish_run(app, connection, created=3, updated=1)
    with app.app_context():
        edit_field(cast.northwind.id, own, "location", "Faro", 0, cast.mara.id)
        with write() as session:
            run = session.query(SyncRun).one()
            session.add(
                HeldClosing(
                    organisation_id=cast.northwind.id,
                    connection_id=connection,
                    job_id=own + 3,
                    run_id=run.id,
                )
            )
        run_id = run.id
        rows = f"{own},Braga,nonsense,x\n{own + 1},Faro,Contract,y\nx,{LONG},,z"
        file = f"Job ID,Location,Type,{LONG}\n{rows}".encode()
        invite(cast.northwind, f"{'w' * 60}@{'w' * 60}.example", Role.MEMBER, cast.mara.id)
        upload = upload_table(cast.northwind.id, cast.mara.id, f"{LONG}.csv", file)
        edit_field(cast.northwind.id, own, "location", "Lagos", 1, cast.mara.id)
        hook, _ = add(cast.northwind, cast.mara, f"https://receiver.example/{LONG}")
        endpoints.send_test(cast.northwind, hook)
        message, hooks = messages()[0].id, f"{ORG}/webhooks"
        make_link(cast.northwind.id, LONG[:60], own, "", cast.mara.id)
    traffic_of(app).gather(Visit(cast.northwind.id, own, utc_now().date(), LONG[:60].lower()), Sums(3, 1))
    fetched = Fetched(1, utc_now(), "abc", None)
    fetches_of(app).gather(Reader("northwind", LONG[:40], "atom", f"q={LONG}"), fetched)
    traffic_of(app).flush()
    fetches_of(app).flush()
    job, jobs = f"{ORG}/jobs/{own}", f"{ORG}/jobs"
    pages = [
        "/help/greenhouse", "/nowhere", ORG, jobs, job, f"{jobs}/{closed}", f"{jobs}/{hidden}", MANAGE,
        f"{MANAGE}?q={LONG}&status=hidden&location=Porto", f"{jobs}/new", f"{job}/fields/description",
        f"{job}/fields/salary", f"{job}/fields/location/history", f"{ORG}/greenhouse/connect",
        f"{ORG}/greenhouse", f"{ORG}/greenhouse/disconnect", f"{ORG}/closings", f"{ORG}/pairs",
        f"{ORG}/profile", f"{ORG}/sync-runs", f"{ORG}/sync-runs/{run_id}",
        f"{jobs}/import", f"{jobs}/import?upload={upload}", hooks, f"{hooks}?add=slack", f"{hooks}/{hook}",
        f"{hooks}/{hook}/messages/{message}",
        f"{ORG}/people", "/account", "/account/two-step", "/forgot", "/reset/gone",
        f"{ORG}/embed", f"{ORG}/traffic", f"{ORG}/traffic?job={own}&days=90", f"{ORG}/links", f"{ORG}/feeds",
    ]  # fmt: skip
    panels = dict.fromkeys([f"{MANAGE}?job={own}", f"{MANAGE}?job={own + 3}"], "#panel")
    lists = dict.fromkeys([f"{MANAGE}?status=attention", f"{MANAGE}?status=held"], "#list")
    return dict.fromkeys(pages, "") | panels | lists


def test_on_every_page_axe_finds_nothing_and_nothing_is_cut(
    open_as: Callable[..., Page], cast: Cast, faults: Faults, paths: dict[str, str]
) -> None:
    faults.expected = re.compile(r"(status of|Status Error Code) (404|410)")
    page = everywhere(open_as, cast)
    found = []
    for path, part in paths.items():
        page.goto(path)
        found += look(page, path, part)
    assert not found, "\n".join(found)


@pytest.mark.usefixtures("job")
def test_what_opens_on_a_page_is_as_usable(app: Flask, open_as: Callable[..., Page], cast: Cast) -> None:
    connect(app, cast)
    page = everywhere(open_as, cast)
    page.goto(MANAGE)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    found = look(page, "the sheet of keys", "#keys")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="More actions").click()
    found += look(page, "the menu", "#more-menu")
    page.goto(f"{ORG}/jobs/new")
    page.get_by_label("Description").fill("## Tasks\n\n- one\n- two")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="Preview").get_by_role("heading", name="Tasks")).to_be_visible()
    found += look(page, "a preview", "[aria-label='Preview']")
    page.get_by_text("More fields").click()
    page.get_by_label("Title").fill("")
    page.get_by_role("button", name="Add the job").click()
    expect(page.get_by_text("Title cannot be empty.")).to_be_visible()
    page.get_by_text("More fields").click()
    found += look(page, "a refused form", "main")
    assert not found, "\n".join(found)


def test_an_editor_in_a_cell_is_as_usable_also_with_a_refusal(
    app: Flask, open_as: Callable[..., Page], cast: Cast, make_job: MakeJob
) -> None:
    with app.app_context():
        choose_columns(cast.northwind.id, cast.mara.id, tuple(COLUMNS))
    empty = make_job(title="Empty")
    make_job(title="Full", location="Porto", **FULL)
    page = everywhere(open_as, cast)
    page.goto(f"{MANAGE}?sort=title")
    found = []
    wrong = {"salary": "90k", "tags": ", ".join(map(str, range(21)))}
    for field in ("workplace_type", "employment_type", "closes_on", "tags", "salary", "featured"):
        editor = open_editor(page, empty, field)
        found += look(page, f"the editor of {field}", "tr:has(form.editor-form)")
        if field in wrong:
            editor.fill(wrong[field])
            editor.press("Enter")
            expect(page.get_by_role("alert")).to_be_visible()
            found += look(page, f"the refusing editor of {field}", "tr:has(form.editor-form)")
        editor.press("Escape")
        expect(editor).to_have_count(0)
    assert not found, "\n".join(found)


def test_forced_colours_leave_switches_marks_and_the_chosen_view_in_sight(
    open_as: Callable[..., Page], cast: Cast, app: Flask, make_job: MakeJob
) -> None:
    connect(app, cast)
    make_job(featured=True)
    page = open_as(cast.mara, MANAGE, forced_colors="active", reduced_motion="reduce")
    star = page.locator(".star")
    drawn = star.bounding_box()
    marked = page.screenshot(clip=drawn)
    star.evaluate("mark => mark.classList.remove('star')")
    assert page.screenshot(clip=drawn) != marked
    chosen = page.locator("#view-all")
    marked = chosen.screenshot()
    chosen.evaluate("link => link.removeAttribute('aria-current')")
    assert chosen.screenshot() != marked
    page.goto(f"{ORG}/greenhouse")
    switch = page.get_by_role("switch").first
    switch.scroll_into_view_if_needed()
    place = switch.bounding_box()
    seen = set()
    for script in ("checked = true", "checked = false", "hidden = true"):
        switch.evaluate(f"input => input.{script}")
        seen.add(page.screenshot(clip=place))
    assert len(seen) == 3


FILLED = "all => all.filter(each => getComputedStyle(each).backgroundColor !== 'rgb(255, 255, 255)').length"


EMPTY: tuple[dict[str, object] | None, ...] = (
    None,
    {},
    {"failing_since": utc_now(), "last_error": f"Greenhouse has no job board “{LONG}”."},
    {"last_synced_at": utc_now(), "paused_at": utc_now()},
)
"""Connections of a list without jobs: none, one whose first import runs, one that fails, and a paused one."""


def test_an_empty_list_is_as_usable_whatever_it_waits_for(
    app: Flask, open_as: Callable[..., Page], cast: Cast
) -> None:
    known = {"public_key": "k", "board_token": "n", "board_name": LONG, "api_key_ciphertext": b""}
    known |= {"organisation_id": cast.northwind.id, "api_key_last_four": "0001"}
    page = everywhere(open_as, cast)
    found = []
    for columns in EMPTY:
        if columns is not None:
            with app.app_context(), write() as session:
                session.execute(delete(Connection))
                session.add(Connection(**(known | columns)))
        page.goto(MANAGE)
        found += look(page, f"an empty list with {columns}", "main")
        assert page.locator(":is(.acts, .empty) .btn-main").evaluate_all(FILLED) == 1, columns
    assert not found, "\n".join(found)


def everywhere(open_as: Callable[..., Page], cast: Cast) -> Page:
    """A page of Northwind's admin that axe, which writes inline styles, may look at."""
    return open_as(
        cast.mara,
        "/help/greenhouse",
        reduced_motion="reduce",
        viewport={"width": 1280, "height": 800},
        bypass_csp=True,
    )


def look(page: Page, where: str, within: str = "") -> list[str]:
    """What is wrong with a page or a part as it stands, light and dark, and with the page at each width."""
    page.evaluate(LEAVE_FEW_ALIKE)
    answers = light_and_dark(page, within)
    violations = [fault for answer in answers for fault in (*answer["violations"], *undecided(page, answer))]
    found = [f"{where}: {fault['id']}: {node['html']}" for fault in violations for node in fault["nodes"]]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{where}: {wide} wide in a window of {width}")
    return found


def undecided(page: Page, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Texts of tables whose contrast axe cannot decide on, as it cannot where anything lies over them.

    Nor can it where the lines of a text that floats over the table lie over different rows.
    """
    nodes = [n for fault in answer["incomplete"] if fault["id"] == "color-contrast" for n in fault["nodes"]]
    if not nodes:
        return []
    is_in_table = """all => all.map(where => document.querySelector(where.at(-1)))
        .map(each => !!each?.closest('table') && !each.closest('.editor-says'))"""
    in_tables = page.evaluate(is_in_table, [node["target"] for node in nodes])
    return [
        {
            "id": "contrast not decidable",
            "nodes": [n for n, inside in zip(nodes, in_tables, strict=True) if inside],
        }
    ]

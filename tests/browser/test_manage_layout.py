"""Manage jobs on pages of every width: nothing is cut, nothing covers what it must not."""

import re
from collections.abc import Callable
from itertools import product

import pytest
from flask import Flask
from playwright.sync_api import FloatRect, Locator, Page, Route, expect
from sqlalchemy import delete

from portal.actions.jobs.edit import edit_field
from portal.actions.jobs.saved_views import choose_columns
from portal.db import write
from portal.domain.jobs.columns import COLUMNS
from portal.domain.jobs.salary_text import parse_salary
from portal.domain.jobs.values import salary_columns
from portal.live.publish import announce
from portal.models import Connection, SyncRun
from portal.models.base import utc_now
from portal.store.people import next_revision
from tests.support.app import Cast, MakeJobs
from tests.support.chromium import call_in_module
from tests.support.manage_page import boxes, connect, open_editor, opened
from tests.support.processes import wait_until

pytestmark = pytest.mark.browser

MANAGE = "/orgs/northwind/jobs/manage"
WIDTHS = (320, 360, 768, 1024, 1280, 2560)
MakeJob = Callable[..., int]
OpenAs = Callable[..., Page]
Columns = Callable[..., None]

OVERLAPPING = """all => {
    const headings = all.filter(each => each.checkVisibility());
    return headings.filter((heading, place) => {
        const range = document.createRange();
        range.selectNodeContents(heading);
        const next = headings[place + 1]?.getBoundingClientRect();
        return next && range.getBoundingClientRect().right > next.left;
    }).map(heading => heading.textContent);
}"""
HIDDEN = """element => {
    const box = element.getBoundingClientRect();
    const [right, foot, middle, half] = [box.width - 1, box.height - 1, box.width / 2, box.height / 2];
    const points = [[1, half], [right, half], [middle, 1], [middle, foot], [middle, half]];
    const tops = points.map(([x, y]) => document.elementFromPoint(box.left + x, box.top + y));
    return tops.filter(top => !element.contains(top)).map(top => top?.outerHTML.slice(0, 200));
}"""
NOTE_FOCUS = """() => addEventListener('keyup', ({ key }) => {
    if (key !== 'Tab') return;
    const focused = document.activeElement;
    const box = focused.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const seen = focused === document.body || (top && (focused.contains(top) || top.contains(focused)));
    const isIn = selector => !!focused.closest(selector);
    const name = focused.outerHTML.slice(0, 120);
    window.focuses.push({name, seen: !!seen, panel: isIn('.panel'), row: isIn('tbody tr')});
}, true)"""
"""Note after each Tab what has the focus and whether it can be seen: to ask each time takes twice as long."""
SHOWN = """opacity => new Promise(done => {
    const line = document.querySelector('.asking-line');
    const isSo = () => getComputedStyle(line, '::before').opacity === opacity;
    const look = () => isSo() ? done() : requestAnimationFrame(look);
    look();
})"""
TITLED = """() => [...document.querySelectorAll('.jobs :is(a.title, td > button[name])')].every((shown) =>
    shown.scrollWidth <= shown.clientWidth ||
    shown.closest('td, th').title.startsWith(shown.textContent.trim()))"""
CUT = """all => all.filter((ring) => {
    const [box, cell] = [ring, ring.closest('td')].map(each => each.getBoundingClientRect());
    return box.left + 6 < cell.left || box.right - 6 > cell.right;
}).map(ring => ring.closest('tr').textContent)"""
"""Rings, 12 px wide in the middle of a button of 24, that their cells cut."""
STARTS = """value => {
    const range = document.createRange();
    range.selectNodeContents(value);
    return Math.round(range.getBoundingClientRect().left);
}"""
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


@pytest.fixture
def show_columns(app: Flask, cast: Cast) -> Columns:
    """Choose the columns that Northwind's admin sees."""

    def choose(*names: str) -> None:
        with app.app_context():
            choose_columns(cast.northwind.id, cast.mara.id, names)

    return choose


def sized(page: Page, width: int, path: str = MANAGE, height: int = 800) -> Page:
    """Open the list in a window of a width, or give its window that width."""
    page.set_viewport_size({"width": width, "height": height})
    if not page.url.endswith(path):
        page.goto(path)
    return page


@pytest.mark.parametrize("columns", [None, tuple(COLUMNS)], ids=["usual columns", "all columns"])
def test_each_value_is_one_line_and_what_is_cut_has_the_whole_of_it_in_its_title(
    portal_page: Page,
    job: int,
    make_job: MakeJob,
    show_columns: Columns,
    columns: tuple[str, ...] | None,
) -> None:
    make_job(title="Rigger", visibility="hidden", workplace_type="onsite")
    differs = {"source": "greenhouse", "source_values": {"location": "Berlin"}}
    make_job(title=f"Keeper of lights {'and more ' * 20}", location="Porto; Lisbon; Faro; Vigo", **differs)
    make_job(title="Caulker", **differs)
    if columns:
        show_columns(*columns)
    rows = portal_page.locator(".jobs tbody tr")
    values = portal_page.locator(".jobs td > :is(button[name]:not(.differs), i):visible, .jobs time:visible")
    for width in WIDTHS:
        sized(portal_page, width)
        expect(rows.filter(has_text="Rigger")).to_contain_text("Hidden")
        assert set(values.evaluate_all(f"all => all.map({LINES})")) == {1}, width
        assert portal_page.locator(".jobs .differs").evaluate_all(CUT) == [], width
        wait_until(lambda: portal_page.evaluate(TITLED), "the title")
        if width > 735:
            assert len({round(height / 64) for *_, height in boxes(portal_page, ".jobs tbody tr")}) == 1, (
                width
            )
            assert box(portal_page.locator("thead th.c-title"))["width"] >= 240, width
        assert portal_page.locator(".jobs thead th").evaluate_all(OVERLAPPING) == [], width
        assert portal_page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_is_written_from_right_to_left_begins_where_the_other_values_do(
    portal_page: Page, make_job: MakeJob
) -> None:
    job = make_job(title="Rigger", location="תל אביב", department="Yard")
    make_job(location="Porto")
    portal_page.goto(f"{MANAGE}?job={job}")
    assert len(set(portal_page.locator(".basics dd > button").evaluate_all(f"all => all.map({STARTS})"))) == 1
    portal_page.keyboard.press("Escape")
    portal_page.locator("[popovertarget=filter-location]").click()
    values = portal_page.locator("#filter-location .facet-values bdi")
    expect(values.filter(has_text="תל")).to_be_visible()
    assert len(set(values.evaluate_all(f"all => all.map({STARTS})"))) == 1


def test_what_an_incomplete_job_lacks_is_one_line(portal_page: Page, make_job: MakeJob) -> None:
    make_job(title="Rigger", location="Porto")
    make_job(title="Welder", location="Remote", workplace_type="remote")
    sized(portal_page, 1280, f"{MANAGE}?status=attention")
    rows = portal_page.locator(".jobs tbody tr")
    expect(rows.filter(has_text="+")).to_have_count(2)
    assert {round(row["height"]) for row in map(box, rows.all())} == {36}


def test_so_many_jobs_are_seen_whole_and_the_toolbars_stay_in_sight(
    portal_page: Page, make_jobs: MakeJobs
) -> None:
    make_jobs([{"location": "Porto, Portugal", "workplace_type": "hybrid"}] * 40)
    for width, height, least in ((1280, 800, 16), (1920, 1080, 24), (390, 844, 5)):
        page = sized(portal_page, width, height=height)
        page.evaluate("document.fonts.ready")
        page.evaluate("scrollTo(0, 0)")
        whole = "rows => rows.filter(row => row.getBoundingClientRect().bottom <= innerHeight).length"
        assert page.locator("tbody tr").evaluate_all(whole) >= least, width
        page.locator("tbody tr").last.scroll_into_view_if_needed()
        for stays in ("header.bar", "[type=search]", *(["thead th.c-title", "h1"] if width > 735 else [])):
            expect(page.locator(stays)).to_be_in_viewport(ratio=1)


def test_nothing_stands_above_the_rows_while_syncing_nor_when_it_fails(
    portal_page: Page, app: Flask, cast: Cast, job: int
) -> None:
    connection = connect(app, cast)
    portal_page.set_viewport_size({"width": 1280, "height": 800})
    page = opened(portal_page)
    status = page.locator("#sync-status")
    place = box(status)["y"]
    status.evaluate("status => status.classList.add('just-run')")  # as for a moment after each run
    assert box(status)["y"] == place
    before = boxes(page, ".toolbars, .acts > *, thead th, tbody tr")
    page.get_by_role("button", name="Sync now").click()
    expect(page.locator("#sync-status")).to_have_attribute("data-state", "queued")
    expect(page.locator("#sync-status")).to_contain_text("Synced just now")
    assert boxes(page, ".toolbars, .acts > *, thead th, tbody tr") == before
    with app.app_context():
        with write() as session:
            session.execute(delete(SyncRun))
            session.get_one(Connection, connection).paused_at = utc_now()
            revision = next_revision(cast.northwind.id)
        announce(cast.northwind.id, revision)
    expect(page.locator("#sync-attention-label")).to_be_visible()
    page.locator("#sync-attention-label").click()
    expect(page.locator(".attention-list")).to_contain_text("Syncing is paused")
    assert boxes(page, "tbody tr") == before[-1:]


def test_what_to_do_about_a_note_is_in_reach_at_every_width(
    app: Flask, cast: Cast, portal_page: Page, job: int
) -> None:
    page = opened(portal_page)
    for failing in (False, True):
        if failing:
            connection = connect(app, cast)
            with app.app_context(), write() as session:
                session.get_one(Connection, connection).failing_since = utc_now()
            page.reload()
        for width in (360, 768, 1024, 1280):
            sized(page, width)
            for name in ("signed-out", "list-changed"):
                note = page.locator(f"#{name}")
                note.evaluate("note => note.hidden = false")
                acts = note.locator("a, button").or_(page.locator("#more-actions, #sync-now button"))
                hidden = acts.evaluate_all(f"all => all.map({HIDDEN})")
                assert hidden == [[]] * len(hidden), (width, name, failing)
                note.evaluate("note => note.hidden = true")
            if failing:
                assert page.locator(".attention > summary, #sync-now button").evaluate_all(
                    f"all => all.map({HIDDEN})"
                ) == [[], []]


def test_how_high_rows_are_is_chosen_above_them_and_remembered(portal_page: Page, job: int) -> None:
    row = sized(portal_page, 1280).locator("tbody tr")
    assert box(row)["height"] == 36
    portal_page.get_by_role("button", name="Comfortable rows").click()
    expect(portal_page.get_by_role("button", name="Compact rows")).to_be_visible()
    portal_page.wait_for_load_state()
    expect(portal_page).to_have_url(re.compile(f"{MANAGE}$"))
    assert box(row)["height"] == 44
    portal_page.reload()
    assert box(row)["height"] == 44


def test_a_phone_s_filters_are_a_sheet_that_works_without_a_script(
    open_as: OpenAs, cast: Cast, make_job: MakeJob
) -> None:
    for place in ("Porto", "Porto", "Lisbon"):
        make_job(location=place, workplace_type="hybrid" if place == "Porto" else "remote")
    phone = {"has_touch": True, "is_mobile": True, "viewport": {"width": 390, "height": 844}}
    for script in (False, True):
        page = open_as(cast.mara, MANAGE, java_script_enabled=script, **phone)
        page.get_by_role("button", name="Filters").tap()
        pick = page.locator("#filter-workplace_type label").filter(has_text="Hybrid")
        expect(pick).to_be_in_viewport(ratio=1)
        assert box(pick)["height"] >= 44
        pick.tap()
        show = page.locator("[data-show-list]")
        if script:
            expect(show).to_have_text("Show 2 jobs")
        show.tap()
        expect(pick).to_be_hidden()
        expect(page.locator("tbody tr")).to_have_count(2)
        expect(page).to_have_url(re.compile("workplace_type=hybrid"))


def test_there_is_room_to_search_and_what_opens_over_the_list_stays_in_the_window(
    portal_page: Page, job: int
) -> None:
    sized(portal_page, 1060, f"{MANAGE}?job={job}")
    open_folded_filters(portal_page)
    portal_page.keyboard.press("Escape")
    portal_page.keyboard.press("Escape")
    expect(portal_page.locator("#panel .panel")).to_have_count(0)
    for width in WIDTHS:
        portal_page.set_viewport_size({"width": width, "height": 800})
        assert_room_to_search(portal_page, width)
        if width == 768:
            open_folded_filters(portal_page)
            portal_page.keyboard.press("Escape")
        for menu in MENUS.get(width, ()):
            summary = portal_page.locator(f"{menu} summary")
            summary.click()
            open_menu = box(portal_page.locator(f"{menu} .menu"))
            assert open_menu["x"] >= 0, (width, menu)
            assert open_menu["x"] + open_menu["width"] <= width, menu
            assert portal_page.evaluate("document.documentElement.scrollWidth") == width, menu
            summary.click()


MENUS = {320: ["#keep-views"], 768: ["#keep-views", "#choose-columns"], 1280: ["#choose-columns"]}
"""The menus over the list, and at which widths each is looked at."""


def assert_room_to_search(page: Page, width: int) -> None:
    assert box(page.get_by_role("searchbox"))["width"] >= (150 if width < 400 else 240), width


def open_folded_filters(page: Page) -> None:
    """Open them, and see that each can be reached."""
    page.get_by_role("button", name="Filters").click()
    for name in ("department", "source"):
        pick = page.locator(f"#filter-{name}, [popovertarget=filter-{name}]").locator("visible=true")
        expect(pick).to_be_in_viewport(ratio=1)
        assert pick.evaluate(HIDDEN) == [], name


def test_without_a_script_there_is_room_to_search_and_nothing_covers_the_foot_of_the_list(
    open_as: OpenAs, cast: Cast, make_jobs: MakeJobs
) -> None:
    make_jobs([{}] * 12)
    page = open_as(cast.mara, MANAGE, java_script_enabled=False, viewport={"width": 320, "height": 600})
    bar = box(page.locator("#bulk"))
    assert bar["y"] > box(page.locator("tbody tr").last)["y"]
    page.set_viewport_size({"width": 1280, "height": 600})
    changed = page.locator('tbody [data-field="changed_at"]').first
    assert changed.evaluate("cell => cell.scrollWidth <= cell.clientWidth")
    assert changed.evaluate(LINES) == 1
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert_room_to_search(page, width)


def test_the_title_has_what_few_columns_leave_and_stays_beside_all_of_them(
    portal_page: Page, job: int, show_columns: Columns
) -> None:
    show_columns("department", "salary")
    sized(portal_page, 1280)
    assert box(portal_page.locator("th.c-select"))["width"] < 50
    assert box(portal_page.locator("th.c-title"))["width"] > 800
    show_columns(*COLUMNS)
    portal_page.reload()
    name, table = portal_page.locator("tbody th"), portal_page.locator("#list")
    before = box(name)
    table.evaluate("list => list.scrollTo(500, 0)")
    assert table.evaluate("list => list.scrollLeft") == 500
    assert box(name) == before
    assert portal_page.locator("tbody a.title").evaluate(HIDDEN) == []
    sized(portal_page, 2560)
    assert table.evaluate("list => list.scrollWidth - list.clientWidth") == 0, "every column is seen at once"


def test_a_salary_can_be_read_whole_while_it_is_edited_or_typed_and_nothing_moves(
    portal_page: Page, make_job: MakeJob, show_columns: Columns
) -> None:
    texts = {make_job(**salary_columns(parse_salary(text))): text for text in SALARIES}
    for columns in ("usual", "all"):
        if columns == "all":
            show_columns(*COLUMNS)
        portal_page.goto(MANAGE)
        for width in (768, 1024, 1280):
            portal_page.set_viewport_size({"width": width, "height": 800})
            before = places(portal_page)
            for job, text in texts.items():
                editor = open_editor(portal_page, job, "salary")
                assert places(portal_page) == before, (columns, width, text)
                expect(editor).to_have_value(text)
                assert editor.evaluate(IS_WHOLE), (columns, width, text)
                portal_page.keyboard.press("Escape")
        editor = open_editor(portal_page, job, "salary")
        portal_page.keyboard.press("Control+a")
        portal_page.keyboard.type("from 1,250,000 to 1,500,000 JPY per month")
        assert editor.evaluate(IS_WHOLE), columns


SALARIES = ("85k – 110k EUR", "1,234,560 – 1,456,780 JPY per month")
"""A short one and a long one."""
IS_WHOLE = "input => input.scrollWidth <= input.clientWidth"


def places(page: Page) -> object:
    """How high the cells are and how large, and how far the table could be scrolled."""
    cells = [box[1:] for box in boxes(page, ".jobs td")]
    return cells, page.locator("#list").evaluate("list => list.scrollWidth")


def test_a_hint_and_an_answer_are_read_whole_wherever_their_cell_is(
    portal_page: Page, make_jobs: MakeJobs, show_columns: Columns
) -> None:
    jobs = make_jobs({"title": f"Welder {number}", "location": "Porto"} for number in range(9))
    answers = {"salary": "90k", "tags": ", ".join(map(str, range(21)))}
    page, few = portal_page, ("department", "salary", "featured")
    for columns in (few, tuple(COLUMNS)):
        show_columns(*columns)
        page.goto(f"{MANAGE}?sort=title")
        for width in (768, 1280):
            page.set_viewport_size({"width": width, "height": 560})
            if columns == few:
                assert_hint_is_whole(page, jobs)
            # the last, and one at the window's foot
            for job, field in product((jobs[-1], jobs[3]), sorted(answers.keys() & columns)):
                editor = open_editor(page, job, field)
                editor.fill(answers[field])
                editor.press("Enter")
                error = page.locator(".error:not([hidden])")
                expect(error).to_be_in_viewport(ratio=1)
                assert error.evaluate(HIDDEN) == [], (columns, width, field)
                expect(editor).to_be_in_viewport(ratio=1)
                editor.press("Escape")


def assert_hint_is_whole(page: Page, jobs: list[int]) -> None:
    """No edge of the list cuts what stands under an editor, at its right and left end."""
    before = page.locator("#list").bounding_box()
    open_editor(page, jobs[-1], "featured")
    hint = page.locator(".editor-says")
    expect(hint).to_be_in_viewport(ratio=1)
    assert hint.evaluate(HIDDEN) == []
    after = page.locator("#list").bounding_box()
    assert before
    assert after
    assert (after["width"], after["height"]) == (before["width"], before["height"])
    page.keyboard.press("Escape")
    open_editor(page, jobs[3], "title")
    assert hint.evaluate(HIDDEN) == []
    page.keyboard.press("Escape")


def test_on_a_phone_no_salary_is_cut_an_editor_stands_where_its_value_stood_and_is_a_finger_s(
    app: Flask, open_as: OpenAs, cast: Cast, make_job: MakeJob
) -> None:
    job = make_job(location="Porto", **salary_columns(parse_salary("1,450.50 – 1,720.75 EUR per month")))
    with app.app_context():
        edit_field(cast.northwind.id, job, "location", "Lisbon", 0, cast.mara.id)
    page = open_as(cast.mara, MANAGE, has_touch=True, is_mobile=True, viewport={"width": 360, "height": 800})
    field = page.locator('#panel .fields > div:has([data-field="location"])')
    value = field.locator("button[name]")
    cancel = page.get_by_role("button", name="Cancel", exact=True)
    for width in (360, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.locator('tbody button[name="salary"]').evaluate(IS_WHOLE), width
        page.locator("tbody tr").tap()
        before, row = box(value), box(field)
        assert before["height"] >= 44
        value.tap()
        editor, past = box(field.locator("input.editor")), box(field.locator(".past"))
        assert (editor["y"], editor["height"]) == (before["y"], before["height"])
        assert box(field) == row
        assert past["x"] >= editor["x"] + editor["width"] or past["y"] + past["height"] <= editor["y"]
        assert (
            min(box(button)["height"] for button in (page.get_by_role("button", name="Save"), cancel)) >= 44
        )
        assert field.locator("input.editor").evaluate("input => getComputedStyle(input).fontSize") == "16px"
        expect(page.get_by_text("Enter saves")).to_be_hidden()
        cancel.tap()
        expect(value).to_be_visible()
        page.locator("#panel").get_by_role("link", name="Close", exact=True).tap()
        expect(page.locator("#panel .panel")).to_have_count(0)


def test_a_slow_list_says_that_it_is_being_asked_for(portal_page: Page, job: int) -> None:
    page = portal_page
    page.goto(MANAGE)
    line = "getComputedStyle(document.querySelector('.asking-line'), '::before')"
    held: list[Route] = []
    page.route("**/manage?q=*", lambda route: held.append(route))
    assert page.evaluate(f"{line}.opacity") == "0"
    for said, motion in (("tech", "no-preference"), ("off", "reduce")):
        page.emulate_media(reduced_motion=motion)
        page.get_by_role("searchbox").fill(said)
        page.evaluate(SHOWN, "1")
        assert page.evaluate(f"{line}.transitionDelay") == "0.3s"  # a quick answer shows nothing
        assert (page.evaluate(f"{line}.animationName") == "none") == (motion == "reduce")
        held.pop().continue_()
        page.evaluate(SHOWN, "0")


def test_the_panel_never_covers_the_focus(
    portal_page: Page, job: int, make_job: MakeJob, show_columns: Columns
) -> None:
    show_columns(*COLUMNS)
    title = portal_page.get_by_role("link", name="Offshore technician")
    panel = portal_page.get_by_role("region", name="Offshore technician")
    sized(portal_page, 320).evaluate(NOTE_FOCUS)
    for width in (320, 1024, 1280):
        sized(portal_page, width)
        title.click()
        expect(panel).to_be_focused()
        portal_page.evaluate("window.focuses = []")
        for _ in range(75):
            portal_page.keyboard.press("Tab")
        seen = portal_page.evaluate("window.focuses")
        assert len(seen) == 75
        assert [focus["name"] for focus in seen if not focus["seen"]] == [], width
        assert any(focus["panel"] for focus in seen), width
        assert any(focus["row"] for focus in seen) == (width >= 1024), width
        panel.get_by_role("link", name="Close", exact=True).click()
        expect(panel).to_have_count(0)
        expect(title).to_be_focused()


def test_the_panel_breaks_no_address_that_fits_a_line_and_covers_neither_arrow_nor_menu(
    portal_page: Page, app: Flask, cast: Cast, make_job: MakeJob
) -> None:
    connect(app, cast)
    job = make_job(title="Rigger", hiring_manager="mara.kowalska@northwind.example")
    sized(portal_page, 320, f"{MANAGE}?job={job}")
    assert portal_page.locator('.panel [data-field="hiring_manager"] > button').evaluate(LINES) == 1
    portal_page.set_viewport_size({"width": 1280, "height": 800})
    panel = box(portal_page.get_by_role("region", name="Rigger"))
    for name in ("Sync now", "More actions"):
        button = box(portal_page.get_by_role("button", name=name))
        assert button["y"] + button["height"] < panel["y"]
    portal_page.keyboard.press("Escape")
    expect(portal_page.locator("#panel .panel")).to_have_count(0)
    assert_arrow_and_dot_keep_their_shape(portal_page)


def assert_arrow_and_dot_keep_their_shape(page: Page) -> None:
    """Neither is squeezed on a narrow page, and the dot stands beside its words."""
    page.set_viewport_size({"width": 320, "height": 700})
    arrow = box(page.get_by_role("button", name="Sync now"))
    assert arrow["width"] == arrow["height"]
    dot = box(page.locator("#sync-status .dot"))
    words = box(page.locator("#sync-attention summary"))  # no worker takes it up
    assert words["y"] <= dot["y"] <= words["y"] + words["height"]


def test_paper_shows_the_whole_list_and_nothing_to_press(portal_page: Page, job: int) -> None:
    page = sized(portal_page, 718, height=1000)
    page.emulate_media(media="print", color_scheme="dark")
    for nothing in ("#finder", ".acts", ".pages", "tbody [type=checkbox]"):
        expect(page.locator(nothing).first).to_be_hidden()
    expect(page.locator("thead .c-changed_at")).to_be_in_viewport(ratio=1)
    assert box(page.locator("tbody tr").first)["y"] >= box(page.locator("thead tr"))["y"]
    assert page.locator("body").evaluate("body => getComputedStyle(body).color") == "rgb(23, 32, 43)"


def test_toasts_are_beside_the_checkboxes_and_are_closed_or_go_unless_somebody_reads_them(
    portal_page: Page, make_jobs: MakeJobs
) -> None:
    page = portal_page
    jobs = make_jobs([{"location": "Porto"}] * 12)
    page.clock.install()
    page.goto(f"{MANAGE}?job={jobs[3]}")
    call_in_module(page, "messages", "({ toast }) => ['One', 'Two'].forEach((text) => toast(text, true))")
    notes = page.locator(".toast-note")
    for width, panel in (
        (1280, True),
        (1680, True),
        (2560, False),
        (1400, False),
        (800, False),
        (390, False),
    ):
        if not panel:
            page.evaluate("document.querySelector('#panel .panel')?.remove()")
        page.set_viewport_size({"width": width, "height": 800})
        right = max(left + wide for left, _, wide, _ in boxes(page, "td.c-select input")) / 64
        note = box(notes.first)
        assert note["x"] >= right, width
        assert note["x"] + note["width"] <= width
    page.set_viewport_size({"width": 1280, "height": 800})
    page.locator(f'tr[data-job-id="{jobs[0]}"] [data-field="location"] button[name]:not(.differs)').click()
    notes.first.get_by_role("button", name="Close this message").click()
    expect(notes).to_have_text("Two×")
    expect(page.locator("input.editor")).to_be_focused()
    notes.hover()
    page.clock.run_for(40_000)
    expect(notes).to_have_count(1)
    page.mouse.move(1, 1)
    page.clock.run_for(20_000)
    expect(notes).to_have_count(0)

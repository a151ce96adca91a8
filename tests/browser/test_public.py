"""Who looks for a job finds, reads and applies: without script, on a phone, by keys alone."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, Response, expect
from sqlalchemy import select

from portal.actions.public.counting import traffic_of
from portal.db import session
from portal.models import Traffic
from tests.support.accessibility import complaints
from tests.support.alerts import LEA, link, mails
from tests.support.browser_pages import Faults
from tests.support.processes import wait_until
from tests.support.slow_line import line_that_stops

pytestmark = pytest.mark.browser

JOBS = "/orgs/northwind/jobs"
PHONE = {"width": 390, "height": 844}
MOST_BYTES = 40_000
SHIFTS = """within => new Promise(done => {
    const moved = [];
    const isWithin = ({ node }) => !within || !node || document.querySelector(within).contains(node);
    new PerformanceObserver(list => { for (const { sources, value } of list.getEntries())
        if (sources.some(isWithin)) moved.push(value, ...sources.map(({ node }) => node?.outerHTML));
    }).observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => setTimeout(() => done(moved), 100));
})"""
MakeJob = Callable[..., int]


@pytest.fixture
def jobs(make_job: MakeJob) -> int:
    """Three jobs; the last has a long description."""
    make_job(title="Welder", department="Yard", location="Porto", workplace_type="onsite")
    make_job(title="Analyst", department="Data", location="Austin, TX", workplace_type="hybrid")
    return make_job(
        title="Engineer",
        department="Data",
        location="Remote (US)",
        workplace_type="remote",
        apply_url="https://jobs.example.com/apply",
        description_html="<p>Words.</p>" * 80,
    )


def test_without_script_filters_lead_from_the_tab_to_the_application(
    candidate: Callable[..., Page], jobs: int
) -> None:
    page = candidate(JOBS, java_script_enabled=False, viewport=PHONE)
    page.locator("summary", has_text="Location").click()
    page.get_by_role("checkbox", name="United States 2").check()
    page.locator("details[open]").get_by_role("button", name="Show jobs").click()
    expect(page).to_have_url(f"{JOBS}?q=&location=United+States")
    expect(page.get_by_role("status")).to_have_text("2 jobs of 3")
    page.get_by_role("link", name="Remove filter Location: United States").click()
    expect(page.get_by_role("status")).to_have_text("3 open jobs")
    page.get_by_role("searchbox").fill("engin")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Engineer").click()
    apply = page.get_by_role("link", name="Apply for this job")
    expect(apply).to_have_attribute("href", "https://jobs.example.com/apply")
    expect(apply).to_be_in_viewport(ratio=1)
    page.get_by_role("link", name="Analyst").scroll_into_view_if_needed()
    expect(apply).to_be_in_viewport(ratio=1)


def test_by_keys_alone_a_filter_opens_and_escape_gives_the_focus_back(
    candidate: Callable[..., Page], jobs: int
) -> None:
    page = candidate(JOBS)
    summary = page.locator("summary", has_text="Workplace")
    summary.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("checkbox", name="Remote 1")).to_be_hidden()
    expect(summary).to_be_focused()
    summary.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("1 job of 3")


def test_new_jobs_are_followed_by_e_mail_without_script_by_keys_alone_on_a_phone(
    candidate: Callable[..., Page], app: Flask, jobs: int
) -> None:
    page = candidate(f"{JOBS}?department=Data", java_script_enabled=False, viewport=PHONE)
    page.get_by_label("Your e-mail").focus()
    page.keyboard.type(LEA)
    for key in ("Tab", "O", "Tab", "Enter"):  # "Once a week"
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="Look for a mail from us")).to_be_visible()
    with app.app_context():
        token = link(mails()[0], "/alerts/confirm")
    page.goto(f"/alerts/confirm?key={token}")
    expect(page.get_by_text("Department: Data, once a week")).to_be_visible()
    page.get_by_role("button", name="Turn on e-mails").press("Enter")
    expect(page.get_by_text("Your e-mails are on.")).to_be_visible()
    expect(page.get_by_label("How often: Department: Data")).to_have_value("weekly")
    manage = page.url
    with_script = candidate(viewport={"width": 320, "height": 800}, bypass_csp=True, reduced_motion="reduce")
    for path in (
        manage,
        manage.replace("/alerts?", "/alerts/stop?"),
        "/orgs/northwind/alerts/new",
    ):
        with_script.goto(path)
        assert with_script.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert complaints(with_script) == [], path
    page.get_by_role("button", name="Stop: Department: Data").press("Enter")
    expect(page.get_by_role("heading", name="These e-mails are stopped")).to_be_visible()


def test_nothing_is_cut_or_moves_and_axe_finds_nothing_on_a_phone(
    candidate: Callable[..., Page], jobs: int
) -> None:
    """What it finds in a wide window is looked at with every other page."""
    page = candidate(bypass_csp=True, reduced_motion="reduce")
    for path in (JOBS, f"{JOBS}?department=Data&workplace_type=onsite", f"{JOBS}/{jobs}"):
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(path)
            assert page.evaluate(SHIFTS) == [], (path, width)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
        assert complaints(page) == [], path


def test_nothing_moves_on_a_line_that_stops_in_the_middle_of_the_bar_or_of_the_form_for_mails(
    candidate: Callable[..., Page], live_url: str, jobs: int, faults: Faults
) -> None:
    faults.expected = re.compile("ERR_FAILED")
    page = candidate(viewport={"width": 1280, "height": 800})
    page.route("**/seen", lambda route: route.abort())  # the count of its views
    with line_that_stops(live_url, before=b'<a class="btn-soft" rel="nofollow"') as url:
        page.goto(url + JOBS)
        expect(page.get_by_role("link", name="Sign in")).to_be_visible()
        assert page.evaluate(SHIFTS, "header.bar") == []
    with line_that_stops(live_url, before=b'<button class="btn-main">Get e-mails') as url:
        page.goto(url + JOBS)
        expect(page.get_by_role("button", name="Get e-mails")).to_be_visible()
        assert page.evaluate(SHIFTS, ".alert") == []


def test_nor_does_it_for_who_is_signed_in(portal_page: Page, live_url: str) -> None:
    with line_that_stops(live_url, before=b'<summary class="avatar"') as url:
        portal_page.goto(f"{url}/account")
        expect(portal_page.locator(".avatar")).to_be_visible()
        assert portal_page.evaluate(SHIFTS, "header.bar") == []


def test_a_view_and_the_first_click_on_apply_are_counted_by_source(
    app: Flask, candidate: Callable[..., Page], jobs: int
) -> None:
    page = candidate(user_agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0")
    page.route("https://jobs.example.com/**", lambda route: route.fulfill(body="The form"))
    page.goto(f"{JOBS}?gh_src=fair")
    page.get_by_role("link", name="Engineer").click()
    apply = page.get_by_role("link", name="Apply for this job")
    with page.context.expect_page() as opened:
        apply.click(modifiers=["ControlOrMeta"])
    opened.value.close()
    with page.expect_response(re.compile("example.com")):
        apply.click()
    page.goto(f"{JOBS}/{jobs}")

    def counted() -> set[tuple[int, str, int, int]]:
        traffic_of(app).flush()
        with app.app_context():
            rows = session().scalars(select(Traffic)).all()
            return {(row.job_id, row.source, row.views, row.clicks) for row in rows}

    expected = {(0, "fair", 1, 0), (jobs, "fair", 1, 1), (jobs, "direct", 1, 0)}
    wait_until(lambda: counted() == expected, "the counts")


def test_a_first_visit_to_a_job_is_less_than_40_kilobytes(candidate: Callable[..., Page], jobs: int) -> None:
    page = candidate()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"{JOBS}/{jobs}", wait_until="networkidle")
    sizes = {answer.url: sum(answer.request.sizes().values()) for answer in answers}
    assert sum(sizes.values()) < MOST_BYTES, sizes
    assert len(sizes) > 4, sizes


def test_a_page_out_of_the_history_has_the_theme_that_was_chosen_on_the_next_one(
    candidate: Callable[..., Page], jobs: int
) -> None:
    page = candidate(JOBS)
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.evaluate("localStorage.setItem('theme', 'dark')")  # no page hears of what it stores itself
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

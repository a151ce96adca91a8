"""``<org-jobs>`` on a page of another site, whose policy allows the portal's script and answers alone."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR
from threading import Event, Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, request
from playwright.sync_api import Browser, Locator, Page, expect

from portal.web.public import pages
from tests.support.accessibility import WCAG
from tests.support.browser_pages import Faults

pytestmark = pytest.mark.browser

MakeJob = Callable[..., int]
OpenPage = Callable[..., Page]
HUNG_UP = re.compile("ERR_EMPTY_RESPONSE|ERR_CONNECTION")
ELEMENT = '<org-jobs org="northwind"><a href="/elsewhere">Our jobs</a></org-jobs>'


@contextmanager
def careers(policy: str) -> Iterator[Callable[[str], str]]:
    """Serve one page of another site under a policy; call with its body for its address."""
    body = ""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            head = (
                '<!doctype html><html lang="en"><meta charset="utf-8"><title>Careers</title><h1>Careers</h1>'
            )
            content = f"{head}{body}".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Security-Policy", policy)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    def show(content: str) -> str:
        nonlocal body
        body = content
        return f"http://127.0.0.1:{server.server_port}/"

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield show
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def away(app: Flask) -> Event:
    """While it is set, whoever asks the portal's API is hung up on."""
    event = Event()

    def hang_up() -> None:
        if event.is_set() and request.path.startswith("/api/"):
            request.environ["werkzeug.socket"].shutdown(SHUT_RDWR)

    app.before_request_funcs.setdefault(None, []).insert(0, hang_up)
    return event


@pytest.fixture
def embedded(browser: Browser, live_url: str, faults: Faults, away: Event) -> Iterator[OpenPage]:
    """Open a page of another site that names the script, and has the body that is given."""
    contexts = []
    trusted = "require-trusted-types-for 'script'"
    policy = f"default-src 'none'; script-src {live_url}; connect-src {live_url}; {trusted}"
    with careers(policy) as show:

        def open_page(body: str = ELEMENT, query: str = "", **options: Any) -> Page:
            context = browser.new_context(**{"locale": "en-GB"} | options)
            contexts.append(context)
            page = context.new_page()
            faults.watch(context)
            page.goto(show(f'<script src="{live_url}/embed/jobs.js" async></script>{body}') + query)
            return page

        yield open_page
        for context in contexts:
            assert context.cookies() == []
            context.close()


@pytest.fixture
def jobs(make_job: MakeJob) -> None:
    make_job(title="Welder", department="Yard", location="Porto", workplace_type="onsite")
    make_job(title="Analyst", department="Data", location="Austin, TX", workplace_type="hybrid")
    make_job(
        title="<b>Engineer</b>",
        department="Data",
        location="Remote (US)",
        workplace_type="remote",
        employment_type="full_time",
        salary_min=90_000_00,
        salary_max=110_000_00,
        salary_currency="EUR",
        salary_period="year",
    )


MOVE = """() => {
    const element = document.querySelector("org-jobs");
    element.remove();
    document.body.append(element);
    const changed = { department: "Yard", labels: '{"posted": "since {}"}', source: "site" };
    for (const [name, value] of Object.entries(changed)) element.setAttribute(name, value);
}"""


def titles(page: Page | Locator) -> list[str]:
    return page.locator("li a").all_text_contents()


def test_under_a_strict_policy_jobs_are_found_filtered_and_opened_with_their_source(
    embedded: OpenPage, jobs: None, live_url: str
) -> None:
    page = embedded(query="?gh_src=fair")
    status = page.get_by_role("status")
    expect(status).to_have_text("3 jobs")
    assert page.get_by_role("heading", level=3).all_text_contents() == ["Data 2", "Yard 1"]
    row = page.get_by_role("listitem").filter(has_text="Engineer")
    expect(row).to_contain_text("Remote (US) · Full-time · €90,000 – €110,000 per year")
    expect(row).to_contain_text("posted today")
    page.locator("summary", has_text="Location").click()
    page.get_by_role("checkbox", name="United States 2").check()
    expect(status).to_have_text("2 jobs")
    expect(page.get_by_role("checkbox", name="United States 2")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("summary", has_text="United States")).to_be_focused()
    page.get_by_role("searchbox").fill("engin")
    expect(status).to_have_text("1 job")
    assert titles(page) == ["<b>Engineer</b>"]
    page.get_by_role("searchbox").fill("zzz")
    expect(status).to_have_text("No job matches all of this.")
    page.get_by_role("button", name="Clear").click()
    expect(status).to_have_text("3 jobs")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("link", name="Analyst").click()
    expect(page).to_have_url(re.compile(rf"{live_url}/orgs/northwind/jobs/\d+\?gh_src=fair"))


def test_axe_finds_nothing_in_any_state(embedded: OpenPage, jobs: None, faults: Faults) -> None:
    faults.expected = re.compile("404|<org-jobs>")
    page = embedded(
        '<org-jobs org="northwind"></org-jobs><org-jobs org="nowhere" label="More jobs"></org-jobs>'
    )
    expect(page.get_by_role("status").first).to_have_text("3 jobs")
    expect(page.get_by_role("alert")).to_have_text("The jobs cannot be shown at the moment.")
    page.locator("summary", has_text="Workplace").click()
    found = Axe().run(page, options=WCAG).response
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found["violations"]] == []


def test_while_the_portal_is_away_the_last_jobs_stay_marked_and_come_back(
    embedded: OpenPage,
    jobs: None,
    make_job: MakeJob,
    away: Event,
    faults: Faults,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "FOR_EVERYBODY", "public, max-age=0")  # a minute later
    faults.expected = HUNG_UP
    page = embedded()
    expect(page.get_by_role("status")).to_have_text("3 jobs")
    away.set()
    page.get_by_role("searchbox").fill("weld")
    expect(page.get_by_role("alert")).to_contain_text("may be out of date")
    assert len(titles(page)) == 3
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("may be out of date")
    assert len(titles(page)) == 3
    away.clear()
    make_job(title="Driver", department="Yard", location="Porto")
    page.get_by_role("button", name="Try again").press("Enter")
    expect(page.get_by_role("status")).to_have_text("4 jobs")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_without_jobs_to_show_and_without_script_the_link_inside_leads_on(
    embedded: OpenPage, jobs: None, away: Event, faults: Faults
) -> None:
    faults.expected = HUNG_UP
    away.set()
    page = embedded(f'{ELEMENT}<org-jobs org="northwind"></org-jobs>')
    expect(page.get_by_role("alert")).to_have_text(["The jobs cannot be shown at the moment."] * 2)
    expect(page.get_by_role("link", name="Our jobs")).to_be_visible()
    expect(page.get_by_role("link", name="See all open jobs")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_count(0)
    away.clear()
    page.get_by_role("button", name="Try again").first.press("Enter")
    expect(page.get_by_role("status").first).to_have_text("3 jobs")
    expect(page.get_by_role("searchbox").first).to_be_focused()
    plain = embedded(java_script_enabled=False)
    expect(plain.get_by_role("link", name="Our jobs")).to_be_visible()


def test_several_stand_on_one_page_are_moved_and_follow_their_attributes(
    embedded: OpenPage, jobs: None
) -> None:
    page = embedded(
        '<org-jobs org="northwind" department="Data|Nothing" search="none" filters="none"></org-jobs>'
        '<div dir="rtl" lang="de"><org-jobs org="northwind" group="none" limit="2"></org-jobs></div>'
    )
    first, second = page.locator("org-jobs").nth(0), page.locator("org-jobs").nth(1)
    expect(first.get_by_role("status")).to_have_text("2 jobs")
    assert first.locator("form").is_hidden()
    expect(second.get_by_role("status")).to_have_text("3 Stellen")
    expect(second).to_contain_text("veröffentlicht heute")
    assert second.locator("a").first.bounding_box()["x"] > 500  # type: ignore[index] # it begins at the right
    assert len(titles(second)) == 2
    second.get_by_role("button", name="Mehr Stellen zeigen").click()
    expect(second.locator("li a")).to_have_count(3)
    expect(second.locator("li a").nth(2)).to_be_focused()
    page.evaluate(MOVE)
    moved = page.locator("org-jobs").nth(1)
    expect(moved.get_by_role("status")).to_have_text("1 job")
    expect(moved).to_contain_text("since today")
    expect(moved.get_by_role("link", name="Welder")).to_have_attribute("href", re.compile(r"gh_src=site"))


def test_the_page_that_explains_it_shows_it(open_as: OpenPage, cast: Any, jobs: None) -> None:
    page = open_as(cast.mara, "/orgs/northwind/embed?department=Data")
    expect(page.locator("org-jobs").get_by_role("status")).to_have_text("2 jobs")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

"""The main ways through Manage jobs in Safari's engine.

By hand, before a release: ``apt-get install webkit2gtk-driver xvfb``, then ``-m nightly`` and this file. What
only Safari on a Mac does, a click that gives a button no focus, ``test_manage_editing.py`` plays in Chromium.
"""

from collections.abc import Callable, Iterator

import pytest

from portal.models import User
from tests.support.app import Cast, MakeJob
from tests.support.manage_page import MANAGE
from tests.support.webkit import ENTER, ESCAPE, TAB, WebKit, browser_path, running_webkit

BROWSER = browser_path()
pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(BROWSER is None, reason="WebKitWebDriver or Xvfb is not installed"),
]

Open = Callable[[User, str], WebKit]


@pytest.fixture
def webkit() -> Iterator[WebKit]:
    assert BROWSER
    with running_webkit(BROWSER) as browser:
        yield browser


@pytest.fixture
def opened(session_cookie: Callable[[User], str], live_url: str, webkit: WebKit) -> Iterator[Open]:
    """Open a page as somebody; at the end no script of it may have failed."""

    def open_as(user: User, path: str) -> WebKit:
        webkit.open(f"{live_url}/login")
        webkit("cookie", cookie={"name": "session", "value": session_cookie(user), "httpOnly": True})
        webkit.open(live_url + path)
        return webkit

    yield open_as
    assert webkit.script("return window.faults") == []


def cell(job: int, field: str) -> str:
    return f'tr[data-job-id="{job}"] [data-field="{field}"]'


def shows(job: int, field: str, text: str) -> str:
    shown = f"document.querySelector('{cell(job, field)} button[name]')?.textContent.trim()"
    return f"{shown} === {text!r}"


def test_texts_and_choices_are_edited_by_a_click_and_keys(
    cast: Cast, opened: Open, make_job: MakeJob
) -> None:
    job = make_job(title="Welder", location="Porto")
    page = opened(cast.mara, MANAGE)
    page.click(f"{cell(job, 'location')} button[name]")
    page.until("document.activeElement.matches('.editor[name=value]')")
    page.press(f"Faro{ENTER}")
    page.until(shows(job, "location", "Faro"))
    page.click(f"{cell(job, 'workplace_type')} button[name]")
    page.until("document.activeElement.matches('select.editor')")
    page.press(f"R{ENTER}")
    page.until(shows(job, "workplace_type", "Remote"))
    page.click(f"{cell(job, 'department')} button[name]")
    page.until("document.activeElement.matches('.editor[name=value]')")
    page.press(f"Docks{TAB}")
    page.until(shows(job, "department", "Docks"))
    page.press(ESCAPE)


def test_filters_boxes_and_the_panel_go_on_from_where_they_were_clicked(
    cast: Cast, opened: Open, make_job: MakeJob
) -> None:
    porto, faro = (make_job(title=f"Welder in {place}", location=place) for place in ("Porto", "Faro"))
    page = opened(cast.mara, MANAGE)
    page.click("[popovertarget=filter-location]")
    page.until("document.activeElement.closest('#filter-location')")
    page.click("#filter-location input[value=Faro]")
    page.until("document.querySelectorAll('tr[data-job-id]').length === 1")
    page.press(ESCAPE)
    page.click(f'tr[data-job-id="{faro}"] input[type=checkbox]')
    page.until("document.querySelector('[data-selected]').textContent.includes('1')")
    page.open(page.script("return location.origin") + f"{MANAGE}?job={porto}")
    shown = '#panel [data-field="visibility"] button[name]'
    page.click(shown)
    page.until("document.activeElement.matches('#panel select.editor')")
    page.press(f"H{ENTER}")
    page.until(f"document.querySelector('{shown}')?.textContent.trim() === 'Hidden'")


def test_what_another_admin_saves_swaps_in(
    cast: Cast, opened: Open, make_job: MakeJob, edit: Callable[[int, str, str], None]
) -> None:
    job = make_job(title="Welder", location="Porto")
    page = opened(cast.mara, MANAGE)
    edit(job, "location", "Lagos")
    page.until(shows(job, "location", "Lagos"))

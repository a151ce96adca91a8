"""``make run`` with the real portal in it: what a newcomer does there, and that it stays alive.

One run serves both tests, in this order: the second ends it.
"""

import os
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from uuid import uuid4

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from dev.demo.organisation import ADMIN_EMAIL, BOARD_TOKEN, DEMO_API_KEY
from tests.support.processes import PATIENCE, is_alive, lines_until, started, wait_until
from tests.support.stack import RUNNING, Printed, Run, free_port

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]  # two would race for the board's port
PROGRAMS = {
    "dev.stack --parent": 1,
    "valkey-server": 1,
    "dev.demo": 1,
    "worker.py": 1,
    "-m portal.worker ": 3,  # two for syncs, one for slow boards and chores
    "portal.worker.tick": 1,
    "portal.worker.mail": 1,
    "portal.worker.outgoing": 1,
    "wsgi:app": 3,  # the server and its two workers
}
"""What runs, by a piece of its command line, in how many processes."""
STARTED_BY = [  # the stack, and worker.py
    ["valkey-server", "dev.demo", "worker.py", "wsgi:app"],
    ["-m portal.worker ", "portal.worker.tick", "portal.worker.mail", "portal.worker.outgoing"],
]
MAKE = """
import os, sys
os.execvp("make", ["make", "--no-print-directory", "--assume-old=install", f"VENV={sys.prefix}", "run"])
"""


@pytest.fixture(scope="module")
def make_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The whole portal, as a newcomer starts it."""
    environ = {
        "INSTANCE_DIR": str(tmp_path_factory.mktemp("run") / "instance"),
        "PORT": str(free_port()),
        "MARK": uuid4().hex,
        **dict.fromkeys(("PUBLIC_URL", "REDIS_URL", "DATABASE_URL"), ""),
    }
    with started("-c", MAKE, **environ) as process:
        run = Run(process, environ["MARK"], tuple(lines_until(process, RUNNING)))
        numbers = PROGRAMS.items()
        wait_until(lambda: all(len(run.pids(name)) == number for name, number in numbers), "all programs")
        yield run


def sign_in(page: Page, printed: Printed) -> None:
    page.goto(printed.portal)
    page.get_by_label("E-mail").fill(ADMIN_EMAIL)
    page.get_by_label("Password", exact=True).fill(printed.password)
    page.get_by_label("Password", exact=True).press("Enter")
    page.get_by_role("link", name="Manage jobs").click()
    expect(page.get_by_role("heading", name="Manage jobs")).to_be_visible()


def connect(page: Page) -> None:
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Connect Greenhouse").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Job Board API key").fill(DEMO_API_KEY)
    dialog.get_by_label("Board token").fill(BOARD_TOKEN)
    dialog.get_by_role("button", name="Connect Greenhouse").click()


def test_the_whole_way_from_sign_in_to_a_change_that_swaps_in(
    page: Page, make_run: Run, browser: Browser
) -> None:
    printed = make_run.printed
    sign_in(page, printed)
    connect(page)
    rows = page.locator("tr[data-job-id]")
    expect(rows).to_have_count(41)
    expect(page.locator("#sync-status")).to_contain_text("Synced")

    row = rows.first
    job_id = row.get_attribute("data-job-id")
    title = row.locator("a").first.inner_text()
    place = page.locator(f'tr[data-job-id="{job_id}"] td[data-field="location"]')
    place.get_by_role("button").click()
    place.locator("[name=value]").fill("Faro")
    place.locator("[name=value]").press("Enter")
    expect(place.locator("button[name]:not(.differs)")).to_have_text("Faro")

    board = browser.new_page()
    board.goto(printed.board)
    board.get_by_role("link", name=title, exact=True).first.click()
    board.get_by_label("Title").fill("Keeper of the masts")
    board.get_by_role("button", name="Save").first.click()
    expect(board.get_by_text("Saved")).to_be_visible()
    board.close()

    page.get_by_role("button", name="Sync now").click()
    changed = page.locator(f'tr[data-job-id="{job_id}"]')
    expect(changed).to_contain_text("Keeper of the masts")
    expect(place.locator("button[name]:not(.differs)")).to_have_text("Faro")
    expect(page.locator("#sync-status")).to_contain_text("1 updated")
    expect(page.locator("#announcements")).to_contain_text("1 updated")

    page.goto(f"{printed.portal}/orgs/northwind/jobs/{job_id}")
    expect(page.get_by_role("heading", name="Keeper of the masts")).to_be_visible()


def test_it_serves_the_portal_brings_back_what_is_killed_and_ends_with_make(make_run: Run) -> None:
    for path in ("/healthz", "/login"):
        with urllib.request.urlopen(make_run.printed.portal + path, timeout=PATIENCE) as answer:
            assert answer.status == 200
    for programs in STARTED_BY:
        killed = [make_run.pid(program) for program in programs]
        gone = {*killed, *(child for pid in killed for child in children_of(pid))}
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        wait_until(
            lambda gone=gone: not any(map(is_alive, gone)), f"the end of what {programs} were and had started"
        )
        for name, number in PROGRAMS.items():
            wait_until(
                lambda name=name, number=number, gone=gone: len(make_run.pids(name) - gone) == number,
                f"{name} to come back",
            )
    os.kill(make_run.pid("make "), signal.SIGKILL)  # which asks it to stop, as a signal would
    make_run.leaves_nothing()


def children_of(parent: int) -> list[int]:
    """The processes that a process has started and that still run."""
    with suppress(psutil.NoSuchProcess):
        return [child.pid for child in psutil.Process(parent).children()]
    return []

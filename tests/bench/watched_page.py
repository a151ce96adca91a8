"""Manage jobs in a real browser, and the moment at which each edit stands in its DOM."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from tests.bench.stored_jobs import Headers
from tests.support.chromium import chromium

LISTEN = """() => {
  window.shownAt = {};
  const look = (records) => {
    const now = Date.now();
    for (const { target } of records)
      for (const [, turn] of target.textContent.matchAll(/Town (\\d+)/g)) window.shownAt[turn] ??= now;
  };
  new MutationObserver(look).observe(document.querySelector("#list"), { childList: true, subtree: true });
}"""


class WatchedPage:
    """The page. It notes by itself what it shows, so that nothing is asked of it meanwhile."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.evaluate(LISTEN)

    def moments(self, last: int) -> dict[int, float]:
        """Return when each edit was shown, by its number, once ``last`` is."""
        self._page.wait_for_function("(last) => window.shownAt[last]", arg=last)
        shown = self._page.evaluate("window.shownAt")
        return {int(turn): milliseconds / 1000 for turn, milliseconds in shown.items()}


@contextmanager
def watched_page(port: int, headers: Headers, rows: int) -> Iterator[WatchedPage]:
    """Manage jobs with so many rows, open and listening until the block ends."""
    address = f"http://127.0.0.1:{port}"
    name, _, value = headers["Cookie"].partition("=")
    with chromium() as browser, browser.new_context(base_url=address) as context:
        context.add_cookies([{"name": name, "value": value, "url": address}])
        page = context.new_page()
        with page.expect_response("**/events?*"):
            page.goto(f"/orgs/bench/jobs/manage?per_page={rows}")
        yield WatchedPage(page)

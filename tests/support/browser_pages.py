"""Opening pages in the browser, and what they must not do."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebError, expect

from tests.support.shared_browser import SharedContexts, can_share

PATIENCE_MS = 60_000
"""How long a busy machine may keep a page waiting; only what never happens takes as long."""
REFUSED = re.compile(r"(status of|Status Error Code) (403|409|422)")
"""A browser logs each answer of these kinds: a refused value is no fault of the page."""


class Faults:
    """What a page did that it must not."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.expected = REFUSED

    def watch(self, context: BrowserContext) -> None:
        """Note script errors and what the console is told, breaches of the CSP among it, on all its pages."""
        context.on("weberror", self._note)
        context.on("console", self._hear)

    def leave(self, context: BrowserContext) -> None:
        """Note nothing more: another test goes on with the context."""
        context.remove_listener("weberror", self._note)
        context.remove_listener("console", self._hear)

    def _note(self, failed: WebError) -> None:
        self.seen.append(str(failed.error))

    def _hear(self, message: ConsoleMessage) -> None:
        is_fault = message.type in ("error", "warning") and not self.expected.search(message.text)
        if is_fault and not _found_no_place(message):
            self.seen.append(message.text)


def _found_no_place(message: ConsoleMessage) -> bool:
    """Whether there was no place for a stream, as where a test loads one page after the other.

    The server of these tests sees that a page went when it next writes to it, seconds later.
    """
    return "503" in message.text and "/events" in message.location["url"]


@contextmanager
def opening_pages(
    browser: Browser, base_url: str, faults: Faults, shared: SharedContexts | None = None
) -> Iterator[Callable[..., Page]]:
    """Open pages, each in a browser of its own that has a session cookie or none, and close them all.

    ``options`` are the browser context's; where they allow it, one that is ``shared`` does.
    """
    with ExitStack() as contexts:
        if shared:
            contexts.callback(shared.clear)

        def open_page(path: str = "", session: str | None = None, **options: Any) -> Page:
            if shared and can_share(options):
                page = shared.open_tab(options)
            else:
                page = contexts.enter_context(browser.new_context(base_url=base_url, **options)).new_page()
            page.context.set_default_timeout(PATIENCE_MS)
            if session is not None:
                page.context.add_cookies([{"name": "session", "value": session, "url": base_url}])
            faults.watch(page.context)
            contexts.callback(faults.leave, page.context)
            if path:
                page.goto(path)
            return page

        yield open_page


def go_back_online(page: Page) -> None:
    """Go back from the browser's own page on a line that is broken, once the line is there again.

    A moment later, as a person does: Chromium keeps what a form held after its page is gone, and nothing
    tells when.
    """
    expect(page).to_have_url(re.compile("^chrome-error:"))
    page.context.set_offline(False)
    page.wait_for_timeout(1_000)
    page.go_back()

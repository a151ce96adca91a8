"""Browser contexts and a server that tests share: each gets fresh tabs and an application of its own.

A tab that another page of the portal opens runs in that page's process, which has fetched and compiled the
portal's scripts before: opening Manage jobs takes half of the processor time that it takes in a new context.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Condition, Thread
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Error, Page
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

OF_TAB = {"viewport", "reduced_motion", "forced_colors"}
"""The options of a browser context that can be set for a single tab."""
OF_CONTEXT = {"bypass_csp"}
"""The options of contexts that several tests use, one after the other."""
PARKED = "/healthz"
"""An empty page, with the headers by which a browser lets two pages share a process."""

PATIENCE_SECONDS = 10.0
"""How long an answer may take that is on its way when its test ends."""

EMPTIED = (
    "() => { localStorage.clear(); return {hasOwnClock: String(setTimeout).includes('[native code]')}; }"
)


def can_share(options: dict[str, Any]) -> bool:
    """Whether a shared context does for somebody who wants these options."""
    return options.keys() <= OF_TAB | OF_CONTEXT


class SharedServer:
    """One address, so that the browser's cache serves all tests, with the application of the current one."""

    def __init__(self) -> None:
        self.app: Flask | None = None
        self.url = ""
        self._asking = 0
        self._ended = Condition()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        with self._ended:
            self._asking += 1
        try:
            answer = (self.app or ServiceUnavailable())(environ, start_response)
            with closing(ClosingIterator(answer)) as pieces:
                yield from pieces
        finally:
            with self._ended:
                self._asking -= 1
                self._ended.notify_all()

    def withdraw(self) -> None:
        """Take the application away, and wait for who is being answered: they use its database."""
        self.app = None
        with self._ended:
            self._ended.wait_for(lambda: not self._asking, timeout=PATIENCE_SECONDS)

    @contextmanager
    def serving(self) -> Iterator["SharedServer"]:
        """Answer on a free port until the block ends."""
        server = make_server("127.0.0.1", 0, self, threaded=True)
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)  # how soon it sees its end
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        yield self
        server.shutdown()
        server.server_close()
        thread.join()


class SharedContexts:
    """Browser contexts that keep nothing of one test for the next."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser, self._url = browser, url
        self._unused: dict[str, list[Page]] = {}
        self._used: list[tuple[str, Page]] = []

    def open_tab(self, wanted: dict[str, Any]) -> Page:
        """Return an empty tab with these options, of a context that the test has not used yet."""
        options = {name: value for name, value in wanted.items() if name in OF_CONTEXT}
        unused = self._unused.setdefault(repr(options), [])
        if unused:
            parked = unused.pop()
        else:
            parked = self._browser.new_context(base_url=self._url, **options).new_page()
            parked.goto(PARKED)
        self._used.append((repr(options), parked))
        with parked.expect_popup() as opened:
            parked.evaluate("() => void open('about:blank')")
        tab = opened.value
        if "viewport" in wanted:
            tab.set_viewport_size(wanted["viewport"])
        tab.emulate_media(**{name: wanted[name] for name in OF_TAB - {"viewport"} & wanted.keys()})
        return tab

    def clear(self) -> None:
        """Close the tabs of a test and forget what they stored.

        No context is kept whose process is gone, or whose clock a test has set: that is for good.
        """
        for options, parked in self._used:
            try:
                is_as_new = _clear(parked)
            except Error:
                is_as_new = False
            if is_as_new:
                self._unused[options].append(parked)
            else:
                parked.context.close()
        self._used.clear()


def _clear(parked: Page) -> bool:
    """Make a context as it was; ``False`` where that cannot be done."""
    context = parked.context
    for page in context.pages:
        if page is not parked:
            page.close()
    context.clear_cookies()
    context.clear_permissions()
    context.set_offline(False)
    emptied = parked.wait_for_function(EMPTIED, polling=20).json_value()
    return bool(emptied["hasOwnClock"])

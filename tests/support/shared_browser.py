"""Browser contexts and a server that tests share: each gets empty tabs and an application of its own.

A tab that has shown the portal before has a process that compiled its scripts: opening Manage jobs takes a
third of the processor time that it takes in a new context.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Condition, Thread
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Error, Page
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

USUAL_VIEWPORT: Any = {"width": 1280, "height": 720}
USUAL_MEDIA: dict[str, Any] = {
    "media": "null",
    "color_scheme": "light",
    "reduced_motion": "no-preference",
    "forced_colors": "none",
    "contrast": "no-preference",
}
"""What a tab shows that nobody wants otherwise; a test may change it at any time."""
OF_CONTEXT = {"bypass_csp"}
"""The options of contexts that several tests use, one after the other."""
LASTING = ("add_init_script", "expose_binding", "expose_function", "on", "once")
"""What a tab is told for good: no other test gets one that was."""
EMPTY = "/healthz"
"""An empty page of the portal's address."""

PATIENCE_SECONDS = 10.0
"""How long an answer may take that is on its way when its test ends."""

EMPTIED = """() => {
    localStorage.clear();
    sessionStorage.clear();
    return String(setTimeout).includes('[native code]');
}"""


def can_share(options: dict[str, Any]) -> bool:
    """Whether a shared context does for somebody who wants these options."""
    return options.keys() <= {"viewport"} | USUAL_MEDIA.keys() | OF_CONTEXT


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
    """Browser contexts of one tab each, that keep nothing of one test for the next."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser, self._url = browser, url
        self._unused: dict[str, list[Page]] = {}
        self._used: list[tuple[str, Page]] = []
        self._spoiled: set[Page] = set()

    def open_tab(self, wanted: dict[str, Any]) -> Page:
        """Return an empty tab with these options, of a context that the test has not used yet."""
        options = {name: value for name, value in wanted.items() if name in OF_CONTEXT}
        unused = self._unused.setdefault(repr(options), [])
        if unused:
            tab = unused.pop()
        else:
            tab = self._browser.new_context(base_url=self._url, **options).new_page()
            for name in LASTING:
                setattr(tab, name, self._spoiling(tab, getattr(tab, name)))
        self._used.append((repr(options), tab))
        tab.set_viewport_size(wanted.get("viewport", USUAL_VIEWPORT))
        tab.emulate_media(**USUAL_MEDIA | {name: wanted[name] for name in USUAL_MEDIA & wanted.keys()})
        return tab

    def _spoiling(self, tab: Page, method: Callable[..., None]) -> Callable[..., None]:
        def call(*args: Any, **options: Any) -> None:
            self._spoiled.add(tab)
            method(*args, **options)

        return call

    def clear(self) -> None:
        """Empty the tabs of a test, close what else it opened, and forget what they stored.

        No context is kept whose process is gone, whose clock a test has set, or that it changed for good.
        """
        for options, tab in self._used:
            try:
                is_as_new = tab not in self._spoiled and _clear(tab)
            except Error:
                is_as_new = False
            if is_as_new:
                self._unused[options].append(tab)
            else:
                tab.context.close()
                self._spoiled.discard(tab)
        self._used.clear()


def _clear(tab: Page) -> bool:
    """Make a tab and its context as they were; ``False`` where that cannot be done."""
    context = tab.context
    for page in context.pages:
        if page is not tab:
            page.close()
    tab.unroute_all(behavior="ignoreErrors")
    context.set_offline(False)
    context.clear_cookies()
    context.clear_permissions()
    tab.goto(EMPTY)
    has_own_clock: bool = tab.evaluate(EMPTIED)
    session = context.new_cdp_session(tab)
    session.send("Page.resetNavigationHistory")
    session.detach()
    return has_own_clock

"""A real Chromium: the system's, or else Playwright's own; the one without windows where there is one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ONE_THREAD = "--js-flags=--single-threaded"
"""Scripts of small pages are compiled, and their garbage is collected, with less work than on many."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser until the block ends."""
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=installed, args=["--no-sandbox", "--disable-gpu", ONE_THREAD]
        )
        yield browser
        browser.close()


def call_in_module(page: Page, module: str, function: str) -> Any:
    """Call a JavaScript function with the exports of a module that the page runs, and return its result."""
    link = f"link[rel=modulepreload][href$='/js/{module}.js']"
    return page.evaluate(f'async () => ({function})(await import(document.querySelector("{link}").href))')

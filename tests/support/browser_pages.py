"""What a page in the browser must not do, and what ``make run`` prints for whoever opens one."""

import re
from dataclasses import dataclass

from playwright.sync_api import ConsoleMessage, Page

REFUSED = re.compile(r"(status of|Status Error Code) (403|409|422)")
"""A browser logs each answer of these kinds: a refused value is no fault of the page."""


class Faults:
    """What a page did that it must not."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.expected = REFUSED

    def watch(self, page: Page) -> None:
        """Note script errors and what the console is told, breaches of the CSP among it."""
        page.on("pageerror", lambda error: self.seen.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        is_fault = message.type in ("error", "warning") and not self.expected.search(message.text)
        if is_fault and not _found_no_place(message):
            self.seen.append(message.text)


def _found_no_place(message: ConsoleMessage) -> bool:
    """Whether there was no place for a stream, as where a test loads one page after the other.

    The server of these tests sees that a page went when it next writes to it, seconds later.
    """
    return "503" in message.text and "/events" in message.location["url"]


@dataclass(frozen=True)
class Printed:
    """What ``make run`` says."""

    portal: str
    password: str
    board: str

"""Answers that a test holds back: what arrives late or out of order is what a slow line does to a page."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from playwright.sync_api import APIResponse, Page, Request, Route

MANAGE = "/orgs/northwind/jobs/manage"
PATIENCE_MS = 60_000


class Held:
    """Requests whose answers wait, each read by the server when it came; leaving the block sets all free."""

    def __init__(self, page: Page, wanted: Callable[[Request], bool]) -> None:
        self._page, self._wanted = page, wanted
        self._waiting: list[tuple[Route, APIResponse]] = []
        self._holds, self._is_met = True, False

    def __enter__(self) -> Self:
        self._page.route("**/*", self._meet)
        for _ in range(PATIENCE_MS // 20):  # for a moment a page still sends requests past a new route
            self._page.evaluate("fetch('/healthz').then((answer) => answer.text())")
            if self._is_met:
                return self
        raise AssertionError("no request is routed")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._holds = False
        self.release()
        self._page.unroute("**/*", self._meet)

    def _meet(self, route: Route) -> None:
        self._is_met = True
        if self._holds and self._wanted(route.request):
            self._waiting.append((route, route.fetch()))
        else:
            route.fallback()

    def __len__(self) -> int:
        return len(self._waiting)

    def wait(self, number: int = 1) -> None:
        """Return once so many answers wait."""
        for _ in range(PATIENCE_MS // 20):
            if len(self._waiting) >= number:
                return
            self._page.wait_for_timeout(20)
        raise AssertionError(f"{len(self._waiting)} of {number} requests came")

    def release(self) -> None:
        """Hand over what waits, in its order."""
        while self._waiting:
            route, answer = self._waiting.pop(0)
            route.fulfill(response=answer)


def editor_of(field: str) -> Callable[[Request], bool]:
    """The requests for a field's editor."""
    return lambda request: request.method == "GET" and f"/fields/{field}" in request.url


def save_of(field: str) -> Callable[[Request], bool]:
    """The requests that save a field."""
    return lambda request: request.method == "POST" and f"/fields/{field}" in request.url


def undo_of(request: Request) -> bool:
    """The requests that take a change back."""
    return request.method == "POST" and request.url.endswith("/undo")


def read_again(request: Request) -> bool:
    """Whether the page reads its list again by itself."""
    return request.headers.get("hx-target") == "jobs"


def list_asked_for(request: Request) -> bool:
    """Whether somebody asks for another list."""
    return request.headers.get("hx-target") == "list"

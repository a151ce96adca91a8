"""Keeps other sites from posting the page's forms: it listens on localhost, where any page can reach."""

from urllib.parse import urlsplit

from flask import Request

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def is_cross_site(request: Request) -> bool:
    """Whether a browser says that this unsafe request comes from a page other than our own."""
    if request.method not in _UNSAFE:
        return False
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None and fetch_site not in {"same-origin", "none"}:
        return True
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host

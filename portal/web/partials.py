"""Whether an answer is a page of its own or a piece of one."""

from flask import request


def wants_partial() -> bool:
    """Whether htmx asks for a piece to swap in (going back in history asks for the whole page)."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in headers

"""``gh_src`` says where somebody found a job: it stays in every address on the way to the application."""

from typing import Any, Final

from flask import Flask, g, has_request_context, request

SOURCE: Final = "gh_src"
LONGEST_SOURCE: Final = 200
ON_THE_WAY: Final = frozenset({"orgs.show", "jobs.index", "jobs.show"})
"""The pages that lead to an application, and that are led to from each other."""


def init_app(app: Flask) -> None:
    """Let the addresses of these pages that are built on one of them carry the source."""
    app.url_defaults(_carry)


def asked_source() -> str | None:
    """Return the source that the person asking came by."""
    return source_from(request.args.get(SOURCE))


def source_from(value: str | None) -> str | None:
    """Return the source in a query string if it can be one: short, and printable."""
    return value if value and len(value) <= LONGEST_SOURCE and value.isprintable() else None


def _carry(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint in ON_THE_WAY and _is_on_the_way() and values.get("org") == g.org.slug:
        values.setdefault(SOURCE, asked_source())


def _is_on_the_way() -> bool:
    return has_request_context() and request.endpoint in ON_THE_WAY and "org" in g

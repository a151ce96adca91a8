"""Read and bound the tracking parameters of an address (``gh_src``, ``utm_…``), and put them on links."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import quote_plus, unquote_plus, urlencode, urlsplit, urlunsplit

from flask import Flask, g, has_request_context, request

SOURCE: Final = "gh_src"
TRACKED: Final = (
    SOURCE,
    *(f"utm_{name}" for name in ("source", "medium", "campaign", "term", "content", "id")),
)
LONGEST_SOURCE: Final = 200
LONGEST_TRACKING: Final = 12 * LONGEST_SOURCE
"""Characters of all values as they stand in addresses: the longest ``gh_src`` there can be has room."""
ON_THE_WAY: Final = frozenset({"orgs.show", "jobs.index", "jobs.show", "jobs.apply"})
"""The pages that lead to an application, and that are led to from each other."""
_FOUND: Final = "portal.tracking"

Tracking = tuple[tuple[str, str], ...]
"""Names and values, in the order of ``TRACKED``."""


def carry_tracking(app: Flask) -> None:
    """Let the addresses of these pages that are built on one of them carry the parameters."""
    app.url_defaults(_carry)


def asked_tracking() -> Tracking:
    """Return the parameters that the address asked for bears, as far as they are good to be carried."""
    found: Tracking | None = request.environ.get(_FOUND)
    if found is None:
        found = request.environ[_FOUND] = tuple(_read())
    return found


def asked_source() -> str | None:
    """Return the source that the person asking came by."""
    return source_from(request.args.get(SOURCE))


def source_from(value: str | None) -> str | None:
    """Return a value in a query string if it can be a source: short, and printable."""
    return value if value and len(value) <= LONGEST_SOURCE and value.isprintable() else None


@contextmanager
def tracking_is(tracking: Tracking) -> Iterator[None]:
    """Take other parameters for those that were asked for."""
    before = asked_tracking()
    request.environ[_FOUND] = tracking
    try:
        yield
    finally:
        request.environ[_FOUND] = before


def apply_link(apply_url: str | None, tracking: Tracking) -> str | None:
    """Return where to apply, with these parameters in the place of those that are there.

    The rest of the address is not touched; ``None`` stays ``None``.
    """
    if not apply_url or not tracking:
        return apply_url
    parts, names = urlsplit(apply_url), {name for name, _ in tracking}
    others = [piece for piece in parts.query.split("&") if piece and _name(piece) not in names]
    return urlunsplit(parts._replace(query="&".join([*others, urlencode(tracking)])))


def _name(piece: str) -> str:
    return unquote_plus(piece.partition("=")[0])


def _read() -> Iterator[tuple[str, str]]:
    asked, room = request.args.to_dict(), LONGEST_TRACKING
    for name in TRACKED:
        value = source_from(asked.get(name))
        if value and (length := len(quote_plus(value))) <= room:
            room -= length
            yield name, value


def _carry(endpoint: str, values: dict[str, Any]) -> None:
    if carries_tracking(endpoint) and values.get("org") == g.org.slug:
        for name, value in asked_tracking():
            values.setdefault(name, value)


def carries_tracking(endpoint: str) -> bool:
    """Whether addresses of this endpoint depend on what the page being rendered was asked for with."""
    if endpoint not in ON_THE_WAY or not has_request_context() or not asked_tracking():
        return False
    return request.endpoint in ON_THE_WAY and "org" in g

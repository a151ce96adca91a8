"""The way to the application, with the source that somebody came by."""

from urllib.parse import urlencode, urlsplit, urlunsplit

SOURCE = "gh_src"
LONGEST_SOURCE = 200


def source_from(value: str | None) -> str | None:
    """Return the source in a query string if it can be one: short, and printable."""
    return value if value and len(value) <= LONGEST_SOURCE and value.isprintable() else None


def apply_link(apply_url: str | None, source: str | None) -> str | None:
    """Return where to apply, with ``gh_src`` added; ``None`` for a job that takes no applications here."""
    if not apply_url or not source:
        return apply_url
    parts = urlsplit(apply_url)
    query = "&".join(piece for piece in (parts.query, urlencode({SOURCE: source})) if piece)
    return urlunsplit(parts._replace(query=query))

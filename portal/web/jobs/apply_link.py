"""The way to the application, with the source that somebody came by."""

from urllib.parse import unquote_plus, urlencode, urlsplit, urlunsplit

from portal.web.gh_src import SOURCE


def apply_link(apply_url: str | None, source: str | None) -> str | None:
    """Return where to apply, with ``gh_src`` in the place of one that is there; ``None`` stays ``None``.

    The rest of the address is not touched.
    """
    if not apply_url or not source:
        return apply_url
    parts = urlsplit(apply_url)
    others = [piece for piece in parts.query.split("&") if piece and not _is_source(piece)]
    return urlunsplit(parts._replace(query="&".join([*others, urlencode({SOURCE: source})])))


def _is_source(piece: str) -> bool:
    return unquote_plus(piece.partition("=")[0]) == SOURCE

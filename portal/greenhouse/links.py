"""Which links of an answer may be shown."""

import re

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HTTPS_URL = re.compile(
    rf"https://(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?(?::443)?(?:[/?#][^\s\"<>\\^`{{|}}]*)?",
    re.IGNORECASE | re.ASCII,
)
MAX_URL_LENGTH = 2048


def safe_https_url(text: str | None) -> str | None:
    """``text`` without surrounding space if it is an https address of a plain public host, else ``None``.

    No user name, no port but 443, no IP address, nothing invisible, at most 2,048 characters.
    """
    if text is None:
        return None
    url = text.strip()
    if len(url) > MAX_URL_LENGTH or not url.isprintable() or not _HTTPS_URL.fullmatch(url):
        return None
    return url

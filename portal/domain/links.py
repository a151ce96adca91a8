"""Links that may stand on a page of ours."""

import re

_PLAIN = re.compile(
    r"https://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}(?::[0-9]{1,5})?(?:[/?#][!-\[\]-~]*)?",
    re.IGNORECASE,
)


def plain_https(url: str) -> str | None:
    """The address if it is https to a plain host (no user before an ``@``), else ``None``."""
    return url if len(url) <= 2_000 and _PLAIN.fullmatch(url) else None

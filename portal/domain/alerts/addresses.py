"""E-mail addresses that anybody may type into a public form."""

import re
from typing import Final

from portal.domain.people import LONGEST_EMAIL

_ADDRESS: Final = re.compile(
    r"[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f-\x9f]{1,64}@(?:[^\W_](?:[^\W_]|-){0,62}\.){1,8}[^\W_](?:[^\W_]|-){1,62}"
)


def parse_address(typed: str) -> str | None:
    """Return the one address that was typed, in lower case, or ``None``: it goes into a mail's header."""
    address = typed[: 4 * LONGEST_EMAIL].strip().lower()
    return address if len(address) <= LONGEST_EMAIL and _ADDRESS.fullmatch(address) else None

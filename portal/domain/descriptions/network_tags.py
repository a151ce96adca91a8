"""Tags for job networks in descriptions ("#LI-Remote"): instructions to a network, which no reader needs."""

import re
from typing import Final

_TAG: Final = re.compile(
    r"(?:\s|(?<![\w&/\"'=?]))#\s?(?:LI|BI)(?:[-\u2010-\u2015_]|&(?:ndash|mdash|#8209|#x2011);)\s?"
    r"([a-z0-9]+(?:[-\u2010-\u2015_][a-z0-9]+)*)(?![\w-])",
    re.IGNORECASE,
)
_LONGEST: Final = 200_000


def network_tags(content: str) -> list[str]:
    """What follows "#LI-" in a description of any markup, each once: "Hybrid", "DNI", somebody's initials."""
    found = _TAG.findall(content[:_LONGEST]) if "#" in content else ()
    return list(dict.fromkeys(tag.lower() for tag in found))


def without_network_tags(html: str) -> str:
    """HTML without the tags; what held nothing else is left empty."""
    return _TAG.sub("", html) if "#" in html else html

"""What a member may do and how they like their lists, and what names people and organisations."""

import re
from enum import StrEnum
from typing import Final

EMAIL: Final = re.compile(r"[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+")
LONGEST_EMAIL: Final = 254
SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class Role(StrEnum):
    """What a member may do: an admin changes, a member reads."""

    ADMIN = "admin"
    MEMBER = "member"


class Density(StrEnum):
    """How high the rows of a person's lists are."""

    COMPACT = "compact"
    COMFORTABLE = "comfortable"

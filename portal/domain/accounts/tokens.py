"""API tokens: what one looks like, what it may do, and for how long."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Final

PREFIX: Final = "jobs_"
"""What every token begins with, so that people and scanners for leaked secrets know one."""
TOKEN: Final = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
LONGEST_TOKEN_NAME: Final = 80
LIFETIMES: Final = (7, 30, 90, 365)
"""In days."""
USUAL_LIFETIME: Final = 90
LONGEST_LIFETIME: Final = timedelta(days=max(LIFETIMES))
MOST_TOKENS: Final = 50


class Scope(StrEnum):
    """What a token may do; never more than its person may."""

    READ = "read"
    EDIT = "edit"
    SYNC = "sync"

    @property
    def label(self) -> str:
        """The scope as people read it."""
        return {Scope.READ: "Read jobs", Scope.EDIT: "Edit jobs", Scope.SYNC: "Sync"}[self]


FOR_ADMINS: Final = frozenset({Scope.EDIT, Scope.SYNC})
"""What only admins do, with a token too."""


def scopes_in(stored: str) -> frozenset[Scope]:
    """Return the scopes that a column holds; one that a newer version stored gives no right here."""
    return frozenset(Scope(word) for word in stored.split() if word in list(Scope))

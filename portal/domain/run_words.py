"""Sync runs in words that pages and the command line share."""

from typing import Final

NOTHING: Final = "Nothing changed"
PAUSED: Final = "Syncing was paused before it ended."
DISCONNECTED: Final = "Greenhouse was disconnected before it ended."


def outcome(*, updated: int = 0, created: int = 0, reopened: int = 0, closed: int = 0, held: int = 0) -> str:
    """Return what a run brought: "3 updated, 1 new, 1 closed", or "Nothing changed"."""
    counts = (
        (updated, "updated"),
        (created, "new"),
        (reopened, "reopened"),
        (closed, "closed"),
        (held, "held"),
    )
    return ", ".join(f"{number:,} {word}" for number, word in counts if number) or NOTHING

"""Deciding about a whole list: what is decided must be what the person saw."""

Mark = tuple[int, int]
"""What tells one state of a waiting list from another: how many wait, and the id of the latest."""


class ListChanged(Exception):
    """What waits now is not what the person saw; nothing was decided."""


def expect(seen: Mark | None, now: Mark) -> None:
    """Raise ``ListChanged`` where something waits, and it is not what somebody says that they have seen."""
    if seen is not None and now[0] and seen != now:
        raise ListChanged

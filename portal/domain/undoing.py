"""Whether a field still says what an edit made it say."""

from collections.abc import Mapping


def stands(version: int, later: Mapping[int, int | None]) -> bool:
    """Whether every edit after ``version`` was taken back again.

    ``later`` gives each later version the version that it took back, or ``None`` for an edit that
    took none back. Taking back ``n`` leaves the field as ``n - 1`` made it.
    """
    current = max(later, default=version)
    while current > version:
        undone = later[current]
        if undone is None:
            return False
        current = undone - 1
    return current == version

"""Tell the page that asked for a bulk edit how far it is, while its answer waits for all of it."""

from time import monotonic

from portal.live.publish import publish

FIRST_SECONDS = 0.3
EVERY_SECONDS = 0.2


class BulkProgress:
    """What one bulk edit tells, a few times a second at most; a short one tells nothing.

    It is told to the sign-in that asked, whose pages know by ``token`` which of their requests is meant.
    Redis being away must not hold up the transaction: what it did not take once is told no more.
    """

    def __init__(self, organisation_id: int, login_id: int, token: str) -> None:
        self._told: dict[str, int | str] = {"organisation": organisation_id, "login": login_id, "bulk": token}
        self._next = monotonic() + FIRST_SECONDS

    def __call__(self, done: int, total: int) -> None:
        """Tell that so many jobs are written; all of them are committed at once, after the last."""
        if monotonic() < self._next:
            return
        self._next = monotonic() + EVERY_SECONDS
        if not publish({**self._told, "done": done, "total": total}):
            self._next = float("inf")

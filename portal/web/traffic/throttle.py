"""Limit how often one network does something in a minute, in memory."""

from collections import Counter
from threading import Lock
from time import monotonic
from typing import Final

MINUTE: Final = 60.0
MOST_NETWORKS: Final = 10_000


class Throttle:
    """Allows ``most`` a minute and network; no more networks than it remembers."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._asked: Counter[str] = Counter()
        self._until = 0.0
        self._lock = Lock()

    def allows(self, network: str) -> bool:
        """Whether a network may do it once more."""
        with self._lock:
            if monotonic() >= self._until:
                self._asked.clear()
                self._until = monotonic() + MINUTE
            if network not in self._asked and len(self._asked) >= MOST_NETWORKS:
                return False
            self._asked[network] += 1
            return self._asked[network] <= self._most

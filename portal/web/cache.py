"""A thread-safe LRU cache; a key must contain everything its value depends on."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")


class LRUCache(Generic[V]):
    """A few values by what each follows from; the one that was wanted longest ago goes first.

    They weigh no more than ``most`` together, each 1 unless ``weigh`` says otherwise.
    """

    def __init__(self, most: int, weigh: Callable[[V], int] = lambda _: 1) -> None:
        self._most, self._weigh, self._weight = most, weigh, 0
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> V | None:
        """Return what is kept."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def set(self, key: Hashable, value: V) -> None:
        """Remember a value."""
        with self._lock:
            self._weight -= self._weigh(self._values.pop(key)) if key in self._values else 0
            self._values[key] = value
            self._weight += self._weigh(value)
            while self._weight > self._most:
                self._weight -= self._weigh(self._values.popitem(last=False)[1])

    def get_or_make(self, key: Hashable, make: Callable[[], V]) -> V:
        """Return what is kept, or else what is found out, and keep that."""
        value = self.get(key)
        if value is None:
            value = make()
            self.set(key, value)
        return value

"""Which page of a list is asked for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pages:
    """Page ``number`` (from 1) of ``last``, with ``size`` items a page; ``is_open``: there may be more."""

    number: int
    last: int
    size: int
    is_open: bool = False

    @property
    def offset(self) -> int:
        """How many items stand on the pages before."""
        return (self.number - 1) * self.size


def pages_of(asked: str | None, total: int, size: int) -> Pages:
    """Return the page asked for: the first for nonsense, the last for one beyond it."""
    last = max(1, -(-total // size))
    number = int(asked) if asked and asked.isascii() and asked.isdigit() and len(asked) < 10 else 1
    return Pages(min(max(number, 1), last), last, size)

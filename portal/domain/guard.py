"""When closings are too many to be believed: a person decides before anything closes."""

from collections.abc import Set
from dataclasses import dataclass

SMALL_BOARD = 3
LARGE_BOARD = 10


@dataclass(frozen=True, slots=True)
class Closings:
    """Posts that are no longer listed, by what becomes of them now."""

    close: tuple[int, ...]
    hold: tuple[int, ...]


def too_many(closing: int, standing: int) -> bool:
    """Whether closing so many is held: all of three standing jobs or more, or over half of ten or more."""
    if standing >= LARGE_BOARD and closing * 2 > standing:
        return True
    return standing >= SMALL_BOARD and closing == standing


def is_doubted(held: int, came_back: int) -> bool:
    """Whether the rest of a held drop is still not believed: too few of it have been listed again."""
    return (held - came_back) * 2 > held


def guard_closings(
    closed: tuple[int, ...],
    standing: int,
    approved: Set[int] = frozenset(),
    kept: Set[int] = frozenset(),
    doubted: Set[int] = frozenset(),
) -> Closings:
    """Judge a plan's closings; ``standing`` counts the open jobs that the board is answerable for.

    What an admin ``approved`` closes; what an admin decided to have ``kept`` open stays open. The rest
    closes unless it is too many of the jobs that are not decided about, or ``doubted``: held already, in a
    drop that still stands. (Neither new jobs nor decisions on others must let a held closing pass as one of
    few.)
    """
    sure = tuple(post_id for post_id in closed if post_id in approved)
    rest = tuple(post_id for post_id in closed if post_id not in approved and post_id not in kept)
    decided = len(closed) - len(rest)
    if too_many(len(rest), standing - decided):
        return Closings(sure, rest)
    few = tuple(post_id for post_id in rest if post_id not in doubted)
    return Closings(sure + few, tuple(post_id for post_id in rest if post_id in doubted))

"""Carry out what waits: one after the other, and side by side only while something holds the rest up."""

from collections.abc import Callable
from threading import Condition, Thread, get_ident
from time import monotonic

import structlog

BATCH_SECONDS = 1.0  # without anything slow, a work-horse ends after this
SLOW_SECONDS = 0.5
LOOK_SECONDS = 0.25
LONGEST_SECONDS = 300.0  # nothing new begins later than this: a task's time is limited
MOST_LANES = 4

Run = tuple[int, int]

log = structlog.get_logger()


class Lanes:
    """The threads of one work-horse, each with one run at a time.

    A fork costs more than most syncs do, so a lane goes on with the next run for a while. Each is taken
    only when the one before has ended: the rest stays in the queue for every worker. A board that does
    not answer would hold up the rest until its deadline; then another lane is opened, and the lanes go
    on for as long. A fetch only waits, so that the lanes hardly share the processor.
    """

    def __init__(self, carry_out: Callable[[Run], None], take: Callable[[], Run | None]) -> None:
        self._carry_out, self._take = carry_out, take
        self._begun = monotonic()
        self._changed = Condition()
        self._since: dict[int, float] = {}  # when each lane began what it is at
        self._first: Run | None = None
        self._error: Exception | None = None

    def work(self, first: Run) -> None:
        """Carry out a run and those behind it. Raises what the first one raised, once all have ended."""
        self._first = first
        self._open(first)
        while self._at_work():
            if self._may_open() and (following := self._take()) is not None:
                self._open(following)
        if self._error is not None:
            raise self._error

    def _open(self, run: Run) -> None:
        thread = Thread(target=self._drive, args=(run,), daemon=True, name="lane")
        with self._changed:
            thread.start()
            self._since[thread.ident or 0] = monotonic()

    def _at_work(self) -> bool:
        """Wait a moment, or until a lane ends; whether any is left."""
        with self._changed:
            if self._since:
                self._changed.wait(LOOK_SECONDS)
            return bool(self._since)

    def _drive(self, run: Run) -> None:
        following: Run | None = run
        try:
            while following is not None:
                with self._changed:
                    self._since[get_ident()] = monotonic()
                self._try(following)
                following = self._take() if self._goes_on() else None
        finally:
            with self._changed:
                del self._since[get_ident()]
                self._changed.notify()

    def _try(self, run: Run) -> None:
        """Carry out one run. The first is the work-horse's task, whose error RQ logs, unlike the others'."""
        try:
            self._carry_out(run)
        except Exception as error:
            if run == self._first:
                self._error = error
            else:
                log.exception("sync_broke", run_id=run[0], generation=run[1])

    def _may_open(self) -> bool:
        with self._changed:
            room = len(self._since) < MOST_LANES and self._age() < LONGEST_SECONDS
            return room and self._held_up() == len(self._since)

    def _goes_on(self) -> bool:
        """Whether a lane that is done takes another run: the batch is young, or another lane is held up."""
        with self._changed:
            elsewhere = self._held_up(but=get_ident()) > 0
        return self._age() < (LONGEST_SECONDS if elsewhere else BATCH_SECONDS)

    def _held_up(self, but: int | None = None) -> int:
        now = monotonic()
        return sum(now - since > SLOW_SECONDS for lane, since in self._since.items() if lane != but)

    def _age(self) -> float:
        return monotonic() - self._begun

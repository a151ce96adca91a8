"""The lanes of a work-horse: one while all is quick, a few while something holds the rest up."""

from collections import deque
from threading import Event, Lock

import pytest
from structlog.testing import capture_logs

from portal.worker import lanes
from portal.worker.lanes import MOST_LANES, Lanes, Run

PATIENCE = 20.0


class Work:
    """Runs, some of which last until they are let go; how many went on side by side."""

    def __init__(self, *waiting: Run) -> None:
        self.waiting = deque(waiting)
        self.done: list[Run] = []
        self.held: dict[Run, Event] = {}
        self.failing: dict[Run, Exception] = {}
        self.at_once = self.most = 0
        self._lock = Lock()

    def take(self) -> Run | None:
        with self._lock:
            return self.waiting.popleft() if self.waiting else None

    def carry_out(self, run: Run) -> None:
        with self._lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        if run in self.held:
            assert self.held[run].wait(PATIENCE)
        with self._lock:
            self.at_once -= 1
            self.done.append(run)
            over = not self.waiting
        if over:
            self.let_go()
        if run in self.failing:
            raise self.failing[run]

    def let_go(self) -> None:
        for event in self.held.values():
            event.set()


@pytest.fixture(autouse=True)
def _soon_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "SLOW_SECONDS", 0.05)
    monkeypatch.setattr(lanes, "LOOK_SECONDS", 0.02)


def runs(count: int) -> list[Run]:
    return [(number, 0) for number in range(count)]


def test_quick_runs_go_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "SLOW_SECONDS", PATIENCE)
    monkeypatch.setattr(lanes, "BATCH_SECONDS", PATIENCE)
    first, *others = runs(30)
    work = Work(*others)
    Lanes(work.carry_out, work.take).work(first)
    assert (work.done, work.most) == (runs(30), 1)


def test_a_batch_that_is_old_leaves_the_rest_in_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "BATCH_SECONDS", 0.0)
    first, *others = runs(3)
    work = Work(*others)
    Lanes(work.carry_out, work.take).work(first)
    assert (work.done, list(work.waiting)) == ([first], others)


@pytest.mark.parametrize("slow", [1, 2, 3])
def test_what_is_behind_slow_ones_is_carried_out_meanwhile(
    slow: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "BATCH_SECONDS", 0.0)  # the slow ones alone keep it going
    first, *others = runs(10)
    work = Work(*others)
    work.held = {run: Event() for run in runs(slow)}
    Lanes(work.carry_out, work.take).work(first)
    assert set(work.done[: 10 - slow]) == set(runs(10)) - set(work.held)
    assert set(work.done) == set(runs(10))


def test_there_are_only_so_many() -> None:
    first, *others = runs(MOST_LANES + 2)
    work = Work(*others)
    work.held = {run: Event() for run in runs(MOST_LANES + 2)}
    late = lanes.Thread(target=lambda: Event().wait(1) or work.let_go())
    late.start()
    Lanes(work.carry_out, work.take).work(first)
    late.join()
    assert work.most == MOST_LANES


def test_an_error_of_the_task_itself_is_raised_in_the_end_and_anothers_is_logged() -> None:
    first, second, third = runs(3)
    work = Work(second, third)
    work.failing = {first: ValueError("the first"), second: KeyError("the second")}
    with capture_logs() as logged, pytest.raises(ValueError, match="the first"):
        Lanes(work.carry_out, work.take).work(first)
    assert work.done == [first, second, third]
    assert [(each["event"], each["run_id"], each["exc_info"]) for each in logged] == [
        ("sync_broke", second[0], True)
    ]

"""Measure as the kernel accounts: a call in a fork of its own, as RQ runs a task; a server's memory."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from traceback import print_exc

from psutil import Process


@dataclass(frozen=True)
class Cost:
    """CPU and wall clock in milliseconds, peak memory in megabytes."""

    cpu: float
    wall: float
    peak: float


def once(call: Callable[[], object]) -> Cost:
    """Run ``call`` in a fork and return what it cost; raises when it failed."""
    start = perf_counter()
    child = os.fork()
    if child == 0:
        try:
            call()
            os._exit(0)
        except BaseException:
            print_exc()
            os._exit(1)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise RuntimeError("the measured call failed")
    wall = (perf_counter() - start) * 1000
    return Cost((usage.ru_utime + usage.ru_stime) * 1000, wall, usage.ru_maxrss / 1024)


def middle(costs: list[Cost]) -> Cost:
    """Return the medians."""
    return Cost(*(median(getattr(cost, name) for cost in costs) for name in ("cpu", "wall", "peak")))


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that so many of a hundred do not exceed."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def memory_of_children(pid: int) -> float:
    """Return the kilobytes that a server's processes have to themselves."""
    return sum(child.memory_full_info().uss for child in Process(pid).children(recursive=True)) / 1024


def own_memory(pid: int) -> float:
    """Return the megabytes that a server's processes hold now, without the files that they map."""
    processes = Process(pid).children(recursive=True)
    status = [Path(f"/proc/{process.pid}/status").read_text() for process in processes]
    return sum(int(text.partition("RssAnon:")[2].split()[0]) for text in status) / 1024

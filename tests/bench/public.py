"""The Jobs tab and the page of a job, of 100 and 100,000 jobs, for who is not signed in: one process.

Beside each a bare Flask page with the same rows, which reads all that it shows each time. A cold page is one
whose address was never asked for: each names another source. A first page is of a job that nobody asked for
since something changed. A changed page is asked for when the organisation's revision has just grown, so that
nothing that was read before is good. A feed is rendered as a whole before it is sent. Sizes are compared by
pages asked for in a row: in turn with a bare page that reads every row, each of ours would find the
processor's caches emptied, the more the more rows there are.
"""

import sqlite3
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import sleep

from tests.bench.measure import own_memory
from tests.bench.serving import BARE, Client, Server, portal_served, served
from tests.bench.stored_jobs import store
from tests.support.redis_server import running_redis

SIZES = (100, 100_000)
MANY = 10_000
ROUNDS = 200
FEW_ROUNDS = 15  # of pages that read 100,000 rows, or whose floor does
WARM_UP = 5
TAB = "/orgs/bench/jobs"
JOB = 3  # one that is shown
PAGES = {"Jobs tab": (TAB, "/public"), "job page": (f"{TAB}/{JOB}", f"/public/{JOB}")}
BARS = {"warm": 1.2, "cold": 3.0}
FIRST = 3.0
FIRST_JOBS = 60
CHANGES = 5
FEEDS = (".atom", ".json", ".xml")
FEED_SECONDS = 180.0


def bench(size: int) -> dict[str, float]:
    """Print one size's figures, and return our medians."""
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        stored = store(folder, size, stack.enter_context(running_redis(folder / "redis")))
        portal = stack.enter_context(portal_served(stored.environ, processes=1))
        command = [*BARE, "--workers", "1", "tests.bench.bare_pages:app"]
        bare = stack.enter_context(served(command, "/public", {"BARE_DB": str(stored.bare)}))
        ours, floor = Client(portal.port), Client(bare.port)
        print(f"\nPublic pages, {size:,} jobs (medians, each in turn, wall clock of one browser)")
        medians = {}
        for page, (path, plain) in PAGES.items():
            rounds = FEW_ROUNDS if path == TAB and size > MANY else ROUNDS
            for state, bar in BARS.items():
                asks = (f"{path}?gh_src={turn}" if state == "cold" else path for turn in count())
                times = [
                    (ours.ask("GET", next(asks)), floor.ask("GET", plain)) for _ in range(WARM_UP + rounds)
                ][WARM_UP:]
                _tell(f"{page}, {state:<6}", times, f"   (bar: {bar})")
                medians[f"{page}, {state}"] = median(ours.ask("GET", next(asks)) for _ in range(rounds))
        instance = Path(stored.environ["INSTANCE_DIR"])
        _first_pages(ours, floor, size, instance)
        _changed_pages(ours, floor, instance)
        _feeds(portal, size)
        return medians


def _first_pages(ours: Client, floor: Client, size: int, instance: Path) -> None:
    """Print the figures of pages of jobs that nobody asked for since the last change."""
    shown = [number + 1 for number in range(10, size) if number % 10 > 1][:FIRST_JOBS]
    times = []
    for _ in range(CHANGES):
        _change(instance)
        ours.ask("GET", f"{TAB}/{JOB}")  # of all pages of jobs, the first after a change reads the most
        times += [
            (ours.ask("GET", f"{TAB}/{job_id}"), floor.ask("GET", f"/public/{job_id}")) for job_id in shown
        ]
    _tell("job page, first ", times, f"   (bar: {FIRST})")


def _changed_pages(ours: Client, floor: Client, instance: Path) -> None:
    """Print the figures of pages that are asked for right after a change; there is no bar for them."""
    for page, (path, plain) in PAGES.items():
        times = []
        for _ in range(FEW_ROUNDS):
            _change(instance)
            times.append((ours.ask("GET", path), floor.ask("GET", plain)))
        _tell(f"{page}, changed", times)


def _change(instance: Path) -> None:
    """Let the organisation's revision grow."""
    with closing(sqlite3.connect(instance / "portal.db", isolation_level=None)) as database:
        database.execute("UPDATE organisations SET revision = revision + 1")


def _tell(name: str, times: Sequence[tuple[float, float]], bar: str = "") -> None:
    """Print the medians of our times and the floor's, and their ratio."""
    mine, least = median(time for time, _ in times), median(time for _, time in times)
    figures = f"{mine:7.2f} ms, floor {least:7.2f} ms, ratio {mine / least:5.2f}"
    print(f"  {name} {figures}{bar}", flush=True)


def _feeds(portal: Server, size: int) -> None:
    """Print what each feed of all jobs costs a job, and how much memory the server holds more meanwhile."""
    jobs = sum(number % 10 > 1 for number in range(size))
    reader = Client(portal.port, patience=FEED_SECONDS)
    for ending in FEEDS:
        before = most = own_memory(portal.pid)
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(reader.ask, "GET", f"{TAB}{ending}")
            while not asked.done():
                most = max(most, own_memory(portal.pid))
                sleep(0.05)
        taken = asked.result()
        figures = f"{1000 * taken / jobs:7.0f} µs a job, {taken / 1000:6.1f} s"
        print(f"  feed {ending:<5} {figures}, at most {most - before:5.1f} MB more in memory", flush=True)


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Bench every size, and compare the smallest with the largest."""
    medians = {size: bench(size) for size in sizes}
    least, most = min(medians), max(medians)
    for name, mine in medians[most].items():
        print(f"  {name}, {most:,} to {least:,}: {mine / medians[least][name]:.2f}   (bar: 1.5)")


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)

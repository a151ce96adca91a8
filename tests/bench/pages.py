"""Manage jobs of 100, 10,000 and 100,000 jobs, signed in: gunicorn, 2 processes.

Beside it a bare Flask page, and, at one size, the admins that people would take instead.
"""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from tests.bench.peer_pages import beside_peers
from tests.bench.serving import BARE, Client, portal_served, served
from tests.bench.stored_jobs import store
from tests.support.redis_server import running_redis

SIZES = (100, 10_000, 100_000)
SIZE_OF_PEERS = 10_000
MANAGE = "/orgs/bench/jobs/manage"
ROUNDS = 200
WARM_UP = 30
SEARCHES = ("lisbon", "senior", "engineering lead", "r-77", "zzz")

Ask = Callable[[int], float]


def bench(size: int) -> float:
    """Print one size's figures, and return the list's median."""
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        redis_url = stack.enter_context(running_redis(folder / "redis"))
        stored = store(folder, size, redis_url)
        portal = stack.enter_context(portal_served(stored.environ))
        command = [*BARE, "tests.bench.bare_pages:app"]
        bare = stack.enter_context(served(command, "/jobs", {"BARE_DB": str(stored.bare)}))
        ours, floor = Client(portal.port, stored.admins[0]), Client(bare.port)
        print(f"\nManage jobs, {size:,} jobs (medians of {ROUNDS} each in turn, wall clock of one browser)")
        page = _row("list, 50 rows", _list(ours), lambda _: floor.ask("GET", "/jobs"), 2.0)
        bar = 0.5 if size >= 10_000 else None
        _row("search", _searches(ours, MANAGE), _searches(floor, "/jobs"), bar)
        _row("inline edit", _edits(ours, size), _bare_edits(floor, size), 2.5)
        if size == SIZE_OF_PEERS:
            beside_peers(stored.bare, _list(ours), _searches(ours, MANAGE), SEARCHES)
        return page


def _list(client: Client) -> Ask:
    return lambda _: client.ask("GET", f"{MANAGE}?per_page=50")


def _searches(client: Client, path: str) -> Ask:
    """Each search is for another of a few words, some of which find much and some nothing."""

    def search(turn: int) -> float:
        wanted = {"q": SEARCHES[turn % len(SEARCHES)], "per_page": 50}
        return client.ask("GET", f"{path}?{urlencode(wanted)}")

    return search


def _edits(client: Client, size: int) -> Ask:
    """Each edit is of a job of its own, so that its editor is never out of date."""

    def edit(turn: int) -> float:
        job = 1 + turn % size
        return client.ask(
            "POST", f"/orgs/bench/jobs/{job}/fields/location", value=f"Town {turn}", version=str(turn // size)
        )

    return edit


def _bare_edits(client: Client, size: int) -> Ask:
    return lambda turn: client.ask("POST", f"/jobs/{1 + turn % size}", value=f"Town {turn}")


def _row(name: str, ours: Ask, floor: Ask, bar: float | None) -> float:
    """Ask both in turn, print the medians and their ratio, and return ours."""
    times = [(ours(turn), floor(turn)) for turn in range(WARM_UP + ROUNDS)][WARM_UP:]
    mine, bare = median(time for time, _ in times), median(time for _, time in times)
    told = f"  {name:<16} {mine:7.2f} ms, floor {bare:7.2f} ms, ratio {mine / bare:5.2f}"
    print(f"{told}   (bar: {bar})" if bar else told, flush=True)
    return mine


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Bench every size, and compare the smallest list with the largest."""
    medians = {size: bench(size) for size in sizes}
    least, most = min(medians), max(medians)
    print(f"  list at {most:,} to list at {least:,}: {medians[most] / medians[least]:.2f}   (bar: 1.5)")


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)

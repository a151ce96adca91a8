"""From a commit to 200 and to 1,000 open pages, and to what one of them shows: gunicorn, as it comes.

Beside it the same bytes from a Redis channel to as many sockets, and what pages take without and with the
streams. A change counts from the moment that its row bears, which is taken just before the commit.
"""

import resource
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import sleep, time
from typing import Any

from redis import Redis

from tests.bench.fan_out import CHANNEL, fan_out_served
from tests.bench.measure import memory_of_children, percentile
from tests.bench.serving import Client, Server, portal_served
from tests.bench.stored_jobs import Headers, store
from tests.bench.watched_page import watched_page
from tests.bench.watching import Watchers
from tests.support.redis_server import running_redis

JOBS = 1_000
BARS_MS = {200: 100, 1_000: 250}  # how soon the DOM shows a change, by the number of streams
EDITS = 100
WARM_UP = 40
PAGES = 100
PAUSE = 0.05  # seconds between two edits, and between two pages
EDITS_MEANWHILE, PAUSE_MEANWHILE = 15, 1.0  # while pages are asked for: others work, and not without a break
ROWS_SHOWN = 50
FEW, MANY, BAR_KB = 100, 1_100, 10  # streams of one process, and kilobytes of each
MOST_FILES = 4096


class Editor:
    """Another admin's browser, which saves rows that every page shows, one at a time."""

    def __init__(self, client: Client, database: Path) -> None:
        self._client, self._database = client, database

    def save(self, turn: int) -> tuple[int, float]:
        """Make one edit; return the revision it made, and the moment just before it was committed."""
        job, version = 1 + turn % ROWS_SHOWN, str(turn // ROWS_SHOWN)
        path = f"/orgs/bench/jobs/{job}/fields/location"
        self._client.ask("POST", path, value=f"Town {turn}", version=version)
        revision, changed_at = self._read(f"SELECT revision, changed_at FROM jobs WHERE id = {job}")
        return revision, datetime.fromisoformat(changed_at).replace(tzinfo=UTC).timestamp()

    def revision(self) -> int:
        """Return the organisation's revision: where a page that is opened now stands."""
        revision: int = self._read("SELECT revision FROM organisations WHERE id = 1")[0]
        return revision

    def _read(self, query: str) -> tuple[Any, ...]:
        with closing(sqlite3.connect(self._database)) as connection:
            row: tuple[Any, ...] = connection.execute(query).fetchone()
            return row


@dataclass
class Figures:
    """Milliseconds to each stream, to the page's DOM, of the floor, and of pages without and with streams."""

    events: list[float] = field(default_factory=list)
    dom: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    idle: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    told: dict[int, bytes] = field(default_factory=dict)  # each event's bytes, by its revision


@dataclass(frozen=True)
class Bench:
    """What is measured: the portal, its streams, who edits and who reads."""

    server: Server
    streams: Watchers
    editor: Editor
    reader: Client
    redis_url: str


def measure(count: int, edits: int) -> Figures:
    """Open the streams and the page, make the edits, and return what they took."""
    figures = Figures()
    with (
        _served(count) as (bench, watching, looking),
        watched_page(bench.server.port, looking, ROWS_SHOWN) as page,
    ):
        _warm(bench.server, looking)
        figures.idle += [_page(bench.reader) for _ in range(PAGES)]
        _open(bench, watching)
        _edit(Figures(), range(WARM_UP), bench)
        commits = _edit(figures, range(WARM_UP, WARM_UP + edits), bench)
        with _asking(bench.reader, figures.pages):
            last = WARM_UP + edits
            _edit(Figures(), range(last, last + EDITS_MEANWHILE), bench, PAUSE_MEANWHILE)
        shown = page.moments(max(commits))
        figures.dom = [(shown[turn] - moment) * 1000 for turn, moment in commits.items()]
        figures.floor = _floor(bench.redis_url, count, figures.told)
    return figures


def _floor(redis_url: str, count: int, told: dict[int, bytes]) -> list[float]:
    """Send the same bytes to as many sockets, and nothing else; return what that took."""
    took: list[float] = []
    with fan_out_served(redis_url) as port, Watchers(port) as bare, Redis.from_url(redis_url) as redis:
        bare.open([_request({})] * count)
        for revision, event in told.items():
            published = time()
            redis.publish(CHANNEL, event)
            took += [(moment - published) * 1000 for moment in bare.heard("rows", revision).moments]
            sleep(PAUSE)
    return took


def memory() -> float:
    """Return the kilobytes of a stream: what one process takes for many more than for a few."""
    with _served(MANY, processes=1) as (bench, watching, looking):
        _warm(bench.server, looking)
        _open(bench, watching[:FEW])
        _edit(Figures(), range(2 * WARM_UP), bench)  # until it grows no more by itself
        few = memory_of_children(bench.server.pid)
        _open(bench, watching[FEW:])
        _edit(Figures(), range(2 * WARM_UP, 3 * WARM_UP), bench)
        return (memory_of_children(bench.server.pid) - few) / (MANY - FEW)


@contextmanager
def _served(count: int, processes: int = 2) -> Iterator[tuple[Bench, list[Headers], Headers]]:
    """The portal, with so many admins who watch, and one who looks at the page."""
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        redis_url = stack.enter_context(running_redis(folder / "redis"))
        stored = store(folder, JOBS, redis_url, count + 3)
        *watching, looking, editing, reading = stored.admins
        server = stack.enter_context(portal_served(stored.environ, processes))
        bench = Bench(
            server,
            stack.enter_context(Watchers(server.port)),
            Editor(Client(server.port, editing), folder / "instance" / "portal.db"),
            Client(server.port, reading),
            redis_url,
        )
        yield bench, watching, looking


def _page(reader: Client) -> float:
    sleep(PAUSE)
    return reader.ask("GET", f"/orgs/bench/jobs/manage?per_page={ROWS_SHOWN}")


@contextmanager
def _asking(reader: Client, took: list[float]) -> Iterator[None]:
    """Ask for pages, one after the other, while the block lasts."""
    over = Event()

    def ask() -> None:
        while not over.is_set():
            took.append(_page(reader))

    asking = Thread(target=ask)
    asking.start()
    try:
        yield
    finally:
        over.set()
        asking.join()


def _warm(server: Server, headers: Headers) -> None:
    """Ask for the page of each process: every new connection may meet either."""
    for _ in range(12):
        Client(server.port, headers).ask("GET", f"/orgs/bench/jobs/manage?per_page={ROWS_SHOWN}")


def _open(bench: Bench, watching: list[Headers]) -> None:
    """Open a stream for each, as a page does that stands at the present revision."""
    after = bench.editor.revision()
    bench.streams.open([_request(headers, after) for headers in watching])
    bench.streams.heard("ping", after)


def _edit(figures: Figures, turns: range, bench: Bench, pause: float = PAUSE) -> dict[int, float]:
    """Make each edit, and wait until every stream heard of it; return when each was committed."""
    commits = {}
    for turn in turns:
        revision, commits[turn] = bench.editor.save(turn)
        heard = bench.streams.heard("rows", revision)
        figures.events += [(moment - commits[turn]) * 1000 for moment in heard.moments]
        figures.told[revision] = heard.event
        sleep(pause)
    return commits


def _request(headers: Headers, after: int = 0) -> bytes:
    target = f"/orgs/bench/events?after={after}"
    lines = [f"GET {target} HTTP/1.1", "Host: 127.0.0.1", "Accept: text/event-stream"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def main(edits: int = EDITS) -> None:
    """Print the tables."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(MOST_FILES, hard)), hard))
    for count, bar in BARS_MS.items():
        print(f"\nLive: {count:,} admins watch one organisation, {edits} edits (every edit and every stream)")
        _print(measure(count, edits), bar)
    taken = f"{memory():6.1f} KB a stream, from {FEW} to {MANY} in one process"
    print(f"\n  {'memory':<16} {taken}   (bar: {BAR_KB} KB)")


def _print(figures: Figures, bar: int) -> None:
    floor, idle = percentile(figures.floor, 95), percentile(figures.idle, 95)
    for name, values in (("commit to event", figures.events), ("commit to DOM", figures.dom)):
        late = percentile(values, 95)
        told = f"p50 {percentile(values, 50):6.1f} ms, p95 {late:6.1f} ms"
        print(f"  {name:<16} {told}, floor p95 {floor:6.1f} ms, ratio {late / floor:5.2f}   (bar: {bar} ms)")
    late = percentile(figures.pages, 95)
    told = f"p50 {percentile(figures.pages, 50):6.1f} ms, p95 {late:6.1f} ms"
    print(f"  {'pages meanwhile':<16} {told}, idle p95 {idle:7.1f} ms, ratio {late / idle:5.2f}   (bar: 2)")


if __name__ == "__main__":
    main(*(int(edits) for edits in sys.argv[1:2]))

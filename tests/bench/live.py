"""From a commit to 200 open pages, and to what one of them shows: gunicorn, 2 processes.

Beside it the same bytes from a Redis channel to as many sockets. A change counts from the moment that its
row bears, which is taken just before the commit.
"""

import sqlite3
import sys
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
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
STREAMS = 200
FIRST = 20  # streams that are open before memory is read: by then both processes have done all of it once
EDITS = 100
WARM_UP = 40
PAUSE = 0.05  # seconds between two edits
ROWS_SHOWN = 50
ROOM = {"WEB_THREADS": "320", "STREAMS_PER_PROCESS": "256"}  # all streams may fall to one process
BAR_MS, BAR_KB = 250, 50


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
    """Milliseconds to each stream, to the page's DOM and of the floor; kilobytes a stream."""

    events: list[float] = field(default_factory=list)
    dom: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    opened: float = 0.0
    used: float = 0.0


def measure(edits: int) -> Figures:
    """Open the streams and the page, make the edits, and return what they took."""
    figures = Figures()
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        redis_url = stack.enter_context(running_redis(folder / "redis"))
        stored = store(folder, JOBS, redis_url, STREAMS + 2)
        *watching, looking, editing = stored.admins
        server = stack.enter_context(portal_served(stored.environ | ROOM))
        streams = stack.enter_context(Watchers(server.port))
        bare = stack.enter_context(Watchers(stack.enter_context(fan_out_served(redis_url))))
        bare.open([_request({})] * STREAMS)
        page = stack.enter_context(watched_page(server.port, looking, ROWS_SHOWN))
        editor = Editor(Client(server.port, editing), folder / "instance" / "portal.db")
        redis = stack.enter_context(Redis.from_url(redis_url))

        _warm(server, looking)
        _open(streams, watching[:FIRST], editor)
        _edit(Figures(), range(WARM_UP), editor, streams, bare, redis)
        first = memory_of_children(server.pid)
        _open(streams, watching[FIRST:], editor)
        figures.opened = (memory_of_children(server.pid) - first) / (STREAMS - FIRST)
        commits = _edit(figures, range(WARM_UP, WARM_UP + edits), editor, streams, bare, redis)
        figures.used = (memory_of_children(server.pid) - first) / (STREAMS - FIRST)
        shown = page.moments(max(commits))
        figures.dom = [(shown[turn] - moment) * 1000 for turn, moment in commits.items()]
    return figures


def _warm(server: Server, headers: Headers) -> None:
    """Ask for the page of each process: every new connection may meet either."""
    for _ in range(12):
        Client(server.port, headers).ask("GET", f"/orgs/bench/jobs/manage?per_page={ROWS_SHOWN}")


def _open(streams: Watchers, watching: list[Headers], editor: Editor) -> None:
    """Open a stream for each, as a page does that stands at the present revision."""
    after = editor.revision()
    streams.open([_request(headers, after) for headers in watching])
    streams.heard("ping", after)


def _edit(
    figures: Figures, turns: range, editor: Editor, streams: Watchers, bare: Watchers, redis: Redis
) -> dict[int, float]:
    """Make each edit, and send its event's bytes through the floor; return when each was committed."""
    commits = {}
    for turn in turns:
        revision, commits[turn] = editor.save(turn)
        heard = streams.heard("rows", revision)
        published = time()
        redis.publish(CHANNEL, heard.event)
        floor = bare.heard("rows", revision)
        figures.events += [(moment - commits[turn]) * 1000 for moment in heard.moments]
        figures.floor += [(moment - published) * 1000 for moment in floor.moments]
        sleep(PAUSE)
    return commits


def _request(headers: Headers, after: int = 0) -> bytes:
    target = f"/orgs/bench/events?after={after}"
    lines = [f"GET {target} HTTP/1.1", "Host: 127.0.0.1", "Accept: text/event-stream"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def main(edits: int = EDITS) -> None:
    """Print the table."""
    print(f"\nLive: {STREAMS} admins watch one organisation, {edits} edits (every edit and every stream)")
    figures = measure(edits)
    for name, values in (("commit to event", figures.events), ("commit to DOM", figures.dom)):
        late, floor = percentile(values, 95), percentile(figures.floor, 95)
        told = f"p50 {percentile(values, 50):6.1f} ms, p95 {late:6.1f} ms"
        print(
            f"  {name:<16} {told}, floor p95 {floor:6.1f} ms, ratio {late / floor:5.2f}   (bar: {BAR_MS} ms)"
        )
    memory = f"{figures.opened:6.1f} KB once open, {figures.used:6.1f} KB after the edits"
    print(f"  {'memory a stream':<16} {memory}   (bar: {BAR_KB} KB)")


if __name__ == "__main__":
    main(*(int(edits) for edits in sys.argv[1:2]))

"""Manage jobs beside Flask-Admin's list view and Django's admin: same rows, columns, search, filters, order.

All are served by gunicorn with two processes, and asked in turn by somebody who is signed in.
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from portal.config import REPOSITORY
from tests.bench.serving import BARE, Client, served

PYTHON = REPOSITORY / ".venv" / "peers" / "bin" / "python"
ROUNDS = 40
WARM_UP = 8
IN_PLACE = "edited in place"  # as Manage jobs is; the other list offers less, and has no bar

Ask = Callable[[int], float]


@dataclass(frozen=True)
class Peer:
    """One peer: its application, a page that needs no sign-in, its two lists, its search, and the bar."""

    name: str
    cookie: str
    application: str
    ready: str
    lists: dict[str, str]
    search: str
    bar: float


PEERS = (
    Peer(
        "Flask-Admin",
        "flask_admin",
        "tests.bench.peers.flask_admin_site:app",
        "/admin/",
        {IN_PLACE: "/admin/jobs/", "read-only": "/admin/plain/"},
        "search",
        5.0,
    ),
    Peer(
        "Django admin",
        "django",
        "tests.bench.peers.django_site.wsgi",
        "/admin/login/",
        {IN_PLACE: "/admin/django_site/job/", "read-only": "/admin/django_site/plainjob/"},
        "q",
        10.0,
    ),
)


def beside_peers(bare: Path, our_list: Ask, our_search: Ask, words: Sequence[str]) -> None:
    """Print how many times as long each peer takes for what Manage jobs does."""
    if not PYTHON.exists():
        print("  beside its peers: not measured, for make peers has not installed them")
        return
    environ = {**os.environ, "PEERS_DB": str(bare.with_name("peers.db"))}
    cookies = _fill(bare, environ)
    for peer in PEERS:
        with _browser(peer, environ, cookies[peer.cookie]) as browser:
            for kind, path in peer.lists.items():
                listed = _list(browser, path)
                _row(f"list, {peer.name}, {kind}", our_list, listed, peer.bar if kind == IN_PLACE else None)
            searched = _searches(browser, peer, words)
            _row(f"search, {peer.name}", our_search, searched, None)


def _fill(bare: Path, environ: dict[str, str]) -> dict[str, str]:
    """Give the peers the bare page's rows, and return the cookies of those who are signed in."""
    command = [str(PYTHON), "-m", "tests.bench.peers.fill", str(bare)]
    filled = subprocess.run(
        command, cwd=REPOSITORY, env=environ, stdout=subprocess.PIPE, text=True, check=True
    )
    cookies: dict[str, str] = json.loads(filled.stdout)
    return cookies


@contextmanager
def _browser(peer: Peer, environ: dict[str, str], cookie: str) -> Iterator[Client]:
    """A browser that is signed in to the peer, which is served until the block ends."""
    with served([*BARE, peer.application], peer.ready, environ, PYTHON) as server:
        yield Client(server.port, {"Cookie": cookie})


def _list(browser: Client, path: str) -> Ask:
    return lambda _: browser.ask("GET", path)


def _searches(browser: Client, peer: Peer, words: Sequence[str]) -> Ask:
    path = peer.lists[IN_PLACE]
    return lambda turn: browser.ask("GET", f"{path}?{urlencode({peer.search: words[turn % len(words)]})}")


def _row(name: str, ours: Ask, theirs: Ask, bar: float | None) -> None:
    """Ask both in turn, and print the medians and how many times as long the peer takes."""
    times = [(ours(turn), theirs(turn)) for turn in range(WARM_UP + ROUNDS)][WARM_UP:]
    mine, other = median(time for time, _ in times), median(time for _, time in times)
    told = f"  {name:<36} {other:8.2f} ms, ours {mine:7.2f} ms, {other / mine:5.1f} times as fast"
    print(f"{told}   (bar: {bar:.0f})" if bar else told, flush=True)

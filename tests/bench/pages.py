"""Manage jobs of 100, 10,000 and 100,000 jobs, signed in, beside a bare Flask page: gunicorn, 2 processes."""

import os
import random
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from socket import socket
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, sleep
from typing import Any
from urllib.parse import urlencode

from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import text

from portal import create_app
from portal.actions.sign_in import hash_token
from portal.config import REPOSITORY, load_settings
from portal.extensions import db
from portal.models import Base, LoginSession, Membership, Organisation, User
from portal.models.base import utc_now
from portal.stack.redis_server import running_redis
from portal.store.jobs import insert_jobs
from portal.store.transactions import write
from portal.web.login_sessions import TOKEN
from tests.bench.bare_pages import make_database
from tests.bench.board import CITIES, DEPARTMENTS, post

SIZES = (100, 10_000, 100_000)
MANAGE = "/orgs/bench/jobs/manage"
ROUNDS = 200
WARM_UP = 30
SEARCHES = ("lisbon", "senior", "engineering lead", "r-77", "zzz")
DESCRIPTION = "<p>" + "word " * 1_200 + "</p>"  # 6 KB


class Client:
    """A browser that keeps its connection."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = headers or {}

    def ask(self, method: str, path: str, **form: str) -> float:
        """Return how long an answer took, in milliseconds; raises unless it is 200."""
        body = urlencode(form) if form else None
        kind = {"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"} if form else {}
        start = perf_counter()
        self._connection.request(method, path, body, {**self._headers, **kind})
        answer = self._connection.getresponse()
        content = answer.read()
        taken = (perf_counter() - start) * 1000
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return taken


def bench(size: int) -> float:
    """Print one size's figures, and return the list's median."""
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        redis_url = stack.enter_context(running_redis(folder / "redis"))
        headers = _fill(folder, size, redis_url)
        portal = stack.enter_context(_portal(folder, redis_url))
        bare = stack.enter_context(_bare(folder))
        ours, floor = Client(portal, headers), Client(bare)
        print(f"\nManage jobs, {size:,} jobs (medians of {ROUNDS} each in turn, wall clock of one browser)")
        page = _row(
            "list, 50 rows",
            lambda _: ours.ask("GET", f"{MANAGE}?per_page=50"),
            lambda _: floor.ask("GET", "/jobs"),
            3.0,
        )
        _row(
            "search",
            lambda turn: ours.ask("GET", f"{MANAGE}?{_search(turn)}"),
            lambda turn: floor.ask("GET", f"/jobs?{_search(turn)}"),
            1.0 if size >= 10_000 else None,
        )
        _row("inline edit", _edits(ours, size), _bare_edits(floor, size), 3.0)
        return page


def _search(turn: int) -> str:
    return urlencode({"q": SEARCHES[turn % len(SEARCHES)], "per_page": 50})


def _edits(client: Client, size: int) -> Callable[[int], float]:
    """Each edit is of a job of its own, so that its editor is never out of date."""

    def edit(turn: int) -> float:
        job = 1 + turn % size
        return client.ask(
            "POST", f"/orgs/bench/jobs/{job}/fields/location", value=f"Town {turn}", version=str(turn // size)
        )

    return edit


def _bare_edits(client: Client, size: int) -> Callable[[int], float]:
    return lambda turn: client.ask("POST", f"/jobs/{1 + turn % size}", value=f"Town {turn}")


def _row(name: str, ours: Callable[[int], float], floor: Callable[[int], float], bar: float | None) -> float:
    """Ask both in turn, print the medians and their ratio, and return ours."""
    times = [(ours(turn), floor(turn)) for turn in range(WARM_UP + ROUNDS)][WARM_UP:]
    mine, bare = median(time for time, _ in times), median(time for _, time in times)
    told = f"  {name:<16} {mine:7.2f} ms, floor {bare:7.2f} ms, ratio {mine / bare:5.2f}"
    print(f"{told}   (bar: {bar})" if bar else told, flush=True)
    return mine


def _settings(folder: Path, redis_url: str) -> dict[str, str]:
    return {
        "INSTANCE_DIR": str(folder / "instance"),
        "REDIS_URL": redis_url,
        "SECRET_KEY": "bench-bench-bench-bench-bench-bench-bench",
    }


def _fill(folder: Path, size: int, redis_url: str) -> dict[str, str]:
    """Store the jobs for both, and one admin who is signed in; return the headers that browser sends."""
    app = create_app(load_settings(_settings(folder, redis_url)))
    token, now = secrets.token_urlsafe(), utc_now()
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with write() as session:
            session.add(Organisation(id=1, slug="bench", name="Bench"))
            session.add(User(id=1, email="bench@example.test", password_hash=""))
            session.flush()
            session.add(Membership(organisation_id=1, user_id=1, role="admin"))
            until = now + timedelta(days=1)
            session.add(LoginSession(token_hash=hash_token(token), user_id=1, seen_at=now, expires_at=until))
        rows = [_job(number, now) for number in range(size)]
        for start in range(0, size, 10_000):
            with write():
                insert_jobs(
                    [row | {"description_html": DESCRIPTION} for row in rows[start : start + 10_000]],
                    lambda _: None,
                )
        with db.engine.connect() as connection:
            connection.execute(text("ANALYZE"))
        db.session.remove()
        db.engine.dispose()
    make_database(folder / "bare.db", [_bare_job(row) for row in rows])
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    raw = secrets.token_hex()
    cookie = signer.dumps({TOKEN: token, "csrf_token": raw})
    signed = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token").dumps(raw)
    return {"Cookie": f"session={cookie}", "X-CSRFToken": str(signed)}


def _job(number: int, now: datetime) -> dict[str, Any]:
    chance = random.Random(number)
    posted = post(number) if number < 10 else None
    level = chance.choice(["Junior", "Senior", "Lead"])
    department, city = chance.choice(DEPARTMENTS), chance.choice(CITIES)
    return {
        "organisation_id": 1,
        "source": "greenhouse",
        "board_token": "bench",
        "external_id": 4_000_000_000 + number,
        "title": posted["title"] if posted else f"{level} {chance.choice(DEPARTMENTS)} Specialist {number}",
        "requisition_id": f"R-{number}",
        "department": department,
        "location": city,
        "workplace_type": "hybrid",
        "employment_type": "full_time",
        "salary_min": 8_500_000,
        "salary_max": 11_000_000,
        "salary_currency": "EUR",
        "salary_period": "year",
        "visibility": "hidden" if number % 10 == 1 else "shown",
        "listed": number % 10 != 0,
        "changed_at": now - timedelta(seconds=number),
        "source_values": {"location": city if number % 5 else "Elsewhere", "department": department},
    }


def _bare_job(row: dict[str, Any]) -> tuple[object, ...]:
    state = "closed" if not row["listed"] else row["visibility"]
    names = ("title", "department", "location", "workplace_type", "employment_type")
    told = (*(row[name] for name in names), "€85k – 110k", state, row["changed_at"].isoformat())
    return (*told, row["requisition_id"], DESCRIPTION)


@contextmanager
def _portal(folder: Path, redis_url: str) -> Iterator[int]:
    command = ["gunicorn", "--config", str(REPOSITORY / "gunicorn.conf.py"), "wsgi:app"]
    with _served(command, "/healthz", _settings(folder, redis_url) | {"WEB_WORKERS": "2"}) as port:
        yield port


@contextmanager
def _bare(folder: Path) -> Iterator[int]:
    command = ["gunicorn", "--workers", "2", "--threads", "8", "tests.bench.bare_pages:app"]
    with _served(command, "/jobs", {"BARE_DB": str(folder / "bare.db")}) as port:
        yield port


@contextmanager
def _served(command: list[str], path: str, environ: dict[str, str]) -> Iterator[int]:
    """Serve on a free port until the block ends; yields the port."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    inherited = {
        name: value for name, value in os.environ.items() if name not in ("PUBLIC_URL", "DATABASE_URL")
    }
    whole = [sys.executable, "-m", command[0], "--bind", f"127.0.0.1:{port}", *command[1:]]
    with subprocess.Popen(
        whole,
        cwd=REPOSITORY,
        env={**inherited, **environ, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _wait_for(port, path)
            yield port
        finally:
            server.terminate()


def _wait_for(port: int, path: str) -> None:
    deadline = monotonic() + 30
    while True:
        try:
            Client(port).ask("GET", path)
            return
        except (OSError, RuntimeError):
            if monotonic() > deadline:
                raise
            sleep(0.05)


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Bench every size, and compare the smallest list with the largest."""
    medians = {size: bench(size) for size in sizes}
    least, most = min(medians), max(medians)
    print(f"  list at {most:,} to list at {least:,}: {medians[most] / medians[least]:.2f}   (bar: 1.5)")


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)

"""Importing a board of 1,000 and of 10,000 posts of 6 KB, beside the bare scripts."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

from portal.actions.sync.run import run_sync
from portal.app import create_app
from portal.config import load_settings
from portal.db import db, write
from portal.domain.sync.runs import RunStatus, Trigger
from portal.models import Base, Connection, Organisation, SyncRun
from portal.models.base import utc_now
from portal.store.people import next_revision
from portal.store.run_steps import queue_run
from tests.bench.floor import bare_import, hash_only
from tests.bench.measure import Cost, middle, once
from tests.bench.server import BoardServer

ROUNDS = 5


class Portal:
    """The portal over a SQLite file, with one connection to the bench board."""

    def __init__(self, folder: Path, url: str) -> None:
        environ = {
            "INSTANCE_DIR": str(folder / "instance"),
            "GREENHOUSE_API_URL": f"{url}/0",
            "REDIS_URL": f"unix://{folder}/nobody-listens.sock",
        }
        self.app: Flask = create_app(load_settings(environ))
        self.changed: Flask = create_app(load_settings(environ | {"GREENHOUSE_API_URL": f"{url}/1"}))
        self.file = folder / "instance"
        with self.app.app_context():
            Base.metadata.create_all(db.engine)
            with write() as session:
                session.add(Organisation(id=1, slug="bench", name="Bench"))
                session.flush()
                session.add(
                    Connection(
                        id=1,
                        organisation_id=1,
                        public_key="bench",
                        board_token="bench",
                        board_name="Bench",
                        api_key_ciphertext=b"",
                        api_key_last_four="",
                    )
                )
        self._let_go()

    def warm_up(self) -> None:
        """Sync a small board first, and leave nothing of it: a worker has carried out others before."""
        put_back, usual = self.keep(), self.app.extensions["settings"]
        with BoardServer(10) as small:
            self.app.extensions["settings"] = replace(usual, greenhouse_api_url=f"{small.url}/0")
            self.sync()
        self.app.extensions["settings"] = usual
        self._let_go()
        put_back()

    def sync(self, app: Flask | None = None, *, forget_etag: bool = False) -> None:
        """Queue a run and carry it out, as a worker does; the run must succeed."""
        with (app or self.app).app_context():
            with write() as session:
                next_revision(1)
                connection = session.get_one(Connection, 1)
                connection.last_started_at = None  # no run keeps its distance here
                if forget_etag:
                    connection.etag = None
                run_id = queue_run(connection, Trigger.MANUAL, None, utc_now()).id
            run_sync(run_id, 0)
            with write() as session:
                run = session.get_one(SyncRun, run_id)
                if run.status != RunStatus.SUCCEEDED:
                    raise RuntimeError(run.error)

    def keep(self) -> Callable[[], None]:
        """Remember the database as it is; the returned call puts it back."""
        kept = self.file.with_name("kept")
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(self.file, kept)

        def put_back() -> None:
            shutil.rmtree(self.file)
            shutil.copytree(kept, self.file)

        return put_back

    def _let_go(self) -> None:
        """Hold no connection over a fork."""
        for app in (self.app, self.changed):
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


def bench(size: int) -> None:
    """Print one size's table."""
    print(f"\nImport of {size:,} posts of 6 KB (medians of {ROUNDS}, CPU of the task alone)")
    with TemporaryDirectory() as name, BoardServer(size) as server:
        folder = Path(name)
        portal = Portal(folder, server.url)
        portal.warm_up()
        empty = portal.keep()
        floor = folder / "floor.db"
        first = _pair(
            portal.sync,
            empty,
            lambda: bare_import(f"{server.url}/0", floor),
            lambda: floor.unlink(missing_ok=True),
        )
        _row("first import", first, 1.5)
        full = _full(portal)
        hashes = folder / "hashes.db"
        hash_only(f"{server.url}/0", hashes)
        same = _pair(
            lambda: portal.sync(forget_etag=True),
            full,
            lambda: hash_only(f"{server.url}/0", hashes),
            lambda: None,
        )
        _row("unchanged, no ETag", same, 2.0)
        _row(
            "1 % changed",
            _pair(
                lambda: portal.sync(portal.changed),
                full,
                lambda: bare_import(f"{server.url}/1", floor),
                lambda: None,
            ),
            1.5,
        )
        full()
        costs = middle([once(portal.sync) for _ in range(ROUNDS)])
        print(f"  {'unchanged, ETag':<20} {costs.cpu:8.0f} ms CPU {costs.wall:8.0f} ms wall   (bar: 50 ms)")
        peaks = f"{first[0].peak:8.0f} MB first, {same[0].peak:.0f} MB unchanged"
        print(f"  {'peak memory':<20} {peaks}   (bar: 400 MB)")


def _full(portal: Portal) -> Callable[[], None]:
    """Leave the board imported, and return the call that brings this state back."""
    once(lambda: portal.sync(forget_etag=True))
    return portal.keep()


def _pair(
    ours: Callable[[], object],
    before: Callable[[], object],
    floor: Callable[[], object],
    clear: Callable[[], object],
) -> tuple[Cost, Cost]:
    """Run both in turn, each from its own beginning, and return the medians."""
    costs: list[tuple[Cost, Cost]] = []
    for _ in range(ROUNDS):
        before()
        clear()
        costs.append((once(ours), once(floor)))
    return middle([cost for cost, _ in costs]), middle([cost for _, cost in costs])


def _row(name: str, pair: tuple[Cost, Cost], bar: float) -> None:
    ours, floor = pair
    ratio = ours.cpu / floor.cpu
    print(
        f"  {name:<20} {ours.cpu:8.0f} ms CPU, floor {floor.cpu:8.0f} ms, ratio {ratio:5.2f}   (bar: {bar})"
    )


def main() -> None:
    """Bench both sizes."""
    os.environ.pop("PUBLIC_URL", None)
    for size in (1_000, 10_000):
        bench(size)

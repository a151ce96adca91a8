"""The floor: the shortest script that imports a board. No checks, no history, no pages."""

import hashlib
import html
import sqlite3
from pathlib import Path

import nh3
import orjson
import requests

COLUMNS = "id, title, location, url, content, raw"
TABLE = f"CREATE TABLE IF NOT EXISTS jobs({COLUMNS}, PRIMARY KEY(id))"
UPSERT = f"""INSERT INTO jobs({COLUMNS}) VALUES(?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET
title=excluded.title, location=excluded.location, url=excluded.url,
content=excluded.content, raw=excluded.raw"""


def _database(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {TABLE}")
    return connection


def bare_import(url: str, path: Path) -> None:
    """Fetch, parse, unescape, clean and upsert every post, whether or not it changed."""
    posts = orjson.loads(requests.get(f"{url}/bench/jobs", params={"content": "true"}, timeout=60).content)[
        "jobs"
    ]
    rows = [
        (
            one["id"],
            one["title"],
            one["location"]["name"],
            one["absolute_url"],
            nh3.clean(html.unescape(one["content"])),
            orjson.dumps([one["departments"], one["offices"], one["metadata"]]),
        )
        for one in posts
    ]
    connection = _database(path)
    connection.execute("BEGIN")
    connection.executemany(UPSERT, rows)
    connection.execute("COMMIT")
    connection.close()


def hash_only(url: str, path: Path) -> None:
    """Fetch, parse and hash every post, and compare with the hashes of the last time."""
    posts = orjson.loads(requests.get(f"{url}/bench/jobs", params={"content": "true"}, timeout=60).content)[
        "jobs"
    ]
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE IF NOT EXISTS hashes(id PRIMARY KEY, hash)")
    known = dict(connection.execute("SELECT id, hash FROM hashes"))
    fresh = {one["id"]: hashlib.blake2b(orjson.dumps(one), digest_size=16).digest() for one in posts}
    changed = [(key, value) for key, value in fresh.items() if known.get(key) != value]
    connection.executemany("INSERT OR REPLACE INTO hashes VALUES(?,?)", changed)
    connection.commit()
    connection.close()

"""``python -m dev.demo`` as a process: starts, keeps edits, dies at once."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from dev.demo.app import create_demo_board
from tests.support.processes import PATIENCE

A_POST = 4200113
ROOT = Path(__file__).parents[3]


@contextmanager
def demo(state: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """A running demo and its address."""
    command = [sys.executable, "-m", "dev.demo", "--port", "0", "--state", str(state)]
    pipe, same = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=pipe, stderr=same) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1], process
        finally:
            process.kill()


def test_edits_outlive_the_process(tmp_path: Path) -> None:
    with demo(tmp_path) as (url, process):
        requests.post(f"{url}posts/{A_POST}", data={"title": "Kept"}, timeout=PATIENCE)
        requests.post(f"{url}posts/4200101/close", timeout=PATIENCE)
        requests.post(f"{url}posts/new", data={"title": "Added"}, timeout=PATIENCE)
        before = requests.get(f"{url}v1/boards/northwind/jobs?content=true", timeout=PATIENCE)
        process.kill()
    with demo(tmp_path) as (url, _):
        after = requests.get(f"{url}v1/boards/northwind/jobs?content=true", timeout=PATIENCE)
    titles = {job["title"] for job in after.json()["jobs"]}
    assert {"Kept", "Added"} <= titles
    assert 4200101 not in {job["id"] for job in after.json()["jobs"]}
    assert sorted(map(repr, after.json()["jobs"])) == sorted(map(repr, before.json()["jobs"]))
    assert [path.name for path in tmp_path.iterdir()] == ["boards.json"]


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_dies_at_once_and_says_nothing_more(tmp_path: Path, sign: signal.Signals) -> None:
    with demo(tmp_path) as (url, process):
        assert requests.get(url, timeout=PATIENCE).status_code == 200
        process.send_signal(sign)
        rest, _ = process.communicate(timeout=PATIENCE)
    assert rest == ""


@pytest.mark.parametrize("kept", ["", "{", "[]", "null", json.dumps({"northwind": {"posts": 3}})])
def test_state_that_cannot_be_read_is_put_aside(tmp_path: Path, kept: str) -> None:
    (tmp_path / "boards.json").write_text(kept)
    client = create_demo_board(tmp_path).test_client()
    assert client.get("/v1/boards/northwind/jobs").get_json()["meta"] == {"total": 43}
    assert (tmp_path / "boards.unreadable").read_text() == kept


def test_an_untouched_post_follows_its_file_and_not_the_state(tmp_path: Path) -> None:
    client = create_demo_board(tmp_path).test_client()
    client.post(f"/posts/{A_POST}", data={"title": "Kept"})
    posts = json.loads((tmp_path / "boards.json").read_text())["northwind"]["posts"]
    assert [post["job"]["id"] for post in posts] == [A_POST]

"""``make run`` with the real portal in it."""

import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.processes import PATIENCE, is_alive, line_with, started, wait_until
from tests.support.stack import RUNNING, Run, free_port

pytestmark = pytest.mark.xdist_group("stack")  # two would race for the board's port
PROGRAMS = {
    "dev.stack --parent": 1,
    "valkey-server": 1,
    "dev.demo": 1,
    "worker.py": 1,
    "-m portal.worker ": 3,  # two for syncs, one for slow boards and chores
    "portal.worker.tick": 1,
    "portal.worker.mail": 1,
    "portal.worker.outgoing": 1,
    "wsgi:app": 3,  # the server and its two workers
}
"""What runs, by a piece of its command line, in how many processes."""
STARTED_BY = [  # the stack, and worker.py
    ["valkey-server", "dev.demo", "worker.py", "wsgi:app"],
    ["-m portal.worker ", "portal.worker.tick", "portal.worker.mail", "portal.worker.outgoing"],
]
MAKE = """
import os, sys
os.execvp("make", ["make", "--no-print-directory", "--assume-old=install", f"VENV={sys.prefix}", "run"])
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"INSTANCE_DIR": str(tmp_path / "instance"), "PORT": str(free_port()), "MARK": uuid4().hex}


@pytest.fixture
def make_run(environ: dict[str, str]) -> Iterator[Run]:
    with started("-c", MAKE, PUBLIC_URL="", REDIS_URL="", DATABASE_URL="", **environ) as process:
        line_with(process, RUNNING)
        run = Run(process, environ["MARK"])
        numbers = PROGRAMS.items()
        wait_until(lambda: all(len(run.pids(name)) == number for name, number in numbers), "all programs")
        yield run


def test_it_serves_the_portal_brings_back_what_is_killed_and_ends_with_make(make_run, environ):
    address = f"http://127.0.0.1:{environ['PORT']}"
    for path in ("/healthz", "/login"):
        with urllib.request.urlopen(address + path, timeout=PATIENCE) as answer:
            assert answer.status == 200
    for programs in STARTED_BY:
        killed = [make_run.pid(program) for program in programs]
        gone = {*killed, *(child for pid in killed for child in children_of(pid))}
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        wait_until(
            lambda gone=gone: not any(map(is_alive, gone)), f"the end of what {programs} were and had started"
        )
        for name, number in PROGRAMS.items():
            wait_until(
                lambda name=name, number=number, gone=gone: len(make_run.pids(name) - gone) == number,
                f"{name} to come back",
            )
    os.kill(make_run.pid("make "), signal.SIGKILL)  # which asks it to stop, as a signal would
    make_run.leaves_nothing()


def children_of(parent: int) -> list[int]:
    """The processes that a process has started and that still run."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True)
    return [int(pid) for pid in listed.stdout.split()]

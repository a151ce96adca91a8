"""The process that holds a run is known; it is ended if, and only if, it is that very one and stopped."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from portal.actions.holder import end_if_stopped
from tests.fixtures.processes import is_alive, wait_until

NAMES_ITSELF = "from portal.actions.holder import this_process; print(this_process(), flush=True); input()"


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", NAMES_ITSELF]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def named(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_only_the_very_process_is_ended_and_only_when_it_is_stopped(process: subprocess.Popen[str]) -> None:
    name = named(process)
    host, pid, started = name.split(" ")
    assert not end_if_stopped(name), "it is at work"
    process.send_signal(signal.SIGSTOP)
    for another in (f"x{host} {pid} {started}", f"{host} {pid} {started}0", f"{host} {pid}", "", "1 2 3 4"):
        assert not end_if_stopped(another)
    assert is_alive(process.pid)
    wait_until(lambda: end_if_stopped(name), "the process to be seen stopped")
    assert process.wait(10) == -signal.SIGKILL
    assert not end_if_stopped(name)

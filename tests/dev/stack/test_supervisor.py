"""``make run`` from outside: what it says, what it restarts, and what it leaves behind."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from dev.stack import terminal
from portal.config import REPOSITORY
from portal.process import Program, bound_to_this_process
from tests.support.processes import PATIENCE, is_alive, line_with, marked, started, wait_until
from tests.support.stack import RUNNING, Run, free_port

STUBS = str(REPOSITORY / "tests" / "dev" / "stack" / "stub_stack.py")
MAKE = """
import os, subprocess, sys
subprocess.run([sys.executable, *sys.argv[1:], "--parent", str(os.getpid())])
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    mark = uuid4().hex
    return {
        "INSTANCE_DIR": str(tmp_path / "instance"),
        "PORT": str(free_port()),
        "PYTHONPATH": str(REPOSITORY),
        "MARK": mark,
        "REDIS_URL": "",
        "PUBLIC_URL": "",
    }


@pytest.fixture
def stack(environ: dict[str, str]) -> Iterator[Run]:
    with started(STUBS, **environ) as process:
        line_with(process, RUNNING)
        yield Run(process, environ["MARK"])


def test_it_prints_the_address_and_the_sign_in(environ):
    with started(STUBS, **environ) as process:
        assert environ["PORT"] in line_with(process, "Portal  ")
        assert "admin@northwind.example" in line_with(process, "E-mail")
        password = line_with(process, "Password").split()[1]
        assert (Path(environ["INSTANCE_DIR"]) / "demo-password").read_text().strip() == password
        assert "demo-key" in line_with(process, "API key")
        assert "northwind" in line_with(process, "Board token")


def test_requests_are_logged_to_a_file_and_only_what_went_wrong_is_printed(environ):
    with started(STUBS, **environ) as process:
        log = Path(line_with(process, RUNNING).split()[1])
        assert log == Path(environ["INSTANCE_DIR"]) / "logs" / "portal.log"
        urllib.request.urlopen(f"http://127.0.0.1:{environ['PORT']}/asked", timeout=PATIENCE).close()
        printed = [line_with(process, "/asked"), line_with(process, "/asked")]
        assert ["[warning" in printed[0], "[error" in printed[1]] == [True, True]
        wait_until(lambda: log.read_text().count("path=/asked") == 3, "every line in the file")
        assert "web     | 2026-01-01T00:00:00Z [info     ] request path=/asked\n" in log.read_text()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_asked_to_stop_it_ends_everything_and_succeeds(stack, sent):
    stack.process.send_signal(sent)
    assert stack.process.wait(PATIENCE) == 0
    stack.leaves_nothing()


def test_what_is_killed_is_started_again_and_the_log_says_so_and_nothing_leaves_an_orphan(stack):
    victims = ("'task'", "stub_worker.py", "valkey-server", "HTTPServer")
    wait_until(lambda: all(map(stack.pids, victims)), "everything that is killed")
    before = len(marked(stack.mark))
    assert before >= 5
    for victim in victims:
        killed = stack.pid(victim)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda victim=victim, killed=killed: stack.pids(victim) - {killed}, f"{victim} again")
        wait_until(lambda: len(marked(stack.mark)) == before, "as many processes as before")
    assert "ended (signal 9); it starts again in 0.5 s." in line_with(stack.process, "web     | ended")
    stack.process.kill()
    stack.leaves_nothing()


def test_it_ends_with_the_process_that_started_it(environ):
    with started("-c", MAKE, STUBS, **environ) as process:
        line_with(process, RUNNING)
        run = Run(process, environ["MARK"])
        supervisor = run.pids("stub_stack.py") - {process.pid}
        assert supervisor
        process.kill()
        run.leaves_nothing()


def test_a_port_that_was_asked_for_and_is_taken_is_named(environ):
    with (
        closing(socket.create_server(("127.0.0.1", int(environ["PORT"])))),
        started(STUBS, **environ) as process,
    ):
        assert f"Port {environ['PORT']} is in use" in line_with(process, "Port ")
        assert process.wait(PATIENCE) == 1


def test_a_second_run_on_the_same_folder_is_refused(stack, environ):
    with started(STUBS, **(environ | {"PORT": str(free_port())})) as second:
        line_with(second, "The portal already runs on")
        assert second.wait(PATIENCE) == 1
    assert stack.process.poll() is None


def test_settings_that_are_refused_start_nothing(environ):
    with started(STUBS, **(environ | {"WEB_THREADS": "none"})) as process:
        line_with(process, "WEB_THREADS must be a whole number")
        assert process.wait(PATIENCE) == 1


def test_the_data_is_free_for_the_next_run_as_soon_as_the_last_one_was_killed(environ):
    for _ in range(2):
        with started(STUBS, **environ) as process:
            line_with(process, RUNNING)
            process.kill()
        Run(process, environ["MARK"]).leaves_nothing()


def test_a_reader_that_stops_reading_does_not_stop_the_portal(environ):
    with started(STUBS, **(environ | {"STUB_NOISE": "yes"})) as process:
        line_with(process, RUNNING)
        run = Run(process, environ["MARK"])
        noisy = run.pid("noise")
        wait_until(lambda: not is_alive(noisy), "the noisy program to get rid of all its lines")
        process.terminate()
        assert process.wait(PATIENCE) == 0
        run.leaves_nothing()


def test_a_program_that_cannot_be_started_says_so():
    command = bound_to_this_process(["/nowhere/program"])
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert asked.stderr == "/nowhere/program cannot be started: No such file or directory.\n"


def test_a_program_that_takes_very_long_is_named_with_what_is_waited_for(tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(terminal, "SAID_EVERY", 0.1)
    monkeypatch.setattr("logging.raiseExceptions", True)  # a terminal changes it
    idle = Program("web", [sys.executable, "-c", "import signal; signal.pause()"], dict(os.environ))
    too_late = pytest.raises(terminal.StartFailed, match="web runs, but did not answer within 0 seconds")
    with terminal.Stack(1.0, terminal.Terminal(tmp_path / "portal.log")) as stack, too_late:
        stack.start_when_ready(idle, lambda: False, patience=0.4)
    assert "Waiting for web to answer …" in capfd.readouterr().out


def test_a_parent_that_is_gone_already_is_noticed():
    command = bound_to_this_process(["/bin/sleep", "60"])
    command[command.index(str(os.getpid()))] = "1"
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL

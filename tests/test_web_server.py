"""gunicorn under the portal's own configuration."""

import re
import resource
import secrets
import signal
import socket
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from subprocess import Popen
from threading import Event
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet

from portal.config import REPOSITORY
from tests.support.processes import PATIENCE, line_with, marked, started, wait_until
from tests.support.stack import free_port

CONFIGURATION = REPOSITORY / "gunicorn.conf.py"


def but(change: str) -> dict[str, str]:
    """The portal's own configuration with something else in it."""
    own = str(CONFIGURATION)
    read = f"from pathlib import Path\nexec(compile(Path({own!r}).read_bytes(), {own!r}, 'exec'))\n"
    return {"CONFIGURATION": read + change}


@pytest.fixture
def server(tmp_path, request) -> Iterator[tuple[Popen[str], str, str]]:
    """The server's process, its address, and the mark of all its processes."""
    mark, port = uuid4().hex, free_port()
    environ = {
        "INSTANCE_DIR": str(tmp_path / "instance"),
        "PORT": str(port),
        "MARK": mark,
        "HOME": str(tmp_path),
        **getattr(request, "param", {}),
    }
    configuration = tmp_path / "gunicorn.conf.py"
    configuration.write_text(environ.pop("CONFIGURATION", CONFIGURATION.read_text()))
    command = ("-m", "gunicorn", "-c", str(configuration), "tests.support.stub_app:app")
    with started(*command, PUBLIC_URL="", PYTHONPATH=str(REPOSITORY), **environ) as process:
        line_with(process, "Listening at")
        yield process, f"http://127.0.0.1:{port}", mark


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_open_streams_end_at_once_when_the_server_stops(server, sent):
    process, address, mark = server
    with urllib.request.urlopen(f"{address}/stream", timeout=PATIENCE) as stream:
        assert stream.readline() == b"data: open\n"
        process.send_signal(sent)
        assert stream.read().endswith(b"data: end\n\n")
        assert process.wait(PATIENCE) == 0
    wait_until(lambda: not marked(mark), "the end of all workers")


@pytest.mark.parametrize("server", [{"WEB_WORKERS": "1", "WEB_THREADS": "2"}], indirect=True)
@pytest.mark.parametrize(("version", "sent"), [("1.1", signal.SIGTERM), ("1.0", signal.SIGINT)])
def test_streams_whose_sockets_are_taken_over_hold_no_threads_and_end_at_once(server, version, sent):
    process, address, mark = server
    port = int(address.rpartition(":")[2])
    with ExitStack() as stack:
        peers = [stack.enter_context(asked(port, f"/live/{number}", version)) for number in range(12)]
        wait_until(lambda: b"Taken-Over: 12\r\n" in answer_to(connected(port)), "twelve streams")
        process.send_signal(sent)
        told = [answer_to(peer) for peer in peers]
    assert process.wait(PATIENCE) == 0
    assert all(b"event: ping" in text for text in told)
    assert all(text.endswith(b"\r\n0\r\n\r\n") == (version == "1.1") for text in told)
    wait_until(lambda: not marked(mark), "the end of all workers")


@pytest.fixture
def few_files() -> Iterator[None]:
    """A shell that lets programs open few files, as many systems do unless they are asked for more."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_its_workers_may_open_as_many_sockets_as_there_are_streams(few_files, server):
    _process, address, mark = server
    assert answer_on(connected(int(address.rpartition(":")[2]))).isdigit()
    limits = [Path(f"/proc/{pid}/limits").read_text() for pid in marked(mark)]
    assert all(int(re.search(r"Max open files\s+(\d+)", text)[1]) >= 4000 for text in limits)


def test_a_killed_server_leaves_no_worker(server):
    process, address, mark = server
    with urllib.request.urlopen(f"{address}/stream", timeout=PATIENCE) as stream:
        assert stream.readline() == b"data: open\n"
        assert len(marked(mark)) == 3
        process.kill()
        wait_until(lambda: not marked(mark), "the end of all workers")


def test_it_opens_no_control_socket(server, tmp_path):
    assert [path.name for path in tmp_path.rglob("*") if path.is_socket()] == []


@pytest.mark.parametrize("server", [but("SILENT_SECONDS = 2")], indirect=True)
def test_a_request_that_stops_in_the_middle_gives_its_thread_back(server):
    _process, address, _mark = server
    with urllib.request.urlopen(f"{address}/stream", timeout=PATIENCE) as stream:
        assert stream.readline() == b"data: open\n"  # the workers are there
    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=PATIENCE) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: 127")
        assert peer.recv(1) == b""  # the server has closed it


def asked(port: int, path: str, version: str = "1.1", header: str = "Accept: */*") -> socket.socket:
    """A connection on which a request was sent."""
    peer = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    peer.sendall(f"GET {path} HTTP/{version}\r\nHost: x\r\n{header}\r\n\r\n".encode())
    return peer


def connected(port: int) -> socket.socket:
    """One on which it was the only request."""
    return asked(port, "/", header="Connection: close")


def answer_to(peer: socket.socket) -> bytes:
    """All that is answered until the connection ends."""
    with peer:
        return b"".join(iter(lambda: peer.recv(65536), b""))


def answer_on(peer: socket.socket) -> str:
    """The worker that answers, or what happens instead."""
    try:
        answer = answer_to(peer)
    except ConnectionResetError:
        return "reset"
    answered = re.search(rb"Worker: (\d+)\r\n.*data: open", answer, re.DOTALL)
    return answered[1].decode() if answered else f"answered with {answer!r}"


def fate_of_a_request(port: int) -> str:
    """What comes of connecting and asking once."""
    try:
        return answer_on(connected(port))
    except ConnectionRefusedError:
        return "refused"
    except (ConnectionResetError, BrokenPipeError):
        return "reset"


CLOSED_LATE = """
import time

close = _close_listeners


def _close_listeners(worker):
    time.sleep(0.3)
    close(worker)
"""
"""Between the last look at the listener and its end so much passes that somebody comes for certain."""


@pytest.mark.parametrize("server", [but(CLOSED_LATE)], indirect=True)
def test_a_reload_answers_everybody_and_a_stop_answers_or_refuses(server):
    process, address, _mark = server
    port, stopped, fates = int(address.rpartition(":")[2]), Event(), Counter[str]()

    def ask_on_and_on() -> None:
        while not stopped.is_set():
            fate = fate_of_a_request(port)
            fates[fate] += 1
            stopped.wait(0.05 if fate == "refused" else 0.001)

    with ThreadPoolExecutor(4) as clients:
        asking = [clients.submit(ask_on_and_on) for _ in range(4)]
        try:
            wait_until(lambda: len(fates) == 2, "both workers to answer")
            process.send_signal(signal.SIGHUP)
            wait_until(lambda: len(fates) == 4, "two other workers to answer")
            assert all(fate.isdigit() for fate in fates), fates
            with urllib.request.urlopen(
                f"{address}/stream", timeout=PATIENCE
            ) as stream:  # a stop waits for it
                assert stream.readline() == b"data: open\n"
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE) == 0
            wait_until(lambda: fates["refused"], "a refusal")
        finally:
            stopped.set()
    assert [client.result() for client in asking] == [None] * 4
    assert all(fate.isdigit() or fate == "refused" for fate in fates), fates


@pytest.mark.parametrize("server", [but(f"graceful_timeout = {PATIENCE:.0f}")], indirect=True)
def test_who_connects_while_the_workers_load_is_answered_although_they_are_stopped(server):
    process, address, _mark = server
    peers = [connected(int(address.rpartition(":")[2])) for _ in range(4)]
    for _ in range(2):
        line_with(process, "Booting worker")
    process.terminate()
    assert all(answer_on(peer).isdigit() for peer in peers)


def test_in_production_it_warns_where_no_proxy_is_believed(tmp_path):
    environ = {
        "INSTANCE_DIR": str(tmp_path / "instance"),
        "PORT": str(free_port()),
        "PUBLIC_URL": "https://jobs.example.com",
        "SECRET_KEY": secrets.token_urlsafe(32),
        "CREDENTIAL_KEYS": Fernet.generate_key().decode(),
    }
    command = ("-m", "gunicorn", "-c", str(REPOSITORY / "gunicorn.conf.py"), "tests.support.stub_app:app")
    with started(*command, PYTHONPATH=str(REPOSITORY), **environ) as process:
        line_with(process, "TRUSTED_PROXIES is 0")
        process.terminate()

"""gunicorn under the portal's own configuration."""

import signal
import socket
import urllib.request
from collections.abc import Iterator
from subprocess import Popen
from uuid import uuid4

import pytest

from portal.config import REPOSITORY
from tests.fixtures.processes import line_with, marked, started, wait_until
from tests.stack.test_supervisor import free_port


@pytest.fixture
def server(tmp_path) -> Iterator[tuple[Popen[str], str, str]]:
    """The server's process, its address, and the mark of all its processes."""
    mark, port = uuid4().hex, free_port()
    environ = {
        "INSTANCE_DIR": str(tmp_path / "instance"),
        "PORT": str(port),
        "MARK": mark,
        "HOME": str(tmp_path),
    }
    command = ("-m", "gunicorn", "-c", str(REPOSITORY / "gunicorn.conf.py"), "tests.stack.stub_app:app")
    with started(*command, PUBLIC_URL="", PYTHONPATH=str(REPOSITORY), **environ) as process:
        line_with(process, "Listening at")
        yield process, f"http://127.0.0.1:{port}", mark


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_open_streams_end_at_once_when_the_server_stops(server, sent):
    process, address, mark = server
    with urllib.request.urlopen(f"{address}/stream", timeout=30) as stream:
        assert stream.readline() == b"data: open\n"
        process.send_signal(sent)
        assert stream.read().endswith(b"data: end\n\n")
        assert process.wait(10) == 0
    wait_until(lambda: not marked(mark), "the end of all workers")


def test_a_killed_server_leaves_no_worker(server):
    process, address, mark = server
    with urllib.request.urlopen(f"{address}/stream", timeout=30) as stream:
        assert stream.readline() == b"data: open\n"
        assert len(marked(mark)) == 3
        process.kill()
        wait_until(lambda: not marked(mark), "the end of all workers")


def test_it_opens_no_control_socket(server, tmp_path):
    assert [path.name for path in tmp_path.rglob("*") if path.is_socket()] == []


def test_a_request_that_stops_in_the_middle_gives_its_thread_back(server):
    _process, address, _mark = server
    with urllib.request.urlopen(f"{address}/stream", timeout=30) as stream:
        assert stream.readline() == b"data: open\n"  # the workers are there
    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=60) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: 127")
        assert peer.recv(1) == b""  # the server has closed it

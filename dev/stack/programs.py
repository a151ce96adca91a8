"""What ``make run`` starts: each program's command line and how to tell that it is ready."""

import http.client
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from dev.demo import organisation
from dev.stack.child import Program
from dev.stack.redis_server import answers, redis_command
from portal.config import Settings
from portal.config.instance import made_once_in, redis_socket

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
        socket_path = redis_socket(self.settings.instance_dir)
        command = redis_command(socket_path, self.settings.instance_dir / "redis")
        ready = partial(answers, socket_path)
        return Program("redis", command, self.environ, ready, pass_fds=(self.lock,), outlives=True)

    def board(self) -> Program:
        """The demo Greenhouse board, which keeps its edits in the instance folder."""
        state = str(self.settings.instance_dir / "demo")
        command = python("-m", "dev.demo", "--port", str(self.board_port), "--state", state)
        return Program("board", command, self.environ, partial(_answers, LOOPBACK, self.board_port, "/"))

    def migrate(self) -> Program:
        """Brings the tables up to date."""
        return Program("migrate", python("-m", "flask", "--app", "wsgi", "db", "upgrade"), self.environ)

    def seed(self) -> Program:
        """Makes the demo organisation and its admin, unless they are there."""
        command = python("-m", "flask", "--app", "wsgi", "demo", "seed", "--password-stdin")
        return Program("seed", command, self.environ, given=self.password)

    def worker(self) -> Program:
        """The task worker, the tick and the sender of mails."""
        return Program("worker", python("worker.py"), self.environ)

    def web(self) -> Program:
        """The web server."""
        command = python("-m", "gunicorn", "--log-level", "warning", "wsgi:app")
        name = (self.settings.trusted_hosts or [LOOPBACK])[0]
        ready = partial(_answers, self._host, self.port, "/healthz", name)
        return Program("web", command, self.environ, ready)

    @property
    def url(self) -> str:
        """Where people reach the portal."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return self.settings.public_url or f"http://{host}:{self.port}"

    @property
    def board_url(self) -> str:
        """The demo board's page."""
        return f"http://{LOOPBACK}:{self.board_port}/"

    @property
    def _host(self) -> str:
        return WILDCARDS.get(self.settings.host, self.settings.host)

    @cached_property
    def password(self) -> str:
        """The demo admin's password, made once."""
        return made_once_in(self.settings.instance_dir, "demo-password", lambda: secrets.token_urlsafe(12))

    @cached_property
    def environ(self) -> dict[str, str]:
        """The environment of every program: the given one, made definite."""
        made = {
            "INSTANCE_DIR": str(self.settings.instance_dir),
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
        }
        board = {"GREENHOUSE_API_URL": f"{self.board_url}v1/boards"}
        return board | {name: value for name, value in self.inherited.items() if value} | made

    def summary(self) -> str:
        """What a newcomer needs to know, as a block of lines."""
        return SUMMARY.format(
            url=self.url,
            email=organisation.ADMIN_EMAIL,
            password=self.password,
            token=organisation.BOARD_TOKEN,
            key=organisation.DEMO_API_KEY,
            board=self.board_url,
            log=log_path(self.settings.instance_dir),
        )


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


def log_path(instance_dir: Path) -> Path:
    """The file with all that the programs say."""
    return instance_dir.resolve() / "logs" / "portal.log"


def python(*arguments: str) -> list[str]:
    """The command line of this interpreter."""
    return [sys.executable, *arguments]


def _answers(host: str, port: int, path: str, host_header: str = LOOPBACK) -> bool:
    """Whether a GET is answered 200 within two seconds."""
    connection = http.client.HTTPConnection(host, port, timeout=2.0)
    try:
        connection.request("GET", path, headers={"Host": host_header, "Connection": "close"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

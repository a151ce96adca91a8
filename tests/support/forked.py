"""Programs of the portal as forks of a process that has imported them: most of a start is importing."""

import os
import runpy
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from subprocess import TimeoutExpired

from portal.config import REPOSITORY
from portal.process import die_with_parent

PRELOADED = [
    "portal.worker.mail",
    "portal.worker.outgoing",
    "portal.worker.tasks",
    "portal.worker.tick",
    "psycopg",
    "rq",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "tests.support.forked",
    "tests.support.warm",
]
_context = get_context("forkserver")
_context.set_forkserver_preload(PRELOADED)


class Forked:
    """``python -m module`` with these arguments, as ``subprocess.Popen`` has it."""

    def __init__(self, module: str, arguments: tuple[str, ...], environ: dict[str, str], log: str) -> None:
        self._process = _context.Process(target=_become, args=(module, arguments, environ, log), daemon=True)
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Return how the process ended: its status, or the signal's number below zero."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end, and return it as ``poll`` does; raises ``TimeoutExpired``."""
        self._process.join(timeout)
        if (code := self.poll()) is None:
            raise TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def terminate(self) -> None:
        """Ask the process to end."""
        self._process.terminate()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()


@contextmanager
def running(module: str, *arguments: str, **environ: str) -> Iterator[Forked]:
    """``python -m module`` that says nothing, with more in its environment; killed at the end."""
    process = Forked(module, arguments, {**os.environ, **environ}, os.devnull)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _become(module: str, arguments: tuple[str, ...], environ: dict[str, str], log: str) -> None:
    """Be that program, in a group of its own, until the server of forks ends with its test process."""
    die_with_parent(os.getppid())
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(REPOSITORY)
    sys.argv[1:] = arguments
    runpy.run_module(module, run_name="__main__", alter_sys=True)

"""``make run``: starts the whole portal, says how to sign in, keeps it alive, and ends all of it."""

import argparse
import fcntl
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from dev.stack.programs import LOOPBACK, Programs, log_path
from dev.stack.terminal import Stack, StartFailed, StopAsked, Terminal
from portal.config import REPOSITORY, load_settings
from portal.environment import ConfigError
from portal.process import die_with_parent

BOARD_PORT = 8001
FARTHEST = 100  # ports that are tried after the wished one
GRACE = 8.0  # seconds


class CannotRun(Exception):
    """Something else is in the way. ``str(error)`` says what to do."""


def main(arguments: Sequence[str], make_programs: Callable[..., Programs] = Programs) -> int:
    """Run the portal until asked to stop; the exit status is 0, or 1 after one sentence of complaint."""
    parser = argparse.ArgumentParser(prog="python -m dev.stack", description=__doc__)
    parser.add_argument("--parent", type=int, help="stop when this process, which started it, ends")
    parent = parser.parse_args(arguments).parent
    if parent is not None:
        die_with_parent(parent, signal.SIGTERM)
    try:
        run(os.environ, make_programs)
    except (ConfigError, CannotRun, StartFailed, FileNotFoundError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except StopAsked:
        return 0
    return 0


def run(environ: Mapping[str, str], make_programs: Callable[..., Programs]) -> None:
    """Start everything in order and watch it; returns when a signal asked to stop."""
    settings = load_settings(environ)
    terminal = Terminal(log_path(settings))
    with sole_use_of(settings.instance_dir) as lock, Stack(GRACE, terminal) as stack:
        port = free_port(settings.host, settings.port, insisted="PORT" in environ)
        if port != settings.port:
            terminal.print(f"Port {settings.port} is in use, so the portal takes {port}.")
        programs = make_programs(settings, environ, port, free_port(LOOPBACK, BOARD_PORT, but=port), lock)
        os.chdir(REPOSITORY)
        if settings.redis_is_embedded:
            stack.start_when_ready(programs.redis(), programs.redis_is_ready)
        stack.run(programs.seed())
        stack.start(programs.worker())
        stack.start_when_ready(programs.board(), programs.board_is_ready)
        stack.start_when_ready(programs.web(), programs.web_is_ready)
        terminal.print(programs.summary())
        stack.watch()
        terminal.print("Stopping.")


@contextmanager
def sole_use_of(folder: Path) -> Iterator[int]:
    """Lock the instance folder; the descriptor given keeps the lock for whoever inherits it."""
    with (folder / "run.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun(
                f"The portal already runs on {folder}: stop it first, or set INSTANCE_DIR to another folder."
            ) from None
        yield file.fileno()


def free_port(host: str, wished: int, *, insisted: bool = False, but: int | None = None) -> int:
    """The wished port, or the next free one other than ``but``.

    Raises ``CannotRun`` where none is free, or where the wished one was insisted upon.
    """
    if insisted and not is_free(host, wished):
        raise CannotRun(f"Port {wished} is in use: stop what listens there, or set PORT to another one.")
    for port in range(wished, min(wished + FARTHEST, 65_536)):
        if port != but and is_free(host, port):
            return port
    raise CannotRun(f"Ports {wished} to {wished + FARTHEST - 1} are all in use: set PORT to a free one.")


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

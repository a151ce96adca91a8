"""``make run``: starts the whole portal, says how to sign in, keeps it alive, and ends all of it."""

import argparse
import fcntl
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from dev.stack.family import Family, StartFailed, StopAsked
from dev.stack.output import LogFile, Output
from dev.stack.ports import PortInUseError, free_port
from dev.stack.programs import LOOPBACK, Programs, log_path
from portal.config import REPOSITORY, ConfigError, Settings, load_settings
from portal.process import die_with_parent

BOARD_PORT = 8001
GRACE = 8.0  # seconds


class AlreadyRunningError(Exception):
    """Another stack runs on the same instance folder. ``str(error)`` says what to do."""


def main(arguments: Sequence[str], make_programs: Callable[..., Programs] = Programs) -> int:
    """Run the portal until asked to stop; the exit status is 0, or 1 after one sentence of complaint."""
    parser = argparse.ArgumentParser(prog="python -m dev.stack", description=__doc__)
    parser.add_argument("--parent", type=int, help="stop when this process, which started it, ends")
    parent = parser.parse_args(arguments).parent
    if parent is not None:
        die_with_parent(parent, signal.SIGTERM)
    try:
        run(os.environ, make_programs)
    except (ConfigError, PortInUseError, AlreadyRunningError, StartFailed, FileNotFoundError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except StopAsked:
        return 0
    return 0


def run(environ: Mapping[str, str], make_programs: Callable[..., Programs]) -> None:
    """Start everything in order and watch it; returns when a signal asked to stop."""
    settings = load_settings(environ)
    output = Output(log=LogFile(log_path(settings.instance_dir)))
    with sole_use_of(settings.instance_dir) as lock, Family(output, grace=GRACE) as family:
        port, board_port = choose_ports(settings, output, insisted="PORT" in environ)
        programs = make_programs(settings, environ, port, board_port, lock)
        os.chdir(REPOSITORY)
        start_all(family, programs)
        output.plain(programs.summary())
        family.watch()
        output.plain("Stopping.")


def start_all(family: Family, programs: Programs) -> None:
    """Each program once what it needs is ready."""
    if programs.settings.redis_is_embedded:
        family.start(programs.redis())
    family.run(programs.migrate())
    family.run(programs.seed())
    family.start(programs.board())
    family.start(programs.worker())
    family.start(programs.web())


def choose_ports(settings: Settings, output: Output, *, insisted: bool) -> tuple[int, int]:
    """The portal's and the demo board's port; a port that nobody asked for gives way to a free one."""
    port = free_port(settings.host, settings.port, insisted=insisted)
    if port != settings.port:
        output.plain(f"Port {settings.port} is in use, so the portal takes {port}.")
    return port, free_port(LOOPBACK, BOARD_PORT, but=port)


@contextmanager
def sole_use_of(folder: Path) -> Iterator[int]:
    """Lock the instance folder; the descriptor given keeps the lock for whoever inherits it."""
    with (folder / "run.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(
                f"The portal already runs on {folder}: stop it first, or set INSTANCE_DIR to another folder."
            ) from None
        yield file.fileno()
